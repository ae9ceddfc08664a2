"""The documented example of each answer, and every call of the posting and user API."""

import pytest

from tiktok.types import PhotoPostInfo, PrivacyLevel, VideoPostInfo
from tiktok.uploads import plan_chunks

API = "https://open.tiktokapis.com"
TOKEN = "act.SENTINEL-access!4821.va"
LOG_ID = "202210112248442CB9319E1FB30C1073F3"
OK = {"code": "ok", "message": "", "log_id": LOG_ID}

CREATOR = {
    "creator_avatar_url": "https://p16.tiktokcdn.com/a.jpeg?x-expires=1",
    "creator_username": "tiktok",
    "creator_nickname": "TikTok Official",
    "privacy_level_options": ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
    "comment_disabled": False,
    "duet_disabled": False,
    "stitch_disabled": True,
    "max_video_post_duration_sec": 300,
}
POST = VideoPostInfo(
    title="this will be a funny #cat video on your @tiktok #fyp",
    privacy_level=PrivacyLevel.MUTUAL_FOLLOW_FRIENDS,
    disable_comment=True,
    disable_duet=False,
    disable_stitch=False,
    brand_content_toggle=False,
    brand_organic_toggle=True,
    video_cover_timestamp_ms=1000,
)
PHOTOS = PhotoPostInfo(
    title="funny cat",
    description="this will be a #funny photo on your @tiktok #fyp",
    privacy_level=PrivacyLevel.PUBLIC_TO_EVERYONE,
    disable_comment=False,
    auto_add_music=True,
    brand_content_toggle=True,
    brand_organic_toggle=False,
)
SECRET = "SENTINEL-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA"
VIDEO_URL = f"https://media.example.com/pull/{SECRET}/video.mp4"
PHOTO_URLS = tuple(f"https://media.example.com/pull/{SECRET}-{number}/{number}.jpg" for number in range(35))
# Calls that do nothing lasting by themselves, so that each may be made twice.
CALLS = {
    "creator_info": lambda client: client.query_creator_info(),
    "init": lambda client: client.init_video(POST, plan_chunks(94_000_000)),
    "inbox_init": lambda client: client.init_inbox_video(plan_chunks(94_000_000)),
    "status": lambda client: client.fetch_status("v_pub_file~v2-1.1"),
    "user_info": lambda client: client.fetch_user_info(["open_id"]),
}
# Calls after which TikTok needs nothing more from us to make a post or a draft.
PULLS = {
    "pull": lambda client: client.pull_video(POST, VIDEO_URL),
    "inbox_pull": lambda client: client.pull_inbox_video(VIDEO_URL),
    "photos": lambda client: client.post_photos(PHOTOS, PHOTO_URLS, 0, is_aigc=False),
    "inbox_photos": lambda client: client.upload_photos("t", "d", PHOTO_URLS, 0, is_aigc=False),
}
every_call = pytest.mark.parametrize(
    ("call", "is_repeatable"),
    [*((call, True) for call in CALLS.values()), *((call, False) for call in PULLS.values())],
    ids=[*CALLS, *PULLS],
)
every_pull = pytest.mark.parametrize("call", PULLS.values(), ids=PULLS.keys())
