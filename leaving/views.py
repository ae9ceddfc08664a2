"""The pages of one's data: what is held, taking it along, deleting it, and how far a deletion is."""

from uuid import UUID

from allauth.core import ratelimit
from django import forms
from django.contrib.auth import logout
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now
from accounts.models import User
from accounts.policy import MemberRequest, PublicRequest, holder, member, public
from leaving.deleting import UnsettledError, begin_deletion, foresee_deletion
from leaving.exporting import write_export
from leaving.models import Deletion


class DeleteForm(forms.Form):
    """The password, where the person has one, and a tick."""

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._user = user
        if user.has_usable_password():
            self.fields["password"] = forms.CharField(
                label="Your password",
                strip=False,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            )
        self.fields["is_sure"] = forms.BooleanField(
            label="Delete my account and everything listed above",
            error_messages={"required": "Tick this if you want it: deleting cannot be undone."},
        )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self._user.check_password(password):
            raise forms.ValidationError("That is not your password. Nothing was deleted.")
        return password


@member
@require_safe
def your_data(request: MemberRequest) -> HttpResponse:
    """What is held, and the two ways out: a copy, and deleting."""
    return render(request, "leaving/your_data.html", {"foreseen": foresee_deletion(request.user)})


@member
@require_POST
def export(request: MemberRequest) -> HttpResponseBase:
    """Everything as one ZIP, written while it is sent."""
    if not ratelimit.consume(request, action="export", user=request.user):
        refused: HttpResponse = ratelimit.respond_429(request)
        return refused
    now = database_now()
    response = StreamingHttpResponse(write_export(request.user, now=now), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="my-data-{now:%Y-%m-%d}.zip"'
    return response


@holder
@require_http_methods(["GET", "HEAD", "POST"])
def account_delete(request: MemberRequest) -> HttpResponse:
    """Say what will go, ask for the password, then begin."""
    if request.method != "POST":
        return _ask(request, DeleteForm(user=request.user))
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        refused: HttpResponse = ratelimit.respond_429(request)
        return refused
    form = DeleteForm(request.POST, user=request.user)
    if not form.is_valid():
        return _ask(request, form, status=422)
    try:
        deletion = begin_deletion(request.user, now=database_now())
    except UnsettledError:
        return _ask(request, form, status=409)
    logout(request)
    return redirect("leaving:deletion-status", pk=deletion.pk)


@public
@require_safe
def deletion_status(request: PublicRequest, pk: UUID) -> HttpResponse:
    """How far a deletion is; its address is known to whoever asked for it, and it names nobody."""
    deletion = get_object_or_404(Deletion, pk=pk)
    page = "leaving/_deletion.html" if request.htmx else "leaving/deletion_status.html"
    response = render(request, page, {"deletion": deletion})
    response["Cache-Control"] = "private, no-store"
    return response


def _ask(request: MemberRequest, form: DeleteForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "foreseen": foresee_deletion(request.user)}
    return render(request, "leaving/account_delete.html", context, status=status)
