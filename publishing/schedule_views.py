"""The page on which a scheduled post gets another time, and *Post now*."""

from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clock import database_now
from accounts.policy import MemberRequest, member
from composer.consents import choices_of
from composer.plans import Plan, next_plan_like, plan_for, read_plan
from composer.when import When, when_of
from publishing import scheduling
from publishing.due_words import due_words_of
from publishing.models import Publication
from publishing.naming import title_of
from publishing.presentation import chip_of
from publishing.scheduling import is_reschedule_possible, reschedule_publication, why_not_reschedule
from publishing.services import NotPossibleError
from publishing.states import State

_TIME_UNREAD = "The button says anew when this goes out. Read it, then press it again."


@member
@require_http_methods(["GET", "HEAD", "POST"])
def post_reschedule(request: MemberRequest, pk: int) -> HttpResponse:
    """Choose another time. A GET with a time written down says what it comes to (asked by htmx, only the form).

    A press is held to what its button said, as in the composer. Safe to press twice.
    """
    publication = _publication(request, pk)
    if not is_reschedule_possible(publication):
        if publication.state != State.DRAFT:
            messages.warning(request, why_not_reschedule(publication))
        return redirect("publishing:post-detail", pk)
    now = database_now()
    sent = request.POST if request.method == "POST" else request.GET
    plan = _plan_of(publication, sent, now=now)
    when = when_of(plan, own_zone=request.user.time_zone, now=now, has_all_zones=True)
    if request.method != "POST":
        return _show(request, publication, when)
    if when.ruling.at is None or sent.get("goes_out", "") != when.ruling.key:
        note = _TIME_UNREAD if when.ruling.is_clear else ""
        return _show(request, publication, when, note=note, status=422)
    try:
        reschedule_publication(
            publication, user=request.user, at=when.ruling.at, time_zone=when.ruling.zone, now=now
        )
    except NotPossibleError as refusal:
        messages.error(request, str(refusal))
    return redirect("publishing:post-detail", pk)


@member
@require_POST
def post_now(request: MemberRequest, pk: int) -> HttpResponse:
    """Send a scheduled post now. Safe to press twice."""
    publication = _publication(request, pk)
    try:
        scheduling.post_now(publication, user=request.user, now=database_now())
    except NotPossibleError as refusal:
        messages.error(request, str(refusal))
    return redirect("publishing:post-detail", pk)


def _publication(request: MemberRequest, pk: int) -> Publication:
    rows = Publication.objects.visible_to(request.user).select_related("account", "consent", "post")
    return get_object_or_404(rows, post_id=pk)


def _plan_of(publication: Publication, sent: QueryDict, *, now: datetime) -> Plan:
    """What was written down, else the time it has; if that is over, the same hour of the next day that has it."""
    if "plan_date" in sent:
        return replace(read_plan(sent), is_planned=True)
    if publication.due_at <= now:
        return next_plan_like(publication.due_at, publication.time_zone, now=now)
    return plan_for(publication.due_at, publication.time_zone)


def _show(
    request: MemberRequest, publication: Publication, when: When, *, note: str = "", status: int = 200
) -> HttpResponse:
    is_same = when.ruling.at == publication.due_at and when.ruling.zone == publication.time_zone
    context = {
        "pk": publication.post_id,
        "title": title_of(choices_of(publication.consent)),
        "chip": chip_of(publication),
        "due": due_words_of(publication, own_zone=request.user.time_zone, now=database_now()),
        "has_missed": scheduling.has_missed(publication),
        "when": when,
        "is_same": is_same and publication.state == State.SCHEDULED,
        "note": note,
    }
    template = "_post_reschedule" if request.htmx else "post_reschedule"
    response = render(request, f"publishing/{template}.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
