"""What a person who looked may answer about a post that TikTok may have; sending again is asked twice."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clock import database_now
from accounts.policy import MemberRequest, member
from composer.models import Post
from publishing.listing import post_in_full
from publishing.post_page import PostPage, page_of
from publishing.services import NotPossibleError
from publishing.settling import keep_asking, say_it_is_there, send_again


class ThereForm(forms.Form):
    """It is on TikTok."""

    link = forms.CharField(
        label="Link to the post",
        required=False,
        max_length=300,
        help_text="If you have it. In TikTok: Share, Copy link.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )


class SendAgainForm(forms.Form):
    """It is not there, asked for the second time."""

    is_sure = forms.BooleanField(
        label="I have looked, and it is not there.",
        error_messages={"required": "Look first, then tick this."},
    )


@member
@require_http_methods(["GET", "HEAD", "POST"])
def post_is_there(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask for the link, which may be left out, then note that it is there."""
    post, page = _asked(request, pk)
    if page is None or page.question is None:
        return redirect("publishing:post-detail", pk)
    form = ThereForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            say_it_is_there(
                post.publication,
                attempt_id=request.POST.get("attempt", ""),
                user=request.user,
                now=database_now(),
                link=form.cleaned_data["link"],
            )
        except NotPossibleError as refusal:
            form.add_error("link", str(refusal))
        else:
            return redirect("publishing:post-detail", pk)
    return render(request, "publishing/post_is_there.html", {"page": page, "form": form})


@member
@require_http_methods(["GET", "HEAD", "POST"])
def post_send_again(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the evidence and ask once more, then send it again."""
    post, page = _asked(request, pk)
    if page is None or page.question is None:
        return redirect("publishing:post-detail", pk)
    form = SendAgainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if _do(request, post, send_again):
            return redirect("publishing:post-detail", pk)
        return redirect("publishing:post-send-again", pk)
    return render(request, "publishing/post_send_again.html", {"page": page, "form": form})


@member
@require_POST
def post_keep_asking(request: MemberRequest, pk: int) -> HttpResponse:
    """Have TikTok asked now."""
    post, page = _asked(request, pk)
    if page is not None and page.question is not None and _do(request, post, keep_asking):
        messages.info(request, "TikTok is asked once more. This page changes as soon as it answers.")
    return redirect("publishing:post-detail", pk)


def _asked(request: MemberRequest, pk: int) -> tuple[Post, PostPage | None]:
    post = get_object_or_404(post_in_full(request.user, pk))
    return post, page_of(post, now=timezone.now())


def _do(request: MemberRequest, post: Post, answer: Callable[..., None]) -> bool:
    """Do it, or say why it is not possible; the form names the attempt that the person looked at."""
    try:
        answer(
            post.publication,
            attempt_id=request.POST.get("attempt", ""),
            user=request.user,
            now=database_now(),
        )
    except NotPossibleError as refusal:
        messages.error(request, str(refusal))
        return False
    return True
