"""Pressing on fixes: ask for one, watch it, stop it, use the result or discard it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now
from accounts.policy import MemberRequest, member
from composer.fixes import FixNotPossibleError, accept_fix, ask_fix, cancel_fix, discard_fix
from composer.library_views import get_media, read_key
from composer.media_page import panel_of
from composer.models import Fix, FixState, MediaFile, Post


@member
@require_POST
def media_fix(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask for a fix of a file, with `picture` for an own cover, and show how it goes."""
    media = get_media(request, pk)
    picture = None
    if request.POST.get("recipe") == "cover_picture" and (key := read_key(request.POST.get("picture", ""))):
        picture = get_object_or_404(MediaFile.objects.in_workspace(request.workspace).kept(), pk=key)
    try:
        fix = ask_fix(
            media,
            request.POST.get("recipe", ""),
            user=request.user,
            picture=picture,
            now=database_now(),
        )
    except FixNotPossibleError as refusal:
        messages.error(request, str(refusal))
        return redirect(_detail_url(request, media.pk))
    if fix.state == FixState.ACCEPTED and fix.result_id is not None:
        messages.info(request, "This has been made before: here it is.")
        return redirect(_detail_url(request, fix.result_id))
    return redirect(_detail_url(request, media.pk) + "#fix")


@member
@require_safe
def fix_state(request: MemberRequest, pk: int) -> HttpResponse:
    """How a fix goes, as a fragment that asks for itself again until it has ended."""
    fix = _get_fix(request, pk)
    panel = panel_of(fix, post_pk=read_key(request.GET.get("post", "")))
    return render(request, "composer/_fix.html", {"panel": panel})


@member
@require_POST
def fix_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Stop a fix; nothing is left of it."""
    fix = _get_fix(request, pk)
    if cancel_fix(fix):
        messages.success(request, "Stopped. The original is as it was.")
    return redirect(_detail_url(request, fix.media_id))


@member
@require_POST
def fix_accept(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the result into the library, and into the drafts that were ticked."""
    fix = _get_fix(request, pk)
    drafts = [key for word in request.POST.getlist("draft") if (key := read_key(word))]
    try:
        result = accept_fix(fix, drafts=drafts, now=database_now())
    except FixNotPossibleError as refusal:
        messages.error(request, str(refusal))
        return redirect(_detail_url(request, fix.media_id))
    messages.success(request, f"“{result.original_name}” is in your library. The original is kept.")
    came_from = read_key(request.POST.get("post", ""))
    if came_from in drafts:
        draft = Post.objects.in_workspace(request.workspace).filter(pk=came_from, locked_at__isnull=True)
        if draft.exists():
            return redirect("composer:post-edit", came_from)
    return redirect(_detail_url(request, result.pk))


@member
@require_POST
def fix_discard(request: MemberRequest, pk: int) -> HttpResponse:
    """Put a result away unused, or the word that there is none."""
    fix = _get_fix(request, pk)
    had_result = fix.state == FixState.DONE
    if discard_fix(fix) and had_result:
        messages.success(request, "The new file is discarded. The original is as it was.")
    return redirect(_detail_url(request, fix.media_id))


def _get_fix(request: MemberRequest, pk: int) -> Fix:
    return get_object_or_404(Fix.objects.in_workspace(request.workspace), pk=pk)


def _detail_url(request: MemberRequest, pk: int) -> str:
    """The page of a file, remembering the draft that the person came from."""
    post = read_key(request.POST.get("post", ""))
    query = f"?{urlencode({'post': post})}" if post else ""
    return reverse("composer:media-detail", args=[pk]) + query
