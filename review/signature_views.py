"""Signature files: served to TikTok where it looks for them, and taken in from operators."""

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import MemberRequest, PublicRequest, operator, public
from review.models import SignatureFile
from review.signatures import SignatureForm


@public
@require_safe
def signature_file(request: PublicRequest, token: str) -> HttpResponse:
    """The file as TikTok gave it: plain text, and nothing that a cache or a session could change."""
    file = get_object_or_404(SignatureFile, token=token)
    return HttpResponse(file.content, content_type="text/plain", headers={"Cache-Control": "no-store"})


@operator
@require_safe
def signature_list(request: MemberRequest) -> HttpResponse:
    """What is served, where, and the form for another."""
    return _show(request, SignatureForm())


# Exempt only until the form is read, which the check in `_take_form` does: by default no form takes a file.
@csrf_exempt
@operator
@require_POST
def signature_add(request: MemberRequest) -> HttpResponseBase:
    """Take one in. The same one twice changes nothing."""
    request.upload_handlers = [MemoryFileUploadHandler(request)]
    return _take_form(request)


@csrf_protect
def _take_form(request: MemberRequest) -> HttpResponse:
    form = SignatureForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, form, status=422)
    token, note = form.cleaned_data["token"], form.cleaned_data["note"]
    try:
        with transaction.atomic():
            file = SignatureFile.objects.create(token=token, note=note, added_by=request.user)
    except IntegrityError:
        messages.info(request, "That file was already there. Nothing was changed.")
    else:
        messages.success(request, f"{file.name} is served. Now press Verify in TikTok's portal.")
    return redirect("review:signature-list")


@operator
@require_POST
def signature_remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Serve it no longer."""
    if SignatureFile.objects.filter(pk=pk).delete()[0]:
        messages.success(request, "The file is not served any more.")
    return redirect("review:signature-list")


def _show(request: MemberRequest, form: SignatureForm, *, status: int = 200) -> HttpResponse:
    prefixes = [f"{settings.PUBLIC_URL}/"]
    if settings.MEDIA_PULL_BASE_URL:
        prefixes.append(settings.MEDIA_PULL_BASE_URL)
    context = {"form": form, "files": SignatureFile.objects.all(), "prefixes": prefixes}
    return render(request, "review/signature_list.html", context, status=status)
