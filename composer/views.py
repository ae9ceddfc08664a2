"""The composer's pages: start a draft, edit it, save it, check it, delete it."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from accounts.clock import database_now
from accounts.policy import MemberRequest, member
from composer.arriving import form_upload, take_in_form
from composer.drafts import DraftContent, SaveOutcome, delete_draft, make_draft
from composer.fixes import FixNotPossibleError, ask_fix
from composer.judging import ask_about, stored_answer
from composer.media.recipes import Recipe
from composer.models import FixState, MediaFile, MediaState, Post
from composer.pages import make_page, render_form, render_outdated, render_page
from composer.plans import read_plan
from composer.presses import NotTakenError, add_file, press
from composer.receiving import UploadError
from composer.rules import CreatorAnswer
from composer.submissions import Change, MalformedFormError, Submission, save_submission
from composer.upload_handler import DiskUploadHandler

# Plain buttons that change what the post is made of.
_MEDIA_BUTTONS = ("photo_add", "photo_remove", "photo_left", "photo_right", "cover_step")


@member
@require_POST
def post_new(request: MemberRequest) -> HttpResponseBase:
    """Start an empty draft and open it; the calendar says for which day, and the draft is planned for it."""
    post = make_draft(request.workspace, author=request.user, plan=read_plan(request.POST))
    return redirect("composer:post-edit", pk=post.pk)


# Compressed here alone: the page holds no secret but the form token, which Django masks anew for every answer.
@gzip_page
@member
@require_GET
def post_edit(request: MemberRequest, pk: int) -> HttpResponseBase:
    """The composer. Opening it asks TikTok what the creator may do right now (point 1 of the guideline).

    This GET writes: TikTok's answer is kept with the draft. It is a copy of somebody else's facts, the same
    however often it is written, and without it every keystroke's save would have to ask TikTok again.
    """
    post = _get_post(request, pk)
    if not post.is_editable:
        return redirect("publishing:post-detail", pk=pk)
    answer = ask_about(post, now=database_now())
    # Read anew: what a page that was just left has sent on leaving has arrived by now.
    page = make_page(
        _get_post(request, pk), answer, reader=request.user, refused_file=_get_refused_file(request)
    )
    return render_page(request, page)


@gzip_page
@member
@require_POST
def post_save(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Save what an open page holds, answer with what follows. TikTok is asked only about another account."""
    post = _get_post(request, pk)
    try:
        submission = save_submission(request.POST, post, workspace=request.workspace)
    except MalformedFormError as error:
        return _say_not_saved(request, post, error.text, status=422)
    match submission.outcome:
        case SaveOutcome.LOCKED:
            return HttpResponseClientRedirect(reverse("publishing:post-detail", args=[pk]))
        case SaveOutcome.CONFLICT:
            return _say_not_saved(request, post, "", status=409)
        case SaveOutcome.LATE:
            return HttpResponse(status=204)
    if not request.htmx:
        # Sent while the page was being left: nobody reads the answer.
        return HttpResponse(status=204)
    page = submission.page
    shown = make_page(
        submission.post, _answer_for(submission), reader=request.user, editor=page.editor, seq=page.seq
    )
    return render_form(request, shown)


# Exempt only until the form is read: the check follows in `_check_draft`. Read earlier, before it is known who asks,
# a stranger's upload would be written to our disk.
@csrf_exempt
@member
@require_POST
def post_check(request: MemberRequest, pk: int) -> HttpResponseBase:
    """*Check* and *Upload*, for people without scripts: save, take the file in, show the page with what follows."""
    post = _get_post(request, pk)
    with form_upload(request.workspace) as upload_handler:
        request.upload_handlers = [upload_handler]
        return _check_draft(request, post, upload_handler)


