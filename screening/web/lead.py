"""The team lead's pages: what needs a second pair of eyes, a family's page, and the decision."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from screening import (
    audit,
    comparison,
    continuing,
    couple_gate,
    duties,
    encounters,
    families,
    flags,
    folding,
    following,
    notes,
    notifying,
    parents,
    people,
    protected,
    reviews,
    sync,
    tablets,
    tasks,
    teams,
)
from screening.calendar_days import day
from screening.errors import Conflict, NotAnswerable, NotFound, Refused, Unreadable
from screening.store import parse_utc
from screening.web import account, address, current, decision_form, family_course, family_page
from screening.web import typed as typed_before
from screening.web.access import audience
from screening.web.language import gettext as _
from screening.web.language import language, sentence

pages = Blueprint("lead", __name__, url_prefix="/lead")

LEVELS = ("0", "1", "2", "3", "none")
SHOWN = ("mine", "free")
# So many families are searched at a time, and so many are shown.
PAGE, MOST = 200, 100
# What the families can be narrowed down to: red and orange, or red.
FOLLOWED = {"2": 2, "3": 3}
ABSENT = "Besøget findes ikke. Gå tilbage til familien."


# ── what waits ──


@pages.get("/")
@audience("lead")
def reviews_list() -> Any:
    found = reviews.listed(current.store(), current.person(), current.now(), current.municipality())
    found["missing"] += reviews.forgotten(current.store(), current.person(), current.now(), current.municipality())
    everything = [one for group in found["groups"] for one in group["reviews"]]
    chosen = {name: request.args.get(name) for name in ("show", "level", "visitor")}
    mine = sum(one["owner_id"] == current.person()["id"] for one in everything)
    return render_template(
        "lead/reviews.html", found=found, groups=filtered(found["groups"], chosen), chosen=chosen, mine=mine,
        visitors=sorted({one["visitor"] for one in everything if one["visitor"]}), silent=silent(),
        nameless=people.unreadable(current.store()),
        limited=protected.limited(current.store(), current.now()).get(current.person()["id"]),
        releasable=encounters.RELEASABLE, waiting=found["count"], template=template(),
    )  # fmt: skip


def filtered(groups: list[dict[str, Any]], chosen: dict[str, str | None]) -> list[dict[str, Any]]:
    """The groups with only the lines that the address asks for."""
    left = [group | {"reviews": [one for one in group["reviews"] if wanted(one, chosen)]} for group in groups]
    return [group for group in left if group["reviews"]]


def wanted(one: dict[str, Any], chosen: dict[str, str | None]) -> bool:
    show, level, visitor = chosen["show"], chosen["level"], chosen["visitor"]
    return (
        (show not in SHOWN or one["owner_id"] == (current.person()["id"] if show == "mine" else None))
        and (level not in LEVELS or level == ("none" if one["level"] is None else str(one["level"])))
        and (not visitor or visitor == one["visitor"])
    )


def silent() -> dict[str, int]:
    """How many of the team's tablets have not been heard from today, of all."""
    team, today = current.person()["team"], day(current.now())
    ours = {one["id"] for one in people.listed(current.store()) if teams.leads(team, one["team"])}
    used = [one for one in tablets.listed(current.store()) if not one["revoked_at"] and one["enrolled_by"] in ours]
    heard = [one for one in used if one["seen_at"] and day(parse_utc(one["seen_at"])) == today]
    return {"all": len(used), "count": len(used) - len(heard)}


@pages.post("/quarantine/<envelope_id>/release")
@audience("lead")
def release(envelope_id: str) -> Any:
    encounters.release(current.store(), envelope_id, current.person(), current.now())
    current.service().judge.set()
    return redirect(url_for(".reviews_list"), 303)


@pages.post("/refused/<tablet_id>/seen")
@audience("lead")
def refusals_seen(tablet_id: str) -> Any:
    sync.dismiss(current.store(), tablet_id, current.person(), current.now())
    return redirect(url_for(".reviews_list"), 303)


@pages.post("/reviews/<review_id>/take")
@audience("lead")
def take(review_id: str) -> Any:
    reviews.take(current.store(), review_id, current.person(), current.now())
    wanted = request.form.get("family", "")
    return redirect(url_for(".family", family_id=wanted) if wanted else url_for(".reviews_list"), 303)


# ── families ──


@pages.post("/families")
@audience("lead")
def find() -> Any:
    """A name that is searched for must not stand in the browser's history; that somebody searched is in the log."""
    asked = " ".join(request.form.get("q", "").split())[:100]
    if asked:
        audit.add(current.store(), "families_searched", current.person()["id"], current.now())
    return redirect(url_for(".families_list", s=address.sealed(asked) if asked else None), 303)


