"""Signing in and out, and what is everybody's own."""

import hashlib
import re

import pytest
from flask.json.tag import TaggedJSONSerializer
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

from screening import attempts, config, create_app, passwords, people
from screening.demo import municipality as demo
from tests.web.conftest import PASSWORD


def test_a_stranger_is_led_to_signing_in_and_back_to_the_page_she_wanted(browser, staff, clock):
    answer = browser.get("/lead/families")
    assert answer.status_code == 303
    assert answer.location == "/account/sign-in?next=/lead/families"
    asked = browser.send(answer.location, username="lene", password=PASSWORD)
    entered = browser.send(asked.location, code=staff.code("lene", clock.now))
    assert entered.location == "/lead/families"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "lead", "/a\\b"])
def test_signing_in_never_leads_to_somebody_elses_page(browser, staff, clock, elsewhere):
    browser.post("/account/sign-in", query_string={"next": elsewhere}, data={
        "csrf_token": browser.token(), "username": "lene", "password": PASSWORD})  # fmt: skip
    entered = browser.post("/account/code", query_string={"next": elsewhere}, data={
        "csrf_token": browser.token("/account/code"), "code": staff.code("lene", clock.now)})  # fmt: skip
    assert entered.location == "/lead/"


@pytest.mark.parametrize(
    ("username", "home"), [("vera", "/visit"), ("lene", "/lead/"), ("adam", "/admin/"), ("kim", "/account/")]
)
def test_each_role_comes_home_to_its_own_page(signed_in, username, home):
    assert signed_in(username).get("/").location == home


def test_a_password_alone_opens_nothing(browser, staff):
    browser.send("/account/sign-in", username="lene", password=PASSWORD)
    assert browser.get("/lead/").status_code == 303
    assert browser.get("/visit/who").json["signed_in"] is False


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(browser, staff):
    wrong = browser.send("/account/sign-in", username="lene", password="forkert")
    unknown = browser.send("/account/sign-in", username="nobody", password="forkert")
    assert wrong.status_code == unknown.status_code == 403
    without = [re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True)) for answer in (wrong, unknown)]
    assert without[0] == without[1]
    assert "Brugernavn eller adgangskode passer ikke" in without[0]


def test_a_wrong_code_is_refused_and_the_right_one_still_works(browser, staff, clock):
    browser.send("/account/sign-in", username="lene", password=PASSWORD)
    assert browser.send("/account/code", code="000000").status_code == 403
    assert browser.send("/account/code", code=staff.code("lene", clock.now)).status_code == 303


def test_a_code_works_once(app, staff, clock):
    """AT-41"""
    first, second = app.test_client(), app.test_client()
    for browser in (first, second):
        browser.send("/account/sign-in", username="lene", password=PASSWORD)
    code = staff.code("lene", clock.now)
    assert first.send("/account/code", code=code).status_code == 303
    assert second.send("/account/code", code=code).status_code == 403


def test_a_code_page_without_a_password_before_it_leads_back(browser):
    assert browser.get("/account/code").location == "/account/sign-in"


def test_signing_out_ends_the_sign_in_at_the_server_too(signed_in, app):
    browser = signed_in("lene")
    kept = browser.get_cookie("session").value
    assert browser.send("/account/sign-out", "/account/").status_code == 303
    thief = app.test_client()
    thief.set_cookie("session", kept)
    assert thief.get("/lead/").status_code == 303


def test_a_new_sign_in_has_a_new_token_and_a_new_form_token(browser, staff, clock):
    before, token = browser.get_cookie("session"), browser.token()
    browser.send("/account/sign-in", username="lene", password=PASSWORD)
    half = browser.get_cookie("session").value
    browser.send("/account/code", code=staff.code("lene", clock.now))
    assert before is None
    assert browser.get_cookie("session").value != half
    assert browser.post("/account/sign-out", data={"csrf_token": token}).status_code == 400


def test_a_lead_is_signed_out_after_half_an_hour_of_quiet(signed_in, clock):
    browser = signed_in("lene")
    clock.pass_by(minutes=29)
    assert browser.get("/lead/").status_code == 200
    clock.pass_by(minutes=31)
    assert browser.get("/lead/").status_code == 303


