"""Reads the composer's page as a browser without scripts would: what it shows, and what a press would send."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

# Fields of which a form may hold several.
_SEVERAL = {"photos"}
_VOID = {"input", "img", "br", "hr", "meta", "link"}


@dataclass
class Control:
    """One input, box, list or button, with its words where it has any of its own."""

    tag: str
    attrs: dict[str, str]
    words: str = ""
    options: list["Control"] = field(default_factory=list)

    @property
    def is_disabled(self) -> bool:
        return "disabled" in self.attrs

    @property
    def is_ticked(self) -> bool:
        return "checked" in self.attrs

    @property
    def value(self) -> str | None:
        """What a browser sends for it, unless it is a button; None when it sends nothing."""
        kind = self.attrs.get("type")
        if self.tag == "button" or self.is_disabled or kind == "file":
            return None
        if self.tag == "select":
            operable = [option for option in self.options if not option.is_disabled]
            chosen = [option for option in self.options if "selected" in option.attrs] or operable[:1]
            return chosen[-1].attrs.get("value", "") if chosen and not chosen[-1].is_disabled else None
        if self.tag == "textarea":
            # A browser drops the first line end, and sends every other as CRLF.
            return self.words.removeprefix("\n").replace("\n", "\r\n")
        if kind in {"checkbox", "radio"} and not self.is_ticked:
            return None
        return self.attrs.get("value", "on" if kind == "checkbox" else "")


class ComposerPage(HTMLParser):
    """The page's controls by name, its visible words, and what it would send."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.controls: list[Control] = []
        self.titles: list[str] = []
        self.ids: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        self._words: list[str] = []
        self._control: Control | None = None
        self._option: Control | None = None
        self._form = ""
        self.feed(html)

    @property
    def words(self) -> str:
        """All text of the page, as one line."""
        return " ".join(" ".join(self._words).split())

    def words_of(self, element_id: str) -> str:
        """The text of one element, as one line."""
        return " ".join(self.ids[element_id].split())

    def __getitem__(self, name: str) -> Control:
        """The one visible control of that name."""
        (found,) = [each for each in self.controls if each.attrs.get("name") == name and each.tag != "button"]
        return found

    def has(self, name: str) -> bool:
        return any(
            each.attrs.get("name") == name and each.attrs.get("type") != "hidden" for each in self.controls
        )

    @property
    def post_button(self) -> Control:
        (found,) = [each for each in self.controls if each.attrs.get("id") == "post-button"]
        return found

    @property
    def hover_words(self) -> list[str]:
        return self.titles

    def sends(self, **changes: Any) -> dict[str, Any]:
        """What a press of the button sends, after the person has made `changes`: True ticks, False unticks.

        A name that several fields share has all their values, in order. A disabled control sends nothing and
        cannot be changed: trying to is a mistake of the test.
        """
        data: dict[str, Any] = {}
        for control in self.controls:
            name, value = control.attrs.get("name", ""), control.value
            if not name or value is None:
                continue
            if name in _SEVERAL:
                data.setdefault(name, []).append(value)
            else:
                data[name] = value
        for name, value in changes.items():
            self._require_operable(name, value)
            if value is False:
                data.pop(name, None)
            elif name in _SEVERAL:
                data[name] = [str(each) for each in value]
            else:
                data[name] = "on" if value is True else str(value)
        return data

    def _require_operable(self, name: str, value: object) -> None:
        controls = [each for each in self.controls if each.attrs.get("name") == name and each.tag != "button"]
        assert controls or name in _SEVERAL, f"the page has no {name}"
        if name in _SEVERAL:
            return
        if controls[0].attrs.get("type") == "radio":
            controls = [each for each in controls if each.attrs["value"] == value]
        assert not controls[0].is_disabled, f"{name} is disabled"
        if controls[0].tag == "select":
            (option,) = [each for each in controls[0].options if each.attrs.get("value") == value]
            assert not option.is_disabled, f"{value} cannot be chosen"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = known.get("id", "other")
        if "title" in known and tag != "title":
            self.titles.append(known["title"])
        if tag not in _VOID:
            self._open.append((tag, known.get("id", "")))
        if "id" in known:
            self.ids.setdefault(known["id"], "")
        if self._form != "post-form":
            return
        if tag in {"input", "select", "textarea", "button"}:
            control = Control(tag, known)
            self.controls.append(control)
            self._control = control if tag != "input" else None
        elif tag == "option" and self._control is not None:
            self._option = Control(tag, known)
            self._control.options.append(self._option)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""
        if tag in {"select", "textarea", "button"}:
            self._control = None
        while any(each == tag for each, _ in self._open):
            closed, _ = self._open.pop()
            if closed == tag:
                break

    def handle_data(self, data: str) -> None:
        if any(tag in {"script", "style", "template", "option"} for tag, _ in self._open):
            if self._option is not None and self._open[-1][0] == "option":
                self._option.words += data
            return
        self._words.append(data)
        for _, element_id in self._open:
            if element_id:
                self.ids[element_id] += data
        if self._control is not None:
            self._control.words += data
