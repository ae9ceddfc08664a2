"""What the public pages say about the site and whoever runs it: settings, and what it means when one is unset."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Particular:
    """One thing strangers are told; `value` is empty while nobody has filled it in."""

    label: str
    setting: str
    value: str
    why: str


def read_particulars() -> list[Particular]:
    """All of them, in the order in which an operator fills them in."""
    return [
        Particular(
            "Name of the site",
            "PRODUCT_NAME",
            settings.PRODUCT_NAME,
            "Give your TikTok app and your organisation the same name: TikTok refuses apps where they differ.",
        ),
        Particular(
            "Logo",
            "PRODUCT_LOGO",
            settings.PRODUCT_LOGO or "The lamp this software comes with",
            "A square PNG or JPEG, 1024 pixels wide: TikTok wants the same picture for your app.",
        ),
        Particular(
            "Operator",
            "OPERATOR_NAME",
            settings.OPERATOR_NAME,
            "The organisation or person the terms and the privacy page are made with.",
        ),
        Particular(
            "Postal address",
            "OPERATOR_ADDRESS",
            settings.OPERATOR_ADDRESS,
            "Where letters reach the operator. Lines, or one line with commas.",
        ),
        Particular(
            "Contact",
            "OPERATOR_EMAIL",
            settings.OPERATOR_EMAIL,
            "Where people write to with questions about their data.",
        ),
    ]