def test_a_disabled_person_is_out_at_once(signed_in, store, clock):
    browser = signed_in("lene")
    people.disable(store, "lene", clock.now)
    assert browser.get("/lead/").status_code == 303


def test_guessing_from_elsewhere_does_not_keep_the_owner_out(signed_in, app, staff, clock):
    own = signed_in("lene")
    thief = app.test_client()
    for number in range(60):
        thief.post("/account/sign-in", environ_base={"REMOTE_ADDR": f"10.0.0.{number}"}, data={
            "csrf_token": thief.token(), "username": "lene", "password": "forkert"})  # fmt: skip
    assert own.send("/account/sign-in", username="lene", password=PASSWORD).status_code == 303
    assert own.send("/account/code", code=staff.code("lene", clock.now)).status_code == 303


def test_a_browsers_mark_counts_for_the_account_that_earned_it_only(signed_in, staff):
    own = signed_in("vera")
    answers = [
        own.post("/account/sign-in", environ_base={"REMOTE_ADDR": f"10.0.0.{number % 2}"}, data={
            "csrf_token": own.token(), "username": "lene", "password": "forkert"}).status_code
        for number in range(14)
    ]  # fmt: skip
    assert answers[-1] == 429


def test_whoever_must_wait_is_told_until_when(browser, staff):
    for _ in range(6):
        answer = browser.send("/account/sign-in", username="lene", password="forkert")
    assert answer.status_code == 429
    assert re.search(r"Prøv igen kl\. \d\d\.\d\d", answer.get_data(as_text=True))


def test_the_choice_of_language_is_kept_for_the_person(signed_in):
    browser = signed_in("lene")
    assert "Din konto" in browser.get("/account/").get_data(as_text=True)
    browser.send("/account/language", "/account/", language="en", back="/account/")
    page = browser.get("/account/").get_data(as_text=True)
    assert '<html lang="en"' in page and "Your account" in page


def test_a_stranger_may_read_the_sign_in_page_in_english(browser):
    assert "Sign in" in browser.get("/account/sign-in", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    answer = browser.send("/account/language", "/account/sign-in", language="en", back="/account/sign-in")
    assert answer.location == "/account/sign-in"
    assert "Sign in" in browser.get("/account/sign-in").text


def test_a_language_we_do_not_have_is_refused(browser):
    assert browser.send("/account/language", "/account/sign-in", language="xx").status_code == 422


def test_everybody_sees_the_places_where_she_is_signed_in_and_ends_them(signed_in):
    here, there = signed_in("lene"), signed_in("lene")
    page = here.get("/account/").get_data(as_text=True)
    ends = re.findall(r'action="(/account/sessions/[^"]+/end)"', page)
    assert "Denne browser" in page and len(ends) == 1
    assert here.send(ends[0], "/account/").status_code == 303
    assert there.get("/account/").status_code == 303
    assert here.get("/account/").status_code == 200


def test_nobody_ends_somebody_elses_sign_in(signed_in):
    lene, vera = signed_in("lene"), signed_in("vera")
    signed_in("lene")
    end = re.search(r'action="(/account/sessions/[^"]+/end)"', lene.get("/account/").get_data(as_text=True)).group(1)
    vera.send(end, "/account/")
    assert end in lene.get("/account/").get_data(as_text=True)


def test_all_other_places_end_together(signed_in):
    here, others = signed_in("lene"), [signed_in("lene"), signed_in("lene")]
    here.send("/account/sessions/end", "/account/")
    assert here.get("/account/").status_code == 200
    assert [one.get("/account/").status_code for one in others] == [303, 303]


def test_a_new_password_needs_the_old_one_and_ends_the_other_places(signed_in, app, staff, clock):
    here, there = signed_in("lene"), signed_in("lene")
    new = "fire stille heste løber hjem"
    refused = here.send("/account/password", "/account/", password="forkert", new=new, again=new)
    assert refused.status_code == 403
    assert "Din nuværende adgangskode passer ikke" in refused.get_data(as_text=True)
    changed = here.send("/account/password", "/account/", password=PASSWORD, new=new, again=new)
    assert changed.status_code == 303
    assert "Adgangskoden er skiftet" in here.get("/account/").get_data(as_text=True)
    assert there.get("/account/").status_code == 303
    clock.pass_by(minutes=1)
    again = app.test_client()
    assert again.send("/account/sign-in", username="lene", password=new).status_code == 303


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("kort", "kort", "mindst 15 tegn"),
        ("Prøvested Prøvested", "Prøvested Prøvested", "for let at gætte"),
        ("fire stille heste løber", "fire stille heste går hjem", "ikke ens"),
    ],
)
def test_a_password_that_will_not_do_is_refused_in_words(signed_in, new, again, said):
    refused = signed_in("lene").send("/account/password", "/account/", password=PASSWORD, new=new, again=again)
    assert refused.status_code == 422
    assert said in refused.get_data(as_text=True)


