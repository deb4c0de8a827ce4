"""Text from outside: cleaned, or refused, before anything is compared with it.

Two texts that look alike must be alike: letters come in one form (NFC), blanks are one kind of blank, and signs that
nobody sees or that turn the direction of reading are no part of a name, a key or a word. Joiners stay where a script
needs them inside a word. The tablet cleans alike (``static/visitor/signs.js``); both are held to
``tests/vectors/signs.json``.
"""

import re
import unicodedata
from typing import Any

# Unicode's default-ignorable signs, further controls of direction and layout, blank letters, and what is no sign at
# all. C0 controls and half characters are left in: ``responses.is_plain`` refuses them. signs.js has the same list.
HIDDEN = (
    r"\x80-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u2800\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Scripts in which a joiner changes how a word is written: Arabic and its neighbours, those of India, Tibet, Burma,
# the Khmer and the Mongols.
JOINED = r"\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc"
JOINER = rf"(?<=[{JOINED}])[\u200c\u200d](?=[{JOINED}])"
# What is dropped: each hidden sign, unless it is such a joiner.
DROPPED = re.compile(rf"(?!{JOINER})[{HIDDEN}]")
BLANK = re.compile(r"[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
LINE_END = re.compile(r"[\x85\u2028\u2029]")
LOST = "\ufffd"
# UTF-8 that was read as Windows-1252 and written as UTF-8 again. Five bytes have no sign there and stay controls.
DOUBLED = re.compile(r"[\xc2-\xf4][^\x00-\x7f]{1,3}")


def clean(text: str) -> str:
    """A text in its one form: without hidden signs, with plain blanks and line ends, composed (NFC)."""
    return unicodedata.normalize("NFC", DROPPED.sub("", LINE_END.sub("\n", BLANK.sub(" ", text))))


def cleaned(value: Any) -> Any:
    """A JSON value in which every text is clean; the names of its fields stay as they are."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [cleaned(one) for one in value]
    return {name: cleaned(one) for name, one in value.items()} if isinstance(value, dict) else value


def hidden(text: str) -> str | None:
    """The first sign of a text that cannot be seen, as ``U+200B``; None where there is none.

    For names, keys and codes that somebody can still put right: better refused than silently another.
    """
    found = DROPPED.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def damage(text: str) -> str | None:
    """What shows that letters were lost before a text came here, in an English half sentence; or None.

    That is the sign that stands for a lost letter, or UTF-8 that was taken for Windows-1252 once ("Ã¸").
    """
    if LOST in text:
        return "holds the sign for a lost letter (U+FFFD)"
    for found in DOUBLED.finditer(text):
        for end in range(len(found[0]), 1, -1):
            if meant := letter(found[0][:end]):
                return f"holds {found[0][:end]} where {meant} was probably meant"
    return None


def letter(signs: str) -> str | None:
    """The one letter that some signs are, when their Windows-1252 bytes are read as UTF-8; None where they are none."""
    try:
        read = b"".join(map(byte, signs)).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return None
    return read if len(read) == 1 else None


def byte(sign: str) -> bytes:
    """The byte that Windows-1252 has for a sign; of a control character its own number."""
    return sign.encode("latin-1") if "\x80" <= sign <= "\x9f" else sign.encode("cp1252")


def undoubled(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose names stand there once: of two, readers would choose differently. Raises ValueError."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)} stands there twice")
    return found
