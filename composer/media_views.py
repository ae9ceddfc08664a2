"""The library's addresses: taking a file in, playing it, its pictures."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import MemberRequest, member
from composer.arriving import form_upload, take_in_form
from composer.media.thumbnail import make_thumbnail
from composer.models import MediaFile, MediaState
from composer.receiving import UploadError
from composer.serving import ranged_response
from composer.storing import MediaUnreachableError, open_stored
from composer.upload_handler import DiskUploadHandler


# Exempt only until the form is read: the check follows in `_take_form`. Read earlier, before it is known who asks, a
# stranger's upload would be written to our disk.
@csrf_exempt
@member
@require_POST
def media_upload(request: MemberRequest) -> HttpResponseBase:
    """One file of a plain form, for people without scripts: taken in and checked while they wait."""
    with form_upload(request.workspace) as upload:
        request.upload_handlers = [upload]
        return _take_form(request, upload)


@csrf_protect
def _take_form(request: MemberRequest, upload: DiskUploadHandler) -> HttpResponseBase:
    # Reading the form is what receives the file.
    request.POST.get("next")
    try:
        media = take_in_form(request.workspace, upload, user=request.user)
    except UploadError as error:
        messages.error(request, str(error))
        return redirect("composer:library")
    if media is None:
        messages.warning(request, "No file was chosen. Choose one, then press Upload.")
        return redirect("composer:library")
    if media.state == MediaState.REFUSED:
        faults = " ".join(f"{fault['text']} {fault['advice']}" for fault in media.faults)
        messages.error(request, f"“{media.original_name}” cannot be posted to TikTok. {faults}")
        return redirect("composer:library")
    return redirect("composer:media-detail", pk=media.pk)


@member
@require_safe
def media_file(request: MemberRequest, pk: int) -> HttpResponseBase:
    """The very file that is sent to TikTok, in parts as a player asks for them."""
    media = _get_media(request, pk)
    if not media.file:
        raise Http404
    try:
        return ranged_response(
            request,
            media.file,
            size=media.size_bytes,
            content_type=media.content_type,
            etag=media.sha256,
            filename=media.original_name,
        )
    except FileNotFoundError as error:
        raise Http404 from error
    except MediaUnreachableError:
        return HttpResponse(status=503, headers={"Retry-After": "10"})


@member
@require_safe
def media_poster(request: MemberRequest, pk: int) -> HttpResponseBase:
    """A still picture of a video; with `?small`, one for lists."""
    media = _get_media(request, pk)
    if not media.poster:
        raise Http404
    try:
        if "small" in request.GET:
            with open_stored(media.poster) as poster:
                return HttpResponse(make_thumbnail(poster.read()), content_type="image/jpeg")
        return ranged_response(
            request,
            media.poster,
            size=media.poster.size,
            content_type="image/jpeg",
            etag=f"{media.sha256}-poster",
            filename=f"{media.original_name}.jpg",
        )
    except FileNotFoundError as error:
        raise Http404 from error
    except MediaUnreachableError:
        return HttpResponse(status=503, headers={"Retry-After": "10"})


def _get_media(request: MemberRequest, pk: int) -> MediaFile:
    # Deleted is deleted, also while the bytes wait for a store that does not answer.
    files = MediaFile.objects.in_workspace(request.workspace).exclude(state=MediaState.DELETED)
    return get_object_or_404(files, pk=pk)
