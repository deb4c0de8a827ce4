"""Around a visit: appointments, what came to nothing, parents, new families, a later talk, a correction."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import launch
from tests.browser.lists import a_row, a_visit, ask, days, finished, plant
from tests.browser.tablet import act, screen
from tests.browser.test_screens import fits
from tests.browser.visit import begin, first_answer

PLACE = "Birkevænget"
NO_DATE = "Den dato findes ikke. Skriv dag, måned og år, året med fire cifre."
# What stands in a date's field, as if it had been typed.
STANDS = """(input, day) => {
  input.value = day;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}"""
# The next list, as it comes by itself within a minute.
PULLED = """async () => (await import("/static/visitor/sync.js")).pull()"""
# The vault refuses the first note as it does on a full disk; what it does then is in test_vault_failing.py.
REFUSED = """() => {
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (asked) {
    if (asked.what !== "note") return postMessage.call(this, asked);
    Worker.prototype.postMessage = postMessage;
    this.onmessage({ data: { n: asked.n, error: { name: "NotKept", key: "save.not", message: "full" } } });
  };
}"""


@pytest.fixture
def page(alone, page) -> Page:
    """Today's list on a tablet of which nothing reaches the server."""
    return page


def own_part(page: Page, row: dict) -> None:
    """The visitor's own part of a planted family, found by its name."""
    plant(page, row)
    to_family(page, row)
    act(page, "own-part")
    expect(page.locator("[data-held]")).to_be_attached()


def to_family(page: Page, row: dict) -> None:
    page.fill("[name=search]", row["children"][0]["name"])
    page.locator(f"[data-found] [data-family='{row['id']}']").click()
    screen(page, "family")


def around(page: Page, row: dict, name: str) -> None:
    """One of the pages around a visit of a planted family."""
    own_part(page, row)
    page.locator(f"[data-page={name}]").click()
    expect(page.locator("form.around")).to_be_visible()


def kept(page: Page) -> None:
    """Save, and see that it says so."""
    act(page, "note")
    expect(page.locator("#notice")).to_contain_text("Gemt på tabletten")


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f"[name='{name}'][value='{value}']").check(force=True)


def note_of(page: Page, row: dict) -> dict:
    """The newest note about a family."""
    return [note for note in ask(page, "notes") if note["family"] == row["id"]][-1]


def wrong(page: Page) -> list[str]:
    return page.locator("form.around .error:visible").all_inner_texts()


# ── appointments ──


def test_an_appointment_made_here_stands_in_today_at_once_and_after_a_restart(tablet, page):
    row = a_row(1)
    around(page, row, "plan")
    page.fill("[name=day]", days(0))
    page.fill("[name=time]", "14:30")
    choose(page, "place", "clinic")
    kept(page)
    made = note_of(page, row)
    assert (made["kind"], made["visit"], made["data"]) == (
        "planned",
        "2m",
        {"planned": f"{days(0)}T14:30", "place": "clinic"},
    )
    stands = page.locator("[data-lists] .group", has_text="I dag").locator(f"[data-family='{row['id']}']")
    act(page, "back")
    act(page, "back")
    expect(stands).to_contain_text("14.30")
    expect(stands).to_contain_text("Klinikken")
    page.reload()
    tablet.unlock()
    expect(stands).to_contain_text("14.30")


def test_an_appointment_is_moved_and_taken_away(page):
    row = a_row(2, visits=[a_visit("2m", -4, 10, planned=f"{days(0)}T09:00")])
    around(page, row, "plan")
    assert page.input_value("[name=time]") == "09:00"
    page.fill("[name=day]", days(3))
    kept(page)
    page.locator("[data-page=plan]").click()
    assert page.input_value("[name=day]") == days(3)
    act(page, "unplan")
    expect(page.locator("#notice")).to_contain_text("Gemt på tabletten")
    assert note_of(page, row)["data"]["planned"] is None


