"""The pages of audit mode: the overview, and the presses that put the composer into a state."""

from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import MemberRequest, member
from review.audit.casting import CannotStageError, is_simulated
from review.audit.staging import open_draft, stage
from review.audit.steps import POINT_TITLES, WALK, find_step
from review.audit.walking import Walk, end_walk, find_walk, keep_walk, may_walk


@member
@require_safe
def audit_home(request: MemberRequest) -> HttpResponse:
    """Every step of the walk by TikTok's points, each with its press."""
    _require_walker(request)
    points = [
        (point, POINT_TITLES[point], list(steps))
        for point, steps in groupby(WALK, key=lambda step: step.point)
    ]
    walk = find_walk(request)
    return render(
        request,
        "review/audit_home.html",
        {"points": points, "first": WALK[0], "walk": walk, "is_simulated_cast": is_simulated()},
    )


@member
@require_POST
def audit_step(request: MemberRequest, slug: str) -> HttpResponse:
    """Put the composer into the state of a step and show it there. Safe to press twice."""
    _require_walker(request)
    step = find_step(slug)
    if step is None:
        raise Http404
    walk = find_walk(request)
    post = open_draft(walk.post_pk if walk else None, workspace=request.workspace, user=request.user)
    page = reverse("composer:post-edit", args=[post.pk])
    try:
        staged = stage(
            step,
            post,
            workspace=request.workspace,
            user=request.user,
            session_key=request.session.session_key or "",
            next_path=page,
        )
    except CannotStageError as error:
        keep_walk(request, Walk(step, post.pk, str(error)))
        return redirect(page)
    if staged.move_pk is not None:
        obstacle = (
            "This creator is connected in another workspace. Move the account here, then press Show again."
        )
        keep_walk(request, Walk(step, post.pk, obstacle))
        return redirect("accounts:account-move", pk=staged.move_pk)
    keep_walk(request, Walk(step, post.pk))
    return redirect(f"{page}#{step.anchor}")


@member
@require_POST
def audit_end(request: MemberRequest) -> HttpResponse:
    """Switch audit mode off. The draft of the walk stays among the posts."""
    _require_walker(request)
    walk = find_walk(request)
    end_walk(request)
    messages.info(request, "Audit mode is off. Its draft stays among your posts.")
    return redirect("composer:post-edit", pk=walk.post_pk) if walk else redirect("review:audit-home")


def _require_walker(request: MemberRequest) -> None:
    """For whoever may not switch it on, audit mode does not exist."""
    if not may_walk(request.user):
        raise Http404
