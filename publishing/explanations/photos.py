"""Words for those of TikTok's codes that mean something else where the post is photos.

https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
"""

from publishing.explanations.words import Explanation, Who

_ONE_OF_THEM = "TikTok does not say which photo it means."

PHOTOS: tuple[Explanation, ...] = (
    Explanation(
        code="file_format_check_failed",
        title="TikTok cannot read one of the photos",
        what_happened=f"TikTok takes JPEG and WebP, and found something else. {_ONE_OF_THEM} Nothing was published.",
        who_must_act=Who.YOU,
        what_to_do="Edit the post and have the photos made to fit in the library, or choose others.",
    ),
    Explanation(
        code="picture_size_check_failed",
        title="One of the photos is too large for TikTok",
        what_happened=(
            "TikTok takes photos whose shorter side has at most 1080 pixels, and measured more. "
            f"{_ONE_OF_THEM} Nothing was published."
        ),
        who_must_act=Who.YOU,
        what_to_do="Edit the post and have the photos made to fit in the library, or choose smaller ones.",
    ),
    Explanation(
        code="invalid_file_upload",
        title="TikTok does not take one of the photos",
        what_happened=(
            f"TikTok says that a file does not meet its specification. {_ONE_OF_THEM} Nothing was published."
        ),
        who_must_act=Who.YOU,
        what_to_do="Edit the post and have the photos made to fit in the library, or choose others.",
    ),
)
