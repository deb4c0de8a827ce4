// What notes mean on the tablet until the next list, moments in Copenhagen, homes, and a finished visit as a draft again.

import assert from "node:assert/strict";
import test from "node:test";
import { dueDays, isOff, overlaid, utcOf } from "../../static/visitor/screens/around.js";
import { contextOf, homeOf } from "../../static/visitor/course.js";
import { correction } from "../../static/visitor/screens/family.js";
import { grouped, inOtherHome, inTime, nextVisit } from "../../static/visitor/screens/today.js";

const TODAY = "2026-11-23";
const NOW = new Date("2026-11-23T09:12:00.000Z");
const WINDOWS = { "2m": { from_days: 56, to_days: 70 }, "8m": { from_months: 8, before_months: 11 } };

const aVisit = (more = {}) => ({ visit: "2m", opens: "2026-11-19", closes: "2026-12-03", planned: "2026-11-23T09:00", place: "home", state: "open", ...more });
const aFamily = (more = {}) => ({
  id: "f", children: [{ name: "Nora Lindskov", birth: "2026-09-24" }], address: "Birkevænget 12", separated: false,
  parents: [{ key: "parent1", name: "Sara", custody: true }, { key: "parent2", name: "Jonas", custody: true }],
  visits: [aVisit()], tasks: [{ id: "t", text: "Ring", due: TODAY }], attempts: {}, ...more,
});
const aNote = (kind, data, more = {}) => ({ kind, family: "f", visit: "2m", noted_at: NOW.toISOString(), data, ...more });
const after = (...notes) => overlaid([aFamily()], notes, { windows: WINDOWS }, TODAY)[0];

test("a planned date given here stands at once, and the newest one counts", () => {
  const first = aNote("planned", { planned: "2026-11-25T10:00", place: "clinic" }, { noted_at: "2026-11-23T08:00:00.000Z" });
  const second = aNote("planned", { planned: "2026-11-27T11:00", place: "home" });
  const [visit] = after(second, first).visits;
  assert.deepEqual([visit.planned, visit.place], ["2026-11-27T11:00", "home"]);
  assert.equal(after(aNote("planned", { planned: null, place: "home" })).visits[0].planned, null);
});

test("two attempts in vain are counted and the latest is told (FR16)", () => {
  const tried = (at) => aNote("not_home", { tried_at: at }, { noted_at: at });
  const family = after(tried("2026-11-23T08:00:00.000Z"), tried("2026-11-23T09:00:00.000Z"));
  assert.equal(family.attempts["2m"], 2);
  assert.deepEqual(family.visits[0].outcome, { kind: "not_home", at: "2026-11-23T09:00:00.000Z" });
});

test("laying notes over a list changes nothing in the list itself", () => {
  const before = aFamily();
  const kept = structuredClone(before);
  overlaid([before], [aNote("not_home", { tried_at: NOW.toISOString() }), aNote("task_done", { task: "t" })], {}, TODAY);
  assert.deepEqual(before, kept);
});

test("a visit that is declined, not offered or of a family that moved has no appointment and stands last", () => {
  for (const kind of ["declined", "not_offered", "moved"]) {
    const family = after(aNote(kind, { reason: "other" }));
    assert.equal(family.visits[0].planned, null);
    assert.ok(isOff(family.visits[0]), kind);
    const row = { family, visit: nextVisit(family, TODAY), name: "Nora", day: null };
    assert.deepEqual(grouped([row], TODAY).later, [row]);
  }
});

test("a new appointment after a no stands like any other", () => {
  const no = aNote("declined", { reason: "time" }, { noted_at: "2026-11-23T08:00:00.000Z" });
  const family = after(no, aNote("planned", { planned: "2026-11-25T10:00", place: "home" }));
  assert.ok(!isOff(family.visits[0]));
});

test("postponed without a new date has none; with one it stands", () => {
  assert.equal(after(aNote("postponed", { reason: "ill" })).visits[0].planned, null);
  const moved = after(aNote("postponed", { reason: "ill", planned: "2026-11-30T08:30" })).visits[0];
  assert.deepEqual([moved.planned, moved.outcome], ["2026-11-30T08:30", null]);
});

