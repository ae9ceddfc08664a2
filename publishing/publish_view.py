"""*Post to TikTok* and *Schedule*: saves the form, asks TikTok once more, then sends the post off or says why not."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from accounts.clock import database_now
from accounts.people import zone_of
from accounts.policy import MemberRequest, member
from composer.drafts import SaveOutcome
from composer.judging import ask_about, rule_on_post
from composer.models import Post
from composer.pages import make_page, render_outdated, render_page
from composer.planning import plan_of
from composer.plans import rule_on_plan
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
    shown = {name: request.POST.get(name, "") for name in ("declaration", "goes_out")}
    return _publish(request, submission.post, declared=shown["declaration"], goes_out=shown["goes_out"])


def _publish(request: MemberRequest, post: Post, *, declared: str, goes_out: str) -> HttpResponseBase:
    """`declared` is the declaration that stood on the page: consent to any other would be nobody's.

    `goes_out` is when the button said that the post goes out, empty for now.
    """
    now = database_now()
    answer = ask_about(post, now=now)
    ruling = rule_on_post(post, answer)
    plan = rule_on_plan(plan_of(post), default_zone=zone_of(request.user), now=now)
    is_unread = declared != ruling.declaration.text
    is_other_time = goes_out != plan.key
    if not ruling.can_post or not plan.is_clear or is_unread or is_other_time:
        page = make_page(
            post,
            answer,
            reader=request.user,
            is_refused=True,
            is_declaration_unread=is_unread,
            is_time_unread=is_other_time,
            now=now,
        )
        return render_page(request, page, status=422)
    # None for a draft to an account that gave no leave to post: nobody may ask TikTok about it.
    creator = answer if isinstance(answer, CreatorInfo) else None
    try:
        publish_post(
            post,
            user=request.user,
            creator=creator,
            ruling=ruling,
            now=now,
            at=plan.at,
            time_zone=plan.zone,
        )
    except NotPossibleError as error:
        messages.error(request, str(error))
        return redirect("composer:post-edit", pk=post.pk)
    return redirect("publishing:post-detail", pk=post.pk)
