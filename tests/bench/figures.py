"""What a measurement reports, and how the figures are laid out."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One line of the table; `floor` is what the product promises, and `is_kept` whether it holds here."""

    what: str
    value: str
    floor: str = ""
    is_kept: bool | None = None


def print_table(title: str, figures: Sequence[Figure]) -> None:
    """Print as soon as a part is measured, so that an interrupted run has said something."""
    print(f"\n{title}")
    width = max(len(figure.what) for figure in figures)
    room = max(len(figure.value) for figure in figures)
    for figure in figures:
        verdict = {True: "PASS", False: "FAIL", None: ""}[figure.is_kept]
        floor = f"(promised: {figure.floor})" if figure.floor else ""
        print(f"  {figure.what:<{width}}  {figure.value:>{room}}  {verdict:<4} {floor}".rstrip(), flush=True)


def machine() -> str:
    """On what the figures were taken, and how busy it was."""
    name = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        name = models[0].partition(": ")[2] if models else name
    load = os.getloadavg()[0]
    busy = f"; load {load:.1f} before the start, so not a quiet machine" if load > 0.5 else ""
    return f"{os.cpu_count()} x {name}, {platform.system()}, Python {platform.python_version()}{busy}"
