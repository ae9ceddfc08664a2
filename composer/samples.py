"""Puts samples into a workspace's library, so that a first try needs no video and no photo of one's own."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from accounts.models import User, Workspace
from composer.library import take_in
from composer.media.samples import (
    LONG_SAMPLE,
    SAMPLE_PHOTOS,
    SAMPLES,
    Sample,
    SamplePhoto,
    write_sample,
    write_sample_photo,
)
from composer.models import MediaFile
from composer.receiving import Received, receive_body

_FAR_ABOVE_ANY_SAMPLE = 64 * 1024**2


def add_sample_media(workspace: Workspace, user: User) -> list[MediaFile]:
    """Make the samples for a workspace that has none yet, and return those it has. Takes a few seconds once.

    They are the same byte for byte every time, so that two presses at once store each only once.
    """
    samples = MediaFile.objects.in_workspace(workspace).ready().filter(is_sample=True)
    if not samples.exists():
        wanted: tuple[Sample | SamplePhoto, ...] = (*SAMPLES, *SAMPLE_PHOTOS)
        with TemporaryDirectory() as folder, ThreadPoolExecutor(len(SAMPLES)) as pool:
            # Drawn side by side; that takes half as long on two processors.
            drawn = list(pool.map(partial(_make, folder=Path(folder)), wanted))
            # The first of the list shall stand first: newest first is the library's order.
            for sample, received in reversed(list(zip(wanted, drawn, strict=True))):
                take_in(workspace, received, name=sample.title, user=user, is_sample=True)
    return list(samples.all())


def add_long_sample(workspace: Workspace, user: User) -> MediaFile:
    """Make the sample that is longer than a minute, beside the others. Takes a few seconds once."""
    add_sample_media(workspace, user)
    with TemporaryDirectory() as folder:
        received = _make(LONG_SAMPLE, folder=Path(folder))
        return take_in(workspace, received, name=LONG_SAMPLE.title, user=user, is_sample=True).media


def _make(sample: Sample | SamplePhoto, *, folder: Path) -> Received:
    drawn = folder / f"{sample.name}.drawn"
    if isinstance(sample, Sample):
        write_sample(sample, drawn)
    else:
        write_sample_photo(sample, drawn)
    with drawn.open("rb") as file:
        return receive_body(
            file,
            expected_size=drawn.stat().st_size,
            max_bytes=_FAR_ABOVE_ANY_SAMPLE,
            destination=folder / sample.name,
        )
