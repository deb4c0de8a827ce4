"""The team lead's pages: what needs a second pair of eyes, a family's page, and the decision."""

from typing import Any

from flask import Blueprint, render_template

from screening import families, reviews
from screening.web import current
from screening.web.access import audience

pages = Blueprint("lead", __name__, url_prefix="/lead")


@pages.get("/")
@audience("lead")
def reviews_list() -> Any:
    found = reviews.listed(current.store(), current.person(), current.now())
    return render_template("lead/reviews.html", found=found)


@pages.get("/families")
@audience("lead")
def families_list() -> Any:
    return render_template("lead/families.html", families=families.listed(current.store(), current.person()))
