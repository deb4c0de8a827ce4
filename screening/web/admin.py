"""The administrator's pages: who works here, which tablets are in use, which numbers need checking."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for

from screening import people, tablets
from screening.errors import NotAnswerable
from screening.web import current
from screening.web.access import audience
from screening.web.language import as_date

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
    place = current.municipality()
    unchecked = [place.contacts[name] for name in place.unchecked(as_date(current.now()))]
    return render_template(
        "admin/front.html", people=everybody, names=names, tablets=tablets.listed(current.store()),
        unchecked=unchecked, code=code,
    )  # fmt: skip
