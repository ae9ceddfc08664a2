"""The points where TikTok's documents and its behaviour disagree, or say nothing: one switch for each."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from simulator.settings import KNOWN_SCOPES, TOKEN_PROFILES, Settings

INIT_CHECKS = (
    "params",
    "app_version",
    "banned",
    "daily_cap",
    "active_users",
    "unaudited",
    "privacy_options",
    "ownership",
    "pending_share",
)
PULL_PROFILES = ("head_first", "ranged", "parallel", "repeat")


class SwitchError(Exception):
    """A patch names no switch, or gives it a value it cannot take."""


@dataclass(frozen=True)
class Switches:
    """How this TikTok behaves now. Durations are seconds; the defaults are the likeliest reading."""

    audited: bool
    token_profile: str
    client_scopes: tuple[str, ...]
    processing_seconds: float
    moderation_seconds: float
    upload_url_seconds: float
    rate_window_seconds: float
    day_seconds: float
    # None: as the token profile says.
    access_seconds: float | None = None
    refresh_seconds: float | None = None
    code_seconds: float = 300
    refresh_kills_access: bool = False
    oauth_error_status: int = 200
    param_code: str = "invalid_params"
    missing_privacy_code: str = "privacy_level_option_mismatch"
    init_order: tuple[str, ...] = INIT_CHECKS
    guideline_lint: bool = False
    daily_cap: int = 15
    # Posting creators a day for this client once audited; None: as many as you like.
    active_user_cap: int | None = None
    # Drafts that may wait in an inbox, the HTTP status beyond, and whether posted ones free their place.
    pending_share_cap: int = 5
    pending_share_status: int = 400
    pending_share_counts: str = "waiting"
    min_video_seconds: float = 1
    photo_aigc_place: str = "top_level"
    photo_animation: bool = False
    # How TikTok fetches: whether init waits for it or tries the addresses first, and in which manner.
    pull_inside_init: bool = False
    pull_probe: bool = False
    pull_profile: tuple[str, ...] = ()
    pull_attempts: int = 3
    pull_pause_seconds: float = 0.5
    pull_request_seconds: float = 30
    pull_timeout_seconds: float = 3600
    # What cancel says to a download that is finished and in processing.
    late_cancel: str = "ok"
    content_range: str = "count"
    status_forgets_fresh_id: int = 0
    unknown_id_shape: str = "invalid_publish_id"
    omit_empty_fields: bool = False
    log_id_name: str = "log_id"
    # Where events go (nowhere when empty), the first gap before another try, which doubles, and when that ends.
    webhook_url: str = ""
    webhook_retry_seconds: float = 10
    webhook_give_up_seconds: float = 72 * 3600

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def default_switches(settings: Settings) -> Switches:
    return Switches(
        audited=settings.is_audited,
        token_profile=settings.token_profile,
        client_scopes=settings.client_scopes,
        processing_seconds=settings.processing_seconds,
        moderation_seconds=settings.moderation_seconds,
        upload_url_seconds=settings.upload_url_seconds,
        rate_window_seconds=settings.rate_window_seconds,
        day_seconds=settings.day_seconds,
        webhook_url=settings.webhook_url,
        webhook_retry_seconds=settings.webhook_retry_seconds,
    )


def patch_switches(switches: Switches, changes: Mapping[str, Any]) -> Switches:
    """The switches with some of them set anew; raises SwitchError for an unknown name or value."""
    values = {}
    for name, value in changes.items():
        if name not in _RULES:
            raise SwitchError(f"there is no switch {name!r}")
        try:
            values[name] = _RULES[name](value)
        except ValueError as error:
            raise SwitchError(f"{name}: {error}") from None
    return replace(switches, **values)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - one error for all rules
    return value


def _address(value: object) -> str:
    if not isinstance(value, str) or (value and not value.startswith(("http://", "https://"))):
        raise ValueError("must be an address, or empty")
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError("must be a number of seconds, 0 or more")
    return float(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("must be a whole number, 0 or more")
    return value


def _seconds_above_none(value: object) -> float:
    seconds = _seconds(value)
    if seconds == 0:
        raise ValueError("must be more than 0 seconds")
    return seconds


def _count_from(least: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        if _count(value) < least:
            raise ValueError(f"must be a whole number, {least} or more")
        return _count(value)

    return check


def _flag_or_count(value: object) -> int:
    return int(value) if isinstance(value, bool) else _count(value)


def _maybe(rule: Callable[[object], float]) -> Callable[[object], float | None]:
    return lambda value: None if value is None else rule(value)


def _one_of(*choices: str | int) -> Callable[[object], str | int]:
    def check(value: object) -> str | int:
        for choice in choices:
            if value == choice and type(value) is type(choice):
                return choice
        raise ValueError(f"must be one of {', '.join(map(str, choices))}")

    return check


def _some_of(*choices: str) -> Callable[[object], tuple[str, ...]]:
    def check(value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or any(word not in choices for word in value):
            raise ValueError(f"must be a list out of {', '.join(choices)}")
        return tuple(value)

    return check


def _order_of(*choices: str) -> Callable[[object], tuple[str, ...]]:
    def check(value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or sorted(map(str, value)) != sorted(choices):
            raise ValueError(f"must name each of {', '.join(choices)} once")
        return tuple(map(str, value))

    return check


_RULES: dict[str, Callable[[object], Any]] = {
    "audited": _flag,
    "token_profile": _one_of(*TOKEN_PROFILES),
    "client_scopes": _some_of(*KNOWN_SCOPES),
    "processing_seconds": _seconds,
    "moderation_seconds": _seconds,
    "upload_url_seconds": _seconds,
    "rate_window_seconds": _seconds,
    "day_seconds": _seconds,
    "access_seconds": _maybe(_seconds),
    "refresh_seconds": _maybe(_seconds),
    "code_seconds": _seconds,
    "refresh_kills_access": _flag,
    "oauth_error_status": _one_of(200, 400, 401),
    "param_code": _one_of("invalid_params", "invalid_param"),
    "missing_privacy_code": _one_of("privacy_level_option_mismatch", "invalid_params"),
    "init_order": _order_of(*INIT_CHECKS),
    "guideline_lint": _flag,
    "daily_cap": _count,
    "active_user_cap": _maybe(_count),
    "min_video_seconds": _seconds,
    "pending_share_cap": _count,
    "pending_share_status": _one_of(400, 403),
    "pending_share_counts": _one_of("waiting", "started"),
    "photo_aigc_place": _one_of("top_level", "post_info", "either"),
    "photo_animation": _flag,
    "pull_inside_init": _flag,
    "pull_probe": _flag,
    "pull_profile": _some_of(*PULL_PROFILES),
    "pull_attempts": _count_from(1),
    "pull_pause_seconds": _seconds,
    "pull_request_seconds": _seconds_above_none,
    "pull_timeout_seconds": _seconds,
    "late_cancel": _one_of("ok", "publish_not_cancellable"),
    "content_range": _one_of("count", "last"),
    "status_forgets_fresh_id": _flag_or_count,
    "unknown_id_shape": _one_of("invalid_publish_id", "invalid_params"),
    "omit_empty_fields": _flag,
    "log_id_name": _one_of("log_id", "logid"),
    "webhook_url": _address,
    "webhook_retry_seconds": _seconds,
    "webhook_give_up_seconds": _seconds,
}
