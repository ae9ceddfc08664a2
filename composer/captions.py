"""Reads captions the way TikTok does: counts them, finds their hashtags and mentions, suggests where to cut.

The page does the same while somebody types (static/js/post-caption.js); a test holds the two together.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import regex

# TikTok says "UTF-16 runes" and means code units: what JavaScript's `.length` counts.
# https://developers.tiktok.com/doc/content-posting-api-reference-direct-post
VIDEO_CAPTION_LIMIT = 2200
# https://developers.tiktok.com/doc/content-posting-api-reference-photo-post (`description`)
PHOTO_CAPTION_LIMIT = 4000

_LINE_END = re.compile(r"\r\n?")
# Unicode's white space, spelled out: what `\s` means differs between Python and JavaScript.
_SPACE = r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_WORD = re.compile(rf"[^{_SPACE}]+")
# A sign with anything to see behind it but ASCII punctuation: "#", "@@", "#!" and "#" with a joiner are none.
_TAG = re.compile(
    r"[#@](?=.*[^\x00-/:-@\[-`{-\x9f\xad\u200b-\u200f\u2060-\u206f\ufe00-\ufe0f\ufeff])", re.DOTALL
)
_TAIL = ".,;:!?)]}'\""
# How much of the end of a text a person needs to find the place again.
_LAST_CLUSTERS = 40
_CLUSTER = regex.compile(r"\X")


class SpanKind(StrEnum):
    """What a marked part of a caption is to TikTok."""

    HASHTAG = "hashtag"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class CaptionSpan:
    """One hashtag or mention with its sign; `start` and `end` count UTF-16 units, as a browser does."""

    kind: SpanKind
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class CaptionParts:
    """What TikTok makes links of: each hashtag and mention once, in order, and every place they stand."""

    hashtags: tuple[str, ...]
    mentions: tuple[str, ...]
    spans: tuple[CaptionSpan, ...]


@dataclass(frozen=True, slots=True)
class CaptionCut:
    """A suggestion: what fits, and what would have to go."""

    kept: str
    dropped: str

    @property
    def last_words(self) -> str:
        """The end of what fits, on one line and short enough for a sentence."""
        clusters = _CLUSTER.findall(self.kept)
        shown = " ".join(_WORD.findall("".join(clusters[-_LAST_CLUSTERS:])))
        return f"…{shown}" if len(clusters) > _LAST_CLUSTERS else shown


def normalise_caption(text: str) -> str:
    """The caption with every line end as one newline; nothing else changes.

    A browser submits CRLF although the text field counts one unit per line end; without this a caption
    the page calls full would be refused on arrival.
    """
    return _LINE_END.sub("\n", text)


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units: most emoji count 2 or more. Line ends count as they stand."""
    # surrogatepass: half a pair, as a forged form may hold, still counts 1 instead of failing.
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def caption_length(text: str) -> int:
    """Length of the caption as it would be sent, in UTF-16 code units."""
    return utf16_length(normalise_caption(text))


def parse_caption(text: str) -> CaptionParts:
    """The hashtags and mentions in a caption as TikTok separates them: by spaces and new lines, nothing else.

    So a comma after a hashtag belongs to it, and `#one#two` is one hashtag; the page shows both as they are.
    https://developers.tiktok.com/doc/content-posting-api-reference-direct-post (`title`)
    """
    spans: list[CaptionSpan] = []
    read = units = 0
    for found in _WORD.finditer(text):
        word = found[0]
        if not _TAG.match(word):
            continue
        start = units + utf16_length(text[read : found.start()])
        read, units = found.end(), start + utf16_length(word)
        kind = SpanKind.HASHTAG if word[0] == "#" else SpanKind.MENTION
        spans.append(CaptionSpan(kind, start, units, word))
    return CaptionParts(
        hashtags=tuple(dict.fromkeys(span.text for span in spans if span.kind is SpanKind.HASHTAG)),
        mentions=tuple(dict.fromkeys(span.text for span in spans if span.kind is SpanKind.MENTION)),
        spans=tuple(spans),
    )


def suggest_cut(text: str, limit: int) -> CaptionCut:
    """Where a text would end to have at most `limit` UTF-16 units, with no character torn: for showing only.

    What a person sees as one character (a letter with its accents, a family of emoji, a flag) is kept or dropped
    as a whole, so `kept` may be shorter than `limit`.
    """
    kept = units = 0
    for cluster in _CLUSTER.finditer(text):
        units += utf16_length(cluster[0])
        if units > limit:
            break
        kept = cluster.end()
    return CaptionCut(text[:kept], text[kept:])


def list_hashtags(text: str) -> str:
    """The hashtags in a text, each once whatever its case, without the punctuation behind it: `#one #two`."""
    return " ".join(_bare_hashtags(text))


def add_hashtags(caption: str, hashtags: str) -> str:
    """The caption followed by those of the hashtags that it does not have yet, after a space where one is due."""
    known = {each.lower() for each in _bare_hashtags(caption)}
    missing = [each for each in _bare_hashtags(hashtags) if each.lower() not in known]
    if not missing:
        return caption
    gap = "" if not caption or _WORD.fullmatch(caption[-1]) is None else " "
    return caption + gap + " ".join(missing)


def _bare_hashtags(text: str) -> list[str]:
    found: dict[str, str] = {}
    for hashtag in parse_caption(text).hashtags:
        bare = hashtag.rstrip(_TAIL)
        found.setdefault(bare.lower(), bare)
    return list(found.values())
