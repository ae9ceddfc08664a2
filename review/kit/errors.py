"""What can go wrong while the kit is made; every message is a sentence for the person at the terminal."""


class KitError(Exception):
    """The kit cannot be made, or not here; the message says why and what to do."""


class StateNotShownError(KitError):
    """The product did not show what a requirement asks for; the message begins with its number."""
