"""What is on its way into the library: the list a page polls, one file's state for its script, and its buttons."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now
from accounts.policy import MemberRequest, member
from composer.arrival_list import list_arrivals
from composer.arriving import cancel_arrival, dismiss_arrival, received_bytes
from composer.models import Arrival


@member
@require_safe
def arrival_list(request: MemberRequest) -> HttpResponseBase:
    """Everything on its way, and what ended without the person having put it away; asked again while it moves."""
    return render_arrivals(request)


@member
@require_safe
def arrival_state(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """How far one file is, as JSON. `progress` counts bytes: hashed ones while it is checked, fetched ones before."""
    arrival = get_object_or_404(_arrivals(request).select_related("media"), pk=pk)
    media = arrival.media
    return JsonResponse(
        {
            "state": arrival.state,
            "received": received_bytes(arrival),
            "size": arrival.size_bytes,
            "progress": arrival.progress_bytes,
            "error": arrival.error,
            "media": media.pk if media else None,
            "kind": media.kind if media else None,
            "media_state": media.state if media else None,
        }
    )


@member
@require_POST
def arrival_cancel(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """Give one file up."""
    cancel_arrival(get_object_or_404(_arrivals(request), pk=pk), now=database_now())
    return _go_on(request, "It was given up. Nothing of it was kept.")


@member
@require_POST
def arrival_dismiss(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """Put away how one file ended."""
    dismiss_arrival(get_object_or_404(_arrivals(request), pk=pk), now=database_now())
    return _go_on(request, "")


def _arrivals(request: MemberRequest) -> Any:
    return Arrival.objects.in_workspace(request.workspace)


def _go_on(request: MemberRequest, text: str) -> HttpResponseBase:
    if request.htmx:
        return render_arrivals(request)
    if text:
        messages.success(request, text)
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if is_ours else "publishing:post-list")


def render_arrivals(request: MemberRequest) -> HttpResponseBase:
    """The list as a fragment, `#arrivals`."""
    return render(
        request, "composer/_arrivals.html", {"arrivals": list_arrivals(request.workspace, now=database_now())}
    )