HTTPS = {"base_url": "https://besoeg.example", "headers": {"Referer": "https://besoeg.example/account/sign-in"}}


def cookies_over_https(browser, path, **fields):
    """Send a form as over https; gives the cookies that the answer sets, each as the list of its parts."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(path, **HTTPS).text).group(1)
    answer = browser.post(path, data={"csrf_token": token, **fields}, **HTTPS)
    assert answer.status_code == 303
    return [cookie.split("; ") for cookie in answer.headers.getlist("Set-Cookie")]


def test_over_https_a_cookie_is_pinned_to_this_host(browser, staff):
    cookies = cookies_over_https(browser, "/account/sign-in", username="lene", password=PASSWORD)
    assert any(name.startswith("__Host-session=") for name, *_ in cookies)


def test_over_https_the_mark_of_a_browser_is_pinned_to_https_and_to_the_account_pages(browser, staff, clock):
    cookies_over_https(browser, "/account/sign-in", username="lene", password=PASSWORD)
    cookies = cookies_over_https(browser, "/account/code", code=staff.code("lene", clock.now))
    ((_, *mark),) = [parts for parts in cookies if parts[0].startswith("__Secure-known=")]
    assert {"Path=/account", "Secure", "HttpOnly", "SameSite=Strict"} <= set(mark)


# ── the first password ──

OWN = "fire stille heste løber hjem"


@pytest.fixture
def newcomer(app, staff, clock, cheap):
    """Nina, whose password was made for her, and a browser in which she is signed in."""
    service = app.extensions["screening"]
    made = people.add(service.store, "nina", "Nina Prøve", "visitor", "Nord", clock.now, cost=cheap)
    staff.secrets["nina"] = made["totp_secret"]
    browser = app.test_client()
    assert enter(browser, staff, clock, made["password"]) == "/account/password"
    return browser, made["password"]


def enter(browser, staff, clock, password):
    """Sign Nina in; gives where it leads her."""
    assert browser.send("/account/sign-in", username="nina", password=password).status_code == 303
    entered = browser.send("/account/code", code=staff.code("nina", clock.now))
    assert entered.status_code == 303
    clock.pass_by(seconds=31)
    return entered.location


def test_whoever_has_a_first_password_chooses_her_own_before_anything_else(newcomer, staff, clock, app):
    browser, first = newcomer
    for page in ("/", "/account/"):
        assert browser.get(page).location == "/account/password"
    page = browser.get("/account/password")
    assert "Vælg din egen adgangskode" in page.text and "har andre set" in page.text
    assert browser.get("/visit/who").json["signed_in"] is False
    assert browser.get("/visit/caseload").status_code == 403
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)
    assert browser.post("/account/sessions/end", data={"csrf_token": token}).status_code == 403
    changed = browser.send("/account/password", password=first, new=OWN, again=OWN)
    assert changed.location == "/visit"
    assert browser.get("/visit/who").json["signed_in"] is True
    assert browser.get("/account/").status_code == 200
    assert enter(app.test_client(), staff, clock, OWN) == "/visit"


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [(None, None, "den samme som den gamle"), ("manchesterunited", "manchesterunited", "kendte adgangskoder"),
     (OWN, "noget helt andet her", "ikke ens")],
)  # fmt: skip
def test_a_choice_that_will_not_do_leaves_her_on_the_page(newcomer, new, again, said):
    browser, first = newcomer
    refused = browser.send("/account/password", password=first, new=new or first, again=again or first)
    assert refused.status_code == 422 and said in refused.text and "Vælg din egen adgangskode" in refused.text
    assert browser.get("/account/").location == "/account/password"


def test_she_may_sign_out_instead(newcomer):
    browser, _ = newcomer
    assert browser.send("/account/sign-out", "/account/password").location == "/account/sign-in"


def test_a_first_password_is_no_way_in_after_a_week(newcomer, clock, app):
    _, first = newcomer
    clock.pass_by(days=7)
    refused = app.test_client().send("/account/sign-in", username="nina", password=first)
    assert refused.status_code == 403 and "Bed jeres administrator om en ny" in refused.text


def test_the_page_can_be_opened_by_anybody_who_is_signed_in(signed_in):
    page = signed_in("lene").get("/account/password")
    assert page.status_code == 200 and "har andre set" not in page.text


def test_who_lost_password_and_code_app_comes_back_to_what_she_had(signed_in, staff, store, clock, cheap, app):
    old = signed_in("vera")
    proof = "Adam har set hendes id-kort"
    password = people.renew_password(store, "vera", proof, clock.now, cost=cheap)
    staff.secrets["vera"] = people.renew_code(store, "vera", proof, clock.now)
    assert old.get("/account/").status_code == 303, "whoever has the old sign-in is out"
    browser = app.test_client()
    assert browser.send("/account/sign-in", username="vera", password=PASSWORD).status_code == 403
    assert browser.send("/account/sign-in", username="vera", password=password).status_code == 303
    assert browser.send("/account/code", code=staff.code("vera", clock.now)).status_code == 303
    assert browser.send("/account/password", password=password, new=OWN, again=OWN).location == "/visit"
    assert browser.get("/visit/who").json["person"]["id"] == staff.ids["vera"]


def test_whoever_has_lost_something_is_sent_to_who_can_help(browser, staff):
    said = "Jeres administrator kan give dig en ny"
    assert said in browser.get("/account/sign-in").text
    browser.send("/account/sign-in", username="lene", password=PASSWORD)
    assert said in browser.get("/account/code").text
    assert "Du får den af jeres administrator" in browser.get("/visit").text


# ── what a browser keeps ──


def test_cookies_are_signed_with_sha256(signed_in, app):
    browser = signed_in("lene")
    browser.get("/account/")
    mark, form = (browser.get_cookie(name, path=path).value for name, path in (("known", "/account"), ("form", "/")))
    marks = {"salt": "browser that has signed in before"}
    forms = {"salt": "cookie-session", "serializer": TaggedJSONSerializer()}
    sha256 = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    sha1 = {"key_derivation": "hmac", "digest_method": hashlib.sha1}
    assert URLSafeTimedSerializer(app.secret_key, signer_kwargs=sha256, **forms).loads(form)
    assert URLSafeSerializer(app.secret_key, signer_kwargs={"digest_method": hashlib.sha256}, **marks).loads(mark)
    with pytest.raises(BadSignature):
        URLSafeTimedSerializer(app.secret_key, signer_kwargs=sha1, **forms).loads(form)
    with pytest.raises(BadSignature):
        URLSafeSerializer(app.secret_key, **marks).loads(mark)


def test_a_browsers_mark_counts_for_half_a_year_and_no_longer(signed_in, app, store, clock):
    """Whoever copied the cookie keeps it longer than the browser is told to."""
    mark = signed_in("lene").get_cookie("known", path="/account").value

    def scopes():
        browser = app.test_client()
        browser.set_cookie("known", mark, path="/account")
        browser.send("/account/sign-in", username="lene", password="forkert")
        found = {row["scope"] for row in store.rows("SELECT scope FROM attempts WHERE scope LIKE 'pair %'")}
        store.run("DELETE FROM attempts")
        return found

    known = scopes()
    clock.pass_by(days=attempts.KNOWN_DAYS - 1)
    assert scopes() == known
    clock.pass_by(days=2)
    assert scopes() != known


def test_in_a_demo_an_unknown_name_costs_what_an_invented_persons_does(tmp_path, now):
    settings = config.load(tmp_path / "demo", environment={}, demo=True)
    demo.prepare(settings, 1, 1, now)
    made = create_app(settings, lambda: now)
    service = made.extensions["screening"]
    kept = service.store.row("SELECT password_hash FROM people")["password_hash"]
    assert passwords.nobodys(service.cost).split("$")[3] == kept.split("$")[3]
    assert service.store.rows("SELECT id FROM people WHERE first_until IS NOT NULL") == []
    service.store.close()
