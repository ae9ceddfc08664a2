"""The settings page: the person's time zone, and how late the workspace lets a post go out."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User, Workspace
from accounts.notifications.choices import move_digest
from accounts.policy import MemberRequest, member
from accounts.wall_clock import is_zone, zone_names

# Minutes, and how a page says them.
LATE_LIMITS = (
    (0, "Not at all: hold it"),
    (15, "15 minutes late"),
    (30, "30 minutes late"),
    (60, "1 hour late"),
    (120, "2 hours late"),
    (360, "6 hours late"),
    (720, "12 hours late"),
    (1440, "24 hours late"),
)


class ZoneForm(forms.Form):
    """A zone by its name."""

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        # A zone of an older name, once chosen, stays there to be seen.
        names = dict.fromkeys((*zone_names(), *filter(is_zone, [user.time_zone])))
        # Without a zone yet, the browser's own is filled in (js/own-zone.js).
        attrs = {} if user.time_zone else {"data-own-zone": ""}
        self.fields["time_zone"] = forms.ChoiceField(
            label="Time zone",
            choices=[(name, name) for name in names],
            error_messages={"invalid_choice": "This is no zone of the list. Choose one from it."},
            widget=forms.Select(attrs=attrs),
        )


class LateForm(forms.Form):
    """A limit in minutes."""

    late_limit_minutes = forms.TypedChoiceField(
        label="A post that could not be sent at its time may go out at most",
        choices=LATE_LIMITS,
        coerce=int,
        error_messages={"invalid_choice": "This is no limit of the list. Choose one from it."},
    )


@member
@require_safe
def settings(request: MemberRequest) -> HttpResponse:
    """Both settings, each with a form of its own."""
    return _show(
        request,
        ZoneForm(user=request.user, initial={"time_zone": request.user.time_zone or "UTC"}),
        LateForm(initial={"late_limit_minutes": request.workspace.late_limit_minutes}),
    )


@member
@require_POST
def settings_zone(request: MemberRequest) -> HttpResponse:
    """By whose clocks this person reads and chooses times."""
    form = ZoneForm(request.POST, user=request.user)
    if not form.is_valid():
        late = LateForm(initial={"late_limit_minutes": request.workspace.late_limit_minutes})
        return _show(request, form, late, status=422)
    request.user.time_zone = form.cleaned_data["time_zone"]
    request.user.save(update_fields=["time_zone"])
    move_digest(request.user)
    messages.success(request, f"Times are shown by the clocks of {form.cleaned_data['time_zone']}.")
    return redirect("accounts:settings")


@member
@require_POST
def settings_late(request: MemberRequest) -> HttpResponse:
    """How late a post of this workspace may go out; posts that wait already are held to it too."""
    form = LateForm(request.POST)
    if not form.is_valid():
        zone = ZoneForm(user=request.user, initial={"time_zone": request.user.time_zone or "UTC"})
        return _show(request, zone, form, status=422)
    minutes = form.cleaned_data["late_limit_minutes"]
    Workspace.objects.filter(pk=request.workspace.pk).update(late_limit_minutes=minutes)
    messages.success(request, "Saved. It holds for posts that are scheduled already, too.")
    return redirect("accounts:settings")


def _show(request: MemberRequest, zone: ZoneForm, late: LateForm, *, status: int = 200) -> HttpResponse:
    context = {"zone_form": zone, "late_form": late, "workspace": request.workspace}
    return render(request, "accounts/settings.html", context, status=status)
