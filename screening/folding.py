"""What a search for a name does not tell apart: capitals, accents, spellings of a letter, punctuation.

This is the wide folding, for finding: it may find too much, and a person looks at what was found. Whether two names are
one person's is another question with a narrower answer: ``parents.folded``. The tablet folds alike
(``static/visitor/folding.js``); both are held to ``tests/vectors/folding.json``.
"""

import re
import unicodedata

# Letters that no decomposition brings back to the plain one. The list in folding.js is the same.
LETTERS = str.maketrans(
    {"æ": "ae", "ø": "o", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ς": "σ"}
)
# The same letter spelled with two.
PAIRS = (("aa", "a"), ("ae", "a"), ("oe", "o"))
# Both languages count these as gaps between words, whatever their own idea of a gap is.
GAP = re.compile(r"[\s\ufeff\x1c-\x1f\x85]+")
# Marks, punctuation, signs, modifier letters (one of them is an apostrophe) and invisible signs do not count.
DROPPED = ("M", "P", "S")
DROPPED_TOO = ("Lm", "Cf", "Cc")


def folded(text: str) -> str:
    """A text as a search compares it: words of plain small letters and digits, a blank between them."""
    return " ".join(words(text))


def words(text: str) -> list[str]:
    """The words of a text, each folded; a word of nothing but punctuation is none."""
    return [word for word in map(folded_word, GAP.split(text)) if word]


def folded_word(word: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFD", word.lower()) if counts(sign)).translate(LETTERS)
    for pair, letter in PAIRS:
        plain = plain.replace(pair, letter)
    return plain


def counts(sign: str) -> bool:
    kind = unicodedata.category(sign)
    return kind[0] not in DROPPED and kind not in DROPPED_TOO