test("a task noted as done is gone, and a parent who is not known is no longer there", () => {
  assert.deepEqual(after(aNote("task_done", { task: "t" })).tasks, []);
  const family = after(aNote("parents", { parents: [{ key: "parent1", name: "Sara Bæk", custody: true }], separated: false, unknown: true, others: "Mormor" }));
  assert.deepEqual([family.parents.length, family.unknown, family.others], [1, true, "Mormor"]);
});

test("the same two parents in the other order keep what each has told (FR9)", () => {
  const [sara, jonas] = [{ key: "parent1", name: "Sara" }, { key: "parent2", name: "Jonas" }];
  const before = aFamily({ parents: [sara, jonas], t20: { parent1: true, parent2: false } });
  const note = aNote("parents", { parents: [{ ...sara, name: "Jonas" }, { ...jonas, name: "Sara" }], separated: false });
  const [after] = overlaid([before], [note], {}, TODAY);
  assert.deepEqual([after.parents.map(({ key, name }) => `${key} ${name}`), after.t20], [["parent1 Sara", "parent2 Jonas"], before.t20]);
});

test("a parent of another name has nothing of the former one (FR24)", () => {
  const parents = [{ key: "parent1", name: "Sara", address: "Søvej 1" }, { key: "parent2", name: "Jonas", address: "Engvej 9", custody: true }];
  const agreed_in = { parent1: "Sover ud", parent2: "Går en tur" };
  const before = aFamily({
    separated: true, address: null, parents, agreed_in, t20: { parent1: true, parent2: true },
    last: { "2m": "v" }, last_in: { parent1: { "2m": "v1" }, parent2: { "2m": "v2" } },
    changed: [{ respondent: "parent2" }, { respondent: "parent1" }, { respondent: "joint" }],
  });
  const told = (second) => aNote("parents", { parents: [{ key: "parent1", name: "Sara", custody: true }, second], separated: true });
  const [after] = overlaid([before], [told({ key: "parent2", name: "Emil", custody: false })], {}, TODAY);
  assert.deepEqual(after.parents.map(({ address }) => address), ["Søvej 1", undefined]);
  assert.deepEqual([after.t20, after.changed], [{ parent1: true, parent2: false }, [{ respondent: "parent1" }, { respondent: "joint" }]]);
  const emils = homeOf(after, "parent2");
  assert.deepEqual([emils.address, emils.agreed, emils.agreement, emils.last], [null, "", false, {}]);
  assert.doesNotMatch(JSON.stringify(emils), /Søvej|Engvej|Sover|tur/);
  const saras = homeOf(after, "parent1");
  assert.deepEqual([saras.address, saras.agreed, saras.last], ["Søvej 1", "Sover ud", { "2m": "v1" }]);
  const [moved] = overlaid([before], [told({ key: "parent2", name: "Jonas", address: "Nyvej 2" })], {}, TODAY);
  assert.deepEqual([homeOf(moved, "parent2").address, homeOf(moved, "parent2").agreed, moved.parents[1].custody], ["Nyvej 2", "Går en tur", true]);
});

test("parents who part: the known address stays with the first, the second has the one that was given (FR24)", () => {
  const [sara, jonas] = [{ key: "parent1", name: "Sara" }, { key: "parent2", name: "Jonas", address: "Engvej 9" }];
  const apart = aNote("parents", { parents: [sara, jonas], separated: true }, { noted_at: "2026-11-23T08:00:00.000Z" });
  const family = after(apart);
  const homes = ["parent1", "parent2"].map((home) => homeOf(family, home).address);
  assert.deepEqual([family.address, ...homes], [null, "Birkevænget 12", "Engvej 9"]);
  const renamed = after(aNote("parents", { parents: [{ ...sara, name: "Liv" }, jonas], separated: true }));
  assert.equal(homeOf(renamed, "parent1").address, null, "whose it was, is gone");
  const again = after(apart, aNote("parents", { parents: [sara, { key: "parent2", name: "Jonas" }], separated: false }));
  assert.equal(again.address, "Birkevænget 12", "a slip is made good");
});