@pages.get("/families")
@audience("lead")
def families_list() -> Any:
    asked, only = address.opened(request.args.get("s", "")), request.args.get("level")
    only = only if only in FOLLOWED else None
    found, more, unreadable = searched(asked, FOLLOWED.get(only or ""))
    for one in found:
        one["age"] = family_page.age(one, current.now())
    return render_template(
        "lead/families.html", nameless=people.unreadable(current.store()),
        families=found, more=more, unreadable=unreadable, asked=asked, only=only,
        searched=request.args.get("s"), today=day(current.now()), visit_title=family_page.visit_title,
    )  # fmt: skip


def searched(asked: str, least: int | None) -> tuple[list[dict[str, Any]], bool, int]:
    """The lead's families in which every word of the question stands in a name, each with its ``level``.

    With ``least`` only those at this level or above. Besides, whether there are more, and how many do not open.
    """
    words, found, after, unreadable = folding.words(asked), [], "", 0
    while after is not None and len(found) <= MOST:
        page = families.listed(current.store(), current.person(), after, PAGE)
        named = [one for one in page.families if all(word in names_of(one) for word in words)]
        levels = following.levels(current.store(), [one["id"] for one in named[: None if least else MOST]])
        named = [one | {"level": levels.get(one["id"]), "met": one["id"] in levels} for one in named]
        found += [one for one in named if least is None or (one["level"] or 0) >= least]
        unreadable += len(page.unreadable)
        after = page.following
    return found[:MOST], len(found) > MOST, unreadable


def names_of(family: dict[str, Any]) -> str:
    named = [*family["children"], *family["parents"]]
    return folding.folded(" ".join([*(one["name"] for one in named), family["visitor_name"] or ""]))


@pages.get("/families/<family_id>")
@audience("lead")
def family(family_id: str) -> Any:
    before = typed_before.restored()
    written = decision_form.typed(before) | {"key": before.get("key", "")} if before else None
    return page(family_id, request.args.get("visit"), typed=written, restored=bool(before))


@pages.post("/families/<family_id>")
@audience("lead")
def open_private(family_id: str) -> Any:
    """What was said alone is on this one answer to who said why, so there is nothing to lead on to."""
    asked = {name: request.form.get(name, "") for name in ("visit", "subject", "purpose")}
    protected.check(asked["purpose"], asked["subject"])
    store, person, now = current.store(), current.person(), current.now()
    if code := request.form.get("code"):
        try:
            protected.confirm(store, person, code, now, account.place(person["username"]))
        except Refused as refusal:
            return confirm_page(family_id, asked, refusal), refusal.status
    if not protected.is_fresh(store, person, now):
        return confirm_page(family_id, asked)
    protected.refuse_many(store, person, now)  # before the page's transaction, so that the log keeps it
    return page(family_id, asked["visit"] or None, purpose=asked["purpose"], subject=asked["subject"])


def confirm_page(family_id: str, asked: dict[str, str], refusal: Refused | None = None) -> str:
    """The code is asked for again; what was to be opened is remembered on the page."""
    home = families.get(current.store(), family_id, current.person())
    about = {"id": home["id"], "initials": family_page.initials(home), "age": family_page.age(home, current.now())}
    return render_template(
        "lead/confirm.html", family=about, asked=asked, refusal=sentence(refusal) if refusal else None
    )


@pages.post("/families/<family_id>/identity")
@audience("lead")
def identity(family_id: str) -> Any:
    """Names and address are on this one answer, and that they were read is in the log."""
    return page(family_id, request.form.get("visit"), identity=True)


@pages.post("/families/<family_id>/decision")
@audience("lead")
def decide(family_id: str) -> Any:
    home = families.get(current.store(), family_id, current.person())
    wanted = request.form.get("visit")
    if not wanted:
        raise NotAnswerable("Besøget mangler i det, der blev sendt. Åbn familien igen, og afgør besøget.")
    visit = visit_of(encounters.of_family(current.store(), family_id, language()), wanted)
    if request.form.get("keep"):
        return typed_before.kept_only()
    typed = decision_form.typed(request.form) | {"key": typed_before.key()}
    try:
        reviews.decide(
            current.store(), home["id"], visit["id"], typed, current.person(), current.now(), current.municipality()
        )
    except Refused as refusal:
        if not isinstance(refusal, Conflict | NotAnswerable):
            raise
        return page(family_id, visit["id"], typed=typed, refusal=refusal), refusal.status
    typed_before.forget()
    if not families.is_seen(current.store(), family_id, current.person()):  # another team's, and it is settled
        return redirect(url_for(".reviews_list"), 303)
    return redirect(url_for(".family", family_id=family_id, visit=visit["id"], _anchor="decision"), 303)


