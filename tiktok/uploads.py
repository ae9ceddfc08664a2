"""The chunk plan: which bytes of a video go into which PUT, as pure arithmetic.

Source: https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
"""

from __future__ import annotations

from dataclasses import dataclass

# TikTok says "4 GB", "5 MB" and "64 MB" without saying which megabyte. The upper bound of a file is read as
# binary, because a file between the two readings may well be accepted; the bounds of a chunk are read so that
# both readings are satisfied, because there we are free to choose.
MAX_VIDEO_BYTES = 4 * 1024**3
MIN_CHUNK_BYTES = 5 * 1024**2
MAX_CHUNK_BYTES = 64_000_000
MAX_CHUNKS = 1000

# Files above MAX_CHUNK_BYTES are cut to this size; the last chunk carries the rest, so 10 to 20 MB.
CHUNK_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """One PUT: bytes `first_byte` to `last_byte` of the file, both included, counted from 0."""

    index: int
    first_byte: int
    last_byte: int
    is_last: bool

    @property
    def size(self) -> int:
        """Number of bytes in this chunk."""
        return self.last_byte - self.first_byte + 1


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """How a file of `video_size` bytes is cut; exactly what `video/init` is told.

    A plan may be rebuilt from stored numbers: one that TikTok would refuse raises ValueError.
    """

    video_size: int
    chunk_size: int
    total_chunk_count: int

    def __post_init__(self) -> None:
        if not 1 <= self.video_size <= MAX_VIDEO_BYTES:
            raise ValueError(f"A video has 1 to {MAX_VIDEO_BYTES} bytes, not {self.video_size}.")
        if self.chunk_size < 1 or self.total_chunk_count != self.video_size // self.chunk_size:
            raise ValueError(
                f"{self.total_chunk_count} chunks of {self.chunk_size} bytes do not make {self.video_size}"
                " bytes: the count is the size divided by the chunk size, rounded down."
            )
        if self.total_chunk_count == 1:
            if self.chunk_size != self.video_size:
                raise ValueError("A single chunk must be as large as the file.")
        elif self.chunk_size < MIN_CHUNK_BYTES or not 1 <= self.total_chunk_count <= MAX_CHUNKS:
            raise ValueError(
                f"Chunks have at least {MIN_CHUNK_BYTES} bytes and there are 1 to {MAX_CHUNKS},"
                f" not {self.total_chunk_count} of {self.chunk_size}."
            )
        if self.chunk_size > MAX_CHUNK_BYTES:
            raise ValueError(f"A chunk has at most {MAX_CHUNK_BYTES} bytes, not {self.chunk_size}.")

    def chunk(self, index: int) -> Chunk:
        """The chunk with this number, counted from 0; IndexError beyond the last."""
        if not 0 <= index < self.total_chunk_count:
            raise IndexError(f"There is no chunk {index} among {self.total_chunk_count}.")
        first_byte = index * self.chunk_size
        is_last = index == self.total_chunk_count - 1
        last_byte = self.video_size - 1 if is_last else first_byte + self.chunk_size - 1
        return Chunk(index=index, first_byte=first_byte, last_byte=last_byte, is_last=is_last)

    def chunks_from(self, next_byte: int) -> tuple[Chunk, ...]:
        """The chunks still to send when TikTok has the first `next_byte` bytes; none when it has them all.

        ValueError when `next_byte` is not where a chunk begins or the file ends.
        """
        if not self._is_boundary(next_byte):
            raise ValueError(f"No chunk begins at byte {next_byte}.")
        if next_byte == self.video_size:
            return ()
        return tuple(
            self.chunk(index) for index in range(next_byte // self.chunk_size, self.total_chunk_count)
        )

    def boundary_of(self, value: int) -> int | None:
        """How many bytes TikTok has, when it says `value`; None when that fits no chunk boundary.

        TikTok does not say if its progress is a count or the index of the last byte, so `value` is believed
        as a count where that ends a chunk, else as an index where that does. Anything else proves nothing.
        """
        if value < 0:
            return None
        if self._is_boundary(value):
            return value
        if self._is_boundary(value + 1):
            return value + 1
        return None

    def _is_boundary(self, byte: int) -> bool:
        if byte == self.video_size:
            return True
        index, rest = divmod(byte, self.chunk_size)
        return rest == 0 and 0 <= index < self.total_chunk_count


def plan_chunks(video_size: int) -> ChunkPlan:
    """The plan for a video of `video_size` bytes (1 byte to 4 GiB, else ValueError).

    Up to 64,000,000 bytes the file goes whole; a larger one must be cut, because with a single chunk the
    chunk size has to equal the file size.
    """
    if video_size <= MAX_CHUNK_BYTES:
        return ChunkPlan(video_size=video_size, chunk_size=max(video_size, 1), total_chunk_count=1)
    return ChunkPlan(
        video_size=video_size,
        chunk_size=CHUNK_BYTES,
        total_chunk_count=min(video_size // CHUNK_BYTES, MAX_CHUNKS),
    )
