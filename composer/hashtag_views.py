"""Hashtag groups on the composer page: add one to the caption, save one, delete one.

With scripts a group is added in the browser, and saving and deleting answer with the list. Without scripts each press
posts the whole composer form, so that nothing typed is lost on the way.
"""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.policy import MemberRequest, member
from composer.captions import add_hashtags, normalise_caption
from composer.drafts import SaveOutcome
from composer.hashtag_groups import HashtagGroupError, delete_group, groups_of, save_group
from composer.models import HashtagGroup, Post
from composer.pages import render_outdated
from composer.submissions import MalformedFormError, save_submission


@member
@require_POST
def hashtag_group_add(request: MemberRequest, pk: int, group_pk: int) -> HttpResponseBase:
    """Put a group's hashtags behind the caption, for people without scripts; safe to press twice."""
    post, group = _get_post(request, pk), _get_group(request, group_pk)
    sent = request.POST.copy()
    sent["caption"] = add_hashtags(normalise_caption(sent.get("caption", "")), group.hashtags)
    return _keep_draft(request, post, sent) or _back_to(post, "part-caption")


@member
@require_POST
def hashtag_group_save(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Keep the caption's hashtags as a group; safe to press twice."""
    post = _get_post(request, pk)
    if not request.htmx and (stopped := _keep_draft(request, post, request.POST)):
        return stopped
    name = request.POST.get("hashtag_group_name", "")
    try:
        group = save_group(request.workspace, name=name, text=request.POST.get("caption", ""))
    except HashtagGroupError as error:
        if request.htmx:
            return _render_groups(request, post, error=error.text, name=name)
        messages.error(request, error.text)
        return _back_to(post, "hashtag-groups")
    said = f"The group {group.name} is saved."
    if request.htmx:
        return _render_groups(request, post, said=said)
    messages.success(request, said)
    return _back_to(post, "hashtag-groups")


@member
@require_POST
def hashtag_group_delete(request: MemberRequest, pk: int, group_pk: int) -> HttpResponseBase:
    """Delete a group."""
    post, group = _get_post(request, pk), _get_group(request, group_pk)
    if not request.htmx and (stopped := _keep_draft(request, post, request.POST)):
        return stopped
    delete_group(group)
    said = f"The group {group.name} is deleted."
    if request.htmx:
        return _render_groups(request, post, said=said)
    messages.success(request, said)
    return _back_to(post, "hashtag-groups")


def _get_post(request: MemberRequest, pk: int) -> Post:
    return get_object_or_404(Post.objects.in_workspace(request.workspace), pk=pk)


def _get_group(request: MemberRequest, pk: int) -> HashtagGroup:
    return get_object_or_404(groups_of(request.workspace), pk=pk)


def _keep_draft(request: MemberRequest, post: Post, sent: QueryDict) -> HttpResponseBase | None:
    """Save what the page sent; the answer to give instead when it could not be saved."""
    try:
        submission = save_submission(sent, post, workspace=request.workspace)
    except MalformedFormError as error:
        messages.error(request, error.text)
        return _back_to(post, "part-caption")
    if submission.outcome is SaveOutcome.LOCKED:
        return redirect("publishing:post-detail", pk=post.pk)
    if not submission.outcome.is_kept:
        return render_outdated(request, submission.post, submission.content)
    return None


def _back_to(post: Post, anchor: str) -> HttpResponseBase:
    return redirect(f"{reverse('composer:post-edit', args=[post.pk])}#{anchor}")


def _render_groups(
    request: MemberRequest, post: Post, *, error: str = "", name: str = "", said: str = ""
) -> HttpResponse:
    context = {
        "post": post,
        "groups": groups_of(request.workspace),
        "error": error,
        "name": name,
        "said": said,
    }
    return render(request, "composer/_hashtag_groups.html", context, status=422 if error else 200)
