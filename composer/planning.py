"""A post's plan between its row and `composer.plans`."""

from composer.models import Post
from composer.plans import Plan


def plan_of(post: Post) -> Plan:
    """When the post is to go out, as it is stored."""
    return Plan(
        is_planned=post.is_planned,
        day=post.plan_date,
        clock=post.plan_time,
        zone=post.plan_zone,
        fold=post.plan_fold,
    )


def plan_fields(plan: Plan) -> dict[str, object]:
    """The post's columns for this plan."""
    return {
        "is_planned": plan.is_planned,
        "plan_date": plan.day,
        "plan_time": plan.clock,
        "plan_zone": plan.zone,
        "plan_fold": plan.fold,
    }


def keep_plan(post: Post, plan: Plan) -> None:
    """Write down when a post that is taken back was to go out."""
    Post.objects.filter(pk=post.pk).update(**plan_fields(plan))
