"""What can go wrong around an account, apart from what TikTok itself answers (`tiktok.errors`)."""


class AccountsError(Exception):
    """The root of this app's errors. None carries a token, a code or a state."""


class NeedsReconnectError(AccountsError):
    """No call can be made for this account until a person connects it again.

    `reason` is one of the words of `accounts.health`: the account's own `state_reason`, or "disconnected",
    "other_app" (connected under another client key) or "unreadable" (the encryption key is gone).
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The account needs reconnecting ({reason}).")


class RefreshBusyError(AccountsError):
    """Another process is refreshing this account's tokens: come back in a second."""

    def __init__(self) -> None:
        super().__init__("Another process is refreshing this account's tokens.")
