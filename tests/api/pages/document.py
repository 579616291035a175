"""A page as a test reads it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "img", "br", "path", "rect", "hr"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""
    inside: list["Element"] = field(default_factory=list)

    def all(self, tag: str) -> list["Element"]:
        found = [self] if self.tag == tag else []
        return [*found, *(element for child in self.inside for element in child.all(tag))]

    def by_id(self, wanted: str) -> "Element":
        return next(one for one in self.everything() if one.attributes.get("id") == wanted)

    def everything(self) -> list["Element"]:
        return [self, *(element for child in self.inside for element in child.everything())]

    def whole_text(self) -> str:
        return " ".join([self.text, *(child.whole_text() for child in self.inside)])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open[-1].tag == tag, f"<{self.open[-1].tag}> is closed by </{tag}>"
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].text += data


def document(text: str) -> Element:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is never closed"
    return reader.open[0]


def values(page: Element) -> dict[str, str]:
    """Return what the page's fields hold, by name."""
    return {
        field.attributes["name"]: field.attributes.get("value", field.text)
        for tag in ("input", "textarea")
        for field in page.all(tag)
        if "name" in field.attributes
    }
