"""*Post to TikTok*: saves the form, asks TikTok once more, and puts the post on its way or says why not."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from accounts.clock import database_now
from accounts.policy import MemberRequest, member
from composer.drafts import SaveOutcome
from composer.judging import ask_about, rule_on_post
from composer.models import Post
from composer.pages import make_page, render_outdated, render_page
from composer.submissions import MalformedFormError, save_submission
from publishing.services import NotPossibleError, publish_post
from tiktok import CreatorInfo


@member
@require_http_methods(["GET", "HEAD", "POST"])
def post_publish(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Store the consent and send, or show the composer again with the reasons. Safe to press twice.

    A refusal is answered here, at this address; opened again by GET, as a reload does, it leads back to the page.
    """
    post = get_object_or_404(Post.objects.in_workspace(request.workspace).with_photos(), pk=pk)
    if request.method != "POST":
        return redirect("composer:post-edit", pk=pk)
    if not post.is_editable:
        return redirect("publishing:post-detail", pk=pk)
    try:
        submission = save_submission(request.POST, post, workspace=request.workspace)
    except MalformedFormError as error:
        messages.error(request, error.text)
        return redirect("composer:post-edit", pk=pk)
    if submission.outcome is SaveOutcome.LOCKED:
        return redirect("publishing:post-detail", pk=pk)
    if not submission.outcome.is_kept:
        return render_outdated(request, submission.post, submission.content)
    return _publish(request, submission.post, declared=request.POST.get("declaration", ""))


def _publish(request: MemberRequest, post: Post, *, declared: str) -> HttpResponseBase:
    """`declared` is the declaration that stood on the page: consent to any other would be nobody's."""
    now = database_now()
    answer = ask_about(post, now=now)
    ruling = rule_on_post(post, answer)
    is_unread = declared != ruling.declaration.text
    if not ruling.can_post or is_unread:
        page = make_page(post, answer, is_refused=True, is_declaration_unread=is_unread)
        return render_page(request, page, status=422)
    # None for a draft to an account that gave no leave to post: nobody may ask TikTok about it.
    creator = answer if isinstance(answer, CreatorInfo) else None
    try:
        publish_post(post, user=request.user, creator=creator, ruling=ruling, now=now)
    except NotPossibleError as error:
        messages.error(request, str(error))
        return redirect("composer:post-edit", pk=post.pk)
    return redirect("publishing:post-detail", pk=post.pk)
