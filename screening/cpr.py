"""A CPR number, or the replacement for one: whether it can be, and what is worth a second look.

Source: "Personnummeret i CPR" (Det Centrale Personregister); domain guide 2.10. A number that does not fit modulus 11
is fully valid since October 2007 and is only pointed out.
"""

import re
from datetime import date

# The digits of other scripts are no digits here: a register would take them for other signs.
ORDINARY = re.compile(r"([0-9]{6})([0-9]{4})")
# X-eCPR and D-eCPR, the replacement numbers of the regions: the seventh sign says which.
REPLACEMENT = re.compile(r"([0-9]{6})[015-7][A-Z]{2}[0-9]")
WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def compact(text: str) -> str:
    """A number as it is kept: ten signs, without stroke or blanks, capital letters."""
    return re.sub(r"[\s-]", "", text).upper()


def fault(number: str) -> str | None:
    """What is wrong with a compact number, in English, or None. The number itself is not in it."""
    if ORDINARY.fullmatch(number):
        return None if born(number) else "has a date that does not exist; look at the first six digits"
    if REPLACEMENT.fullmatch(number):
        day, month, year = number[:2], number[2:4], int(number[4:6])
        real = any(day_of(century + year, month, day) for century in (1900, 2000))
        return None if real else "has a date that does not exist; look at the first six digits"
    return "is no CPR number; write ten digits such as 010157-5005, or a replacement number such as 010157-1AB2"


def doubt(number: str, birth: date) -> str | None:
    """What is worth a second look at a number without a fault, beside the birth date that stands with it; or None."""
    if number[:6] != f"{birth:%d%m%y}":
        return "does not begin with the birth date; check both"
    fits = ORDINARY.fullmatch(number) is None or sum(map(int.__mul__, WEIGHTS, map(int, number))) % 11 == 0
    return None if fits else "does not fit modulus 11, which newer numbers need not; check it"


def born(number: str) -> date | None:
    """The birth date in an ordinary number, its century told by the seventh digit; None where no such day was."""
    year, seventh = int(number[4:6]), int(number[6])
    if seventh <= 3:
        century = 1900
    elif seventh in (4, 9):
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    return day_of(century + year, number[2:4], number[:2])


def day_of(year: int, month: str, day: str) -> date | None:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return None
