"""How sizes are said to people, the same on every page and in every refusal."""

_UNITS = ((1024**3, "GB"), (1024**2, "MB"), (1024, "KB"))


def say_bytes(count: int) -> str:
    """A size as people read it, in steps of 1,024: `4 GB`, `1.5 MB`, `900 bytes`."""
    for size, unit in _UNITS:
        if count >= size:
            return f"{count / size:.2f}".rstrip("0").rstrip(".") + f" {unit}"
    return f"{count:,} bytes" if count != 1 else "1 byte"


def say_bytes_beyond(count: int, limit: int) -> str:
    """A size that is over a limit, exact where rounding would make the two look the same."""
    said = say_bytes(count)
    return f"{count:,} bytes" if said == say_bytes(limit) else said
