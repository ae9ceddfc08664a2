"""Who may open which page: every view carries exactly one of these decorators; a test walks all URLs."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.cache import patch_cache_control
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.models import User, Workspace
from accounts.people import workspace_of

PUBLIC = "public"
MEMBER = "member"
OPERATOR = "operator"

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


PublicView = Callable[Concatenate[PublicRequest, P], R]
MemberView = Callable[Concatenate[MemberRequest, P], HttpResponseBase]
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


def operator(view: MemberView[P]) -> AnyView[P]:
    """Only operators of this installation (`is_staff`); for everybody else the page does not exist."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User) or not request.user.is_staff:
            raise Http404
        request.workspace = workspace_of(request.user)  # type: ignore[attr-defined]
        return _kept_private(view(request, *args, **kwargs))  # type: ignore[arg-type]

    return _marked(wrapped, OPERATOR)


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
