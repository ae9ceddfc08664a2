"""What every code means for a person: what happened, who must act, what to press, is a retry safe. Pure."""

from publishing.explanations.ours import OURS
from publishing.explanations.photos import PHOTOS
from publishing.explanations.tiktok_codes import TIKTOK_CODES
from publishing.explanations.uploads import UPLOADS, put_code
from publishing.explanations.words import LOOK_FIRST, Explanation, Who

__all__ = [
    "EXPLANATIONS",
    "LOOK_FIRST",
    "Explanation",
    "Who",
    "explain",
    "explain_open_question",
    "is_known",
    "put_code",
]

EXPLANATIONS: dict[str, Explanation] = {row.code: row for row in (*TIKTOK_CODES, *UPLOADS, *OURS)}
# What means something else where the post is photos.
_OF_PHOTOS: dict[str, Explanation] = {row.code: row for row in PHOTOS}


def is_known(code: str) -> bool:
    """Whether the table has words of its own for this code."""
    return code in EXPLANATIONS


def explain(code: str, *, has_photos: bool = False) -> Explanation:
    """The words for TikTok's error code or fail_reason, the answer to a chunk (`put_403`) or our own Reason.

    `has_photos` says that the post is photos: TikTok's limits are others then.
    TikTok adds words without notice: one that the table lacks gets an honest answer that shows it as it came,
    and no retry, because nobody can promise that it is safe.
    """
    known = (_OF_PHOTOS.get(code) if has_photos else None) or EXPLANATIONS.get(code)
    if known is not None:
        return known
    if not code:
        return Explanation(
            code="",
            title="It stopped without a reason",
            what_happened="TikTok ended this post and gave no reason.",
            who_must_act=Who.YOU,
            what_to_do=(
                "Look at the profile on TikTok first. "
                "If the post is not there, edit the post and post it again."
            ),
        )
    return Explanation(
        code=code,
        title="TikTok gave a reason we do not know",
        what_happened=(
            f"The post stopped with the word “{code}”, which TikTok's documentation does not explain."
        ),
        who_must_act=Who.OPERATOR,
        what_to_do=(
            "Look at the profile on TikTok before you post again. "
            "Whoever runs this installation can ask TikTok, quoting the log id."
        ),
    )


def explain_open_question(code: str, *, has_photos: bool = False) -> Explanation:
    """The same for a post that may be on TikTok: whatever the code, nobody may promise that nothing is public."""
    known = explain(code, has_photos=has_photos)
    if known.what_to_do == LOOK_FIRST:
        return known
    return Explanation(
        code=code,
        title=known.title,
        what_happened=(
            "TikTok had everything when it stopped telling us about the post. "
            "It may or may not be on the profile."
        ),
        who_must_act=Who.YOU,
        what_to_do=LOOK_FIRST,
    )
