"""Takes the composer's form apart; what may be posted is decided by `composer.rules` alone."""

from typing import Any

from django import forms

from accounts.models import TikTokAccount, Workspace
from composer.captions import normalise_caption
from composer.drafts import DraftContent, PageState
from composer.models import MediaFile
from composer.rules import Choices

# Nine times TikTok's limit: whatever somebody pastes is kept and can be shortened, a flood is not.
CAPTION_MAX_LENGTH = 20_000
_BIGGEST = 2**53


class DraftForm(forms.Form):
    """One whole composer page as sent: everything on it, and which open page it was.

    A draft may be anything, so a caption that is too long or a visibility TikTok does not offer is taken as it
    is, stored, and explained. Refused is only what no page of ours sends.
    """

    caption = forms.CharField(required=False, strip=False, max_length=CAPTION_MAX_LENGTH)
    privacy_level = forms.CharField(required=False, max_length=60)
    allow_comment = forms.BooleanField(required=False)
    allow_duet = forms.BooleanField(required=False)
    allow_stitch = forms.BooleanField(required=False)
    discloses = forms.BooleanField(required=False)
    your_brand = forms.BooleanField(required=False)
    branded_content = forms.BooleanField(required=False)
    editor = forms.RegexField(r"^[0-9a-f]{32}$")
    seq = forms.IntegerField(min_value=0, max_value=_BIGGEST)
    version = forms.IntegerField(min_value=1, max_value=_BIGGEST)

    def __init__(self, data: Any, *, workspace: Workspace) -> None:
        super().__init__(data)
        self.fields["account"] = forms.ModelChoiceField(
            TikTokAccount.objects.filter(workspace=workspace), required=False
        )
        self.fields["media"] = forms.ModelChoiceField(
            MediaFile.objects.in_workspace(workspace).ready(), required=False
        )

    @property
    def names_foreign_row(self) -> bool:
        """Whether an account or a file was named that this workspace does not have."""
        return "account" in self.errors or "media" in self.errors

    @property
    def content(self) -> DraftContent:
        """What the page sets. Only for a valid form."""
        data = self.cleaned_data
        return DraftContent(
            choices=Choices(
                caption=normalise_caption(data["caption"]),
                **{
                    name: data[name]
                    for name in (
                        "privacy_level",
                        "allow_comment",
                        "allow_duet",
                        "allow_stitch",
                        "discloses",
                        "your_brand",
                        "branded_content",
                    )
                },
            ),
            account_id=data["account"].pk if data["account"] else None,
            media_id=data["media"].pk if data["media"] else None,
        )

    @property
    def page(self) -> PageState:
        """Which open page sent it. Only for a valid form."""
        data = self.cleaned_data
        return PageState(editor=data["editor"], seq=data["seq"], version=data["version"])
