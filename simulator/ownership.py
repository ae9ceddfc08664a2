"""Which addresses TikTok fetches from: https below a verified domain or prefix, and our own localhost."""

import ipaddress
import re
from urllib.parse import urlsplit

DOMAIN_MARK = "domain:"
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?", re.ASCII)
_PLAIN = re.compile(r"[!-~]+", re.ASCII)


def is_fetchable(url: str) -> bool:
    """Whether an address has the shape TikTok takes: https, a host, no user name, no fragment, no blanks.

    `http://localhost` passes too: the simulator's one leniency, so that all of this runs on one machine.
    """
    if not _PLAIN.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or parts.fragment:
        return False
    return parts.scheme == "https" or _is_on_this_machine(url)


def is_verified(url: str, properties: tuple[str, ...]) -> bool:
    """Whether a fetchable address lies under one of the client's properties.

    A domain covers its subdomains and never its parent; a prefix is compared byte for byte. An address with
    an IP in place of a domain belongs to nobody. Source: media transfer guide, PULL_FROM_URL.
    """
    if _is_on_this_machine(url):
        return True
    host = urlsplit(url).hostname or ""
    if not is_domain(host):
        return False
    for entry in properties:
        if entry.startswith(DOMAIN_MARK):
            domain = entry.removeprefix(DOMAIN_MARK)
            if host == domain or host.endswith("." + domain):
                return True
        elif url.startswith(entry):
            return True
    return False


def is_domain(host: str) -> bool:
    """Whether a host is a name with dots, not an IP address in any disguise."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _DOMAIN.fullmatch(host) is not None
    return False


def is_property(entry: str) -> bool:
    """Whether this can stand in the list of verified properties."""
    if entry.startswith(DOMAIN_MARK):
        return is_domain(entry.removeprefix(DOMAIN_MARK))
    if not is_fetchable(entry) or not entry.endswith("/"):
        return False
    return _is_on_this_machine(entry) or is_domain(urlsplit(entry).hostname or "")


def _is_on_this_machine(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname == "localhost" and "@" not in parts.netloc
