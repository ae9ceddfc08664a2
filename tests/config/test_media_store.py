"""An object store is described in full or not at all; half of it keeps the server from starting, in words."""

from pathlib import Path

import pytest

from config.media_store import ObjectStore, find_mistakes, media_storage
from tests.config.starting import read_settings, refusal

UNSET = {
    "bucket": "",
    "endpoint_url": "",
    "region": "",
    "access_key_id": "",
    "secret_access_key": "",
    "prefix": "",
}
WHOLE = UNSET | {
    "bucket": "greenroom-media",
    "region": "eu-central-1",
    "access_key_id": "key",
    "secret_access_key": "secret",
}
BECAUSE = " must be set: media are to lie in an object store because other MEDIA_S3_ settings are there."


def store(**fields: str) -> ObjectStore:
    return ObjectStore(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        UNSET,
        WHOLE,
        WHOLE | {"region": "", "endpoint_url": "https://s3.example.org"},
        WHOLE | {"prefix": "a/b.c_d"},
        WHOLE | {"bucket": "a.b-c"},
    ],
)
def test_all_of_it_or_none_starts(fields: dict[str, str]) -> None:
    assert find_mistakes(store(**fields)) == []


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"bucket": ""}, f"MEDIA_S3_BUCKET{BECAUSE}"),
        ({"region": ""}, f"MEDIA_S3_REGION or MEDIA_S3_ENDPOINT_URL{BECAUSE}"),
        ({"access_key_id": ""}, f"MEDIA_S3_ACCESS_KEY_ID{BECAUSE}"),
        ({"secret_access_key": ""}, f"MEDIA_S3_SECRET_ACCESS_KEY{BECAUSE}"),
        *(
            (
                {"bucket": wrong},
                "MEDIA_S3_BUCKET must be a bucket's name: 3 to 63 small letters, digits, dots and hyphens.",
            )
            for wrong in ("ab", "Greenroom", "s3://media", "media/", "-media", "a" * 64)
        ),
        *(
            (
                {"prefix": wrong},
                "MEDIA_S3_PREFIX must be plain folder names like greenroom/media, without a slash around.",
            )
            for wrong in ("/media", "media/", "a//b", "a b", "ä")
        ),
    ],
)
def test_each_thing_missing_or_wrong_has_its_sentence(change: dict[str, str], mistake: str) -> None:
    assert find_mistakes(store(**WHOLE | change)) == [mistake]


@pytest.mark.parametrize("name", UNSET)
def test_any_one_setting_alone_is_half_a_description(name: str) -> None:
    assert find_mistakes(store(**UNSET | {name: "greenroom"})) != []


def test_nothing_set_means_the_disk() -> None:
    assert media_storage(store(**UNSET)) == {"BACKEND": "composer.storages.DiskStorage"}


def test_a_store_without_regions_gets_the_customary_one() -> None:
    fields = WHOLE | {"region": "", "endpoint_url": "https://s3.example.org", "prefix": "p"}
    assert media_storage(store(**fields)) == {
        "BACKEND": "composer.storages.ObjectStorage",
        "OPTIONS": {
            "bucket_name": "greenroom-media",
            "endpoint_url": "https://s3.example.org",
            "region_name": "us-east-1",
            "access_key": "key",
            "secret_key": "secret",
            "location": "p",
        },
    }


def test_no_process_starts_with_half_of_it(tmp_path: Path) -> None:
    said = refusal(tmp_path, MEDIA_S3_BUCKET="greenroom-media", MEDIA_S3_REGION="eu-central-1")
    assert said == f"MEDIA_S3_ACCESS_KEY_ID{BECAUSE} MEDIA_S3_SECRET_ACCESS_KEY{BECAUSE}"


def test_keys_go_nowhere_unprotected(tmp_path: Path) -> None:
    said = refusal(tmp_path, MEDIA_S3_ENDPOINT_URL="http://s3.example.org")
    assert said == (
        'Environment variable "MEDIA_S3_ENDPOINT_URL" invalid: '
        "Must begin with https://; plain http is for this machine only."
    )


def test_the_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    found = read_settings(
        tmp_path / "var",
        "STORAGES",
        MEDIA_S3_BUCKET="greenroom-media",
        MEDIA_S3_REGION="eu-central-1",
        MEDIA_S3_ACCESS_KEY_ID="key",
        MEDIA_S3_SECRET_ACCESS_KEY_FILE=str(tmp_path / "secret"),
    )["STORAGES"]["default"]
    assert found["BACKEND"] == "composer.storages.ObjectStorage"
    assert found["OPTIONS"]["secret_key"] == "from a file"
