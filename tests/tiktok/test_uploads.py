"""The chunk plan against TikTok's written rules, which stand here a second time as an independent checker."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tiktok.uploads import Chunk, ChunkPlan, plan_chunks

GIB_4 = 4_294_967_296

sizes = st.integers(min_value=1, max_value=GIB_4)


def what_tiktok_says(video_size: int, chunk_size: int, count: int) -> str:
    """TikTok's answer to a plan, from its transfer guide and its live messages; `ok` or the refusal.

    "MB" is read the strict way at both ends, so what passes here passes under either reading.
    """
    if count == 1 and chunk_size != video_size:
        return "The chunk size is invalid"
    if count != video_size // chunk_size:
        return "The total chunk count is invalid"
    if not 1 <= count <= 1000:
        return "The total chunk count is invalid"
    if count > 1 and chunk_size < 5_242_880:
        return "The chunk size is invalid"
    if chunk_size > 64_000_000:
        return "The chunk size is invalid"
    last = video_size - (count - 1) * chunk_size
    if last > 128_000_000:
        return "The chunk size is invalid"
    return "ok"


@pytest.mark.parametrize(
    ("video_size", "chunk_size", "count", "answer"),
    [
        (4_194_304, 4_194_304, 1, "ok"),
        (50_000_123, 10_000_000, 5, "ok"),
        (50_000_123, 50_000_123, 1, "ok"),
        (64_000_000, 64_000_000, 1, "ok"),
        (64_000_001, 10_000_000, 6, "ok"),
        (94_000_000, 10_000_000, 9, "ok"),
        (4_294_967_296, 10_000_000, 429, "ok"),
        (94_000_000, 64_000_000, 1, "The chunk size is invalid"),
        (65_000_000, 60_000_000, 2, "The total chunk count is invalid"),
        (10_000_000, 4_000_000, 2, "The chunk size is invalid"),
    ],
)
def test_the_checker_and_the_plan_agree_on_the_known_vectors(video_size, chunk_size, count, answer):
    assert what_tiktok_says(video_size, chunk_size, count) == answer
    if answer == "ok":
        assert ChunkPlan(video_size, chunk_size, count).total_chunk_count == count
    else:
        with pytest.raises(ValueError, match=r"[Cc]hunk"):
            ChunkPlan(video_size, chunk_size, count)


@pytest.mark.parametrize(
    ("video_size", "chunk_size", "count", "last"),
    [
        (1, 1, 1, 1),
        (4_194_304, 4_194_304, 1, 4_194_304),
        (5_242_879, 5_242_879, 1, 5_242_879),
        (50_000_123, 50_000_123, 1, 50_000_123),
        (64_000_000, 64_000_000, 1, 64_000_000),
        (64_000_001, 10_000_000, 6, 14_000_001),
        (70_000_000, 10_000_000, 7, 10_000_000),
        (94_000_000, 10_000_000, 9, 14_000_000),
        (4_294_967_296, 10_000_000, 429, 14_967_296),
    ],
)
def test_plans_the_known_sizes(video_size, chunk_size, count, last):
    plan = plan_chunks(video_size)
    assert plan == ChunkPlan(video_size, chunk_size, count)
    assert plan.chunk(count - 1).size == last


@given(sizes)
@example(1)
@example(5_242_879)
@example(5_242_880)
@example(64_000_000)
@example(64_000_001)
@example(69_999_999)
@example(GIB_4)
def test_every_size_gives_a_plan_that_tiktok_accepts(video_size):
    plan = plan_chunks(video_size)
    assert plan.video_size == video_size
    assert what_tiktok_says(plan.video_size, plan.chunk_size, plan.total_chunk_count) == "ok"


@given(sizes, st.data())
def test_a_plan_can_be_rebuilt_exactly_when_tiktok_accepts_its_numbers(video_size, data):
    chunk_size = data.draw(
        st.just(video_size)
        | st.sampled_from([5_242_879, 5_242_880, 10_000_000, 63_999_999, 64_000_000, 64_000_001])
        | st.integers(1, 130_000_000)
    )
    count = data.draw(st.just(video_size // chunk_size) | st.integers(0, 1100))
    if what_tiktok_says(video_size, chunk_size, count) == "ok":
        plan = ChunkPlan(video_size, chunk_size, count)
        assert sum(chunk.size for chunk in plan.chunks_from(0)) == video_size
    else:
        with pytest.raises(ValueError, match=r"[Cc]hunk"):
            ChunkPlan(video_size, chunk_size, count)


@given(sizes, st.data())
def test_going_on_after_any_chunk_sends_exactly_the_rest(video_size, data):
    plan = plan_chunks(video_size)
    next_byte = data.draw(st.integers(0, plan.total_chunk_count - 1)) * plan.chunk_size
    rest = plan.chunks_from(next_byte)
    assert rest == plan.chunks_from(0)[-len(rest) :]
    assert rest[0].first_byte == next_byte
    assert sum(chunk.size for chunk in rest) == video_size - next_byte


@given(sizes)
@example(1)
@example(64_000_001)
def test_the_chunks_of_every_plan_follow_each_other_and_cover_the_file(video_size):
    plan = plan_chunks(video_size)
    chunks = plan.chunks_from(0)
    assert [chunk.index for chunk in chunks] == list(range(plan.total_chunk_count))
    assert chunks[0].first_byte == 0
    assert chunks[-1].last_byte == video_size - 1
    for before, after in pairwise(chunks):
        assert after.first_byte == before.last_byte + 1
        assert before.size == plan.chunk_size
    assert [chunk.is_last for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert sum(chunk.size for chunk in chunks) == video_size


def test_cuts_the_official_example_as_the_official_page_does():
    plan = ChunkPlan(50_000_123, 10_000_000, 5)
    assert plan.chunks_from(0) == (
        Chunk(0, 0, 9_999_999, is_last=False),
        Chunk(1, 10_000_000, 19_999_999, is_last=False),
        Chunk(2, 20_000_000, 29_999_999, is_last=False),
        Chunk(3, 30_000_000, 39_999_999, is_last=False),
        Chunk(4, 40_000_000, 50_000_122, is_last=True),
    )


@pytest.mark.parametrize("video_size", [0, -1, GIB_4 + 1])
def test_refuses_a_size_no_video_may_have(video_size):
    with pytest.raises(ValueError, match=rf"1 to {GIB_4} bytes, not {video_size}"):
        plan_chunks(video_size)


@pytest.mark.parametrize(
    ("video_size", "chunk_size", "count", "complaint"),
    [
        (50_000_123, 10_000_000, 6, "the size divided by the chunk size, rounded down"),
        (50_000_123, 0, 1, "the size divided by the chunk size, rounded down"),
        (50_000_123, -1, -50_000_123, "the size divided by the chunk size, rounded down"),
        (94_000_000, 64_000_000, 1, "A single chunk must be as large as the file"),
        (64_000_001, 64_000_001, 1, "A chunk has at most 64000000 bytes, not 64000001"),
        (4_294_967_296, 65_000_000, 66, "A chunk has at most 64000000 bytes, not 65000000"),
        (10_000_000, 4_000_000, 2, "Chunks have at least 5242880 bytes .* not 2 of 4000000"),
        (4_294_967_296, 4_000_000, 1073, "there are 1 to 1000, not 1073 of 4000000"),
        (10, 20, 0, "not 0 of 20"),
        (10, 10_000_000, 0, "there are 1 to 1000, not 0 of 10000000"),
    ],
)
def test_refuses_to_rebuild_a_plan_that_breaks_a_rule(video_size, chunk_size, count, complaint):
    with pytest.raises(ValueError, match=complaint):
        ChunkPlan(video_size, chunk_size, count)


@pytest.mark.parametrize("index", [-1, 9])
def test_has_no_chunk_before_the_first_or_after_the_last(index):
    with pytest.raises(IndexError, match=f"no chunk {index} among 9"):
        plan_chunks(94_000_000).chunk(index)


def test_goes_on_at_the_byte_where_a_chunk_begins():
    plan = plan_chunks(94_000_000)
    assert [chunk.index for chunk in plan.chunks_from(70_000_000)] == [7, 8]
    assert plan.chunks_from(94_000_000) == ()


@pytest.mark.parametrize(
    "next_byte", [-10_000_000, -1, 1, 69_999_999, 90_000_000, 93_999_999, 94_000_001, 100_000_000]
)
def test_refuses_to_go_on_in_the_middle_of_a_chunk(next_byte):
    with pytest.raises(ValueError, match=f"No chunk begins at byte {next_byte}"):
        plan_chunks(94_000_000).chunks_from(next_byte)


@given(sizes, st.data())
def test_believes_a_count_and_a_last_index_at_every_boundary_and_nowhere_else(video_size, data):
    plan = plan_chunks(video_size)
    ends = {0} | {chunk.last_byte + 1 for chunk in plan.chunks_from(0)}
    near = st.sampled_from(sorted(ends)).flatmap(lambda end: st.integers(end - 3, end + 3))
    value = data.draw(near | st.integers(-5, video_size + 5))
    if value < 0:
        expected = None
    elif value in ends:
        expected = value
    elif value + 1 in ends:
        expected = value + 1
    else:
        expected = None
    assert plan.boundary_of(value) == expected


@pytest.mark.parametrize(
    ("value", "boundary"),
    [
        (0, 0),
        (9_999_999, 10_000_000),
        (10_000_000, 10_000_000),
        (10_000_001, None),
        (9_999_998, None),
        (89_999_999, None),  # the last chunk is 14 MB: no boundary at 90 MB
        (90_000_000, None),
        (93_999_999, 94_000_000),
        (94_000_000, 94_000_000),
        (94_000_001, None),
        (-1, None),
        (-2, None),
        (1_000_000_000_000, None),
    ],
)
def test_resyncs_only_at_proven_boundaries(value, boundary):
    assert plan_chunks(94_000_000).boundary_of(value) == boundary


def test_takes_the_cautious_reading_where_both_would_fit():
    # One byte was sent: "0" may be a count of nothing or its index. Sending it again is harmless.
    assert plan_chunks(1).boundary_of(0) == 0
    assert plan_chunks(1).boundary_of(1) == 1