def test_a_day_that_is_over_is_told_at_its_field_and_nothing_is_lost(page):
    around(page, a_row(3), "plan")
    page.fill("[name=day]", days(-1))
    act(page, "note")
    assert wrong(page) == ["Dagen er forbi. Vælg i dag eller en senere dag.", "Vælg et klokkeslæt."]
    expect(page.locator("[name=day]")).to_be_focused()
    expect(page.locator("[name=day]")).to_have_attribute("aria-invalid", "true")
    assert page.input_value("[name=day]") == days(-1)
    page.fill("[name=day]", days(1))
    page.fill("[name=time]", "10:00")
    assert wrong(page) == []
    kept(page)


@pytest.mark.parametrize("day", ["20266-03-05", "0026-03-05"])
def test_a_date_that_the_server_would_not_take_is_told_at_its_field_and_never_sealed(page, day):
    row = a_row(3)
    around(page, row, "plan")
    before = ask(page, "notes")
    page.fill("[name=time]", "10:00")
    page.locator("[name=day]").evaluate(STANDS, day)
    act(page, "note")
    expect(page.locator("form.around .error:visible")).to_have_text([NO_DATE])
    assert ask(page, "notes") == before
    page.fill("[name=day]", days(1))
    kept(page)


# ── what came to nothing ──


def test_two_attempts_in_vain_are_counted_and_the_second_says_that_the_lead_will_see_it(page):
    """FR16"""
    row = a_row(4)
    around(page, row, "missed")
    choose(page, "outcome", "not_home")
    expect(page.locator("[data-slot=again]")).to_be_hidden()
    kept(page)
    page.locator("[data-page=missed]").click()
    choose(page, "outcome", "not_home")
    expect(page.locator("[data-slot=again]")).to_contain_text("Teamlederen får det at se")
    kept(page)
    expect(page.locator("[data-attempts]")).to_contain_text("2-måneders-besøg: 2 forgæves forsøg")
    act(page, "back")
    act(page, "back")
    page.fill("[name=search]", row["children"][0]["name"])
    expect(page.locator(f"[data-found] [data-family='{row['id']}']")).to_contain_text("Ingen hjemme i dag")


def test_a_no_needs_its_reason_and_keeps_the_words(page):
    row = a_row(5)
    around(page, row, "missed")
    act(page, "note")
    assert wrong(page) == ["Vælg, hvad der passer."]
    choose(page, "outcome", "declined")
    page.fill("[name=text]", "De har fået hjælp et andet sted")
    act(page, "note")
    assert wrong(page) == ["Vælg, hvad der passer."]
    assert page.input_value("[name=text]") == "De har fået hjælp et andet sted"
    choose(page, "reason", "other")
    kept(page)
    made = note_of(page, row)
    assert (made["kind"], made["data"]) == ("declined", {"reason": "other", "text": "De har fået hjælp et andet sted"})
    expect(page.locator("[data-attempts]")).to_contain_text("Ønsker ikke besøget")


@pytest.mark.parametrize(("number", "kind"), [(6, "postponed"), (7, "not_offered"), (8, "moved")])
def test_a_visit_is_postponed_or_not_offered_or_the_family_has_moved(page, number, kind):
    row = a_row(number)
    around(page, row, "missed")
    choose(page, "outcome", kind)
    if kind != "moved":
        choose(page, "reason", "ill")
    kept(page)
    assert note_of(page, row)["kind"] == kind


def test_a_reason_that_does_not_fit_what_happened_cannot_be_kept(page):
    around(page, a_row(9), "missed")
    choose(page, "outcome", "declined")
    choose(page, "reason", "declined")
    choose(page, "outcome", "postponed")
    expect(page.locator("[name=reason][value=declined]")).to_be_hidden()
    act(page, "note")
    assert wrong(page) == ["Vælg, hvad der passer."]


