"""The steps of the composer tests: opening the page, letting it save itself, looking at what is stored."""

from typing import Any

from django.test import Client
from django.urls import reverse

from composer.models import Post
from tests.composer.browser_form import ComposerPage

NOTHING_INDICATED = "You need to indicate if your content promotes yourself, a third party, or both."


def edit_url(post: Post) -> str:
    return reverse("composer:post-edit", args=[post.pk])


def open_page(client: Client, post: Post) -> ComposerPage:
    response = client.get(edit_url(post))
    assert response.status_code == 200
    return ComposerPage(response.text)


def save(client: Client, post: Post, page: ComposerPage, seq: int = 1, **changes: Any) -> ComposerPage:
    """Let the open page save itself after `changes`; the page as it then stands."""
    data = page.sends(**changes) | {"seq": str(seq)}
    response = client.post(
        reverse("composer:post-save", args=[post.pk]), data, headers={"hx-request": "true"}
    )
    assert response.status_code == 200
    return ComposerPage(f'<form id="post-form">{response.text}</form>')


def stored(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)
