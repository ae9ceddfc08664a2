"""The compliance page is open to everybody and says of every rule who keeps it and which tests prove it."""

import html

import pytest
from django.test import Client
from django.urls import reverse

from review.guideline import REQUIREMENTS, Place, Requirement, proofs_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> str:
    response = client.get(reverse("review:compliance"))
    assert response.status_code == 200
    return html.unescape(response.text)


def test_every_rule_stands_there_with_its_words_keepers_and_proofs(page: str) -> None:
    for requirement in REQUIREMENTS:
        part = page.partition(f'id="rule-{requirement.slug}"')[2].partition("</article>")[0]
        assert f">{requirement.number}</span>{requirement.rule.summary}" in part
        assert requirement.see in part
        assert [text for text in requirement.rule.mandated if text not in part] == []
        named = [
            *keepers_of(requirement),
            *(proof for place in Place for proof in proofs_of(requirement.number, place)),
        ]
        assert [name for name in named if f"<code>{name}</code>" not in part] == []


def keepers_of(requirement: Requirement) -> list[str]:
    return [name for place in Place for name in requirement.keepers(place)]


def test_the_rules_stand_in_the_guidelines_order(page: str) -> None:
    places = [page.index(f'id="rule-{each.slug}"') for each in REQUIREMENTS if each.point]
    assert places == sorted(places)


def test_it_is_read_and_not_posted_to(client: Client) -> None:
    assert client.post(reverse("review:compliance")).status_code == 405
