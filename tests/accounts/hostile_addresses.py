"""Addresses that try to lead a server into somebody's own network: by every notation, name and trick we know."""

from ipaddress import IPv4Address, IPv6Address

# One of each place that is not the public internet, with the metadata services of the clouds.
PRIVATE_4 = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.254", "100.64.0.1", "100.100.100.200", "100.127.255.254",
    "127.0.0.1", "127.0.0.53", "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254",
    "169.254.170.2", "172.16.0.1", "172.31.255.254", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1",
    "192.168.255.254", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255",
]  # fmt: skip
PRIVATE_6 = [
    "::", "::1", "::2", "fe80::1", "febf::1", "fec0::1", "feff::1", "fc00::1", "fd00:ec2::254", "fd12::1",
    "ff02::1", "ff0e::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
    "3ffe::1", "3fff::1", "5f00::1", "64:ff9b:1::1", "4000::1", "2620:4f:8000::1",
]  # fmt: skip


def notations_of(text: str) -> list[str]:
    """An IPv4 address in the notations that some parser or other takes for it."""
    a, b, c, d = IPv4Address(text).packed
    number = int(IPv4Address(text))
    return [
        text,
        f"{text}.",
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a}.{b}.{c * 256 + d}",
        f"{a}.{(b * 256 + c) * 256 + d}",
        f"{a:#x}.{b}.0{c:o}.{d}",
        "".join(chr(ord(char) + 0xFEE0) for char in text),  # the same characters, as wide as Chinese ones
        text.replace(".", "。"),
    ]


def carriers_of(text: str) -> list[str]:
    """IPv6 addresses with that IPv4 address inside."""
    number = int(IPv4Address(text))
    inverse = number ^ 0xFFFFFFFF
    return [
        f"::ffff:{text}",
        str(IPv6Address(0xFFFF << 32 | number).exploded),
        f"::{text}" if number > 0xFFFF else f"::{number:x}",
        f"::ffff:0:{text}",
        f"64:ff9b::{text}",
        f"64:ff9b:1::{text}",
        str(IPv6Address(0x2002 << 112 | number << 80 | 1)),
        str(IPv6Address(0x20010000 << 96 | number << 64 | 0xF7F7F7F7)),
        str(IPv6Address(0x20010000 << 96 | 0x01010101 << 64 | inverse)),
        str(IPv6Address(0x2606 << 112 | 0x5EFE << 32 | number)),
        str(IPv6Address(0x2606 << 112 | 0x02005EFE << 32 | number)),
    ]


def hostile_hosts() -> list[str]:
    """Hosts that stand for themselves: no name server is needed to be led astray by them."""
    hosts = [host for text in PRIVATE_4 for host in notations_of(text)]
    hosts += [f"[{host}]" for text in PRIVATE_4 for host in carriers_of(text)]
    hosts += [f"[{host}]" for host in PRIVATE_6]
    hosts += [
        "localhost", "LOCALHOST", "localhost.", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "[fe80::1%25lo]", "[fe80::1%lo]", "[::1%251]",
        "[::ffff:7f00:1]", "127.1", "127.0.1", "0", "0x7f.1", "00000177.1", "127.0.0.1:443:80", "[::1", "::1",
        "[127.0.0.1]", "[0x7f000001]", "①②⑦.⓪.⓪.①", "127%2e0%2e0%2e1",
        "%6c%6f%63%61%6c%68%6f%73%74", "127.0.0.1%00.example.com",
        "127.0.0.1\t", "loc\u00adalhost", "localhost\u200b", "1.1.1.1\\@127.0.0.1", "1.1.1.1@127.0.0.1",
        "user:secret@1.1.1.1", "user@1.1.1.1", ":@1.1.1.1", "1.1.1.1:80", "1.1.1.1:8443", "1.1.1.1:22", "1.1.1.1:0",
        "1.1.1.1:99999", "1.1.1.1:-1", "1.1.1.1:443@127.0.0.1", "", ".", "..", "[]", " ", "*", "a" * 5000,
    ]  # fmt: skip
    return hosts


def hostile_urls() -> list[str]:
    """Whole addresses; none may lead to a single connection."""
    urls = [f"https://{host}/film.mp4" for host in hostile_hosts()]
    urls += [
        "http://1.1.1.1/film.mp4", "ftp://1.1.1.1/film.mp4", "file:///etc/passwd", "file://localhost/etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL", "dict://127.0.0.1:11211/stat", "ldap://127.0.0.1/", "ws://127.0.0.1/",
        "wss://1.1.1.1/", "data:video/mp4;base64,AAAA", "javascript:alert(1)",
        "jar:https://1.1.1.1/a!/b", "about:blank",
        "unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun%2Fdocker.sock/", "//127.0.0.1/a", "///127.0.0.1/a",
        "https:127.0.0.1/a", "https:/127.0.0.1/a", "https:///127.0.0.1/a", "https:\\\\127.0.0.1\\a", "127.0.0.1", "",
        "https://", "https", ":", "/etc/passwd", "https://127.0.0.1#@1.1.1.1/", "https://127.0.0.1?@1.1.1.1/",
        "https://127.0.0.1/\r\nHost: 1.1.1.1", "https://1.1.1.1 @127.0.0.1/", "\x00https://1.1.1.1/", "hTTp://1.1.1.1/",
        "https://1.1.1.1\r\n.example/", "https://[::ffff:127.0.0.1]:443/", "https://127.0.0.1:443/",
        "\uff48ttps://127.0.0.1/",
    ]  # fmt: skip
    return urls


def hostile_resolutions() -> list[list[str]]:
    """What a name server may say of an innocent name: each time one answer at least is not public."""
    alone = [[text] for text in (*PRIVATE_4, *PRIVATE_6)]
    carried = [[host] for text in PRIVATE_4[:14] for host in carriers_of(text)]
    mixed = [["1.1.1.1", "2606:4700::1111", text] for text in (*PRIVATE_4, *PRIVATE_6)]
    return [*alone, *carried, *mixed]
