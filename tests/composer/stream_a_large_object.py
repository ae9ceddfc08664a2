"""A program for test_storing: sends 300 MB to an object store and reads it back, and says what memory that took."""

import hashlib
import resource
import sys
from pathlib import Path

import django

SIZE = 300_000_000


def main(folder: Path, store_url: str) -> None:
    django.setup()

    from composer.storages import ObjectStorage
    from composer.storing import StagedFile
    from config.media_store import ObjectStore, media_storage

    where = ObjectStore("greenroom-media", store_url, "", "test-key", "test-secret", "large")
    storage = ObjectStorage(**media_storage(where)["OPTIONS"])
    path = folder / "large.mp4"
    block = bytes(n % 253 for n in range(1_000_000))
    with path.open("wb") as file:
        for number in range(SIZE // len(block)):
            file.write(number.to_bytes(4, "big") + block[4:])
    with path.open("rb") as file:
        expected = hashlib.file_digest(file, "sha256").hexdigest()
    storage.client.list_buckets()  # what a first call loads is not the file's
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with StagedFile(path) as staged:
        storage.save("media/large.mp4", staged)
    with storage.open_reader("media/large.mp4") as reader:
        found = hashlib.file_digest(reader, "sha256").hexdigest()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    etag = storage.client.head_object(Bucket="greenroom-media", Key="large/media/large.mp4")["ETag"]
    print(grown, etag.strip('"').partition("-")[2], found == expected)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
