"""What the first bytes of a file say it is, whatever its name claims."""

from typing import BinaryIO

HEAD_BYTES = 4096

# Each kind in the words of a sentence that begins "This is …".
KINDS = {
    "mp4": "an MP4 video",
    "mov": "a QuickTime (MOV) video",
    "webm": "a WebM video",
    "mkv": "a Matroska (MKV) video",
    "3gp": "a 3GP video",
    "avi": "an AVI video",
    "flv": "a Flash (FLV) video",
    "mpegts": "an MPEG transport stream (TS)",
    "mpegps": "an MPEG program stream (MPG)",
    "wmv": "a Windows Media (WMV) video",
    "ogg": "an Ogg file",
    "gif": "a GIF picture",
    "png": "a PNG picture",
    "jpeg": "a JPEG picture",
    "webp": "a WebP picture",
    "heic": "an HEIC picture",
    "avif": "an AVIF picture",
    "bmp": "a BMP picture",
    "tiff": "a TIFF picture",
    "raw": "a camera's raw picture",
    "svg": "an SVG drawing",
    "psd": "a Photoshop picture",
    "jp2": "a JPEG 2000 picture",
    "jxl": "a JPEG XL picture",
    "audio": "a sound file",
    "zip": "a ZIP archive or an office document",
    "archive": "a packed archive",
    "pdf": "a PDF document",
    "html": "a web page",
    "playlist": "a playlist that only points to other files",
    "program": "a program",
    "text": "a text file",
    "empty": "an empty file",
    "unknown": "a kind of file we do not know",
}

# What FFmpeg is asked to open; every other kind is refused by its first bytes.
MEASURABLE = frozenset({"mp4", "mov", "webm", "mkv", "3gp", "avi"})
# Videos all the same, in a container that TikTok does not take.
OTHER_VIDEOS = frozenset({"flv", "mpegts", "mpegps", "wmv", "ogg"})
# Pictures that can be read: photos, or what can be made one.
PHOTOS = frozenset({"jpeg", "webp", "png", "heic", "avif", "gif", "bmp", "tiff"})
# Pictures all the same, that are not read here.
OTHER_PICTURES = frozenset({"svg", "psd", "jp2", "jxl", "raw"})

_PREFIXES = (
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"8BPS", "psd"),
    (b"IIRO", "raw"),
    (b"IIU\x00", "raw"),
    (b"FUJIFILMCCD-RAW", "raw"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xffO\xffQ", "jp2"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jxl"),
    (b"\xff\n", "jxl"),
    (b"FLV\x01", "flv"),
    (b"0&\xb2u\x8ef\xcf\x11", "wmv"),
    (b"\x00\x00\x01\xba", "mpegps"),
    (b"\x00\x00\x01\xb3", "mpegps"),
    (b"OggS", "ogg"),
    (b"ID3", "audio"),
    (b"fLaC", "audio"),
    (b"\xff\xfb", "audio"),
    (b"\xff\xf1", "audio"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"Rar!\x1a\x07", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"%PDF-", "pdf"),
    (b"#EXTM3U", "playlist"),
    (b"ffconcat", "playlist"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"#!", "program"),
)
_RIFF = {b"AVI ": "avi", b"WEBP": "webp", b"WAVE": "audio"}
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
# QuickTime files older than the `ftyp` box begin with one of these.
_OLD_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_EBML = b"\x1a\x45\xdf\xa3"
_DOCTYPE = b"\x42\x82"


def sniff(file: BinaryIO) -> str:
    """The kind of a file (a key of `KINDS`) by its content alone; leaves the file at its beginning."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    return sniff_head(head)


def sniff_head(head: bytes) -> str:
    """The kind of a file by its first `HEAD_BYTES` bytes."""
    if not head:
        return "empty"
    if head[4:8] == b"ftyp":
        return _iso_brand(head)
    if head[4:8] in _OLD_QUICKTIME:
        return "mov"
    if head.startswith(_EBML):
        return _ebml_doctype(head)
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], "unknown")
    for prefix, kind in _PREFIXES:
        if head.startswith(prefix):
            return kind
    if head[:1] == b"G" and head[188:189] == b"G":
        return "mpegts"
    return _kind_of_text(head)


def _iso_brand(head: bytes) -> str:
    brand = head[8:12]
    if brand == b"qt  ":
        return "mov"
    if brand.startswith((b"3gp", b"3g2")):
        return "3gp"
    if brand in {b"M4A ", b"M4B "}:
        return "audio"
    if brand == b"crx ":
        return "raw"
    if brand in _AVIF_BRANDS:
        return "avif"
    if brand not in _HEIF_BRANDS:
        return "mp4"
    # `mif1` only says "a picture": the brands that follow say of which kind.
    length = min(int.from_bytes(head[:4]), len(head))
    others = {head[at : at + 4] for at in range(16, length - 3, 4)}
    return "avif" if brand in {b"mif1", b"msf1"} and others & _AVIF_BRANDS else "heic"


def _ebml_doctype(head: bytes) -> str:
    at = head.find(_DOCTYPE, 4, 128)
    if at < 0 or at + 3 > len(head):
        return "unknown"
    length = head[at + 2] & 0x7F
    doctype = head[at + 3 : at + 3 + length].rstrip(b"\x00")
    return {b"webm": "webm", b"matroska": "mkv"}.get(doctype, "unknown")


def _kind_of_text(head: bytes) -> str:
    try:
        # A character may be cut in two at the end of what was read.
        text = head.decode("utf-8-sig", errors="strict" if len(head) < HEAD_BYTES else "ignore")
    except UnicodeDecodeError:
        return "unknown"
    if any(ord(char) < 32 and char not in "\t\n\r\f" for char in text):
        return "unknown"
    start = text.lstrip().lower()
    if "<svg" in start[:1024]:
        return "svg"
    if start.startswith(("<!doctype html", "<html", "<script", "<head", "<body")):
        return "html"
    if start.startswith(("ffconcat", "#extm3u")):
        return "playlist"
    return "text"
