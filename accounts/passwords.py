"""Django's rules for passwords, in words that fit: an e-mail address is all we know of a person."""

from django.contrib.auth.password_validation import UserAttributeSimilarityValidator


class UnlikeAddressValidator(UserAttributeSimilarityValidator):
    """A password must not look like the person's e-mail address."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("email",))

    def get_help_text(self) -> str:
        return "Your password can't be too similar to your e-mail address."
