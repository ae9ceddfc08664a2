"""The rows that carry the guarantee: publication, attempt, event, pulled file, webhook, and TikTok's rates."""

from .attempts import (
    INBOX_ROUTES,
    AccountCall,
    Attempt,
    AttemptOutcome,
    Event,
    EventKind,
    Gate,
    Route,
)
from .caps import ClientPause, PostingCap
from .publications import Lease, LeaseLostError, Publication, PublicationQuerySet
from .pulls import GateDoubt, GateOff, PullEnd, PullFile, PullHit
from .pulses import Pulse, PulseName
from .webhooks import VisibilityChange, WebhookDelivery

__all__ = [
    "INBOX_ROUTES",
    "AccountCall",
    "Attempt",
    "AttemptOutcome",
    "ClientPause",
    "Event",
    "EventKind",
    "Gate",
    "GateDoubt",
    "GateOff",
    "Lease",
    "LeaseLostError",
    "PostingCap",
    "Publication",
    "PublicationQuerySet",
    "PullEnd",
    "PullFile",
    "PullHit",
    "Pulse",
    "PulseName",
    "Route",
    "VisibilityChange",
    "WebhookDelivery",
]
