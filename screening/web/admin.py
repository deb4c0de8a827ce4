"""The administrator's pages: who works here, which tablets are in use, what is missing before families may be asked."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for

from screening import municipality, people, protected, tablets
from screening.errors import NotAnswerable
from screening.web import current
from screening.web.access import audience
from screening.web.language import _, as_date

pages = Blueprint("admin", __name__, url_prefix="/admin")


@pages.get("/")
@audience("admin")
def front() -> Any:
    return page()


@pages.post("/people/<person_id>/activation")
@audience("admin")
def activation(person_id: str) -> Any:
    """The code is on this one answer and is kept nowhere, so there is nothing to lead on to."""
    person = people.get(current.store(), person_id)
    if person["role"] != "visitor" or person["disabled_at"]:
        raise NotAnswerable("Kun en sundhedsplejerske, der arbejder her, kan få en kode til en tablet. Vælg en anden.")
    code = tablets.new_activation(current.store(), person_id, current.person()["id"], current.now())
    return page(code={"person": person, "code": code})


@pages.post("/tablets/<tablet_id>/revoke")
@audience("admin")
def revoke(tablet_id: str) -> Any:
    tablets.revoke(current.store(), tablet_id, current.person()["id"], current.now())
    return redirect(url_for(".front"), 303)


def page(code: dict[str, Any] | None = None) -> str:
    everybody = people.listed(current.store())
    names = {one["id"]: one["name"] for one in everybody}
    place, today = current.municipality(), as_date(current.now())
    unchecked = [place.contacts[name] for name in place.unchecked(today)]
    visitors = [one for one in everybody if one["role"] == "visitor" and not one["disabled_at"]]
    untrained = [one for one in visitors if municipality.untrained(one, today)]
    return render_template(
        "admin/front.html", people=everybody, names=names, tablets=tablets.listed(current.store()),
        limited=protected.limited(current.store(), current.now()),
        unchecked=unchecked, missing=[lacking(one) for one in place.missing(today)], untrained=untrained, code=code,
    )  # fmt: skip


def lacking(code: str) -> dict[str, str]:
    """What the municipality lacks before anybody may be asked alone, and the key of its file that says it."""
    words = {
        "procedure": _("En godkendt skriftlig procedure med dato og link"),
        "route1": _("Et nummer at henvise til ved niveau gul"),
        "route2": _("Et nummer at henvise til ved niveau orange"),
        "route3": _("Et nummer at henvise til ved niveau rød"),
        "leader_on_duty": _("Nummeret til lederen på vagt"),
        "interpreter": _("Et nummer til tolkebestilling"),
    }
    words["placeholders"] = _("Noget i kommunens fil er stadig eksemplets")
    keys = {
        "placeholders": ", ".join(current.municipality().placeholders),
        "procedure": "[procedure]",
        "leader_on_duty": "[contacts.leader_on_duty]",
    }
    keys |= {f"route{level}": f"[routes] level{level}" for level in (1, 2, 3)}
    return {"code": code, "text": words[code], "key": keys.get(code, "[routes] interpreter")}
