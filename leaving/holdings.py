"""What is held on whom: every table of the installation, whose its rows are, and what of them goes into an export.

Deleting follows this list from top to bottom, exporting takes what has a `kind`. A test walks all models and all
their columns: it fails for a new one until it is written down here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import User, Workspace
from leaving.words import FIELDS
from publishing.models import WebhookDelivery


@dataclass(frozen=True)
class Holding:
    """One table. `of_workspace` and `of_person` are the ways from a row to whose it is; without them it is nobody's.

    `kind` names its file in an export; a table without one says in `why_not` why it is left out. `is_last` rows go in
    the transaction that ends a deletion.
    """

    label: str
    of_workspace: tuple[str, ...] = ()
    of_person: tuple[str, ...] = ()
    kind: str = ""
    why_not: str = ""
    is_last: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.label)

    def in_workspaces(self, workspaces: Sequence[Workspace]) -> "QuerySet[Any]":
        """The rows that belong to these workspaces."""
        return self._rows(self.of_workspace, [workspace.pk for workspace in workspaces])

    def held_on(self, person: User, workspaces: Sequence[Workspace]) -> "QuerySet[Any]":
        """The rows that belong to this person or to one of these workspaces of theirs, in the order of their keys."""
        theirs = self._rows(self.of_person, [person.pk])
        if not self.of_workspace:
            return theirs.order_by("pk")
        both = self.in_workspaces(workspaces)
        return (both | theirs if self.of_person else both).order_by("pk")

    def _rows(self, ways: Sequence[str], keys: list[int]) -> "QuerySet[Any]":
        rows = self.model._default_manager.all()  # noqa: SLF001 - Django's documented API
        wanted = Q(pk__in=[])
        for way in ways:
            wanted |= Q(**{f"{way}__in": keys})
        return rows.filter(wanted)


def _in(label: str, way: str, kind: str, *ways: str, person: str = "", is_last: bool = False) -> Holding:
    of_person = (person,) if person else ()
    return Holding(label, (way, *ways), of_person, kind, is_last=is_last, fields=FIELDS[label])


def _on(label: str, way: str, kind: str) -> Holding:
    return Holding(label, (), (way,), kind, fields=FIELDS[label])


def _nobodys(label: str, why_not: str) -> Holding:
    return Holding(label, why_not=why_not)


_FINGERPRINT = "A fingerprint of a key, good for nothing but comparing."
_SECRET = "A key: whoever has it can act in your name or fetch your files."  # noqa: S105 - no secret, a reason
_MACHINERY = "Which program of ours works on the row at the moment; says nothing of you."
_LEASE = {
    "handed_out_until": _MACHINERY,
    "lease_token": _MACHINERY,
    "lease_until": _MACHINERY,
}

WITHHELD: Mapping[str, Mapping[str, str]] = {
    "accounts.User": {"password": "Only a fingerprint of it is kept, which helps nobody but a thief."},
    "accounts.TikTokAccount": {"avatar_due_at": _MACHINERY},
    "accounts.AccountMove": {"grant_sealed": _SECRET},
    "accounts.ReviewerLink": {"secret_sha256": _FINGERPRINT},
    "accounts.Mail": {"lease_token": _MACHINERY, "lease_until": _MACHINERY},
    "composer.Arrival": {"next_try_at": _MACHINERY, "tries": _MACHINERY, **_LEASE},
    "composer.Fix": {"next_try_at": _MACHINERY, "tries": _MACHINERY, **_LEASE},
    "composer.Post": {"editor": _MACHINERY, "editor_seq": _MACHINERY},
    "publishing.Publication": {**_LEASE, "lease_epoch": _MACHINERY},
    "publishing.Attempt": {"upload_url_sealed": _SECRET, "lease_epoch": _MACHINERY},
    "publishing.PullFile": {"token_sha256": _FINGERPRINT},
}

_KEYS = "Keys to TikTok or to this site: whoever has them can act in your name."

# What refers to other rows stands before them.
HOLDINGS: tuple[Holding, ...] = (
    _in("publishing.PullHit", "file__attempt__publication__workspace", "downloads_by_tiktok"),
    _in("publishing.PullFile", "attempt__publication__workspace", "files_for_tiktok"),
    _in("publishing.Event", "publication__workspace", "history"),
    _in("publishing.VisibilityChange", "publication__workspace", "visibility"),
    _in("publishing.Attempt", "publication__workspace", "attempts"),
    _in("publishing.Publication", "workspace", "publications"),
    _in("composer.ConsentPhoto", "consent__post__workspace", "consent_photos"),
    _in("composer.Consent", "post__workspace", "consents"),
    _in("composer.PostPhoto", "post__workspace", "post_photos"),
    _in("composer.Post", "workspace", "posts"),
    _in("composer.Arrival", "workspace", "uploads"),
    _in("composer.Fix", "media__workspace", "fixes"),
    _in("composer.MediaFile", "workspace", "media"),
    _in("composer.HashtagGroup", "workspace", "hashtag_groups"),
    _in("publishing.AccountCall", "account__workspace", "calls_to_tiktok"),
    _in("publishing.PostingCap", "account__workspace", "posting_caps"),
    _in("accounts.Delivery", "notification__workspace", "notices_to_you", person="person"),
    _in("accounts.Notification", "workspace", "notifications"),
    Holding("accounts.TokenPair", ("account__workspace",), why_not=_KEYS),
    Holding(
        "accounts.ConnectRequest", ("workspace",), ("user",), why_not=f"{_KEYS} They end within ten minutes."
    ),
    _in("accounts.AccountMove", "to_workspace", "account_moves", "from_workspace", person="asked_by"),
    _in("accounts.TikTokAccount", "workspace", "tiktok_accounts"),
    _in("accounts.Membership", "workspace", "memberships", person="user", is_last=True),
    _in("accounts.Workspace", "pk", "workspaces", is_last=True),
    _on("accounts.Mail", "person", "mails"),
    _on("accounts.MailChoice", "person", "mail_choices"),
    _on("account.EmailAddress", "user", "email_addresses"),
    Holding("account.EmailConfirmation", (), ("email_address__user",), why_not=_KEYS),
    _on("accounts.ReviewerLink", "user", "reviewer_links"),
    _on("accounts.User", "pk", "person"),
    Holding(
        "leaving.Deletion",
        (),
        ("person",),
        why_not="It begins with the deletion, after which nobody can ask.",
    ),
    _nobodys("sessions.Session", "Whose it is stands inside; deleted with the person. " + _KEYS),
    # Whose they are stands inside, too: see `deliveries_about`.
    Holding(
        "publishing.WebhookDelivery", kind="events_from_tiktok", fields=FIELDS["publishing.WebhookDelivery"]
    ),
    _nobodys("publishing.GateDoubt", "About the whole installation."),
    _nobodys("publishing.GateOff", "About the whole installation."),
    _nobodys("publishing.ClientPause", "About the whole installation."),
    _nobodys("publishing.Pulse", "About the whole installation."),
    _nobodys("accounts.Host", "About TikTok's servers."),
    _nobodys("review.SignatureFile", "About the whole installation."),
    _nobodys("auth.Group", "Not used."),
    _nobodys("auth.Permission", "Not used."),
    _nobodys("contenttypes.ContentType", "The names of our own tables."),
)


def left_out_of(holding: Holding) -> Mapping[str, str]:
    """The columns that are not exported although their table is, each with the reason."""
    return WITHHELD.get(holding.label, {})


def deliveries_about(open_ids: Sequence[str]) -> "Iterator[QuerySet[WebhookDelivery]]":
    """The events of TikTok's that name one of these accounts, in batches; their table does not say whose they are."""
    names = [open_id.encode() for open_id in open_ids]
    last = 0
    while names:
        batch = list(
            WebhookDelivery.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "body")[:1000]
        )
        if not batch:
            return
        last = batch[-1][0]
        about = [pk for pk, body in batch if any(name in bytes(body) for name in names)]
        yield WebhookDelivery.objects.filter(pk__in=about)
