"""TikTok's Content Sharing Guidelines as pure functions: the one place that page, form and worker ask.

`rule_on(answer, media, choices, client)` makes a `Ruling`; `check_send` and `to_post_info` serve the worker;
`RULES` lists every rule by TikTok's own number. https://developers.tiktok.com/doc/content-sharing-guidelines
"""

from .account import duration_words
from .audience import PRIVACY_LABELS, PRIVACY_PLACEHOLDER
from .declaration import declaration_for
from .inputs import (
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
    refusal_code,
)
from .judgement import PROCESSING_NOTICE, rule_on
from .registry import RULES, Keeper, Rule, Source, place_of
from .ruling import (
    Act,
    Block,
    CaptionCount,
    Declaration,
    DeclarationPart,
    Disclosure,
    Notice,
    PrivacyOption,
    Ruling,
    Tick,
)
from .sending import ConsentSnapshot, check_send, to_post_info

__all__ = [
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
    "check_send",
    "declaration_for",
    "duration_words",
    "place_of",
    "refusal_code",
    "rule_on",
    "to_post_info",
]