@pages.post("/families/<family_id>/confirm")
@audience("lead")
def confirm(family_id: str) -> Any:
    """A family met without being on a list is ours."""
    notes.confirm(current.store(), family_id, current.person(), current.now())
    return redirect(url_for(".family", family_id=family_id), 303)


@pages.post("/families/<family_id>/leave")
@audience("lead")
def leave(family_id: str) -> Any:
    """A family that has moved away leaves the list; what is known of it stays."""
    home = families.get(current.store(), family_id, current.person())
    families.leave(current.store(), home["id"], current.person()["id"], current.now())
    return redirect(url_for(".reviews_list"), 303)


@pages.post("/families/<family_id>/tasks/<task_id>/done")
@audience("lead")
def task_done(family_id: str, task_id: str) -> Any:
    home = families.get(current.store(), family_id, current.person())
    task = next((one for one in home["tasks"] if one["id"] == task_id), None)
    if not task:
        raise NotFound("Opgaven findes ikke. Gå tilbage til listen.")
    if task["action"] == duties.UNDECIDED:  # ticking it off decides nothing
        return redirect(url_for(".notification", family_id=family_id, task_id=task_id), 303)
    tasks.finish(current.store(), task_id, current.person(), current.now())
    return redirect(url_for(".family", family_id=family_id, _anchor="course-heading"), 303)


@pages.get("/families/<family_id>/tasks/<task_id>")
@audience("lead")
def notification(family_id: str, task_id: str) -> Any:
    before = typed_before.restored()
    return notification_page(family_id, task_id, before.to_dict() if before else None, restored=bool(before))


@pages.post("/families/<family_id>/tasks/<task_id>")
@audience("lead")
def notification_decided(family_id: str, task_id: str) -> Any:
    if request.form.get("keep"):
        return typed_before.kept_only()
    typed = {name: request.form.get(name, "") for name in ("choice", "reason", "again")} | {"key": typed_before.key()}
    try:
        notifying.decide(
            current.store(), family_id, task_id, typed, current.person(), current.now(), current.municipality()
        )
    except NotAnswerable as refusal:
        return notification_page(family_id, task_id, typed, refusal), refusal.status
    typed_before.forget()
    return redirect(url_for(".family", family_id=family_id, _anchor="course-heading"), 303)


def notification_page(
    family_id: str,
    task_id: str,
    typed: dict[str, str] | None = None,
    refusal: Refused | None = None,
    restored: bool = False,
) -> str:
    store, now = current.store(), current.now()
    home = families.get(store, family_id, current.person())
    task = next((one for one in home["tasks"] if one["id"] == task_id and one["action"] == duties.UNDECIDED), None)
    if not task:
        raise NotFound(notifying.ABSENT)
    choices = (
        ("sent", _("Den er sendt"), _("sundhedsplejersken eller du har sendt den")),
        ("will", _("Den skal sendes"), _("den bliver en opgave i dag")),
        ("not_now", _("Ikke nu"), _("kræver begrundelse, og der tages stilling igen inden tre dage")),
    )
    about = {"id": home["id"], "initials": family_page.initials(home), "age": family_page.age(home, now)}
    return render_template(
        "lead/notification.html", family=about, task=task, choices=choices, first=day(now).isoformat(),
        last=(day(now) + notifying.AGAIN_DAYS).isoformat(), typed=typed or {"choice": "", "reason": "", "again": ""},
        refusal=sentence(refusal) if refusal else None, restored=restored,
        made=typed_before.mark((typed or {}).get("key")),
    )  # fmt: skip


# ── a family's page ──


