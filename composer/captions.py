"""Counts captions the way TikTok does, in UTF-16 code units."""

import re

# TikTok says "UTF-16 runes" and means code units: what JavaScript's `.length` counts.
# https://developers.tiktok.com/doc/content-posting-api-reference-direct-post
VIDEO_CAPTION_LIMIT = 2200
# https://developers.tiktok.com/doc/content-posting-api-reference-photo-post (`description`)
PHOTO_CAPTION_LIMIT = 4000

_LINE_END = re.compile(r"\r\n?")


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
