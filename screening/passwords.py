"""Passwords: how they are kept, what a chosen one must be, and how one is made for somebody.

Kept with Argon2id, one calculation at a time: each takes its memory for a twentieth of a second. At most two
wait for their turn; the rest of a crowd is told at once to try again, so that it takes neither the server's
memory nor the threads that everybody else is answered by.
"""

import secrets
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from screening.errors import NotAnswerable, TooMany

SHORTEST = 15
LONGEST = 1024
# No letter or digit that is easily read as another.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 4, 5
WAITING = 2
BUSY_SECONDS = 2

WEAK = "Adgangskoden er for let at gætte. Vælg flere ord, der ikke handler om arbejdet eller dit navn."
USUAL = (
    "Adgangskoden, eller noget, der ligner den meget, står på lister over kendte adgangskoder. "
    "Vælg fire-fem tilfældige ord, der ikke hører sammen."
)
# Argon2id takes a twentieth of a second: a thousand machines with twenty lanes each try a million million in a month.
LEAST_GUESSES = 1e12
# As far as zxcvbn looks; what follows only makes a password better.
LOOKED_AT = 72
# Sayings that no list of single words finds: letters and digits only.
FAMOUS = frozenset(
    "correcthorsebatterystaple maytheforcebewithyou mayth3forcebewithyou tobeornottobethatisthequestion tobeornottobe "
    "thequickbrownfoxjumpsoverthelazydog thequickbrownfox onceuponatime itwasthebestoftimes ihaveadream "
    "tothemoonandback iloveyoutothemoonandback ihatepasswords thisismypassword whatsmypassword idontknowmypassword "
    "letmeinplease alleminesorteflutter rødgrødmedfløde derereyndigtland enedeengangenprins jegelskerdig "
    "jegelskerdigskat pippilangstrømpe højtfraetræetsgrønnetop".split()
)
# Words that a stranger tries first here, besides the person's own and the municipality's.
WORDS = (
    "adgangskode password kodeord hemmelig qwertyuiop qwerty asdfghjkl asdf zxcvbnm 1234567890 0123456789 12345 "
    "98765 abcdefgh abcd besøg besoeg screening sundhedsplejerske sundhedsplejen sundhedspleje teamleder kommune "
    "kommunen velkommen sommer vinter efterår danmark baby spædbarn familie administrator admin login"
).split()


@dataclass(frozen=True)
class Cost:
    """What one calculation takes: memory in KiB, passes over it, lanes."""

    memory: int
    passes: int
    lanes: int


# OWASP ASVS 5.0, appendix C: Argon2id with at least 46 MiB, one pass, one lane.
COST = Cost(memory=46 * 1024, passes=1, lanes=1)

one_at_a_time = threading.Semaphore(1)
in_line = threading.Semaphore(1 + WAITING)


def hashed(password: str, cost: Cost = COST) -> str:
    """A password as it is kept: Argon2id in PHC text, with its own salt and cost. Raises TooMany when busy."""
    kdf = Argon2id(
        salt=secrets.token_bytes(16), length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory
    )
    with turn():
        return kdf.derive_phc_encoded(normal(password))


def fits(password: str, kept: str) -> bool:
    """Whether a password is the one that is kept. Raises TooMany when too many wait for the same."""
    with turn():
        try:
            Argon2id.verify_phc_encoded(normal(password), kept)
        except InvalidKey:
            return False
    return True


def is_famous(password: str) -> bool:
    """Whether it is a saying that many choose, with or without figures behind it."""
    forms = (filter(str.isalnum, password), filter(str.isalpha, password))
    return any("".join(form) in FAMOUS for form in forms)


def guesses(password: str) -> float:
    """About how many guesses find a password, by zxcvbn's lists of usual ones, words, names, keyboards and dates."""
    from zxcvbn import zxcvbn  # here, so that its lists are read only where a password is chosen

    return float(zxcvbn(password[:LOOKED_AT])["guesses"])


class turn:
    """One calculation's turn; a queue that is too long is refused rather than grown."""

    def __enter__(self) -> None:
        if not in_line.acquire(blocking=False):
            raise TooMany("Mange logger ind lige nu. Prøv igen om lidt.", seconds=BUSY_SECONDS)
        one_at_a_time.acquire()

    def __exit__(self, *_: object) -> None:
        one_at_a_time.release()
        in_line.release()


@lru_cache
def nobodys(cost: Cost = COST) -> str:
    """The kept password of nobody: an unknown name costs the same work as a known one."""
    return hashed(secrets.token_urlsafe(32), cost)


def normal(password: str) -> bytes:
    """One form of a text that keyboards write in several."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def generated() -> str:
    """A password for somebody: four groups of five, 99 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def refuse_weak(password: str, own: Iterable[str]) -> None:
    """Raise NotAnswerable unless a chosen password will do. ``own``: words of the person and the place.

    At least 15 characters, no rule about their kinds (ASVS 6.2), none that is on the lists of breached ones or is made
    of a few entries of them (ASVS 6.2.12; works offline), and something must be left when the words that a stranger
    would try first are taken out.
    """
    if len(password) < SHORTEST:
        raise NotAnswerable("Adgangskoden skal have mindst {least} tegn. Flere ord i træk er fint.", least=SHORTEST)
    if len(password) > LONGEST:
        raise NotAnswerable("Adgangskoden må højst have {most} tegn.", most=LONGEST)
    typed = unicodedata.normalize("NFKC", password).casefold()
    if is_famous(typed) or guesses(typed) < LEAST_GUESSES:
        raise NotAnswerable(USUAL)
    left = typed
    for word in sorted({*WORDS, *(part.casefold() for part in own)}, key=len, reverse=True):
        if len(word) >= 3:
            left = left.replace(word, "")
    left = "".join(sign for sign in left if sign.isalnum())
    if len(left) < 8 or len(set(left)) < 5:
        raise NotAnswerable(WEAK)