@csrf_protect
def _check_draft(request: MemberRequest, post: Post, upload: DiskUploadHandler) -> HttpResponseBase:
    edit_url = reverse("composer:post-edit", args=[post.pk])
    # Reading the form is what receives the file.
    sent = request.POST
    media: MediaFile | None = None
    try:
        media = take_in_form(request.workspace, upload, user=request.user)
    except UploadError as error:
        messages.error(request, str(error))
    taken = media if media is not None and media.is_kept else None
    picked = _get_picked_file(request, sent.get("photo_add", ""))

    def change(content: DraftContent) -> DraftContent:
        content = press(content, sent)
        for file in filter(None, (picked, taken)):
            content = add_file(content, file)
        return content

    try:
        submission = _save_with(sent, post, request, change)
    except MalformedFormError as error:
        messages.error(request, error.text)
        return redirect(edit_url)
    if submission.outcome is SaveOutcome.LOCKED:
        return redirect("publishing:post-detail", pk=post.pk)
    if not submission.outcome.is_kept:
        return render_outdated(request, submission.post, submission.content)
    if media is not None and not media.is_kept:
        return redirect(f"{edit_url}?refused={media.pk}#part-media")
    is_about_media = media is not None or any(name in sent for name in _MEDIA_BUTTONS)
    return redirect(f"{edit_url}#{'part-media' if is_about_media else 'part-post'}")


def _save_with(sent: QueryDict, post: Post, request: MemberRequest, change: Change) -> Submission:
    """Save with the change that the pressed button stands for; where it is not possible, say so and save the rest."""
    try:
        return save_submission(sent, post, workspace=request.workspace, change=change)
    except NotTakenError as error:
        messages.warning(request, str(error))
        return save_submission(sent, post, workspace=request.workspace)


@member
@require_POST
def post_cover(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Save, have a version of the video made that opens with the chosen picture, and show how that goes.

    Pressed twice it is made once; the draft takes it when the person has looked at it and says so.
    """
    post = _get_post(request, pk)
    edit_url = reverse("composer:post-edit", args=[pk])
    picture = _get_picked_file(request, request.POST.get("picture", ""))
    try:
        submission = save_submission(request.POST, post, workspace=request.workspace)
    except MalformedFormError as error:
        messages.error(request, error.text)
        return redirect(edit_url)
    if submission.outcome is SaveOutcome.LOCKED:
        return redirect("publishing:post-detail", pk=pk)
    if not submission.outcome.is_kept:
        return render_outdated(request, submission.post, submission.content)
    video = submission.post.media
    if video is None or picture is None:
        return redirect(f"{edit_url}#part-media")
    try:
        fix = ask_fix(video, Recipe.COVER_PICTURE, user=request.user, picture=picture, now=database_now())
    except FixNotPossibleError as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{edit_url}#part-media")
    # Made and accepted before: what is there now is shown.
    shown = fix.result_id if fix.state == FixState.ACCEPTED and fix.result_id else video.pk
    return redirect(f"{reverse('composer:media-detail', args=[shown])}?post={pk}#fix")


@member
@require_POST
def post_delete(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Delete a draft."""
    post = _get_post(request, pk)
    if not delete_draft(post):
        messages.warning(request, "This post has been sent before, so it is kept with its history.")
        return redirect("composer:post-edit", pk=pk)
    messages.success(request, "The draft is deleted. Its files are still in your library.")
    return redirect("publishing:post-list")


def _get_post(request: MemberRequest, pk: int) -> Post:
    return get_object_or_404(Post.objects.in_workspace(request.workspace).with_photos(), pk=pk)


def _get_picked_file(request: MemberRequest, pk: str) -> MediaFile | None:
    """The file of the library whose plain button was pressed, if any was; 404 for somebody else's."""
    if not pk.isascii() or not pk.isdigit() or len(pk) > 18:
        return None
    return get_object_or_404(MediaFile.objects.in_workspace(request.workspace).kept(), pk=int(pk))


def _get_refused_file(request: MemberRequest) -> MediaFile | None:
    """The file an upload without scripts was about, when it was refused."""
    pk = request.GET.get("refused", "")
    if not pk.isdecimal() or len(pk) > 18:
        return None
    refused = MediaFile.objects.in_workspace(request.workspace).filter(state=MediaState.REFUSED)
    return refused.filter(pk=int(pk)).first()


def _answer_for(submission: Submission) -> CreatorAnswer:
    """TikTok's answer as the page got it; about an account that was chosen just now TikTok is asked."""
    post = submission.post
    return stored_answer(post) if post.creator_asked_at else ask_about(post, now=database_now())


def _say_not_saved(request: MemberRequest, post: Post, text: str, *, status: int) -> HttpResponse:
    """A notice into the open page, which keeps everything that was typed."""
    response = render(
        request,
        "composer/_save_notice.html",
        {"post": post, "is_outdated": status == 409, "text": text},
        status=status,
    )
    return retarget(reswap(response, "outerHTML"), "#save-notice")
