"""Words for the answers of TikTok's upload server to one chunk.

https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
"""

from publishing.explanations.words import Explanation, Who


def put_code(http_status: int) -> str:
    """The table's code for the answer to a PUT: `put_206`; one `put_5xx` for every fault of the server."""
    return "put_5xx" if 500 <= http_status <= 599 else f"put_{http_status}"


UPLOADS: tuple[Explanation, ...] = (
    Explanation(
        code="put_201",
        title="TikTok has the whole file",
        what_happened="TikTok took the last part of the file and starts to process it.",
        who_must_act=Who.NOBODY,
        what_to_do="Nothing. This page follows the post until it is out.",
    ),
    Explanation(
        code="put_206",
        title="TikTok took a part",
        what_happened="TikTok took this part of the file and expects the next.",
        who_must_act=Who.NOBODY,
        what_to_do="Nothing. The next part goes out by itself.",
    ),
    Explanation(
        code="put_400",
        title="TikTok's upload server refused a part",
        what_happened=(
            "TikTok's upload server called a part of the file badly addressed. Nothing was published."
        ),
        who_must_act=Who.OPERATOR,
        what_to_do="Try again once. If it comes back, tell whoever runs this installation, with the log id.",
        is_retry_safe=True,
        retry_hint="Sends the file again from the start.",
    ),
    Explanation(
        code="put_403",
        title="The upload ran out of time",
        what_happened="TikTok takes a file for one hour after it was announced, and that hour was over.",
        who_must_act=Who.YOU,
        what_to_do="Try again: a new upload starts from the first byte.",
        is_retry_safe=True,
        retry_hint="A faster connection helps with a large file.",
    ),
    Explanation(
        code="put_404",
        title="TikTok forgot the upload",
        what_happened="TikTok no longer knows the upload it had opened for this file. Nothing was published.",
        who_must_act=Who.YOU,
        what_to_do="Try again: a new upload starts from the first byte.",
        is_retry_safe=True,
        retry_hint="Sends the file again from the start.",
    ),
    Explanation(
        code="put_416",
        title="TikTok is at another place in the file",
        what_happened="TikTok has taken more or less of the file than we thought.",
        who_must_act=Who.NOBODY,
        what_to_do="Nothing. Sending goes on from the place TikTok named.",
        is_retry_safe=True,
        retry_hint="Sends the file again from the start.",
    ),
    Explanation(
        code="put_5xx",
        title="TikTok's upload server had a fault",
        what_happened="TikTok's upload server could not take a part of the file just then.",
        who_must_act=Who.TIKTOK,
        what_to_do="Try again in a few minutes.",
        is_retry_safe=True,
        retry_hint="In a few minutes.",
    ),
)
