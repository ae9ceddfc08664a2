"""The library's pages: all files, one file; renaming and deleting."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now
from accounts.policy import MemberRequest, member
from composer.deleting import Deletion, DeletionResult, delete_media, foresee_deletion
from composer.library_page import (
    FILES_PER_PAGE,
    LibraryFilter,
    card_of,
    count_files,
    files_of,
    filter_groups,
)
from composer.media_page import make_media_page, say_why_needed, use_links
from composer.models import MediaFile, MediaState
from composer.naming import rename_media

# More than a page of the grid can hold; a longer list is no page of ours.
_MAX_SELECTED = 200


@member
@require_safe
def library(request: MemberRequest) -> HttpResponse:
    """All files of the workspace, newest first; asked by htmx, only the grid with its filters."""
    wanted = LibraryFilter.from_query(request.GET.dict())
    counts = count_files(request.workspace)
    page = Paginator(files_of(request.workspace, wanted), FILES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "cards": [card_of(media) for media in page.object_list],
        "wanted": wanted,
        "groups": filter_groups(wanted, counts),
        "counts": counts,
    }
    is_fragment = request.htmx and not request.htmx.history_restore_request
    template = "composer/_library_list.html" if is_fragment else "composer/library.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@member
@require_safe
def media_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """One file. A result that nobody has accepted yet is looked at beside its original."""
    media = get_object_or_404(
        MediaFile.objects.in_workspace(request.workspace).select_related("original"), pk=pk
    )
    if media.is_proposal:
        if media.original is None:
            raise Http404
        return redirect("composer:media-detail", media.original.pk)
    post_pk = read_key(request.GET.get("post", ""))
    page = make_media_page(media, post_pk=post_pk)
    return render(request, "composer/media_detail.html", {"page": page})


@member
@require_POST
def media_rename(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a file another name; its bytes and its address stay."""
    media = get_media(request, pk)
    if rename_media(media, request.POST.get("name", "")):
        messages.success(request, "The file has its new name.")
    else:
        messages.error(request, "A file needs a name. The old one was kept.")
    return redirect("composer:media-detail", pk)


@member
@require_POST
def media_delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Delete one file; where drafts use it, name them and ask once more."""
    media = MediaFile.objects.in_workspace(request.workspace).filter(pk=pk, is_proposal=False).first()
    if media is None:
        if MediaFile.objects.filter(pk=pk).exists():
            raise Http404
        # Deleted a moment ago, by another press or in another window.
        return redirect("composer:library")
    result = delete_media(media, told_drafts=(), now=database_now())
    if result.outcome is Deletion.ASK:
        return _ask(request, [(media, result)], LibraryFilter())
    _tell(request, [(media, result)])
    return (
        redirect("composer:media-detail", pk)
        if result.outcome is Deletion.NEEDED
        else redirect("composer:library")
    )


@member
@require_POST
def media_delete_selected(request: MemberRequest) -> HttpResponseBase:
    """Delete the chosen files: first a page that says what would happen to each, then, confirmed, the deletion.

    A draft that has taken one of them since that page was shown is asked about anew.
    """
    keys = [key for word in request.POST.getlist("media")[:_MAX_SELECTED] if (key := read_key(word))]
    files = MediaFile.objects.in_workspace(request.workspace).filter(pk__in=keys, is_proposal=False)
    back = LibraryFilter.from_query(QueryDict(request.POST.get("back", "")).dict())
    chosen = list(files.exclude(state=MediaState.DELETED))
    if not chosen:
        if not keys:
            messages.info(request, "Choose the files to delete first: tick the box in their corner.")
        return redirect(back.url)
    if request.POST.get("sure") != "yes":
        return _ask(request, [(media, foresee_deletion(media)) for media in chosen], back)
    told = [key for word in request.POST.get("drafts", "").split(",") if (key := read_key(word))]
    now = database_now()
    results = [(media, delete_media(media, told_drafts=told, now=now)) for media in chosen]
    _tell(request, results)
    if asked := [(media, result) for media, result in results if result.outcome is Deletion.ASK]:
        return _ask(request, asked, back)
    return redirect(back.url)


def get_media(request: MemberRequest, pk: int) -> MediaFile:
    """A file of this person's workspace whose bytes are there, as the library shows it; else 404."""
    return get_object_or_404(MediaFile.objects.in_workspace(request.workspace).kept(), pk=pk)


def read_key(word: str) -> int | None:
    """A key as an address or a form carries it; None for anything that no database could hold."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 18 else None


def _ask(
    request: MemberRequest, results: Iterable[tuple[MediaFile, DeletionResult]], back: LibraryFilter
) -> HttpResponse:
    found = list(results)
    possible = [
        (media, use_links(result.usage.drafts))
        for media, result in found
        if result.outcome is not Deletion.NEEDED
    ]
    drafts = {
        draft.pk
        for _, result in found
        if result.outcome is not Deletion.NEEDED
        for draft in result.usage.drafts
    }
    context = {
        "possible": possible,
        "needed": [
            (media, use_links(result.usage.needing))
            for media, result in found
            if result.outcome is Deletion.NEEDED
        ],
        "told": ",".join(str(pk) for pk in sorted(drafts)),
        "draft_count": len(drafts),
        "back": back,
    }
    return render(request, "composer/media_delete.html", context)


def _tell(request: MemberRequest, results: Iterable[tuple[MediaFile, DeletionResult]]) -> None:
    deleted = []
    for media, result in results:
        if result.outcome is Deletion.NEEDED:
            messages.error(request, say_why_needed(media, result.usage))
        elif result.outcome is Deletion.DONE:
            deleted.append(media)
    if len(deleted) == 1:
        messages.success(request, f"“{deleted[0].original_name}” is deleted.")
    elif deleted:
        messages.success(request, f"{len(deleted)} files are deleted.")
