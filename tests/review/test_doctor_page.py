"""The setup doctor as a page: for operators, run on demand, the same as the command."""

from typing import Any

import pytest
from django.test import Client

from review.doctor.checkup import FAMILIES
from tests.factories import make_person

PAGE, RUN = "/operator/doctor/", "/operator/doctor/run/"


@pytest.fixture
def as_operator(transactional_db: None) -> Client:
    client = Client()
    client.force_login(make_person("operator@example.com", is_staff=True))
    return client


def test_for_everybody_else_it_does_not_exist(client: Client, as_bob: Client) -> None:
    for visitor in (client, as_bob):
        assert visitor.get(PAGE).status_code == 404
        assert visitor.post(RUN).status_code == 404


def test_shows_what_to_paste_and_looks_at_nothing_by_itself(as_operator: Client, settings: Any) -> None:
    page = as_operator.get(PAGE).content.decode()
    assert f"<code>{settings.PUBLIC_URL}/accounts/connect/callback/</code>" in page
    assert "data-verdict" not in page
    assert as_operator.get(RUN).status_code == 405


def test_looks_at_everything_when_asked_with_scripts_and_without(as_operator: Client) -> None:
    whole = as_operator.post(RUN).content.decode()
    fragment = as_operator.post(RUN, headers={"HX-Request": "true"}).content.decode()
    assert "<html" in whole
    assert fragment.lstrip().startswith('<div class="stack" id="doctor-report"')
    for family in FAMILIES:
        for check in family.checks:
            assert whole.count(f'id="check-{check.slug}"') == 1
            assert fragment.count(f'id="check-{check.slug}"') == 1
    # Nobody listens at this installation's own address.
    assert 'id="check-webhook" data-verdict="fault"' in fragment
    assert '<a href="#check-webhook">Webhook</a>' in fragment
    assert 'id="check-scopes" data-verdict="ok"' in fragment
