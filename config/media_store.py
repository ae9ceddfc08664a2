"""Where media lie: this machine's disk, or an object store that is described in full or not at all. Pure."""

import re
from dataclasses import dataclass
from typing import Any

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*")
# What stores other than Amazon's expect in a signature when they have no regions.
_NO_REGION = "us-east-1"


@dataclass(frozen=True)
class ObjectStore:
    """The MEDIA_S3_ settings as they stand; empty strings are unset."""

    bucket: str
    endpoint_url: str
    region: str
    access_key_id: str
    secret_access_key: str
    prefix: str

    @property
    def is_wanted(self) -> bool:
        """Whether anything of it is set; with nothing set media stay on the disk."""
        return any(vars(self).values())


def find_mistakes(store: ObjectStore) -> list[str]:
    """One sentence for each thing without which media would find no place; an empty list when all is well."""
    if not store.is_wanted:
        return []
    needed = {
        "MEDIA_S3_BUCKET": store.bucket,
        "MEDIA_S3_ACCESS_KEY_ID": store.access_key_id,
        "MEDIA_S3_SECRET_ACCESS_KEY": store.secret_access_key,
        "MEDIA_S3_REGION or MEDIA_S3_ENDPOINT_URL": store.region or store.endpoint_url,
    }
    mistakes = [
        f"{name} must be set: media are to lie in an object store because other MEDIA_S3_ settings are there."
        for name, value in needed.items()
        if not value
    ]
    if store.bucket and not _BUCKET.fullmatch(store.bucket):
        mistakes.append(
            "MEDIA_S3_BUCKET must be a bucket's name: 3 to 63 small letters, digits, dots and hyphens."
        )
    if store.prefix and not _PREFIX.fullmatch(store.prefix):
        mistakes.append(
            "MEDIA_S3_PREFIX must be plain folder names like greenroom/media, without a slash around."
        )
    return mistakes


def media_storage(store: ObjectStore) -> dict[str, Any]:
    """What belongs into STORAGES["default"]."""
    if not store.is_wanted:
        return {"BACKEND": "composer.storages.DiskStorage"}
    return {
        "BACKEND": "composer.storages.ObjectStorage",
        "OPTIONS": {
            "bucket_name": store.bucket,
            "endpoint_url": store.endpoint_url or None,
            "region_name": store.region or _NO_REGION,
            "access_key": store.access_key_id,
            "secret_key": store.secret_access_key,
            "location": store.prefix,
        },
    }