def page(
    family_id: str,
    visit_id: str | None,
    *,
    purpose: str | None = None,
    subject: str | None = None,
    identity: bool = False,
    typed: dict[str, Any] | None = None,
    refusal: Refused | None = None,
    restored: bool = False,
) -> str:
    """The page of a family. What was said alone is on it only with a ``purpose``, of one ``subject``."""
    store, person, now = current.store(), current.person(), current.now()
    home = families.get(store, family_id, person)
    visits = encounters.of_family(store, family_id, language())
    visit = visit_of(visits, visit_id)
    if typed and visit:
        visit = counting(visits, visit)
    unread = encounters.unreadable(store, family_id, visits)
    private = encounters.private_counts(store, visit["id"]) if visit else {}
    opened = set()
    if purpose is not None and visit:
        opened = {subject or ""}
    answers = read(home, visit, opened, purpose, identity)
    decided = reviews.of_family(store, family_id)
    found = reviews.listed(store, person, now, current.municipality())
    lines = [*(one for group in found["groups"] for one in group["reviews"]), *found["followed"]]
    here = [one for one in lines if visit and one["encounter"] == visit["id"]]
    team = [one for one in people.listed(store) if one["disabled_at"] is None]
    names = {one["id"]: one["name"] for one in team}
    seen = seen_of(home, visits, visit, answers, opened)
    about = home | {"initials": family_page.initials(home), "age": family_page.age(home, now)}
    return render_template(
        "lead/family.html", family=about, identity=identity, seen=seen, template=template(visit),
        review=next((one for one in here if one["id"]), None), waiting=found["count"],
        closable=any(one["id"] and one["family"] == family_id for one in lines),
        private=[{"subject": one, "name": family_page.name_of(one), "count": count} for one, count in private.items()
                 if one not in opened],
        purposes=purposes(), ahead=family_course.ahead(home, names, person["id"], now),
        asks={one["action"] for one in home["tasks"]} & set(notes.LEADS), course=family_course.course(
            visits, decided, notes.of_family(store, family_id), names, visit["id"] if visit else None
        ), conflict=isinstance(refusal, Conflict),
        decision=decision_form.offered(
            home, visit, closed_since(home, visits), decided, team, person, now, typed,
            isinstance(refusal, Conflict), restored,
        ),
        refusal=sentence(refusal) if refusal else None, restored=restored,
        made=typed_before.mark((typed or {}).get("key")), unread=unread,
    )  # fmt: skip


def closed_since(home: dict[str, Any], visits: list[dict[str, Any]]) -> str | None:
    """Since when nothing is offered to both parents; a visit that does not open may be what closes the gate."""
    unread = encounters.unreadable(current.store(), home["id"], visits)
    return couple_gate.closed_since(visits) or (home["created_at"] if unread else None)


def visit_of(visits: list[dict[str, Any]], wanted: str | None) -> dict[str, Any] | None:
    """The visit that is asked for, else the newest that counts; None for a family without visits. Raises NotFound."""
    if not wanted:
        return visits[0] if visits else None
    found = next((one for one in visits if one["id"] == wanted), None)
    if not found:
        raise NotFound(ABSENT)
    return found


def counting(visits: list[dict[str, Any]], visit: dict[str, Any]) -> dict[str, Any]:
    """The visit itself, or what has taken its place: what was typed for it is decided on that."""
    standing = [one for one in visits if one["state"] == "current" and visit["id"] in (one["id"], *one["instead_of"])]
    return standing[0] if standing else visit


def read(
    home: dict[str, Any], visit: dict[str, Any] | None, opened: set[str], purpose: str | None, identity: bool
) -> list[dict[str, Any]]:
    """The answers that may be shown. That they were read is written down before anything is given."""
    store, person, now = current.store(), current.person(), current.now()
    detail = {"encounter": visit["id"] if visit else None, "names": identity}
    about = {"subject": home["id"], "sealed_for": home["sealed_for"], "detail": detail}
    with store.transaction():
        audit.add(store, "record_read", person["id"], now, **about)
        for one in sorted(opened):
            both = [visit["id"], *([first] if (first := version_before(visit)) else [])]
            protected.opened(store, both, one, person, purpose or "", now, language())
    return encounters.answers(store, visit["id"], opened, language()) if visit else []


def version_before(visit: dict[str, Any]) -> str | None:
    """The visit whose place another took, nearest first: the one it corrects, or the preliminary one it finishes."""
    return visit["replaces"] or next(reversed(visit["instead_of"]), None)


def seen_of(
    home: dict[str, Any],
    visits: list[dict[str, Any]],
    visit: dict[str, Any] | None,
    answers: list[dict[str, Any]],
    opened: set[str],
) -> dict[str, Any] | None:
    """The visit as the page shows it, with all that stands beside it."""
    if not visit:
        return None
    own = current.instruments()[visit["instrument"]]
    return family_page.seen(visit, own, answers, around(home, visits, visit, opened), current.now())


