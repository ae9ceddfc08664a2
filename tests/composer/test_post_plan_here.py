"""A post that is begun on a day of the calendar opens with that day chosen, and nothing else."""

from datetime import date, time

import pytest
from django.test import Client
from django.urls import reverse

from composer.models import Post

pytestmark = pytest.mark.django_db
NEW = reverse("composer:post-new")


def begin(client: Client, **form: str) -> Post:
    response = client.post(NEW, form)
    post = Post.objects.get()
    assert (response.status_code, response["Location"]) == (
        302,
        reverse("composer:post-edit", args=[post.pk]),
    )
    return post


def test_a_day_and_a_time_are_chosen(as_alice: Client) -> None:
    post = begin(
        as_alice, timing="later", plan_zone="Europe/Berlin", plan_date="2027-06-15", plan_time="14:15"
    )
    assert (post.is_planned, post.plan_date, post.plan_time, post.plan_zone, post.plan_fold) == (
        True, date(2027, 6, 15), time(14, 15), "Europe/Berlin", None,
    )  # fmt: skip
    html = as_alice.get(reverse("composer:post-edit", args=[post.pk])).content.decode()
    assert 'value="2027-06-15"' in html
    assert 'value="14:15"' in html


def test_a_day_alone_leaves_the_time_to_the_person(as_alice: Client) -> None:
    post = begin(as_alice, timing="later", plan_zone="UTC", plan_date="2027-06-15")
    assert (post.is_planned, post.plan_date, post.plan_time) == (True, date(2027, 6, 15), None)


def test_a_new_post_without_a_day_goes_out_now_whatever_was_begun_before(as_alice: Client) -> None:
    begun = begin(as_alice, timing="later", plan_zone="UTC", plan_date="2027-06-15", plan_time="14:15")
    again = begin(as_alice)
    assert (again.pk, again.is_planned, again.plan_date, again.plan_time) == (begun.pk, False, None, None)


@pytest.mark.parametrize(
    "form", [{"plan_date": "nonsense"}, {"plan_time": "25:00"}, {"plan_zone": "Moon/Base"}]
)
def test_nonsense_chooses_nothing(as_alice: Client, form: dict[str, str]) -> None:
    post = begin(as_alice, timing="later", **form)
    assert (post.plan_date, post.plan_time, post.plan_zone) == (None, None, "")
