"""TikTok's signature files: what one looks like, and what is wrong with what was given for one."""

import re

from django import forms
from django.core.files.uploadedfile import UploadedFile

# The portal hands out a file `tiktok<random>.txt` that holds the same random part again.
_NAME = re.compile(r"tiktok([A-Za-z0-9_-]{8,100})\.txt")
_CONTENT = re.compile(r"tiktok-developers-site-verification=([A-Za-z0-9_-]{8,100})")
MAX_BYTES = 1024


class SignatureForm(forms.Form):
    """A signature file, chosen or pasted; afterwards `cleaned_data["token"]` is its random part."""

    upload = forms.FileField(
        label="The file as TikTok gave it to you",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".txt,text/plain"}),
    )
    content = forms.CharField(
        label="Or paste what is in it",
        required=False,
        max_length=MAX_BYTES,
        help_text="One line: tiktok-developers-site-verification=…",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    note = forms.CharField(
        label="What it is for",
        required=False,
        max_length=60,
        help_text="For you to know it by, such as “production” or “first sandbox”. You may leave it empty.",
    )

    def clean(self) -> dict[str, object]:
        data: dict[str, object] = super().clean() or {}
        upload, pasted = data.get("upload"), str(data.get("content") or "")
        if "upload" in self.errors or "content" in self.errors:
            return data
        if upload and pasted:
            self.add_error("content", "Choose the file or paste what is in it, not both.")
        elif isinstance(upload, UploadedFile):
            data["token"] = self._token_of_file(upload)
        elif pasted:
            data["token"] = self._token_in(pasted, "content")
        else:
            self.add_error("upload", "Choose the file that TikTok gave you, or paste what is in it below.")
        return data

    def _token_of_file(self, upload: "UploadedFile[bytes]") -> str:
        """The random part; empty, with the reason at the field, when it is no such file."""
        name = upload.name or ""
        if (upload.size or 0) > MAX_BYTES:
            self.add_error(
                "upload", f"“{name}” is too large: TikTok's file holds one short line. Choose that one."
            )
            return ""
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("upload", f"“{name}” is not a text file. Choose the one TikTok gave you.")
            return ""
        token = self._token_in(text, "upload")
        named = _NAME.fullmatch(name)
        if token and not named:
            self.add_error(
                "upload",
                f"“{name}” is not what TikTok called it: by its content it is tiktok{token}.txt. "
                "Give it that name again, or paste its content.",
            )
        elif token and named and named[1] != token:
            self.add_error(
                "upload",
                f"“{name}” holds the line of another file, tiktok{token}.txt. Download it from TikTok once more.",
            )
        return token

    def _token_in(self, text: str, field: str) -> str:
        found = _CONTENT.fullmatch(text.strip())
        if found:
            return found[1]
        self.add_error(
            field,
            "This is not what TikTok's file holds: one line, tiktok-developers-site-verification= and letters and "
            "digits after it. Take it from the portal as it is.",
        )
        return ""