test("a new family can be visited at once, with the days its visits are due, and only until the list has it", () => {
  const told = aNote("new_family", {
    children: [{ name: "Bo Dam", birth: "2026-09-24" }, { name: "Liv Dam", birth: "2026-09-24" }],
    parents: [{ key: "parent1", name: "Mette Dam" }], address_protected: true, languages: ["dansk"],
  }, { family: "new", visit: undefined });
  const made = overlaid([aFamily()], [told], { windows: WINDOWS }, TODAY)[1];
  assert.deepEqual(made.visits.map(({ visit, opens, closes }) => [visit, opens, closes]), [
    ["2m", "2026-11-19", "2026-12-03"], ["8m", "2027-05-24", "2027-08-23"],
  ]);
  assert.equal(nextVisit(made, TODAY).visit, "2m");
  const known = overlaid([aFamily({ id: "new" })], [told], { windows: WINDOWS }, TODAY);
  assert.deepEqual(known.map(({ children }) => children[0].name), ["Nora Lindskov"]);
});

test("a new family with an older child is not asked for a visit that is over", () => {
  const told = aNote("new_family", { children: [{ name: "Bo", birth: "2026-03-01" }], parents: [], languages: [] }, { family: "new" });
  assert.deepEqual(overlaid([], [told], { windows: WINDOWS }, TODAY)[0].visits.map(({ visit }) => visit), ["8m"]);
});

test("due days are the municipality's: day 56 to 70, and the day before eleven months, also at the end of a month (D14)", () => {
  assert.deepEqual(dueDays("2026-01-31", WINDOWS["2m"]), { opens: "2026-03-28", closes: "2026-04-11" });
  assert.deepEqual(dueDays("2026-06-30", WINDOWS["8m"]), { opens: "2027-02-28", closes: "2027-05-29" });
  assert.ok(inTime({ opens: TODAY, closes: TODAY }, TODAY));
});

test("a moment in Copenhagen is told in UTC, in summer, in winter and where the clock jumps", () => {
  assert.equal(utcOf("2026-11-23", "09:00"), "2026-11-23T08:00:00.000Z");
  assert.equal(utcOf("2026-07-01", "09:00"), "2026-07-01T07:00:00.000Z");
  assert.equal(utcOf("2026-03-29", "02:30"), "2026-03-29T01:30:00.000Z");
  assert.equal(utcOf("2026-10-25", "03:00"), "2026-10-25T02:00:00.000Z");
});

test("a home shows its own parent and its own address, never the other's (FR24)", () => {
  const parents = [{ key: "parent1", name: "Sara", address: "Birkevænget 12" }, { key: "parent2", name: "Jonas", address: "Engparken 3" }];
  const family = aFamily({ separated: true, parents, agreed: null, agreed_in: { parent1: "Sover ud", parent2: "Går en tur" } });
  const home = homeOf(family, "parent2");
  assert.deepEqual([home.agreed, JSON.stringify(home).includes("Sover ud")], ["Går en tur", false]);
  assert.deepEqual([home.parents.map(({ name }) => name), home.address], [["Jonas"], "Engparken 3"]);
  assert.ok(!JSON.stringify({ ...home }).includes("Birkevænget"));
  const unknown = homeOf(aFamily({ separated: true }), "parent2");
  assert.equal(unknown.address, null, "whose address the family's is, is not known to be the second parent's");
  assert.equal(homeOf(aFamily(), "parent2").parents.length, 2, "who live together are visited together");
});

test("a visit made in one home only is still to be made in the other, and says nothing of when it was made (FR24)", () => {
  const parents = [{ key: "parent1", name: "Sara" }, { key: "parent2", name: "Jonas" }];
  const visits = [{ visit: "2m", state: "done" }, { visit: "8m", state: "open", planned: "2027-04-02T09:00" }];
  const dates = [{ visit: "2m", date: "2026-11-20", household: "parent1" }];
  const family = aFamily({ separated: true, parents, visits, dates });
  const states = (home, more = {}) => homeOf({ ...family, ...more }, home).visits.map(({ state }) => state);
  assert.deepEqual([states("parent1"), states("parent2")], [["done", "open"], ["open", "open"]]);
  assert.deepEqual(homeOf(family, "parent2").dates, []);
  assert.ok(!JSON.stringify(homeOf(family, "parent2")).includes("2027-04-02"), "with whom it was agreed is not known");
  const last_in = { parent1: { "2m": "v1" }, parent2: {} };
  assert.deepEqual(["parent1", "parent2"].map((home) => homeOf({ ...family, last: { "2m": "v1" }, last_in }, home).last), [{ "2m": "v1" }, {}]);
  const together = [{ visit: "2m", date: "2026-11-20" }];
  assert.deepEqual(states("parent2", { dates: together }), ["done", "open"], "it was with both");
  const later = { visits: visits.map((one) => ({ ...one, state: "done" })), dates: [...dates, { visit: "8m", date: "2026-11-21", household: "parent2" }] };
  assert.deepEqual([states("parent1", later), states("parent2", later)], [["done", "open"], ["done", "done"]]);
});

