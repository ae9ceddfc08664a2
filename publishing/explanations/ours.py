"""Words for our own reasons, those the engine gives where TikTok gave none."""

from publishing.explanations.words import LOOK_FIRST, Explanation, Who
from publishing.reasons import Reason

OURS: tuple[Explanation, ...] = (
    Explanation(
        code=Reason.MISSED,
        title="It missed its time",
        what_happened=(
            "When its time came, nothing could be sent from here. By now it is later than your workspace lets a post "
            "go out, so it was held. Nothing was sent."
        ),
        who_must_act=Who.YOU,
        what_to_do="Choose a new time, post it now, or take it back to a draft.",
        is_retry_safe=True,
        retry_hint="Whenever you like: nothing of it is at TikTok.",
    ),
    Explanation(
        code=Reason.ACCOUNT_MOVED,
        title="The TikTok account moved to another workspace",
        what_happened=(
            "The account was connected in another workspace, so this post was held. Nothing was published."
        ),
        who_must_act=Who.YOU,
        what_to_do=(
            "Edit the post and choose another account, or move the account back by connecting it here."
        ),
    ),
    Explanation(
        code=Reason.ACCOUNT_DISCONNECTED,
        title="The TikTok account was disconnected",
        what_happened="Somebody disconnected the account, so this post was held. Nothing was published.",
        who_must_act=Who.YOU,
        what_to_do="Connect the account again, then try again; or edit the post and choose another account.",
        is_retry_safe=True,
        retry_hint="Once the account is connected again.",
    ),
    Explanation(
        code=Reason.NEEDS_RECONNECT,
        title="The TikTok account must be reconnected",
        what_happened="TikTok no longer accepts the permission this account gave us.",
        who_must_act=Who.YOU,
        what_to_do="Reconnect the account. The post then goes on by itself from where it stopped.",
        is_retry_safe=True,
        retry_hint="Once the account is reconnected.",
    ),
    Explanation(
        code=Reason.MISSING_SCOPE,
        title="The account did not allow posting",
        what_happened=(
            "When the account was connected, the permission to post (video.publish) was not given. "
            "Nothing was sent."
        ),
        who_must_act=Who.YOU,
        what_to_do="Reconnect the account and leave the permission to post ticked on TikTok's page.",
        is_retry_safe=True,
        retry_hint="Once the account is reconnected with that permission.",
    ),
    Explanation(
        code=Reason.MISSING_UPLOAD_SCOPE,
        title="The account did not allow drafts",
        what_happened=(
            "When the account was connected, the permission to send drafts to its TikTok inbox (video.upload) "
            "was not given. Nothing was sent."
        ),
        who_must_act=Who.YOU,
        what_to_do="Reconnect the account and leave the permission for drafts ticked on TikTok's page.",
        is_retry_safe=True,
        retry_hint="Once the account is reconnected with that permission.",
    ),
    Explanation(
        code=Reason.PULL_NOT_SET_UP,
        title="TikTok has no address to fetch the files from",
        what_happened=(
            "TikTok takes photos only by fetching them from an address that it has verified, and this "
            "installation names none. Nothing was sent."
        ),
        who_must_act=Who.OPERATOR,
        what_to_do=(
            "Whoever runs this installation must verify an address with TikTok and set MEDIA_PULL_BASE_URL. "
            "Then try again."
        ),
        is_retry_safe=True,
        retry_hint="Once the address is set.",
    ),
    Explanation(
        code=Reason.RULES_CHANGED,
        title="TikTok no longer allows these choices",
        what_happened=(
            "Between your consent and the sending, TikTok changed what this creator may choose: "
            "who can view, what viewers may do, or how long a video may be. Nothing was sent, "
            "and no choice of yours was changed."
        ),
        who_must_act=Who.YOU,
        what_to_do="Edit the post, choose again from what TikTok allows now, and post it.",
    ),
    Explanation(
        code=Reason.CREATOR_UNAVAILABLE,
        title="TikTok says that this creator cannot post now",
        what_happened="TikTok was asked right before sending and said that this account cannot post now.",
        who_must_act=Who.CREATOR,
        what_to_do="Open the TikTok app: it says what stands in the way. Then try again.",
        is_retry_safe=True,
        retry_hint="Later, once TikTok lets the account post.",
    ),
    Explanation(
        code=Reason.CONSENT_VOIDED,
        title="The post was changed after the consent",
        what_happened="Something in the post changed after it was agreed to, so it was not sent.",
        who_must_act=Who.YOU,
        what_to_do="Edit the post, look it over and press Post to TikTok again.",
    ),
    Explanation(
        code=Reason.FILE_CHANGED,
        title="The file is not the one you agreed to",
        what_happened=(
            "A stored file is no longer, byte for byte, the one that was shown when you agreed. "
            "Nothing was published."
        ),
        who_must_act=Who.YOU,
        what_to_do="Edit the post, upload the file again and post it.",
    ),
    Explanation(
        code=Reason.FILE_MISSING,
        title="The file is gone",
        what_happened="A file could not be found in this installation's storage. Nothing was published.",
        who_must_act=Who.YOU,
        what_to_do="Edit the post, upload the file again and post it.",
    ),
    Explanation(
        code=Reason.STORAGE_UNREACHABLE,
        title="The storage did not answer",
        what_happened=(
            "The place where this installation keeps its media could not be reached, again and again. "
            "Nothing was sent."
        ),
        who_must_act=Who.OPERATOR,
        what_to_do=(
            "Whoever runs this installation must look at its object store; then press Try again. "
            "The file itself was not touched."
        ),
        is_retry_safe=True,
        retry_hint="Once the object store answers.",
    ),
    Explanation(
        code=Reason.INIT_UNANSWERED,
        title="TikTok did not answer when the post was announced",
        what_happened=(
            "We announced the post several times and never got an answer. TikTok never had the whole of it, "
            "so nothing can have become public."
        ),
        who_must_act=Who.NOBODY,
        what_to_do="Try again in a few minutes.",
        is_retry_safe=True,
        retry_hint="In a few minutes.",
    ),
    Explanation(
        code=Reason.PULL_UNANSWERED,
        title="TikTok fetched the files and never answered",
        what_happened=(
            "TikTok was told of the post, fetched a file whole, and its answer was lost. Without the answer it "
            "cannot be asked what became of the post: it may or may not be on the profile."
        ),
        who_must_act=Who.YOU,
        what_to_do=LOOK_FIRST,
    ),
    Explanation(
        code=Reason.FETCHED_UNANSWERED,
        title="TikTok fetched before it answered",
        what_happened=(
            "TikTok wanted the files before it said that it takes the post. The addresses of the files were "
            "closed, so nothing can have become public."
        ),
        who_must_act=Who.NOBODY,
        what_to_do="Nothing. Another attempt follows by itself.",
        is_retry_safe=True,
        retry_hint="It follows by itself.",
    ),
    Explanation(
        code=Reason.UPLOAD_EXPIRED,
        title="The upload ran out of time",
        what_happened=(
            "TikTok takes a file for one hour. The hour ended with a part still missing, "
            "so nothing can have become public."
        ),
        who_must_act=Who.YOU,
        what_to_do="Try again, on a faster connection if the file is large.",
        is_retry_safe=True,
        retry_hint="Sends the file again from the start.",
    ),
    Explanation(
        code=Reason.UPLOAD_REFUSED,
        title="TikTok's upload server refused the file",
        what_happened="TikTok's upload server would not take the bytes. Nothing was published.",
        who_must_act=Who.OPERATOR,
        what_to_do="Try again once. If it comes back, tell whoever runs this installation, with the log id.",
        is_retry_safe=True,
        retry_hint="Sends the file again from the start.",
    ),
    Explanation(
        code=Reason.TIKTOK_UNREACHABLE,
        title="TikTok could not be reached",
        what_happened="We tried for a while and could not reach TikTok. Nothing was published.",
        who_must_act=Who.NOBODY,
        what_to_do="Try again in a few minutes.",
        is_retry_safe=True,
        retry_hint="In a few minutes.",
    ),
    Explanation(
        code=Reason.TIKTOK_ERROR,
        title="TikTok had a fault",
        what_happened="TikTok kept answering with a fault of its own. Nothing was published.",
        who_must_act=Who.TIKTOK,
        what_to_do="Try again in a few minutes.",
        is_retry_safe=True,
        retry_hint="In a few minutes.",
    ),
    Explanation(
        code=Reason.UNKNOWN_PUBLISH_ID,
        title="TikTok no longer knows this post",
        what_happened=(
            "TikTok has had everything, and now says that it does not know the post. "
            "It may or may not be on the profile."
        ),
        who_must_act=Who.YOU,
        what_to_do=LOOK_FIRST,
    ),
    Explanation(
        code=Reason.UNKNOWN_STATUS,
        title="TikTok answered with a word we do not know",
        what_happened=(
            "TikTok has had everything, and describes the post's state with a word it never documented."
        ),
        who_must_act=Who.YOU,
        what_to_do=LOOK_FIRST,
    ),
    Explanation(
        code=Reason.PROCESSING_TOO_LONG,
        title="TikTok has not finished",
        what_happened=("TikTok has had the post for more than a day and still says that it is processing."),
        who_must_act=Who.TIKTOK,
        what_to_do=LOOK_FIRST,
    ),
    Explanation(
        code=Reason.SAID_BY_PERSON,
        title="Somebody looked",
        what_happened="TikTok did not say what became of it, so somebody looked and said so here.",
        who_must_act=Who.NOBODY,
        what_to_do="Nothing.",
    ),
    Explanation(
        code=Reason.STOPPED_BY_PERSON,
        title="Stopped before it was out",
        what_happened="Somebody pressed Cancel in time. Nothing was published.",
        who_must_act=Who.NOBODY,
        what_to_do="Nothing, unless you want it out after all: then try again, or edit it first.",
        is_retry_safe=True,
        retry_hint="Whenever you like.",
    ),
)
