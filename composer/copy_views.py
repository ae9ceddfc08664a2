"""*Copy to…*: choose the account, and go on in the composer with the copy."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import TikTokAccount
from accounts.policy import MemberRequest, member
from composer.copying import AccountGoneError, copy_post, copyable_to
from composer.models import Post


@member
@require_http_methods(["GET", "HEAD", "POST"])
def post_copy(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask which account a copy is for; make it and open it. Safe to press twice."""
    post = get_object_or_404(Post.objects.in_workspace(request.workspace).with_photos(), pk=pk)
    if request.method != "POST":
        return render(request, "composer/post_copy.html", {"post": post, "accounts": copyable_to(post)})
    chosen = request.POST.get("account", "")
    if not chosen.isascii() or not chosen.isdigit() or len(chosen) > 18:
        messages.error(request, "Choose the account that the copy is for.")
        return redirect("composer:post-copy", pk)
    account = get_object_or_404(TikTokAccount.objects.filter(workspace=request.workspace), pk=int(chosen))
    try:
        copy = copy_post(post, account=account, author=request.user)
    except AccountGoneError:
        messages.error(request, "That account is disconnected. Choose another one.")
        return redirect("composer:post-copy", pk)
    messages.success(
        request, "This is the copy. Who can view it, interactions and disclosure are to be chosen anew."
    )
    return redirect("composer:post-edit", copy.pk)
