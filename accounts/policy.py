"""Who may open which page: every view carries exactly one of these decorators; a test walks all URLs."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_cache_control
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.models import User, Workspace
from accounts.people import workspace_of
from tiktok import signed_at

PUBLIC = "public"
MEMBER = "member"
HOLDER = "holder"
OPERATOR = "operator"
SIGNED_WEBHOOK = "signed_webhook"

# Several times what TikTok's largest event takes.
MAX_WEBHOOK_BYTES = 64 * 1024

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


class PublicRequest(HttpRequest):
    """A request as public views see it."""

    htmx: HtmxDetails


class MemberRequest(HttpRequest):
    """A request as members' views see it: somebody is signed in, and `workspace` is where they act."""

    user: User
    workspace: Workspace
    htmx: HtmxDetails


class WebhookRequest(HttpRequest):
    """A request as a webhook's view sees it: TikTok signed these very bytes at `signed_at` (seconds since 1970)."""

    raw_body: bytes
    signed_at: int


PublicView = Callable[Concatenate[PublicRequest, P], R]
MemberView = Callable[Concatenate[MemberRequest, P], HttpResponseBase]
WebhookView = Callable[[WebhookRequest], HttpResponseBase]
AnyView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def public(view: PublicView[P, R]) -> AnyView[P]:
    """Anybody may open it, signed in or not."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return _marked(wrapped, PUBLIC)


def member(view: MemberView[P]) -> AnyView[P]:
    """Only people who are signed in; sets `request.workspace`. Whoever is not is asked to sign in.

    Answers are kept by no cache unless the view says otherwise, so that *Back* after signing out shows
    nothing.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return _ask_to_sign_in(request)
        request.workspace = workspace_of(request.user)  # type: ignore[attr-defined]
        return _kept_private(view(request, *args, **kwargs))  # type: ignore[arg-type]

    return _marked(wrapped, MEMBER)


def holder(view: MemberView[P]) -> AnyView[P]:
    """Only whoever holds the login: like `member`, but closed to reviewers.

    For what changes or ends the login itself: a reviewer's is shared, and nobody may lock the others out of it.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return _ask_to_sign_in(request)
        if request.user.is_reviewer:
            return _kept_private(render(request, "accounts/not_for_reviewers.html", status=403))
        request.workspace = workspace_of(request.user)  # type: ignore[attr-defined]
        return _kept_private(view(request, *args, **kwargs))  # type: ignore[arg-type]

    return _marked(wrapped, HOLDER)


def operator(view: MemberView[P]) -> AnyView[P]:
    """Only operators of this installation (`is_staff`); for everybody else the page does not exist."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User) or not request.user.is_staff:
            raise Http404
        request.workspace = workspace_of(request.user)  # type: ignore[attr-defined]
        return _kept_private(view(request, *args, **kwargs))  # type: ignore[arg-type]

    return _marked(wrapped, OPERATOR)


def signed_webhook(view: WebhookView) -> Callable[[HttpRequest], HttpResponseBase]:
    """Only what TikTok has signed with our client secret, the present or the previous one.

    Whatever is larger than 64 kB is refused unread (413), whatever is signed otherwise gets 401: before the view and
    without a look at the database. It carries no cookie of ours, so that the signature stands for the CSRF token too.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, /) -> HttpResponseBase:
        if request.method != "POST":
            return _refused(405, Allow="POST")
        try:
            body = _read_at_most(request, MAX_WEBHOOK_BYTES)
        except OSError:  # they hung up in the middle
            return _refused(400)
        if body is None:
            return _refused(413)
        secrets = (settings.TIKTOK_CLIENT_SECRET, settings.TIKTOK_CLIENT_SECRET_PREVIOUS)
        at = signed_at(request.headers.get("TikTok-Signature", ""), body, secrets)
        if at is None:
            return _refused(401)
        request.raw_body = body  # type: ignore[attr-defined]
        request.signed_at = at  # type: ignore[attr-defined]
        return view(request)  # type: ignore[arg-type]

    wrapped.csrf_exempt = True  # type: ignore[attr-defined]
    return _marked(wrapped, SIGNED_WEBHOOK)


def _read_at_most(request: HttpRequest, limit: int) -> bytes | None:
    """The body as it came; None, with the rest unread, when it is larger. Its length need not be announced."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > limit:
        return None
    # Django gives a body without a length as empty; the server in front knows where it ends.
    is_chunked = "Transfer-Encoding" in request.headers and not announced
    body = request.META["wsgi.input"].read(limit + 1) if is_chunked else request.read(limit + 1)
    return body if len(body) <= limit else None


def _refused(status: int, **headers: str) -> HttpResponse:
    return HttpResponse(status=status, content_type="text/plain", headers=headers)


def _marked(view: Callable[P, HttpResponseBase], policy: str) -> Callable[P, HttpResponseBase]:
    view.policy = policy  # type: ignore[attr-defined]
    return view


def _kept_private(response: HttpResponseBase) -> HttpResponseBase:
    if not response.has_header("Cache-Control"):
        patch_cache_control(response, private=True, no_store=True)
    return response


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if htmx:
        # A fragment must not be filled with the sign-in page: the whole page goes there, and comes back
        # after.
        here = htmx.current_url_abs_path or ""
        return HttpResponseClientRedirect(redirect_to_login(here).url)
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    # Nothing to come back to: what was posted is gone, and the address may answer POST only.
    return HttpResponseRedirect(resolve_url("account_login"))
