"""`manage.py reencrypt_secrets`: seals every stored secret anew under the first key."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models

from accounts.sealing import Sealer, sealer

BATCH = 500


class Command(BaseCommand):
    """Walks every model's columns named `*_sealed`, of every app: a new sealed column needs no word here.

    Safe while the installation runs and after an interruption: rows already under the first key are passed
    over, and a row is written only if it still holds the value that was read.
    """

    help = "Seal every stored secret anew under the first of TOKEN_ENCRYPTION_KEYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--report", action="store_true", help="Only count which key each stored secret is sealed under."
        )

    def handle(self, *args: Any, report: bool = False, **options: Any) -> None:
        current = sealer()
        lost = 0
        for model, column in sealed_columns():
            counts = _count(model, column, current) if report else _reseal(model, column, current)
            lost += counts["unreadable"]
            words = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()) if number)
            self.stdout.write(f"{model._meta.label}.{column}: {words or 'none'}")  # noqa: SLF001
        if lost:
            raise CommandError(
                f"{lost} secrets cannot be opened with any key in TOKEN_ENCRYPTION_KEYS. "
                f"Put the missing key back "
                "at the end of the list; accounts whose key is lost for good must be connected again."
            )


def sealed_columns() -> list[tuple[type[models.Model], str]]:
    """Every model and its columns named `*_sealed`."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields  # noqa: SLF001
        if field.name.endswith("_sealed")
    ]


def _rows(model: type[models.Model], column: str) -> models.QuerySet[Any, tuple[Any, str]]:
    return model._default_manager.exclude(**{column: ""}).order_by("pk").values_list("pk", column)  # noqa: SLF001


def _batches(model: type[models.Model], column: str) -> Any:
    """All rows in pieces: no long-running query stays open while rows are written."""
    rows = _rows(model, column)
    last = None
    while batch := list((rows if last is None else rows.filter(pk__gt=last))[:BATCH]):
        yield from batch
        last = batch[-1][0]


def _count(model: type[models.Model], column: str, current: Sealer) -> Counter[str]:
    counts: Counter[str] = Counter()
    for _pk, sealed in _batches(model, column):
        number = current.key_number(sealed)
        counts["unreadable" if number is None else f"under key {number + 1}"] += 1
    return counts


def _reseal(model: type[models.Model], column: str, current: Sealer) -> Counter[str]:
    counts: Counter[str] = Counter()
    for pk, sealed in _batches(model, column):
        number = current.key_number(sealed)
        if number is None:
            counts["unreadable"] += 1
        elif number == 0:
            counts["already under the first key"] += 1
        else:
            # The old value is part of the condition: a refresh that wrote meanwhile sealed under the first
            # key.
            changed = model._default_manager.filter(**{"pk": pk, column: sealed}).update(  # noqa: SLF001
                **{column: current.reseal(sealed)}
            )
            counts["sealed anew" if changed else "already under the first key"] += 1
    return counts
