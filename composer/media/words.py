"""How sizes are said to people, the same on every page and in every refusal."""

_UNITS = ((1024**3, "GB"), (1024**2, "MB"), (1024, "KB"))


def say_bytes(count: int) -> str:
    """A size as people read it, in steps of 1,024 and three figures: `4 GB`, `19.1 MB`, `663 KB`, `900 bytes`."""
    for size, unit in _UNITS:
        if count >= size:
            value = count / size
            decimals = 0 if value >= 100 else 1 if value >= 10 else 2
            said = f"{value:.{decimals}f}"
            return (said.rstrip("0").rstrip(".") if decimals else said) + f" {unit}"
    return f"{count:,} bytes" if count != 1 else "1 byte"


def say_bytes_beyond(count: int, limit: int) -> str:
    """A size that is over a limit, exact where rounding would make the two look the same."""
    said = say_bytes(count)
    return f"{count:,} bytes" if said == say_bytes(limit) else said
