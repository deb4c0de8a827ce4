// Words in two languages, the workers the page may start, and what stands on today's list. What needs a page is
// tested in a real one (tests/browser/test_screens.py).

import assert from "node:assert/strict";
import test from "node:test";

globalThis.document = { documentElement: {}, addEventListener() {} }; // all that loading these modules touches
const { speak, speaks, trusted } = await import("../../static/visitor/dom.js");
const { addWords, listed, say } = await import("../../static/visitor/words.js");
const { grouped, matching, nextVisit } = await import("../../static/visitor/screens/today.js");
const { shortName } = await import("../../static/visitor/screens/waiting.js");
const { inOfficeHours } = await import("../../static/visitor/cover.js");

test("only the app's own workers may be started", () => {
  assert.equal(trusted("/sw.js"), "/sw.js");
  assert.equal(trusted("/static/visitor/keeper.js"), "/static/visitor/keeper.js");
  assert.throws(() => trusted("/static/visitor/app.js"), TypeError);
  assert.throws(() => trusted("https://elsewhere.example/sw.js"), TypeError);
});

test("an unknown language is Danish", () => {
  speak("en");
  assert.equal(speaks(), "en");
  speak("fr");
  assert.equal(speaks(), "da");
});

test("a sentence has its number and its values", () => {
  addWords({ "test.n": ["{n} besøg {when}", "{n} visits {when}"], "test.n.one": ["1 besøg {when}", "1 visit {when}"] });
  speak("da");
  assert.equal(say("test.n", { n: 1, when: "i dag" }), "1 besøg i dag");
  assert.equal(say("test.n", { n: 3, when: "i dag" }), "3 besøg i dag");
  speak("en");
  assert.equal(say("test.n", { n: 1, when: "today" }), "1 visit today");
  assert.throws(() => say("test.unknown"), /no words for test\.unknown/);
});

test("names are listed as people say them", () => {
  speak("da");
  assert.equal(listed(["Yusuf"]), "Yusuf");
  assert.equal(listed(["Yusuf", "Zahra"]), "Yusuf og Zahra");
  assert.equal(listed(["a", "b", "c"]), "a, b og c");
  assert.equal(listed([]), "");
});

test("search ignores accents and how Danish letters are typed", () => {
  const families = [
    { id: 1, children: [{ name: "Viggo Bech" }], parents: [{ name: "Zoë Bech" }] },
    { id: 2, children: [{ name: "Åse Nørgaard" }], parents: [{ name: "Bo Holm" }] },
  ];
  const found = (text) => matching(families, text).map(({ id }) => id);
  assert.deepEqual(found("zoe"), [1]);
  assert.deepEqual(found("norgard"), [2]);
  assert.deepEqual(found("holm ase"), [2]);
  assert.deepEqual(found("b"), [1, 2]);
  assert.deepEqual(found("viggo holm"), []);
  assert.deepEqual(found("viggo -"), [1]);
});

const TODAY = "2026-11-23"; // a Monday
const visit = (name, opens, closes, more = {}) => ({ visit: name, opens, closes, planned: null, place: "home", state: "open", ...more });
const row = (name, one) => ({ name, visit: one, day: one?.planned?.slice(0, 10) ?? null });

test("the next visit is the latest whose time has begun, else the first to come", () => {
  const two = visit("2m", "2026-05-01", "2026-05-15");
  const eight = visit("8m", "2026-11-01", "2027-01-31");
  const family = { id: "f", visits: [two, eight] };
  assert.equal(nextVisit(family, TODAY), eight);
  assert.equal(nextVisit(family, "2026-10-01"), two);
  assert.equal(nextVisit(family, "2026-04-01"), two);
  assert.equal(nextVisit({ id: "f", visits: [{ ...two, state: "done" }] }, TODAY), null);
});

test("a visit finished on this tablet is not offered again before the server has said so", () => {
  const family = { id: "f", visits: [visit("2m", "2026-11-10", "2026-12-01")] };
  assert.equal(nextVisit(family, TODAY, new Set(["f 2m"])), null);
  assert.ok(nextVisit(family, TODAY, new Set(["g 2m"])));
});

test("every family stands in one group of the day", () => {
  const rows = [
    row("later", visit("8m", "2027-01-01", "2027-03-31")),
    row("ten", visit("2m", "2026-11-10", "2026-12-01", { planned: "2026-11-23T10:30" })),
    row("nine", visit("2m", "2026-11-10", "2026-11-23", { planned: "2026-11-23T09:00" })),
    row("late", visit("2m", "2026-11-01", "2026-11-16")),
    row("late, planned", visit("8m", "2026-08-20", "2026-11-20", { planned: "2026-11-27T09:00" })),
    row("sunday", visit("2m", "2026-11-10", "2026-12-01", { planned: "2026-11-29T09:00" })),
    row("next week", visit("2m", "2026-11-10", "2026-12-03", { planned: "2026-11-30T09:00" })),
    row("no appointment", visit("2m", "2026-11-10", "2026-12-01")),
    row("not held", visit("2m", "2026-11-10", "2026-12-02", { planned: "2026-11-20T09:00" })),
    row("all held", null),
  ];
  const names = Object.fromEntries(Object.entries(grouped(rows, TODAY)).map(([group, found]) => [group, found.map(({ name }) => name)]));
  assert.deepEqual(names, {
    today: ["nine", "ten"],
    late: ["late", "late, planned"],
    week: ["sunday"],
    unplanned: ["no appointment", "not held"],
    later: ["next week", "later", "all held"],
  });
});

test("on its way a visit shows first names and one initial", () => {
  speak("da");
  assert.equal(shortName([{ name: "Nora Lindskov" }]), "Nora L.");
  assert.equal(shortName([{ name: "Yusuf Demir" }, { name: "Zahra Demir" }]), "Yusuf og Zahra D.");
  assert.equal(shortName([{ name: "Nora" }]), "Nora");
});

test("office hours are those of the municipality, without weekends and closing days", () => {
  const config = { opens: "08:00", closes: "16:00", closing_days: ["2026-12-24"] };
  const open = (text) => inOfficeHours(config, new Date(text));
  assert.ok(open("2026-11-23T07:00:00Z"));
  assert.ok(!open("2026-11-23T06:59:00Z"));
  assert.ok(!open("2026-11-23T15:00:00Z"));
  assert.ok(!open("2026-11-22T10:00:00Z"));
  assert.ok(!open("2026-12-24T10:00:00Z"));
});
