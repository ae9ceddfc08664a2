"""Every address of the product carries exactly one policy; one without would be open by accident."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.policy import HOLDER, MEMBER, OPERATOR, PUBLIC, SIGNED_WEBHOOK

# What strangers may open, by name: a new public page is a decision, not an oversight.
PUBLIC_NAMES = {
    "review:landing",
    "review:demo-start",
    "review:compliance",
    "review:logo",
    "review:manifest",
    "review:terms",
    "review:privacy",
    "review:data-deletion",
    "review:signature-file",
    "review:signature-file-of-media",
    "review:reviewer-enter",
    "leaving:deletion-status",
    "accounts:local-mail",
    "notifications:unsubscribe",
    "publishing:pull-file",
    "account_signup",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}


def all_patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from all_patterns(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry


def wrapped_policies(view: object) -> list[str]:
    """The policies of a view and of all it wraps."""
    found = []
    while view is not None:
        own = vars(view).get("policy") if hasattr(view, "__dict__") else None
        inner = getattr(view, "__wrapped__", None)
        # functools.wraps copies the attributes of what it wraps: a copy is no policy of its own.
        if own is not None and own != getattr(inner, "policy", None):
            found.append(own)
        view = inner
    return found


def test_every_view_has_exactly_one_policy() -> None:
    patterns = list(all_patterns(get_resolver()))
    assert len(patterns) > 20
    wrong = {
        name: policies
        for name, pattern in patterns
        if len(policies := wrapped_policies(pattern.callback)) != 1
        or policies[0] not in {PUBLIC, MEMBER, HOLDER, OPERATOR, SIGNED_WEBHOOK}
    }
    assert wrong == {}


def test_every_address_has_a_name() -> None:
    assert [
        str(pattern.pattern) for name, pattern in all_patterns(get_resolver()) if name.endswith("None")
    ] == []


def test_only_these_are_open_to_strangers() -> None:
    public = {name for name, pattern in all_patterns(get_resolver()) if pattern.callback.policy == PUBLIC}
    assert public == PUBLIC_NAMES


def test_a_shared_login_reaches_nothing_that_changes_the_login() -> None:
    closed = {name for name, pattern in all_patterns(get_resolver()) if pattern.callback.policy == HOLDER}
    assert closed == {
        "account_reauthenticate",
        "account_email",
        "account_change_password",
        "account_set_password",
        "leaving:account-delete",
    }


def test_only_tiktok_reaches_the_webhook() -> None:
    signed = {
        name for name, pattern in all_patterns(get_resolver()) if pattern.callback.policy == SIGNED_WEBHOOK
    }
    assert signed == {"publishing:webhook-tiktok"}
    assert reverse("publishing:webhook-tiktok") == "/webhooks/tiktok/", "TikTok was told so"


def test_the_callback_is_where_tiktok_was_told() -> None:
    assert reverse("accounts:connect-callback") == "/accounts/connect/callback/"
