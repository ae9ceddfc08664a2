"""The library's addresses: taking a file in, playing it, its pictures."""

from uuid import uuid4

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policy import MemberRequest, member
from composer.library import take_in
from composer.media.thumbnail import make_thumbnail
from composer.models import MediaFile
from composer.receiving import NoSpaceError, UploadError, UploadTooLargeError, receive_body
from composer.serving import ranged_response
from composer.storing import MediaUnreachableError, incoming_folder, open_stored


@member
@require_http_methods(["PUT"])
def media_upload(request: MemberRequest) -> HttpResponseBase:
    """Take a video in: the raw body, its name in the query. Streamed to disk, so the size costs no memory.

    201 or 200 (known already) with `{"media": pk}`; 422 with a fragment that says why TikTok would refuse the
    file; any other failure with a fragment that says what happened. Nothing is kept then.
    """
    announced = request.headers.get("Content-Length", "")
    if not announced.isdecimal():
        return HttpResponse("Content-Length is missing.", status=411, content_type="text/plain")
    try:
        received = receive_body(
            request,
            expected_size=int(announced),
            max_bytes=settings.MEDIA_MAX_BYTES,
            destination=incoming_folder() / uuid4().hex,
        )
    except UploadError as error:
        return render(request, "composer/_upload_failed.html", {"text": str(error)}, status=_status_of(error))
    stored = take_in(request.workspace, received, name=request.GET.get("name", ""), user=request.user)
    if not stored.media.is_ready:
        return render(request, "composer/_media_refused.html", {"media": stored.media}, status=422)
    return JsonResponse({"media": stored.media.pk}, status=201 if stored.is_new else 200)


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
    return get_object_or_404(MediaFile.objects.in_workspace(request.workspace), pk=pk)


def _status_of(error: UploadError) -> int:
    if isinstance(error, UploadTooLargeError):
        return 413
    return 507 if isinstance(error, NoSpaceError) else 400
