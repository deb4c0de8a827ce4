"""Reads from a Chromium profile, without any key, what stood in forms: the browser writes it beside its tabs.

Blink keeps the state of a page's controls as a list of texts: a mark, then each control's name, kind, number of values
and values (third_party/blink/renderer/core/html/forms/form_controller.cc). The browser's session service writes that
list, each text in UTF-16, into Default/Sessions.
"""

import re
from pathlib import Path

MARK = "Blink serialized form state version"
KINDS = {
    "checkbox", "date", "email", "hidden", "number", "password", "radio", "search", "select-multiple", "select-one",
    "tel", "text", "textarea", "time", "url",
}  # fmt: skip
REACH = 200_000  # characters after the mark in which a page's controls stand
TEXT = re.compile(r"[\x20-\ud7ff\ue000-\ufffd]+")


def kept(profile: Path) -> list[tuple[str, ...]]:
    """Every control whose state lies on the disk: (name, kind, what follows it: number of values, values)."""
    found = set()
    for path in sorted((profile / "Default" / "Sessions").glob("*")):
        found |= {control for text in as_texts(path.read_bytes()) for control in controls(text)}
    return sorted(found)


def as_texts(data: bytes) -> list[str]:
    """The file as UTF-16, from an even and from an odd beginning: a text may stand at either."""
    return [data[begin:].decode("utf-16-le", "replace") for begin in (0, 1)]


def controls(text: str) -> set[tuple[str, ...]]:
    """The controls that are listed after each mark."""
    found = set()
    for mark in re.finditer(MARK, text):
        words = [clean(word) for word in TEXT.findall(text[mark.end() : mark.end() + REACH].split(MARK)[0])]
        found |= {(words[n - 1], word, *words[n + 1 : n + 3]) for n, word in enumerate(words) if n and word in KINDS}
    return found


def clean(word: str) -> str:
    """A text without what its length in front of it reads as."""
    return word.strip()