def test_what_is_half_written_is_still_there_after_the_cover(page):
    around(page, a_row(10), "missed")
    choose(page, "outcome", "postponed")
    page.fill("[name=text]", "Ringer igen på man")
    page.keyboard.press("Escape")
    expect(page.locator("[name=text]")).to_have_count(0)
    act(page, "uncover")
    expect(page.locator("[name=text]")).to_have_value("Ringer igen på man")
    expect(page.locator("[name=outcome][value=postponed]")).to_be_checked()
    expect(page.locator("[data-field=reason]")).to_be_visible()


def test_a_note_that_cannot_be_kept_says_so_and_stands_there_until_it_is(page):
    row = a_row(11)
    around(page, row, "missed")
    choose(page, "outcome", "moved")
    page.fill("[name=text]", "Til Aarhus")
    page.evaluate(REFUSED)
    act(page, "note")
    expect(page.locator("#notice")).to_contain_text("Ikke gemt")
    assert page.input_value("[name=text]") == "Til Aarhus"
    kept(page)
    assert note_of(page, row)["data"] == {"text": "Til Aarhus"}


# ── parents and homes ──


def test_a_parent_who_is_not_known_is_left_out_and_the_page_shows_one(page):
    row = a_row(12)
    around(page, row, "parents")
    assert page.input_value("[name=parent2]") == row["parents"][1]["name"]
    choose(page, "home", "unknown")
    expect(page.locator("[name=parent2]")).to_be_hidden()
    page.fill("[name=others]", "Mormor Kirsten")
    kept(page)
    act(page, "back")
    expect(page.locator("[data-parents]")).to_contain_text("Mormor Kirsten")
    expect(page.locator("[data-parents]")).not_to_contain_text(row["parents"][1]["name"])


def test_with_two_homes_it_is_chosen_whose_before_anything_of_either_is_shown(page):
    """FR24, 5.8.17"""
    parents = [{"key": "parent1", "name": "Sara Dam", "address": "Søvej 1"},
               {"key": "parent2", "name": "Jonas Bæk", "address": "Engvej 9"}]  # fmt: skip
    row = a_row(13, separated=True, parents=parents, address="Søvej 1")
    plant(page, row)
    to_family(page, row)
    shown = page.locator("#screen")
    expect(shown).not_to_contain_text("Søvej")
    act(page, "start")
    expect(page.locator("#notice")).to_contain_text("hos hvem")
    page.locator("label", has_text="Hos Jonas").click()
    expect(shown).to_contain_text("Engvej 9")
    expect(shown).not_to_contain_text("Søvej")
    expect(shown).not_to_contain_text("Sara Dam")
    begin(page)
    draft = next(one for one in ask(page, "drafts") if one["family"] == row["id"])
    assert ask(page, "draft", draft["id"])["household"] == "parent2"
    act(page, "family")
    screen(page, "family")
    expect(shown).not_to_contain_text("Søvej")
    expect(shown).not_to_contain_text("Sara Dam")


def two_homes(number: int, **more) -> dict:
    """Sara's and Jonas's, with what was agreed in each of them and a visit made at Sara's."""
    parents = [{"key": "parent1", "name": "Sara Dam", "address": "Søvej 1"},
               {"key": "parent2", "name": "Jonas Bæk", "address": "Engvej 9"}]  # fmt: skip
    agreed = {"parent1": "Sara sover ud om søndagen", "parent2": "Jonas går en tur"}
    row = {"separated": True, "parents": parents, "address": None, "agreed_in": agreed}
    return a_row(number, **(row | more))


