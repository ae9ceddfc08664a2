"""What the machine has to offer: room and places for files, a mail server, Django's own opinion of the deployment."""

import os
import secrets
import shutil
import smtplib
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import get_connection

from review.doctor.findings import Check, Family, Outcome, fault, ok, warning
from review.doctor.rehearsal import fault_in_earnest

MAIL_SECONDS = 5
GIB = 1024**3
LEAST_FREE = GIB


def look_at_storage() -> Outcome:
    """A small file is written where media lie, read again and removed."""
    incoming = Path(settings.FILE_UPLOAD_TEMP_DIR)
    if not os.access(incoming, os.W_OK | os.X_OK):
        return fault(
            f"Files cannot arrive: {incoming} is not writable.",
            "Give that folder to the user that web and worker run as; VAR_DIR names the folder above it.",
        )
    content = secrets.token_bytes(32)
    is_bucket = bool(settings.STORAGES["default"].get("OPTIONS"))
    cure = (
        "See that the bucket is there and that the keys may read, write and delete in it (MEDIA_S3_…)."
        if is_bucket
        else "Give VAR_DIR to the user that web and worker run as."
    )
    try:
        name = default_storage.save(f"doctor-{secrets.token_hex(8)}.bin", ContentFile(content))
        try:
            with default_storage.open(name) as file:
                is_same = file.read() == content
        finally:
            default_storage.delete(name)
    except Exception as error:  # noqa: BLE001 - each store has errors of its own
        return fault(f"Nothing can be kept where media lie ({type(error).__name__}).", cure)
    if not is_same:
        return fault("What was written where media lie came back changed.", cure)
    return ok("A file was written where media lie, read again and removed.")


def look_at_disk() -> Outcome:
    """Whether the next upload fits; also with an object store files arrive on the disk first."""
    places = {Path(settings.VAR_DIR), Path(settings.MEDIA_ROOT)}
    free = min(shutil.disk_usage(place if place.exists() else place.parent).free for place in places)
    return judge_free_space(free, largest=settings.MEDIA_MAX_BYTES)


def judge_free_space(free: int, *, largest: int) -> Outcome:
    """Whether so many bytes are enough for uploads of at most `largest`."""
    found = f"{free / GIB:.1f} GiB are free under VAR_DIR."
    cure = "Make room, move VAR_DIR to a larger disk, or lower MEDIA_MAX_BYTES."
    if free < LEAST_FREE:
        return fault(found, cure)
    if free < largest + LEAST_FREE:
        return warning(
            f"{found} One file of the largest size allowed ({largest / GIB:.1f} GiB) may not fit.", cure
        )
    return ok(found)


def look_at_mail() -> Outcome:
    """Signs in at the mail server; sends nothing."""
    if not settings.HAS_MAIL_SERVER:
        return fault_in_earnest(
            "EMAIL_URL is not set: nobody can prove an address, reset a password or be warned about a post.",
            "Set EMAIL_URL, for example submission://user:password@mail.example.org:587",
        )
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    mail = get_connection(timeout=MAIL_SECONDS)
    try:
        try:
            mail.open()
        finally:
            mail.close()
    except smtplib.SMTPAuthenticationError:
        return fault(
            f"{server} refuses the user or the password.", "Correct both in EMAIL_URL; encode odd characters."
        )
    except (OSError, smtplib.SMTPException) as error:
        return fault(
            f"{server} cannot be used ({type(error).__name__}).",
            "See that EMAIL_URL names host, port and kind of encryption rightly, and that this machine may "
            "connect there.",
        )
    return ok(f"{server} answers, and takes our sign-in. Nothing was sent.")


def look_at_deployment() -> Outcome:
    """What `manage.py check --deploy` says."""
    messages = [
        message for message in checks.run_checks(include_deployment_checks=True) if not message.is_silenced()
    ]
    errors = [message for message in messages if message.level >= checks.ERROR]
    warnings = [message for message in messages if checks.WARNING <= message.level < checks.ERROR]
    if errors:
        return fault(_listed(errors), "Run: python manage.py check --deploy")
    if warnings:
        found = _listed(warnings)
        if not settings.IS_PRODUCTION:
            found += " That is fine for a run on this machine."
        return warning(found, "Run: python manage.py check --deploy")
    return ok("Django's own checks of a deployment find nothing.")


def _listed(messages: list[checks.CheckMessage]) -> str:
    ids = ", ".join(str(message.id) for message in messages)
    first = f"{' '.join(str(messages[0].msg).split()).partition('. ')[0].rstrip('.')}."
    return f"It finds {len(messages)} ({ids}): {first}"


FAMILY = Family(
    "This machine",
    (
        Check("storage", "Storage", look_at_storage),
        Check("disk", "Disk space", look_at_disk),
        Check("mail", "Mail", look_at_mail),
        Check("deploy-check", "check --deploy", look_at_deployment),
    ),
)
