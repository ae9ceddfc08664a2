"""The pages of whoever runs the installation: only operators reach them, and they say what is not filled in."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import make_person


@pytest.fixture
def as_operator(db: None) -> Client:
    client = Client()
    client.force_login(make_person("operator@example.com", is_staff=True))
    return client


def test_for_everybody_else_they_do_not_exist(client: Client, as_bob: Client) -> None:
    assert client.get("/operator/").status_code == 404
    assert as_bob.get("/operator/").status_code == 404


def test_only_operators_are_shown_the_way(as_operator: Client, as_bob: Client) -> None:
    assert 'href="/operator/"' in as_operator.get("/posts/").content.decode()
    assert 'href="/operator/"' not in as_bob.get("/posts/").content.decode()


def test_says_what_is_not_filled_in(as_operator: Client, settings: Any) -> None:
    settings.OPERATOR_NAME, settings.OPERATOR_ADDRESS = "Acme & Sons", "Main Street 1\nTown"
    page = as_operator.get("/operator/").content.decode()
    assert "Acme &amp; Sons" in page
    assert "Main Street 1<br>Town" in page
    assert page.count("Not filled in.") == 1


@pytest.mark.parametrize("path", ["/operator/", "/operator/doctor/", "/audit/", "/compliance/"])
def test_the_way_between_their_pages_is_on_each_of_them(
    as_operator: Client, as_bob: Client, path: str
) -> None:
    way = 'aria-label="Running this site"'
    page = as_operator.get(path).content.decode()
    assert way in page
    assert f'href="{path}" aria-current="page"' in page
    assert way not in as_bob.get(path).content.decode()