def test_a_draft_of_one_home_gives_nothing_of_it_away_in_the_other(page):
    """FR24: begun at Sara's, then opened in Jonas's home."""
    row = two_homes(22)
    plant(page, row)
    to_family(page, row)
    shown = page.locator("#screen")
    page.locator("label", has_text="Hos Sara").click()
    expect(shown).to_contain_text("Søvej 1")
    begin(page)
    first_answer(page)
    act(page, "family")
    act(page, "back")
    to_family(page, row)
    expect(shown).not_to_contain_text("Søvej")
    expect(shown).not_to_contain_text("sover ud")
    expect(page.locator("[data-action=resume]")).to_be_hidden()
    page.locator("label", has_text="Hos Jonas").click()
    expect(shown).to_contain_text("Engvej 9")
    expect(shown).to_contain_text("Jonas går en tur")
    for hers in ("Søvej", "Sara", "sover ud"):
        expect(shown).not_to_contain_text(hers)
    expect(page.locator("[data-action=resume]")).to_be_hidden()
    begin(page)
    first_answer(page)
    begun = [ask(page, "draft", one["id"]) for one in ask(page, "drafts") if one["family"] == row["id"]]
    assert {draft["household"] for draft in begun} == {"parent1", "parent2"}
    act(page, "family")
    screen(page, "family")
    expect(shown).to_contain_text("Engvej 9")  # back in the home she came from
    expect(page.locator("[data-homes]")).to_be_hidden()
    act(page, "back")
    to_family(page, row)
    page.locator("label", has_text="Hos Sara").click()
    expect(shown).to_contain_text("Søvej 1")
    expect(page.locator("[data-action=start]")).to_be_hidden()
    act(page, "resume")
    screen(page, "visit")
    expect(page.locator("button.who")).to_be_visible()
    assert len([one for one in ask(page, "drafts") if one["family"] == row["id"]]) == 2


