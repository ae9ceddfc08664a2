"""TikTok's Content Sharing Guidelines as pure functions: the one place that page, form and worker ask.

`rule_on(answer, media, choices, client)` makes a `Ruling`; `check_send`, `to_post_info` and its like for photos
serve the worker; `RULES` lists every rule by TikTok's own number. https://developers.tiktok.com/doc/content-sharing-guidelines
"""

from tiktok import MAX_PHOTOS

from .account import duration_words
from .audience import PRIVACY_LABELS, PRIVACY_PLACEHOLDER
from .declaration import declaration_for
from .inbox import MAX_PENDING_DRAFTS
from .inputs import (
    DIRECT,
    INBOX,
    CannotPost,
    Choices,
    ClientState,
    CreatorAnswer,
    Media,
    MissingScope,
    NeedsReconnect,
    NoAccount,
    PostKind,
    Readiness,
    Unreachable,
    answer_of,
    carousel_of,
    photos_sha256,
    refusal_code,
)
from .judgement import PROCESSING_NOTICE, rule_on
from .mandated import AIGC_LABEL
from .media import NO_PULL_YET
from .registry import RULES, Keeper, Rule, Source, place_of
from .ruling import (
    Act,
    Block,
    CaptionCount,
    Declaration,
    DeclarationPart,
    Disclosure,
    InboxTerms,
    Notice,
    PrivacyOption,
    Ruling,
    Tick,
)
from .sending import ConsentSnapshot, check_send, to_photo_post_info, to_photo_texts, to_post_info

__all__ = [
    "AIGC_LABEL",
    "DIRECT",
    "INBOX",
    "MAX_PENDING_DRAFTS",
    "MAX_PHOTOS",
    "NO_PULL_YET",
    "PRIVACY_LABELS",
    "PRIVACY_PLACEHOLDER",
    "PROCESSING_NOTICE",
    "RULES",
    "Act",
    "Block",
    "CannotPost",
    "CaptionCount",
    "Choices",
    "ClientState",
    "ConsentSnapshot",
    "CreatorAnswer",
    "Declaration",
    "DeclarationPart",
    "Disclosure",
    "InboxTerms",
    "Keeper",
    "Media",
    "MissingScope",
    "NeedsReconnect",
    "NoAccount",
    "Notice",
    "PostKind",
    "PrivacyOption",
    "Readiness",
    "Rule",
    "Ruling",
    "Source",
    "Tick",
    "Unreachable",
    "answer_of",
    "carousel_of",
    "check_send",
    "declaration_for",
    "duration_words",
    "photos_sha256",
    "place_of",
    "refusal_code",
    "rule_on",
    "to_photo_post_info",
    "to_photo_texts",
    "to_post_info",
]
