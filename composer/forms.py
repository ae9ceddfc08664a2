"""Takes the composer's form apart; what may be posted is decided by `composer.rules` alone."""

import re

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from accounts.models import TikTokAccount, Workspace
from composer.captions import normalise_caption
from composer.drafts import DraftContent, PageState
from composer.models import MediaFile, MediaKind, Post
from composer.planning import plan_of
from composer.plans import read_plan
from composer.rules import DIRECT, INBOX, MAX_PHOTOS, Choices

# Nine times TikTok's limit: whatever somebody pastes is kept and can be shortened, a flood is not.
CAPTION_MAX_LENGTH = 20_000
_BIGGEST = 2**53
# TikTok's own type for the cover's place: int32.
_LATEST_COVER_MS = 2**31 - 1
_KEY = re.compile(r"[1-9][0-9]{0,17}\Z")
_ROWS = frozenset({"account", "media", "photos"})
_TICKS = (
    "allow_comment",
    "allow_duet",
    "allow_stitch",
    "discloses",
    "your_brand",
    "branded_content",
    "auto_add_music",
    "is_aigc",
)


class _PhotosField(forms.Field):
    """Keys of photos in the order sent, each once; all of them must be in `photos`."""

    widget = forms.MultipleHiddenInput

    def __init__(self, photos: QuerySet[MediaFile]) -> None:
        super().__init__(required=False)
        self.photos = photos

    def clean(self, value: list[str]) -> tuple[int, ...]:
        if not all(_KEY.match(each) for each in value):
            raise forms.ValidationError("This is no photo of yours.", code="invalid")
        wanted = tuple(dict.fromkeys(map(int, value)))
        if len(wanted) > MAX_PHOTOS:
            raise forms.ValidationError("These are too many photos.", code="max_length")
        known = set(self.photos.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
        if not known.issuperset(wanted):
            raise forms.ValidationError("This is no photo of yours.", code="invalid")
        return wanted


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
    kind = forms.ChoiceField(required=False, choices=MediaKind.choices)
    destination = forms.ChoiceField(required=False, choices=[(DIRECT, DIRECT), (INBOX, INBOX)])
    title = forms.CharField(required=False, strip=False, max_length=CAPTION_MAX_LENGTH)
    auto_add_music = forms.BooleanField(required=False)
    is_aigc = forms.BooleanField(required=False)
    cover_timestamp_ms = forms.IntegerField(required=False, min_value=0, max_value=_LATEST_COVER_MS)
    cover_photo = forms.IntegerField(required=False, min_value=1, max_value=_BIGGEST)
    editor = forms.RegexField(r"^[0-9a-f]{32}$")
    seq = forms.IntegerField(min_value=0, max_value=_BIGGEST)
    version = forms.IntegerField(min_value=1, max_value=_BIGGEST)

    def __init__(self, data: QueryDict, *, workspace: Workspace, post: Post) -> None:
        super().__init__(data)
        self.post = post
        self.fields["account"] = forms.ModelChoiceField(
            TikTokAccount.objects.filter(workspace=workspace), required=False
        )
        # What the draft holds already may have been deleted from the library since: the page goes on naming it.
        known = MediaFile.objects.in_workspace(workspace)
        kept = known.kept() | known.filter(Q(pk=post.media_id) | Q(post_photos__post=post))
        self.fields["media"] = forms.ModelChoiceField(
            kept.filter(kind=MediaKind.VIDEO).distinct(), required=False
        )
        self.fields["photos"] = _PhotosField(kept.filter(kind=MediaKind.PHOTO).distinct())

    @property
    def names_foreign_row(self) -> bool:
        """Whether an account or a file was named that this workspace does not have."""
        return not _ROWS.isdisjoint(self.errors) and not self.has_too_many_photos

    @property
    def is_valid_but_for_rows(self) -> bool:
        """Whether nothing else is wrong than that rows were named which are not there."""
        return self.names_foreign_row and _ROWS.issuperset(self.errors)

    @property
    def is_outdated(self) -> bool:
        """Whether another edit came since the page was made, for example by deleting a file that it still names."""
        sent = self.cleaned_data
        return (
            {"editor", "version"} <= sent.keys()
            and sent["version"] != self.post.version
            and sent["editor"] != self.post.editor
        )

    @property
    def has_too_many_photos(self) -> bool:
        """Whether there are more photos than a draft keeps."""
        return any(error.code == "max_length" for error in self.errors.as_data().get("photos", []))

    @property
    def content(self) -> DraftContent:
        """What the page sets, without a file or an account that is not there. Only for a form that is valid else."""
        data = self.cleaned_data
        account, media = data.get("account"), data.get("media")
        photos: tuple[int, ...] = data.get("photos", ())
        return DraftContent(
            choices=Choices(
                caption=normalise_caption(data["caption"]),
                title=normalise_caption(data["title"]),
                privacy_level=data["privacy_level"],
                # A page that does not say where the post goes changes nothing about it.
                destination=data["destination"] or self.post.destination,
                cover_timestamp_ms=data["cover_timestamp_ms"],
                **{name: data[name] for name in _TICKS},
            ),
            account_id=account.pk if account else None,
            media_id=media.pk if media else None,
            kind=data["kind"] or self.post.kind,
            photo_ids=photos,
            cover_photo_id=data["cover_photo"] if data["cover_photo"] in photos else None,
            # A page that does not ask when changes nothing about it.
            plan=read_plan(self.data) if "timing" in self.data else plan_of(self.post),
        )

    @property
    def page(self) -> PageState:
        """Which open page sent it. Only for a form whose page fields are valid."""
        data = self.cleaned_data
        return PageState(editor=data["editor"], seq=data["seq"], version=data["version"])
