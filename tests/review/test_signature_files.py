"""TikTok's signature files: taken in from operators only and only as they are, served as TikTok wants them."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import strip_tags

from review.models import SignatureFile
from tests.factories import make_person

TOKEN = "Ab3dEf6hIj9lMn0pQr"
NAME = f"tiktok{TOKEN}.txt"
LINE = f"tiktok-developers-site-verification={TOKEN}"
PAGE = "/operator/signature-files/"


@pytest.fixture
def as_operator(db: None) -> Client:
    client = Client()
    client.force_login(make_person("operator@example.com", is_staff=True))
    return client


def upload(name: str = NAME, content: bytes = LINE.encode()) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/plain")


def add(client: Client, **fields: Any) -> str:
    """Send the form and return what the page says, without its tags."""
    response = client.post(f"{PAGE}add/", fields, follow=True)
    return re.sub(r"\s+", " ", strip_tags(response.content.decode()))


def test_an_uploaded_file_is_served_byte_for_byte_at_both_prefixes(as_operator: Client) -> None:
    assert f"{NAME} is served." in add(as_operator, upload=upload(), note="Production")
    for path in (f"/{NAME}", f"/pull/{NAME}"):
        response = Client().get(path)
        assert (response.status_code, response.content) == (200, LINE.encode())
        assert response["Content-Type"] == "text/plain"
        assert not response.cookies
        assert Client().head(path).status_code == 200


def test_no_session_is_opened_for_it(as_operator: Client, django_assert_num_queries: Any) -> None:
    add(as_operator, upload=upload())
    with django_assert_num_queries(1):
        response = as_operator.get(f"/{NAME}")
    assert not response.cookies


def test_in_production_it_is_not_redirected(as_operator: Client, settings: Any) -> None:
    add(as_operator, content=LINE)
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    client = Client(headers={"X-Forwarded-Proto": "https"})
    assert client.get(f"/{NAME}").status_code == 200


def test_a_pasted_line_gives_the_file_its_name(as_operator: Client) -> None:
    assert f"{NAME} is served." in add(as_operator, content=f"  {LINE}\n")
    assert Client().get(f"/{NAME}").content == LINE.encode()


def test_production_and_every_sandbox_have_one(as_operator: Client) -> None:
    other = "Zz9Yy8Xx7Ww6Vv5Uu4"
    add(as_operator, content=LINE, note="Production")
    page = add(as_operator, content=LINE.replace(TOKEN, other), note="First sandbox")
    assert "Production" in page
    assert "First sandbox" in page
    assert Client().get(f"/{NAME}").content == LINE.encode()
    assert Client().get(f"/tiktok{other}.txt").content.endswith(other.encode())


def test_the_same_one_twice_changes_nothing(as_operator: Client) -> None:
    add(as_operator, content=LINE, note="Production")
    assert "already there" in add(as_operator, content=LINE, note="Other")
    assert SignatureFile.objects.get().note == "Production"


def test_one_that_was_removed_is_gone(as_operator: Client) -> None:
    add(as_operator, content=LINE)
    path = f"{PAGE}{SignatureFile.objects.get().pk}/remove/"
    assert as_operator.get(path).status_code == 405
    for _press in range(2):
        assert as_operator.post(path).status_code == 302
    assert Client().get(f"/{NAME}").status_code == 404


NOT_THE_LINE = "This is not what TikTok's file holds"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({}, "Choose the file that TikTok gave you", id="nothing"),
        pytest.param({"upload": upload(), "content": LINE}, "not both", id="both"),
        pytest.param({"upload": upload(content=b"")}, NOT_THE_LINE, id="an empty file"),
        pytest.param({"content": TOKEN}, NOT_THE_LINE, id="only the random part"),
        pytest.param({"content": f"{LINE} {LINE}"}, NOT_THE_LINE, id="two lines"),
        pytest.param({"content": f"{LINE}<script>"}, NOT_THE_LINE, id="markup"),
        pytest.param({"content": f"{LINE}é"}, NOT_THE_LINE, id="other letters"),
        pytest.param({"content": "x" * 1025}, "at most 1024 characters", id="far too long"),
        pytest.param({"upload": upload("../tiktok.html")}, f"by its content it is {NAME}", id="a foreign name"),
        pytest.param({"upload": upload(f"tiktok{TOKEN} (1).txt")}, "Give it that name again", id="a second copy"),
        pytest.param({"upload": upload(f"tiktok{TOKEN}X.txt")}, "holds the line of another file", id="mixed up"),
        pytest.param({"upload": upload(content=b"\xff\xfe\x00")}, "is not a text file", id="no text"),
        pytest.param({"upload": upload(content=b"a" * 1025)}, "is too large", id="too large"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_the_reason_and_the_note_is_kept(
    as_operator: Client, fields: dict[str, Any], said: str
) -> None:
    response = as_operator.post(f"{PAGE}add/", {**fields, "note": "Sandbox 2"})
    page = response.content.decode()
    assert response.status_code == 422
    assert said in unescape(strip_tags(page))
    assert 'value="Sandbox 2"' in page
    assert SignatureFile.objects.count() == 0


def test_nobody_else_adds_or_removes_one(as_operator: Client, as_bob: Client, client: Client) -> None:
    add(as_operator, content=LINE)
    row = SignatureFile.objects.get()
    for somebody in (as_bob, client):
        assert somebody.get(PAGE).status_code == 404
        assert somebody.post(f"{PAGE}add/", {"content": LINE.replace(TOKEN, TOKEN * 2)}).status_code == 404
        assert somebody.post(f"{PAGE}{row.pk}/remove/").status_code == 404
    assert list(SignatureFile.objects.all()) == [row]


def test_a_form_of_another_site_adds_none(as_operator: Client) -> None:
    guarded = Client(enforce_csrf_checks=True)
    guarded.cookies = as_operator.cookies
    assert guarded.post(f"{PAGE}add/", {"upload": upload()}).status_code == 403
    assert SignatureFile.objects.count() == 0


def test_the_file_never_touches_the_disk(as_operator: Client, settings: Any) -> None:
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    before = sorted(folder.rglob("*"))
    add(as_operator, upload=upload(content=b"a" * 3_000_000))
    assert sorted(folder.rglob("*")) == before
    assert SignatureFile.objects.count() == 0


def test_says_where_tiktok_finds_them(as_operator: Client, settings: Any) -> None:
    settings.MEDIA_PULL_BASE_URL = "https://media.example.org/pull/"
    page = add(as_operator, content=LINE)
    assert f"{settings.PUBLIC_URL}/{NAME}" in page
    assert f"https://media.example.org/pull/{NAME}" in page


@pytest.mark.parametrize(
    "path", ["/tiktok.txt", "/tiktokabc.txt", f"/{NAME}/", f"/{NAME.upper()}", f"/a/{NAME}"]
)
def test_nothing_else_is_served(path: str, as_operator: Client) -> None:
    add(as_operator, content=LINE)
    assert Client().get(path).status_code == 404
