"""Single frames of videos, decoded here, for browsers that cannot play the file and for choosing a cover."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from accounts.policy import MemberRequest, member
from composer.frames import FramesBusyError, clamp_moment, filmstrip_of, frame_of, frame_tag
from composer.media.frames import FrameError
from composer.models import MediaFile, MediaKind, MediaState
from composer.receiving import NoSpaceError
from composer.storing import MediaUnreachableError

_RETRY_SECONDS = 1


@member
@require_safe
def media_frame(request: MemberRequest, pk: int) -> HttpResponse:
    """The frame of a video at `?at=` milliseconds as JPEG; beyond the end, the last one.

    400 for what is no moment, 422 when the file shows no frame there, 503 while too many are being decoded
    or its bytes cannot be had.
    """
    media = _get_video(request, pk)
    at = request.GET.get("at", "0")
    if not at.isascii() or not at.isdigit() or len(at) > 12:
        return HttpResponse("?at= is a moment in whole milliseconds.", status=400, content_type="text/plain")
    moment = clamp_moment(media, int(at))
    return _answer(request, frame_tag(media, moment), lambda: frame_of(media, moment))


@member
@require_safe
def media_filmstrip(request: MemberRequest, pk: int) -> HttpResponse:
    """Twelve frames of a video in a row as one JPEG."""
    media = _get_video(request, pk)
    return _answer(request, frame_tag(media, None), lambda: filmstrip_of(media))


def _answer(request: MemberRequest, tag: str, make: Callable[[], bytes]) -> HttpResponse:
    """The picture, or 304: a browser may keep it, and asks whether the person still may see it."""
    quoted = f'"{tag}"'
    if quoted in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=304)
        del response["Content-Type"]
    else:
        try:
            response = HttpResponse(make(), content_type="image/jpeg")
        except (FramesBusyError, MediaUnreachableError, NoSpaceError):
            return HttpResponse(
                "Try again in a moment.",
                status=503,
                content_type="text/plain",
                headers={"Retry-After": str(_RETRY_SECONDS)},
            )
        except FrameError as error:
            return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
        except FileNotFoundError as error:
            raise Http404 from error
    response["ETag"] = quoted
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _get_video(request: MemberRequest, pk: int) -> MediaFile:
    videos = MediaFile.objects.in_workspace(request.workspace).filter(
        kind=MediaKind.VIDEO, state__in=[MediaState.READY, MediaState.FIXABLE]
    )
    return get_object_or_404(videos, pk=pk)
