"""The operator's page of reviewers' links: making, renewing, revoking, and removing a demo workspace for good."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now
from accounts.models import ReviewerLink
from accounts.policy import MemberRequest, operator
from accounts.reviewers import LONGEST_DAYS, USUAL_DAYS, renew_link, revoke_link
from leaving.deleting import UnsettledError, begin_deletion
from review.reviewer_links import address_of, make_reviewer_link

# The address is shown once, after the redirect: nothing else remembers it.
_SHOWN_ONCE = "reviewer_address"


class DaysForm(forms.Form):
    """How long a link lives."""

    days = forms.IntegerField(
        label="Days until it ends",
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=USUAL_DAYS,
        help_text=f"1 to {LONGEST_DAYS}. The app review takes days, the audit up to some weeks.",
    )


class LinkForm(DaysForm):
    """Whom a new link is for, and how long it lives."""

    note = forms.CharField(label="For whom", max_length=120, required=False, help_text="Only you see this.")
    field_order = ["note", "days"]


@operator
@require_safe
def reviewer_list(request: MemberRequest) -> HttpResponse:
    """The links, when each was last used, and the form for another."""
    return _show(request, LinkForm())


@operator
@require_POST
def reviewer_add(request: MemberRequest) -> HttpResponse:
    """Make a demo workspace and a link to it."""
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    note, days = form.cleaned_data["note"], form.cleaned_data["days"]
    _link, address = make_reviewer_link(note=note, days=days, made_by=request.user, now=database_now())
    request.session[_SHOWN_ONCE] = address
    return redirect("review:reviewer-list")


@operator
@require_POST
def reviewer_renew(request: MemberRequest, pk: int) -> HttpResponse:
    """A new link to the same workspace; the old one ends."""
    link = get_object_or_404(ReviewerLink, pk=pk)
    token = renew_link(link, days=USUAL_DAYS, now=database_now())
    request.session[_SHOWN_ONCE] = address_of(token)
    return redirect("review:reviewer-list")


@operator
@require_POST
def reviewer_revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """End a link and its sessions; the workspace stays."""
    revoke_link(get_object_or_404(ReviewerLink, pk=pk), now=database_now())
    messages.success(request, "The link opens nothing any more, and whoever was in by it is out.")
    return redirect("review:reviewer-list")


@operator
@require_POST
def reviewer_remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Delete the demo workspace with everything in it, as a person's account is deleted."""
    link = get_object_or_404(ReviewerLink, pk=pk)
    try:
        begin_deletion(link.user, now=database_now())
    except UnsettledError:
        messages.error(
            request,
            "A post of this workspace is being sent, or is unconfirmed. Nothing was deleted: wait until it has "
            "ended, or settle it in the workspace.",
        )
    else:
        messages.success(
            request, "The demo workspace is being deleted. The permissions of its accounts are taken back."
        )
    return redirect("review:reviewer-list")


def _show(request: MemberRequest, form: LinkForm, *, status: int = 200) -> HttpResponse:
    now = database_now()
    links = ReviewerLink.objects.filter(user__is_active=True).select_related("user", "made_by")
    context = {
        "form": form,
        "rows": [(link, link.is_live(now)) for link in links],
        "address": request.session.pop(_SHOWN_ONCE, ""),
        "usual_days": USUAL_DAYS,
    }
    return render(request, "review/reviewer_list.html", context, status=status)
