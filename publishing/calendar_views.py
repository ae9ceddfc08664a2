"""The calendar: what goes out when, for whom, and where there is room; and moving a post to another time."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import retarget, trigger_client_event

from accounts.clock import database_now
from accounts.models import TikTokAccount
from accounts.people import zone_of
from accounts.policy import MemberRequest, member
from accounts.wall_clock import is_zone, say_moment, zone_called
from composer.consents import choices_of
from publishing.calendar_asking import Asked
from publishing.calendar_cautions import Limits
from publishing.calendar_moves import Moved, MoveForm, Wish, move_publication, read_return
from publishing.calendar_page import CalendarPage, Plan, make_page, span_of
from publishing.calendar_rows import read_entries
from publishing.caps import USUAL_POSTS, posts_per_day
from publishing.drafts import MAX_PENDING
from publishing.models import Publication
from publishing.naming import title_of
from publishing.scheduling import why_not_reschedule
from publishing.services import NotPossibleError

# TikTok names no number; it has let about so many through.
_MOVED = "calendar_moved"


# Compressed as the composer is: a page holds no secret but the form token, which Django masks anew for every answer.
@gzip_page
@member
@require_safe
def calendar(request: MemberRequest) -> HttpResponse:
    """A month, a week or a day of this person's posts; asked by htmx, only the calendar itself."""
    now = timezone.now()
    kept = request.session.pop(_MOVED, None)
    moved = Moved.from_json(kept) if kept else None
    return _answer(request, now=now, moved=moved)


@gzip_page
@member
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_move(request: MemberRequest, pk: int) -> HttpResponse:
    """*Move…*: another day, time and zone for a post; `pk` is the post's.

    Three ask here: the form (on a page of its own, or in a dialog), a card that was let go elsewhere on the
    calendar, and *Undo*, which names the moment. Whoever asks is answered in kind.
    """
    rows = Publication.objects.visible_to(request.user).select_related("account", "consent")
    publication = get_object_or_404(rows, post_id=pk)
    if request.method != "POST":
        return _show_form(request, publication, _form(request, publication))
    now = database_now()
    form = _form(request, publication)
    title = _title(publication)
    try:
        wish = _read_wish(request, publication, form)
        moved = move_publication(publication.pk, wish, user=request.user, title=title, now=now)
    except NotPossibleError as refusal:
        if "form" not in request.POST:
            words = f"“{title}” stays where it was. {refusal}"
            return _into_calendar(_answer(request, now=now, refusal=words, status=422))
        if form.is_valid():
            form.add_error(None, str(refusal))
        return _show_form(request, publication, form, status=422)
    if not request.htmx:
        request.session[_MOVED] = moved.to_json()
        return redirect(_asked(request, now).url)
    response = _into_calendar(_answer(request, now=now, moved=moved))
    return trigger_client_event(response, "calendar:moved", {"post": pk}, after="settle")


def _read_wish(request: MemberRequest, publication: Publication, form: MoveForm) -> Wish:
    """What was asked for. Raises NotPossibleError when it is no moment; what is wrong stands in the form, too."""
    sent = request.POST
    if "instant" in sent:
        return read_return(sent["instant"], sent.get("zone", ""), sent.get("was", ""))
    if not form.is_valid():
        raise NotPossibleError(form.why_not())
    wish = form.wish()
    if "form" in sent or not is_zone(publication.time_zone):
        return wish
    # Dragged on a page, it is put to another time; the zone it is meant for stays.
    return replace(wish, zone=publication.time_zone)


def _into_calendar(response: HttpResponse) -> HttpResponse:
    """Whoever asked, from the calendar or from the dialog: the answer takes the calendar's place."""
    response["HX-Reswap"] = "morph:outerHTML"
    return retarget(response, "#calendar")


def _answer(
    request: MemberRequest, *, now: datetime, moved: Moved | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    asked = _asked(request, now)
    zone = _zone(request)
    number = request.GET.get("page", "")
    page = _read_page(request, asked, zone, now, int(number) if number.isdecimal() and len(number) < 9 else 1)
    context = {
        "page": page,
        "moved": moved,
        "moved_was": say_moment(moved.was, zone.key, now=now) if moved else "",
        "moved_to": say_moment(moved.at, zone.key, now=now) if moved else "",
        "moved_url": asked.on(moved.at.astimezone(zone).date()).url if moved else "",
        "is_seen": moved is not None
        and moved.at.astimezone(zone).date().isoformat() in {d.iso for d in page.days},
        "refusal": refusal,
    }
    template = "publishing/_calendar.html" if request.htmx else "publishing/calendar.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _read_page(
    request: MemberRequest, asked: Asked, zone: ZoneInfo, now: datetime, number: int
) -> CalendarPage:
    accounts = {account.pk: account for account in TikTokAccount.objects.visible_to(request.user)}
    start, end = span_of(asked, zone)
    read = read_entries(request.user, start=start, end=end, account_pk=asked.account_pk, accounts=accounts)
    plan = Plan(
        entries=read.entries,
        is_whole=read.is_whole,
        zone=zone,
        now=now,
        gap=timedelta(minutes=settings.CALENDAR_GAP_MINUTES),
        limits={pk: Limits(posts=cap, drafts=MAX_PENDING) for pk, cap in posts_per_day(accounts).items()},
        usual=Limits(posts=USUAL_POSTS, drafts=MAX_PENDING),
        accounts=accounts,
    )
    return make_page(asked, plan, page=number)


def _show_form(
    request: MemberRequest, publication: Publication, form: MoveForm, *, status: int = 200
) -> HttpResponse:
    asked = _asked(request, timezone.now())
    context = {
        "form": form,
        "post_pk": publication.post_id,
        "title": _title(publication),
        "why_not": why_not_reschedule(publication),
        "now_at": say_moment(publication.due_at, publication.time_zone or "UTC"),
        "asked": asked,
    }
    template = "publishing/_calendar_move.html" if request.htmx else "publishing/calendar_move.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _form(request: MemberRequest, publication: Publication) -> MoveForm:
    zone = publication.time_zone if is_zone(publication.time_zone) else _zone(request).key
    wall = publication.due_at.astimezone(zone_called(zone))
    initial = {"day": wall.date(), "time": wall.time(), "zone": zone, "was": publication.due_at.isoformat()}
    data = request.POST if request.method == "POST" else None
    return MoveForm(data, initial=initial, zone=zone, prefix=None)


def _title(publication: Publication) -> str:
    return title_of(choices_of(publication.consent))


def _asked(request: MemberRequest, now: datetime) -> Asked:
    words = (request.GET.get(name, "") for name in ("view", "day", "account"))
    return Asked.from_query(*words, today=now.astimezone(_zone(request)).date())


def _zone(request: MemberRequest) -> ZoneInfo:
    return zone_called(zone_of(request.user))