def test_before_the_home_is_chosen_nothing_is_told_of_when_either_was_visited(page):
    """FR24: neither on the family's page nor on the cover."""
    made = {"visit": "2m", "date": days(-3), "household": "parent1"}
    done = [a_visit("2m", -4, 10, state="done", planned=f"{days(-3)}T10:00"), a_visit("8m", 185, 275)]
    row = two_homes(23, dates=[made], visits=done)
    plant(page, row)
    to_family(page, row)
    expect(page.locator("[data-homes]")).to_be_visible()
    expect(page.locator("[data-dates]")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#cover .visits [data-state=done]")).to_have_count(0)
    act(page, "uncover")
    page.locator("label", has_text="Hos Sara").click()
    expect(page.locator("[data-dates] [data-state=done]")).to_have_count(1)
    act(page, "own-part")
    page.locator("[data-page=parents]").click()
    act(page, "back")
    act(page, "back")
    expect(page.locator("[data-dates] [data-state=done]")).to_have_count(1)  # still at Sara's
    act(page, "back")
    to_family(page, row)
    page.locator("label", has_text="Hos Jonas").click()
    expect(page.locator("[data-dates]")).to_be_visible()
    expect(page.locator("[data-dates] [data-state=done]")).to_have_count(0)


def test_the_nu_card_of_the_visitors_own_part_has_the_address_of_the_home_that_was_chosen(page):
    row = two_homes(24)
    plant(page, row)
    to_family(page, row)
    page.locator("label", has_text="Hos Jonas").click()
    expect(page.locator("#screen")).to_contain_text("Engvej 9")
    act(page, "own-part")
    expect(page.locator("[data-held]")).to_be_attached()
    page.evaluate("async () => (await import('/static/visitor/watch.js')).openNow()")
    expect(page.locator("#now")).to_contain_text("Engvej 9")


BEGUN = """async ([row, responses]) => {
  const [vault, course] = await Promise.all(["vault", "course"].map((name) => import(`/static/visitor/${name}.js`)));
  await vault.keepDraft({ ...course.begun(row.id, "2m", "1.0.0", new Date()), parents: row.parents, responses });
}"""


def test_who_has_answered_in_a_visit_under_way_keeps_her_place_until_it_is_finished(page):
    """FR9, FR10: her answers go by it; nobody else takes them over, and nothing is saved."""
    row = a_row(71)
    plant(page, row)
    before = len(ask(page, "notes"))
    said = {"form": "B", "respondent": "parent1", "authored_at": f"{days(0)}T07:01:00.000Z"}
    page.evaluate(BEGUN, [row, [said | {"answers": {"k1": {"value": "2"}}}]])
    around(page, row, "parents")
    page.fill("[name=parent1]", "Karim Ny")
    act(page, "note")
    expect(page.locator("[data-field]:has([name=parent1]) .error")).to_contain_text("ikke er afsluttet")
    assert len(ask(page, "notes")) == before
    page.fill("[name=parent1]", row["parents"][0]["name"])
    page.fill("[name=parent2]", "Karim Ny")
    kept(page)
    assert len(ask(page, "notes")) == before + 1, "who has not answered can be put right"


def test_the_second_home_gets_its_address_and_the_nu_card_there_has_it(page):
    row = a_row(25)
    around(page, row, "parents")
    second = page.locator("[name=parent2-address]")
    expect(second).to_be_hidden()
    choose(page, "home", "apart")
    expect(page.locator("[name=parent1-address]")).to_have_attribute("placeholder", "Uændret")
    expect(second).to_have_attribute("placeholder", "")
    second.fill("Engvej 9")
    kept(page)
    made = note_of(page, row)["data"]["parents"]
    assert [one.get("address") for one in made] == [None, "Engvej 9"]
    act(page, "back")
    page.locator("label", has_text="Hos Jonas").click()
    expect(page.locator("[data-slot=place]")).to_have_text("Engvej 9")
    begin(page)
    act(page, "now")
    expect(page.locator("#now")).to_contain_text("Engvej 9")
    expect(page.locator("#now")).not_to_contain_text(row["address"])


def test_an_address_that_is_known_is_not_shown_among_the_parents_and_is_not_another_ones(page):
    row = two_homes(26)
    around(page, row, "parents")
    second = page.locator("[name=parent2-address]")
    expect(second).to_have_value("")
    expect(second).to_have_attribute("placeholder", "Uændret")
    page.fill("[name=parent2]", "Emil Bæk")
    expect(second).to_have_attribute("placeholder", "")
    kept(page)
    act(page, "back")
    page.locator("label", has_text="Hos Emil").click()
    expect(page.locator("[data-parents]")).to_contain_text("Emil Bæk")
    for former in ("Engvej", "går en tur", "Søvej"):
        expect(page.locator("#screen")).not_to_contain_text(former)


def test_a_new_family_of_two_homes_has_an_address_for_each_and_a_protected_one_is_not_shown(page):
    act(page, "around")
    page.fill("[name=child]", "Yl\u200bva\u00a0Ravn \u200e")
    page.fill("[name=birth]", days(-60))
    page.fill("[name=address]", "Glemtvej 1")
    choose(page, "home", "apart")
    expect(page.locator("[name=address]")).to_be_hidden()
    for key, name, address in (("parent1", "Sif \u202eRavn", "Havnegade 4"), ("parent2", "Tor Ravn", "Skovvej 8")):
        page.fill(f"[name={key}]", name)
        page.fill(f"[name={key}-address]", address)
    page.locator("[name=protected]").check(force=True)
    kept(page)
    made = [note for note in ask(page, "notes") if note["kind"] == "new_family"][-1]["data"]
    assert "address" not in made
    names = [one["name"] for one in [*made["children"], *made["parents"]]]
    assert names == ["Ylva Ravn", "Sif Ravn", "Tor Ravn"], "signs that nobody sees are no part of a name"
    assert [one["address"] for one in made["parents"]] == ["Havnegade 4", "Skovvej 8"]
    page.locator("label", has_text="Hos Tor").click()
    expect(page.locator("[data-slot=place]")).to_have_text("Adressen er beskyttet")
    expect(page.locator("#screen")).not_to_contain_text("Skovvej")


def test_a_protected_address_stands_on_no_page_but_the_nu_card(page):
    row = a_row(14, address_protected=True)
    plant(page, row)
    to_family(page, row)
    expect(page.locator("#screen")).to_contain_text("Adressen er beskyttet")
    expect(page.locator("#screen")).not_to_contain_text(PLACE)
    act(page, "own-part")
    expect(page.locator("[data-held]")).to_be_attached()
    expect(page.locator("#screen")).not_to_contain_text(PLACE)
    act(page, "back")
    begin(page)
    expect(page.locator("#screen")).not_to_contain_text(PLACE)
    act(page, "now")
    expect(page.locator("#now")).to_contain_text(row["address"])


# ── a new family ──


def test_a_family_that_is_not_on_the_list_is_written_down_and_visited_without_a_connection(tablet, page):
    tablet.context.set_offline(True)
    act(page, "around")
    act(page, "note")
    assert wrong(page) == ["Skriv navnet.", "Vælg en dato.", "Skriv navnet.", "Skriv navnet."]
    page.fill("[name=child]", "Yusuf Demir")
    page.fill("[name=birth]", days(1))
    act(page, "one-more")
    page.locator("[name=child]").nth(1).fill("Zahra Demir")
    page.locator("[name=birth]").nth(1).fill(days(-60))
    choose(page, "home", "one")
    page.fill("[name=parent1]", "Leyla Demir")
    page.fill("[name=address]", "Hemmeligvej 3")
    page.locator("[name=protected]").check(force=True)
    page.fill("[name=languages]", "tyrkisk, dansk")
    act(page, "note")
    assert wrong(page) == ["Fødselsdatoen ligger i fremtiden."]
    assert page.locator("[name=child]").nth(1).input_value() == "Zahra Demir"
    page.locator("[name=birth]").nth(0).fill(days(-60))
    kept(page)
    expect(page.locator("h1")).to_have_text("Yusuf og Zahra Demir")
    expect(page.locator("#screen")).to_contain_text("Adressen er beskyttet")
    expect(page.locator("#screen")).not_to_contain_text("Hemmeligvej")
    begin(page)
    expect(page.locator("button.who")).to_contain_text("Yusuf og Zahra")
    page.reload()
    tablet.unlock()
    expect(page.locator("[data-lists]")).to_contain_text("Yusuf og Zahra Demir")
    made = [note for note in ask(page, "notes") if note["kind"] == "new_family"][-1]
    assert made["data"]["languages"] == ["tyrkisk", "dansk"]
    assert [child["name"] for child in made["data"]["children"]] == ["Yusuf Demir", "Zahra Demir"]
    assert made["data"]["parents"] == [{"key": "parent1", "name": "Leyla Demir", "custody": True}]


def test_a_name_nobody_has_leads_to_a_new_family(page):
    page.fill("[name=search]", "Qqqq")
    act(page, "around")
    expect(page.locator("h1")).to_have_text("Ny familie")


# ── the visitor's own part ──


def test_what_is_new_since_last_time_and_what_is_to_be_done_stand_there_and_done_is_gone(page):
    row = a_row(
        15,
        tasks=[{"id": "t-15", "text": "Ring til Sara", "due": days(-1), "responsible": "Anne"}],
        changed=[{"respondent": "parent1", "visit": "8m", "change": "worse", "persistent": True, "new_flag": False}],
    )
    own_part(page, row)
    expect(page.locator("[data-changed]")).to_contain_text("værre end sidst")
    expect(page.locator("[data-changed]")).to_contain_text("Konflikten varer ved")
    act(page, "task-done")
    expect(page.locator("[data-task] button")).to_have_text("Ja, det er gjort")
    expect(page.locator("[data-task]")).to_have_count(1)
    act(page, "task-done")
    expect(page.locator("[data-task]")).to_have_count(0)
    expect(page.locator("[data-no-tasks]")).to_be_visible()
    assert note_of(page, row)["data"] == {"task": "t-15"}


def test_what_somebody_else_does_says_who_and_is_not_hers_to_be_done_with(page):
    others = {"id": "t-27", "text": "Tag stilling", "due": days(2), "responsible": "Birgit", "mine": False}
    own = {"id": "t-28", "text": "Ring til Sara", "due": days(1), "responsible": "Anne", "mine": True}
    own_part(page, a_row(27, tasks=[own, others]))
    expect(page.locator("[data-task='t-27']")).to_contain_text("Birgit gør det")
    expect(page.locator("[data-task='t-27'] button")).to_be_hidden()
    expect(page.locator("[data-task='t-28'] button")).to_be_visible()


def test_a_talk_with_one_parent_stands_only_in_the_visitors_own_part(page):
    """Held, begun or to come: the other parent reads the family's page too."""
    last = "11111111-1111-7111-8111-111111111112"
    dates = [{"visit": "2m", "date": days(-30)}, {"visit": "talk", "date": days(-2)}]
    visits = [a_visit("2m", -40, -20), a_visit("8m", 20, 90)]
    row = a_row(28, visits=visits, dates=dates, last={"2m": last})
    plant(page, row)
    to_family(page, row)
    expect(page.locator("[data-types]")).to_contain_text("Hvilket besøg holder I i dag?")
    expect(page.locator("[data-dates] [data-state=done]")).to_have_count(1)
    expect(page.locator("main")).not_to_contain_text("amtale")
    act(page, "own-part")
    expect(page.locator("[data-held]")).to_contain_text("Samtale")
    act(page, "talk")
    screen(page, "visit")
    first_answer(page)
    act(page, "family")
    screen(page, "family")
    expect(page.locator("[data-action=resume]")).to_be_hidden()
    expect(page.locator("main")).not_to_contain_text("amtale")
    act(page, "own-part")
    expect(page.locator("[data-drafts]")).to_contain_text("Samtale")


def test_a_talk_with_one_of_two_homes_asks_which_and_completes_the_visit_made_there(page):
    made = "11111111-1111-7111-8111-111111111113"
    row = two_homes(29, visits=[], last={"2m": made}, last_in={"parent1": {}, "parent2": {"2m": made}})
    own_part(page, row)
    act(page, "talk")
    homes = page.locator("[data-homes] label")
    expect(homes).to_have_text(["Hos Jonas"])
    homes.click()
    screen(page, "visit")
    draft = next(one for one in ask(page, "drafts") if one["family"] == row["id"])
    whole = ask(page, "draft", draft["id"])
    assert (whole["visit"], whole["household"], whole["completes"]) == ("talk", "parent2", made)


def test_the_numbers_of_the_nu_card_can_be_pressed_at_every_width(page):
    row = a_row(30)
    plant(page, row)
    for width in (390, 820, 1180):
        page.set_viewport_size({"width": width, "height": 844})
        to_family(page, row)
        page.evaluate("async () => (await import('/static/visitor/watch.js')).openNow()")
        links = page.locator("#now a[href^='tel:']")
        expect(links).to_have_count(3)
        expect(links.first).to_have_attribute("href", "tel:112")
        page.locator("#now .way-back").click()
        act(page, "back")


def test_outside_the_time_of_a_visit_its_kind_is_chosen(page):
    row = a_row(16, visits=[a_visit("2m", -40, -20), a_visit("8m", 20, 90)])
    plant(page, row)
    to_family(page, row)
    expect(page.locator("[name=type][value='2m']")).to_be_checked()
    choose(page, "type", "8m")
    begin(page)
    draft = next(one for one in ask(page, "drafts") if one["family"] == row["id"])
    assert draft["visit"] == "8m"


def test_a_later_talk_names_the_visit_it_completes(page):
    """5.8.21"""
    row = a_row(17, visits=[], last={"2m": "11111111-1111-7111-8111-111111111111"})
    own_part(page, row)
    act(page, "talk")
    screen(page, "visit")
    draft = next(one for one in ask(page, "drafts") if one["family"] == row["id"])
    whole = ask(page, "draft", draft["id"])
    assert (whole["visit"], whole["completes"]) == ("talk", row["last"]["2m"])


def test_a_visit_that_can_no_longer_be_read_here_says_who_can_be_written_to(page):
    own_part(page, a_row(18, dates=[{"visit": "2m", "date": days(-20)}]))  # somebody else's, so without a number
    expect(page.locator("[data-held]")).to_contain_text("skriv til teamlederen")
    expect(page.locator("[data-action=correct]")).to_be_hidden()


def test_a_finished_visit_is_corrected_as_a_whole_new_version_with_its_answers(page):
    """5.8.21"""
    row = a_row(19)
    plant(page, row)
    visit = finished(page, row)
    to_family(page, row)
    act(page, "own-part")
    act(page, "correct")
    screen(page, "visit")
    expect(page.locator("h1", has_text="Ret besøget")).to_be_visible()
    page.locator("[data-action=part]").first.click()
    expect(page.locator("[name=s1][value=home]")).to_be_checked()
    draft = next(one for one in ask(page, "drafts") if one["family"] == row["id"])
    whole = ask(page, "draft", draft["id"])
    assert (whole["replaces"], whole["startedAt"]) == (visit, f"{days(0)}T07:00:00.000Z")
    assert whole["id"] != visit
    act(page, "family")  # back to the visitor's own part
    expect(page.locator("[data-drafts]")).to_contain_text("Rettelse af 2-måneders-besøg")
    act(page, "correct")  # the same one again, not a second
    screen(page, "visit")
    assert len([one for one in ask(page, "drafts") if one["family"] == row["id"]]) == 1


def test_what_a_family_may_see_shows_nothing_of_the_visitors_own_part(page):
    row = a_row(20, tasks=[{"id": "t-20", "text": "Ring til Sara", "due": days(0), "responsible": "Anne"}])
    plant(page, row)
    to_family(page, row)
    expect(page.locator("[data-kind=shareable]")).to_be_visible()
    expect(page.locator("#screen")).not_to_contain_text("Ring til Sara")


@pytest.mark.parametrize(("width", "height"), [(820, 1180), (1180, 820), (390, 844)])
def test_targets_are_large_and_nothing_goes_sideways(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    fits(page)
    row = a_row(21, tasks=[{"id": "t-21", "text": "Ring til Sara", "due": days(0), "responsible": "Anne"}])
    own_part(page, row)
    fits(page)
    for name in ("plan", "missed", "parents"):
        page.locator(f"[data-page={name}]").click()
        expect(page.locator("form.around")).to_be_visible()
        if name == "missed":
            choose(page, "outcome", "postponed")
            act(page, "note")
        fits(page)
        act(page, "back")


def test_what_was_noted_is_the_servers_too_and_comes_home_with_the_list(demo, playwright, chromium_path, tmp_path):
    """FR16: an appointment, two attempts in vain and a new family, sent when there is a connection."""
    tablet = launch(playwright, chromium_path, demo, tmp_path / "tablet")
    tablet.enrol("tove")
    page = tablet.page
    known = page.locator("[data-lists] [data-family]").first
    name = known.locator(".name strong").inner_text()
    known.click()
    screen(page, "family")
    act(page, "own-part")
    for _ in range(2):
        page.locator("[data-page=missed]").click()
        choose(page, "outcome", "not_home")
        kept(page)
    page.locator("[data-page=plan]").click()
    page.fill("[name=day]", days(2))
    page.fill("[name=time]", "11:15")
    kept(page)
    act(page, "back")
    act(page, "back")
    act(page, "around")
    page.fill("[name=child]", "Otto Sand")
    page.fill("[name=birth]", days(-60))
    page.fill("[name=parent1]", "Mia Sand")
    page.fill("[name=parent2]", "Kaj Sand")
    kept(page)
    act(page, "back")
    expect(page.locator("[data-slot=waiting]")).to_have_text("Alle besøg er læst ind", timeout=90_000)
    page.evaluate(PULLED)
    assert ask(page, "notes") == []
    page.fill("[name=search]", name)
    expect(page.locator("[data-found]")).to_contain_text("11.15")
    expect(page.locator("[data-found]")).to_contain_text("2 forgæves forsøg")
    page.fill("[name=search]", "Otto Sand")
    expect(page.locator("[data-found] [data-family]")).to_have_count(1)
    assert tablet.complaints == []
    tablet.close()