test("a visit made in one home is still on the list for the other while there is time for it, and late for nobody (FR24)", () => {
  const parents = [{ key: "parent1", name: "Sara Holm" }, { key: "parent2", name: "Jonas Riis" }];
  const open = [
    { visit: "2m", state: "open", opens: "2026-11-10", closes: "2026-11-30", planned: "2026-11-23T10:00" },
    { visit: "8m", state: "open", opens: "2027-05-10", closes: "2027-08-09", planned: null },
  ];
  const family = aFamily({ separated: true, parents, visits: open, dates: [] });
  const here = [{ family: family.id, visit: "2m", household: "parent1" }];
  const asked = (more, made, today = "2026-11-23") => inOtherHome({ ...family, ...more }, today, made);
  const { visit, home, planned } = asked({}, here);
  assert.deepEqual([visit, home, planned], ["2m", { key: "parent2", name: "Jonas" }, null], "the appointment was in the home that has been visited");
  const done = { visits: [{ ...open[0], state: "done" }, open[1]], dates: [{ visit: "2m", date: "2026-11-20", household: "parent2" }] };
  assert.equal(asked(done, []).home.key, "parent1", "also when the list knows it");
  assert.equal(asked(done, here), null, "both homes have been visited");
  assert.equal(asked({}, []), null, "neither has");
  assert.equal(asked({}, here, "2026-12-01"), null, "the time is over");
  assert.equal(asked({ separated: false }, here), null);
});

test("a correction is the whole visit again under a new number, and is asked again whether she is alone (5.8.21)", () => {
  const cell = { value: "yes", kept: true };
  const payload = {
    encounter: "e", family: "f", visit: "2m", instrument: "1.0.0", mode: "one", started_at: "2026-11-23T08:00:00.000Z", replaces: null,
    completes: null, household: "parent1", revealed: { at: NOW.toISOString(), v1: "1" }, not_noted: true,
    responses: [
      { form: "B", respondent: "parent1", authored_at: "b", answers: { k1: { value: "2" } }, unanswered: { k2: "skipped" } },
      { form: "C", respondent: "parent1", authored_at: "c", answers: { t11: cell }, unanswered: { t12: "not_kept" } },
    ],
  };
  const draft = correction(payload, NOW);
  assert.notEqual(draft.id, "e");
  assert.deepEqual([draft.replaces, draft.startedAt, draft.mode, draft.one], ["e", payload.started_at, "one", "parent1"]);
  assert.deepEqual(draft.gates, { parent1: { at: "c", seen: "c", state: "ask" } });
  assert.deepEqual([draft.kept, draft.household, draft.notNoted], [{ "parent1 t11": true, "parent1 t12": false }, "parent1", true]);
  assert.deepEqual(draft.shown, { parent1: ["k1", "k2"] }, "what was skipped was shown, and stays skipped");
  draft.responses[0].answers.k1.value = "4";
  assert.equal(payload.responses[0].answers.k1.value, "2", "what was sent stays as it was");
  assert.equal(correction({ ...payload, mode: "none" }, NOW).mode, null);
});

test("what was asked at a visit is still asked when it is corrected, whatever the list says by then (5.8.13, 5.8.21)", () => {
  const said = (ids) => Object.fromEntries(ids.map((linkId) => [linkId, { value: "1" }]));
  const one = (form, ...ids) => ({ form, respondent: "parent1", authored_at: "b", answers: said(ids), unanswered: {} });
  const asks = (...responses) => {
    const payload = { encounter: "e", family: "f", visit: "8m", instrument: "1.0.0", mode: "each", started_at: "2026-11-23T08:00:00.000Z", responses };
    const { alone, requested, prior } = contextOf(correction(payload, NOW), aFamily(), "parent1");
    return [alone, requested, prior.t20, prior.agreement];
  };
  assert.deepEqual(asks(one("B", "k1")), [false, false, false, false]);
  assert.deepEqual(asks(one("B", "k5", "f1")), [true, false, false, true], "she was alone for k5, though form C was not begun");
  assert.deepEqual(asks(one("C", "c2", "t20")), [true, true, true, false], "how she may be reached, on her own wish");
});
