"""Our own words for why a publication rests where it rests, beside TikTok's codes in `reason`. Pure."""

from enum import StrEnum


class Reason(StrEnum):
    """What the engine, or a person, writes into `Publication.reason` when TikTok gave no code of its own.

    The words people read for each stand in publishing/explanations.py.
    """

    MISSED = "missed"  # its time passed while nothing could be sent, by more than the workspace allows
    ACCOUNT_MOVED = "account_moved"  # the TikTok account went to another workspace
    ACCOUNT_DISCONNECTED = "account_disconnected"  # somebody disconnected it here
    NEEDS_RECONNECT = "needs_reconnect"  # its tokens are dead
    MISSING_SCOPE = "missing_scope"  # the creator did not grant what posting needs
    MISSING_UPLOAD_SCOPE = "missing_upload_scope"  # the creator did not grant what a draft needs
    PULL_NOT_SET_UP = "pull_not_set_up"  # TikTok would have to fetch, and no address of ours is verified
    RULES_CHANGED = "rules_changed"  # TikTok no longer allows what was consented to
    CREATOR_UNAVAILABLE = "creator_unavailable"  # TikTok says that the creator cannot post now
    CONSENT_VOIDED = "consent_voided"  # the post was changed after the consent
    FILE_CHANGED = "file_changed"  # the bytes on disk are not those consented to
    FILE_MISSING = "file_missing"  # the file is gone from disk
    STORAGE_UNREACHABLE = "storage_unreachable"  # the object store that holds the file did not answer
    INIT_UNANSWERED = (
        "init_unanswered"  # the answer to `init` was lost too often; TikTok has not got the whole
    )
    PULL_UNANSWERED = "pull_unanswered"  # the answer was lost with no gate held, and a file was fetched whole
    FETCHED_UNANSWERED = "fetched_unanswered"  # TikTok fetched before it answered; its addresses ended
    UPLOAD_EXPIRED = "upload_expired"  # the upload window ran out with bytes missing
    UPLOAD_REFUSED = "upload_refused"  # TikTok's upload server refused the bytes
    TIKTOK_UNREACHABLE = "tiktok_unreachable"  # gave up before anything could be public
    TIKTOK_ERROR = "tiktok_error"  # TikTok kept failing before anything could be public
    UNKNOWN_PUBLISH_ID = "unknown_publish_id"  # everything was sent, and TikTok no longer knows the upload
    UNKNOWN_STATUS = "unknown_status"  # TikTok answered with a status word nobody documented
    PROCESSING_TOO_LONG = "processing_too_long"  # everything was sent, and TikTok never came to an end
    SAID_BY_PERSON = "said_by_person"  # somebody who looked said whether it is on TikTok
    STOPPED_BY_PERSON = "stopped_by_person"  # somebody pressed *Cancel* in time