def around(
    home: dict[str, Any], visits: list[dict[str, Any]], visit: dict[str, Any], opened: set[str]
) -> dict[str, Any]:
    """What stands beside a visit.

    changes since 2 months (as ``comparison.of_visit``), persistent, first (there is a visit from then) and before, its
    answers, but of who was another person then; linked visits; before_correction, the answers of the version before;
    not_visited, parents in whose home no such visit was made; another, as ``another``; notification in a word;
    couple_block, since when nothing is offered to both together (UTC), or None.
    """
    store = current.store()
    past = readable_past(home)
    here = continuing.standing_in(past, visit["id"]) if visit["state"] == "current" else None
    changes = comparison.of_visit(past, here) if here else []
    first = comparison.at_two_months(past, here) if here and visit["visit"] == "8m" else []
    version = version_before(visit)
    return {
        "changes": changes,
        "persistent": any(one["persistent"] for one in changes),
        "first": bool(first),
        "before": [
            one
            for earlier in reversed(first)
            for one in encounters.answers(store, earlier["id"], frozenset(), language())
            if one["respondent"] not in comparison.others(earlier, here)
        ],
        "linked": linked(visits, visit),
        "before_correction": encounters.answers(store, version, opened, language()) if version else [],
        "not_visited": not_visited(home, visits, visit),
        "another": another(home, visits, visit),
        "notification": notification_word(home, visit),
        "couple_block": closed_since(home, visits),
    }


def readable_past(home: dict[str, Any]) -> list[dict[str, Any]]:
    """The visits a visit is compared with; none where one of them does not open, for then nothing can be compared."""
    try:
        return families.encounters(current.store(), home["id"])
    except Unreadable:
        return []


def linked(visits: list[dict[str, Any]], visit: dict[str, Any]) -> list[dict[str, Any]]:
    """The visits that belong to one: its talks, the one it completes, its other versions, the other home's."""
    found = []
    for one in visits:
        same_kind = one["visit"] == visit["visit"] and flags.other_home(one, visit)
        how = {
            _("Samtale, der fuldfører besøget"): visit["id"] in now_called(visits, one["completes"]),
            _("Besøget, som samtalen fuldfører"): one["id"] in now_called(visits, visit["completes"]),
            _("Tidligere udgave"): one["id"] in visit["instead_of"],
            _("Nyere udgave"): visit["id"] in one["instead_of"],
            _("Den andens hjem"): same_kind and one["state"] == "current",
        }
        word = next((word for word, true in how.items() if true and one["id"] != visit["id"]), None)
        if word:
            found.append({"id": one["id"], "how": word, "title": family_page.title(one), "at": one["ended_at"],
                          "level": one["standing"], "unclear": family_page.unclear(one["result"])})  # fmt: skip
    return found


def now_called(visits: list[dict[str, Any]], id: str | None) -> set[str]:
    """A visit's id and those of whatever stands in its place."""
    return {one["id"] for one in visits if id and id in (one["id"], *one["instead_of"])}


def not_visited(home: dict[str, Any], visits: list[dict[str, Any]], visit: dict[str, Any]) -> list[str]:
    """The parents with a home of their own to which no visit of this kind was made."""
    if not visit.get("household"):
        return []
    homes = {
        one.get("household") for one in visits
        if one["visit"] == visit["visit"] and one["state"] == "current" and not one.get("preliminary")
    }  # fmt: skip
    return [
        one["key"] for one in home["parents"] if one["key"] not in {*homes, visit["household"]} and None not in homes
    ]


def another(home: dict[str, Any], visits: list[dict[str, Any]], visit: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Place -> the visit at which another person had it: this one, or else the newest; empty where all have stayed."""
    found: dict[str, dict[str, Any]] = {}
    for one in (visit, *visits):
        then = parents.at(home, one["ended_at"])
        for key in parents.others(then, parents.now(home)) - {"joint"}:
            found.setdefault(key, one)
    return dict(sorted(found.items()))


def notification_word(home: dict[str, Any], visit: dict[str, Any]) -> str | None:
    """How far a notification is, in a word; None where nothing asks for one."""
    open_tasks = {one["action"] for one in home["tasks"]}
    asked = duties.UNDECIDED in visit["result"]["gates"] or "R16" in visit["result"]["flags"]
    if not asked:
        return None
    if duties.registered(current.store(), home["id"]):
        return _("noteret som sendt")
    if duties.UNDECIDED in open_tasks:
        return _("ikke afgjort – tag stilling i dag")
    return _("skal skrives") if duties.NOTIFY in open_tasks else _("ikke registreret")


def purposes() -> list[tuple[str, str]]:
    """Why somebody opens what was said alone: the key stands in the log."""
    return [(key, words[language() == "en"]) for key, words in protected.PURPOSES.items()]


def template(visit: dict[str, Any] | None = None) -> str:
    """The sentence that stands wherever the instrument's results are shown."""
    published = current.instruments()
    own = published[visit["instrument"]] if visit else list(published.values())[-1]
    return own.template[language()]
