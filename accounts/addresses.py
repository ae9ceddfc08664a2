"""Which IP addresses are on the public internet. Pure.

Our own table, by IANA's registries of special-purpose addresses: Python's differs from version to version, and no
flag of it knows of addresses that carry another one inside. For IPv6 nothing outside 2000::/3 is public.
https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
"""

import ipaddress
from collections.abc import Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by a provider's customers; a cloud's metadata lies in it too
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; where most clouds keep their metadata
        "168.63.129.16/32",  # a cloud's own service, on an address that looks like any other
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo is in it: a tunnel from a public address into anybody's network
        "2001:db8::/32",
        "2620:4f:8000::/48",
        "3ffe::/16",
        "3fff::/20",
    )
)
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# https://www.rfc-editor.org/rfc/rfc5214 (6.1): what an ISATAP interface's identifier begins with.
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})
_LOW_32 = 0xFFFFFFFF


def is_public(address: Address) -> bool:
    """Whether an address is on the public internet; one that carries others inside only if all of them are."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id is not None:
        return False
    if not all(is_public(inner) for inner in _hidden_in(address)):
        return False
    if address.ipv4_mapped is not None or address in _NAT64:
        return True
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


def _hidden_in(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses to which a packet for this one may be carried."""
    bits = int(address)
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address in _NAT64:
        yield ipaddress.IPv4Address(bits & _LOW_32)
    if address in _SIX_TO_FOUR:
        yield ipaddress.IPv4Address(bits >> 80 & _LOW_32)
    if bits >> 32 & _LOW_32 in _ISATAP:
        yield ipaddress.IPv4Address(bits & _LOW_32)
