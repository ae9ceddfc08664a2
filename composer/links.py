"""What a pasted link is good for, before anything is asked of it, and what sites' pages need instead. Pure."""

import re
from dataclasses import dataclass
from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote

import httpx

_UPLOAD_IT = "download the file to your device, and upload it here"


@dataclass(frozen=True, slots=True)
class _Site:
    """A site whose links lead to a page around the file, and what a person does there instead."""

    name: str
    hosts: tuple[str, ...]  # a name that starts with a dot covers every host below it, and the name itself
    advice: str
    # Where its links lead to the file all the same.
    direct: re.Pattern[str] | None = None


_WATCHED = "Videos there can be watched, not fetched: upload the file you made it from instead."
_SITES = (
    _Site(
        "Google Drive",
        ("drive.google.com", "docs.google.com"),
        f"Open it in Google Drive, choose Download, {_UPLOAD_IT}.",
    ),
    _Site(
        "Google Photos",
        ("photos.google.com", "photos.app.goo.gl"),
        f"Open it in Google Photos, choose Download from the menu, {_UPLOAD_IT}.",
    ),
    _Site(
        "Dropbox",
        (".dropbox.com", "db.tt"),
        "A Dropbox link to a single file ends in dl=0: change that to dl=1 and import it again. "
        f"Or open it in Dropbox, {_UPLOAD_IT}.",
        re.compile(r"(^|&)(dl|raw)=1(&|$)"),
    ),
    _Site(
        "OneDrive or SharePoint",
        (".onedrive.com", "onedrive.live.com", "1drv.ms", ".sharepoint.com"),
        f"Open it in OneDrive, choose Download, {_UPLOAD_IT}.",
    ),
    _Site("iCloud", (".icloud.com",), f"Open it in iCloud, choose Download, {_UPLOAD_IT}."),
    _Site(
        "WeTransfer",
        (".wetransfer.com", "we.tl"),
        f"Open it in your browser, press Download, {_UPLOAD_IT}.",
    ),
    _Site("Box", (".box.com",), f"Open it in Box, choose Download, {_UPLOAD_IT}."),
    _Site("MEGA", (".mega.nz", ".mega.io"), f"Open it in MEGA, choose Download, {_UPLOAD_IT}."),
    _Site("Frame.io", (".frame.io", "f.io"), f"Open it in Frame.io, choose Download, {_UPLOAD_IT}."),
    _Site("Canva", (".canva.com",), f"Open the design in Canva, choose Share, then Download, {_UPLOAD_IT}."),
    _Site("YouTube", (".youtube.com", "youtu.be", ".youtube-nocookie.com"), _WATCHED),
    _Site("TikTok", (".tiktok.com",), _WATCHED),
    _Site("Instagram", (".instagram.com", "instagr.am"), _WATCHED),
    _Site("Facebook", (".facebook.com", "fb.watch", "fb.me"), _WATCHED),
    _Site("X", ("x.com", "www.x.com", ".twitter.com", "t.co"), _WATCHED),
    _Site("Snapchat", (".snapchat.com",), _WATCHED),
    _Site("Vimeo", ("vimeo.com", "www.vimeo.com", "player.vimeo.com"), _WATCHED),
    _Site("Twitch", (".twitch.tv",), _WATCHED),
)

WEB_PAGE = (
    "This link leads to a web page, not to a file. Open it in your browser and look for a button that downloads "
    "the file: copy that button's own link and import it, or download the file to your device and upload it here."
)


def explain_site(url: httpx.URL) -> str:
    """What to do instead of importing this link, where it leads to a site's page around a file; else empty."""
    host = url.host.lower().rstrip(".")
    for site in _SITES:
        if any(_covers(name, host) for name in site.hosts):
            if site.direct is not None and site.direct.search(url.query.decode("ascii")):
                return ""
            return f"This is a link to a page of {site.name}, not to the file itself. {site.advice}"
    return ""


def name_of_file(url: httpx.URL, content_disposition: str = "") -> str:
    """What the file is called: by the server's own word (Content-Disposition), else by the link's last part.

    As it came, folders and all: the library cleans names.
    """
    header = Message()
    try:
        # Header bytes are read as Latin-1; most servers mean UTF-8.
        header["Content-Disposition"] = content_disposition.encode("latin-1").decode("utf-8")
        said = header.get_filename() or ""
    except (UnicodeError, ValueError, LookupError):
        said = ""
    return said.strip() or PurePosixPath(unquote(url.path)).name or _named_in_query(url) or url.host


def _named_in_query(url: httpx.URL) -> str:
    for values in parse_qs(url.query.decode("ascii", "replace")).values():
        for value in values:
            if re.fullmatch(r"[^/\\]{1,200}\.[A-Za-z0-9]{2,5}", value):
                return value
    return ""


def _covers(name: str, host: str) -> bool:
    return host == name.removeprefix(".") or (name.startswith(".") and host.endswith(name))
