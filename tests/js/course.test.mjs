// The course of a visit: its pages, what may be finished, and what is sent.

import assert from "node:assert/strict";
import test from "node:test";
import * as course from "../../static/visitor/course.js";
import { createInstrument } from "../../static/visitor/instrument.js";
import { bundle } from "./bundle.mjs";

const instrument = createInstrument(bundle());
const NOW = new Date("2026-11-23T09:12:00.000Z");
const FAMILY = { id: "f", children: [], parents: [{ key: "parent1", name: "Sara" }, { key: "parent2", name: "Jonas" }], t20: {}, agreement: false, ready: true };
const SETTING = { s1: "home", s2: ["p1", "p2"], s3: ["none"], s5: "mayhear", s6: "false", s7: "clinic", s8: "true", s9: "yes" };
const JOINT = { k1: "2", k2: "2", k3: "1", k4: "1", k6: "2", k7: "2", k8: "1", k9: "1", k10: "1", k11: "maybe", p1: "one", p2: "try" };

function aDraft({ setting = SETTING, conflict = {}, mode = "joint", visit = "2m" } = {}) {
  const draft = course.begun("f", visit, instrument.version, NOW);
  Object.assign(draft, { mode, shown: null }); // every page was shown
  for (const [linkId, value] of Object.entries(setting)) course.answer(draft, { form: "A", respondent: "joint" }, linkId, { value }, NOW);
  for (const [linkId, value] of Object.entries(conflict)) course.answer(draft, { form: "B", respondent: "joint" }, linkId, { value }, NOW);
  return draft;
}

const steps = (draft) => course.steps(instrument, draft, FAMILY);
const shown = (draft) => steps(draft).map(({ items }) => items.join(" "));

test("a visit's id tells when it was begun and is a version 7 UUID", () => {
  const id = course.uuid7(NOW, new Uint8Array(10).fill(0xff));
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16), NOW.getTime());
  assert.notEqual(course.uuid7(NOW), course.uuid7(NOW));
});

test("the visitor's pages come first, then each question alone, then the end", () => {
  const found = shown(aDraft());
  assert.deepEqual(found.slice(0, 4), ["s1 s2 s3 s4", "s0 s8", "s9 s10 s5 s6", "b0"]);
  assert.deepEqual(found.slice(4, 7), ["k1", "k2", "k3"]);
  assert.equal(found.at(-1), "");
  assert.ok(!found.includes("k5"), "together nobody is asked whether she can say what she means");
});

test("the counter counts questions, not what is read aloud", () => {
  const [read, first] = steps(aDraft()).filter(({ form }) => form === "B");
  assert.deepEqual([read.at, first.at, first.of], [0, 1, 13]);
  assert.equal(steps(aDraft({ visit: "8m" })).find(({ items }) => items[0] === "f2").of, 14);
});

test("who does not want to answer is not asked, and is sent as not asked; each can still be talked to alone", () => {
  const draft = aDraft({ setting: { ...SETTING, s9: "no", s10: "declined" }, mode: null });
  assert.deepEqual(shown(draft).slice(-5), ["s9 s10 s5 s6", "", "", "s7", ""]);
  assert.deepEqual(steps(draft).slice(-4).map(({ form }) => form), ["hub", "bye", "A", "end"]);
  const better = aDraft({ setting: { ...SETTING, s9: "notasked", s10: "unsafe" }, mode: null });
  assert.deepEqual(steps(better).slice(-4).map(({ form }) => form), ["A", "bye", "A", "end"], "when it was better not to ask, nobody is");
  const sent = course.payload(instrument, draft, FAMILY, NOW, "r");
  assert.equal(sent.mode, "none");
  assert.deepEqual(sent.responses.map(({ form }) => form), ["A"]);
});

test("what was answered stays part of the visit when they change their mind", () => {
  const draft = aDraft({ conflict: { k1: "3" } });
  course.answer(draft, { form: "A", respondent: "joint" }, "s9", { value: "later" }, NOW);
  const sent = course.payload(instrument, draft, FAMILY, NOW, "r");
  assert.deepEqual(sent.responses[1].answers, { k1: { value: "3" } });
  assert.equal(sent.mode, "joint");
});

test("she goes on when something is answered, and where it matters when the way of answering is chosen", () => {
  const draft = aDraft({ setting: {}, mode: null });
  const [first] = steps(draft);
  assert.ok(!course.mayGoOn(instrument, draft, FAMILY, first));
  course.answer(draft, first, "s1", { value: "home" }, NOW);
  assert.ok(course.mayGoOn(instrument, draft, FAMILY, first));
  const asked = aDraft({ mode: null });
  const last = steps(asked)[2];
  assert.ok(!course.mayGoOn(instrument, asked, FAMILY, last));
  asked.mode = "joint";
  assert.ok(course.mayGoOn(instrument, asked, FAMILY, last));
});

test("the overview names what must be answered and what was passed over", () => {
  const { s8, ...rest } = SETTING;
  const draft = aDraft({ setting: rest, conflict: { ...JOINT, k1: "na" } });
  const found = course.overview(instrument, draft, FAMILY);
  assert.deepEqual(found.must, ["s8"]);
  assert.deepEqual(found.passed.map(({ items }) => items[0]), ["p3"]);
  assert.equal(found.declined, 1);
  assert.equal(found.asked, 13);
  assert.ok(s8);
});

test("a draft comes back to the same question, also when others opened before it", () => {
  const draft = aDraft();
  const place = course.placeOf(steps(draft).find(({ items }) => items[0] === "k7"));
  course.answer(draft, { form: "A", respondent: "joint" }, "s3", { value: ["interp"] }, NOW);
  const again = steps(draft);
  assert.deepEqual(again[course.stepAt(again, JSON.parse(JSON.stringify(place)))].items, ["k7"]);
  assert.equal(course.stepAt(again, null), 0);
});

test("what is sent answers for every question of the visit, once", () => {
  const draft = aDraft({ conflict: JOINT });
  course.answer(draft, { form: "B", respondent: "joint" }, "p3", course.declined("text"), NOW);
  const sent = course.payload(instrument, draft, FAMILY, NOW, "release");
  assert.deepEqual(Object.keys(sent).sort(), [
    "completes", "count", "encounter", "family", "finished_at", "instrument", "mode", "release", "replaces", "responses",
    "result", "schema", "started_at", "visit",
  ]);
  for (const { form, answers, unanswered } of sent.responses) {
    const asked = instrument.items(form, "2m").filter(({ type }) => type !== "display").map(({ linkId }) => linkId);
    assert.deepEqual([...Object.keys(answers), ...Object.keys(unanswered)].sort(), asked.sort());
  }
  assert.equal(sent.count, Object.keys(SETTING).length + Object.keys(JOINT).length + 1);
  assert.deepEqual(sent.responses[1].answers.p3, { declined: true });
  assert.equal(sent.responses[1].unanswered.k5, "hidden");
  assert.equal(sent.responses[0].unanswered.s10, "hidden");
  assert.equal(sent.result.level, 2);
});

test("an answer whose question closed is not sent, and comes back when it opens again", () => {
  const joint = { form: "A", respondent: "joint" };
  const draft = aDraft({ setting: { ...SETTING, s3: ["interp"], s4: "lay" } });
  course.answer(draft, joint, "s3", { value: ["none"] }, NOW);
  const [closed] = course.payload(instrument, draft, FAMILY, NOW, "r").responses;
  assert.ok(!("s4" in closed.answers));
  assert.equal(closed.unanswered.s4, "hidden");
  course.answer(draft, joint, "s3", { value: ["interp"] }, NOW);
  const [open] = course.payload(instrument, draft, FAMILY, NOW, "r").responses;
  assert.deepEqual(open.answers.s4, { value: "lay" });
});

test("skipping takes an answer away, and is not a no", () => {
  const draft = aDraft({ conflict: { k1: "3" } });
  course.answer(draft, { form: "B", respondent: "joint" }, "k1", null, NOW);
  const [, conflict] = course.payload(instrument, draft, FAMILY, NOW, "r").responses;
  assert.equal(conflict.unanswered.k1, "skipped");
});

test("the wish not to answer is kept in each kind of question", () => {
  assert.deepEqual(course.declined("choice"), { value: "na" });
  assert.deepEqual(course.declined("multi"), { value: ["na"] });
  assert.deepEqual(course.declined("text"), { declined: true });
  for (const type of ["choice", "multi", "text"]) assert.ok(course.isDeclined(course.declined(type)));
  assert.ok(!course.isDeclined({ value: ["sep"] }));
  assert.ok(!course.isDeclined(undefined));
});

test("that the Nu card was opened travels with the visit", () => {
  const draft = { ...aDraft(), now: true };
  assert.equal(course.payload(instrument, draft, FAMILY, NOW, "r").now, true);
});

test("what was shown and passed is skipped, what was never shown is not reached", () => {
  const draft = Object.assign(aDraft({ mode: "joint" }), { shown: {} });
  const pages = course.steps(instrument, draft, FAMILY).filter(({ form, at }) => form === "B" && at);
  for (const page of [...pages.slice(0, 3), pages[1]]) course.see(draft, page);
  give(draft, "B", "joint", { [pages[1].items[0]]: "1" });
  const { asked, passed, unreached } = course.overview(instrument, draft, FAMILY);
  assert.deepEqual(passed.map(({ items }) => items[0]), [pages[0], pages[2]].map(({ items }) => items[0]));
  assert.equal(unreached.length, asked - 3);
});

test("who answers alone is counted by herself, and who was not talked to is named as such", () => {
  const draft = aDraft({ mode: "each" });
  give(draft, "B", "parent1", { k1: "1" });
  const { who } = course.overview(instrument, draft, FAMILY);
  assert.deepEqual(who.map(({ respondent, answered }) => [respondent, answered]), [["parent1", 1], ["parent2", 0]]);
  assert.ok(who[0].asked > 1);
  assert.equal(who[1].asked, 0);
});

test("what was not reached is not sent as skipped", () => {
  const draft = Object.assign(aDraft({ mode: "joint" }), { shown: {} });
  const pages = course.steps(instrument, draft, FAMILY).filter(({ form, at }) => form === "B" && at);
  course.see(draft, pages[0]);
  const { unanswered } = part(draft, "B", "joint");
  assert.deepEqual([unanswered.k1, unanswered.k2], ["skipped", "not_reached"]);
});

test("a way of answering that would leave answers out names whose, and who has answered is the one who answers", () => {
  const draft = aDraft({ mode: "each" });
  give(draft, "B", "parent2", { k1: "3" });
  assert.deepEqual(course.leftOut(draft, FAMILY, "joint"), ["parent2"]);
  assert.deepEqual(course.leftOut(draft, FAMILY, "one"), [], "the other has left: hers count as before");
  draft.mode = "one";
  assert.deepEqual(part(draft, "B", "parent2").answers, { k1: { value: "3" } });
  give(draft, "B", "parent1", { k1: "1" });
  assert.deepEqual(course.leftOut({ ...draft, mode: "each" }, FAMILY, "one"), ["parent2"]);
});

test("whoever has answered stays in the visit, whatever the list has come to say of the parents (FR9, FR10)", () => {
  const draft = aDraft({ mode: "each" });
  course.withParents(draft, FAMILY);
  give(draft, "B", "parent1", { k1: "3" });
  const jonas = { ...FAMILY, parents: [{ key: "parent1", name: "Jonas Ny" }] };
  assert.deepEqual(course.withParents(draft, jonas).parents.map(({ name }) => name), [FAMILY.parents[0].name]);
  const nobody = course.withParents(draft, { children: [], parents: [] });
  assert.deepEqual(part(draft, "B", "parent1").answers, course.payload(instrument, draft, nobody, NOW, "r").responses.find(({ form }) => form === "B").answers);
  const more = course.withParents(aDraft({ mode: "each" }), FAMILY).parents;
  assert.deepEqual(more, FAMILY.parents, "who has not answered is who the list says");
});

// ── one at a time, and in private ──

const ALONE = { s3: ["none"], s5: "away", s6: "true" };
const CALM = { t1: "0", t2: "no", t3: "no", t4: "no", t5: "no", t6: "ok", t7: "no", t8: ["no"], t9: "no" };
const later = (minutes) => new Date(NOW.getTime() + minutes * 60_000);

function give(draft, form, respondent, answers) {
  for (const [linkId, value] of Object.entries(answers)) course.answer(draft, { form, respondent }, linkId, { value }, NOW);
}

// Parent 1's turn, alone unless `around` says otherwise.
function aTurn({ around = ALONE, more = {}, family = FAMILY } = {}) {
  const draft = Object.assign(aDraft({ mode: "each" }), { who: "parent1", ...more });
  give(draft, "A", "parent1", around);
  course.settleGate(instrument, draft, "parent1", NOW);
  return { draft, forms: () => course.steps(instrument, draft, family).map(({ form, items }) => `${form} ${items.join(" ")}`.trim()) };
}

const sent = (draft, family = FAMILY) => course.payload(instrument, draft, family, NOW, "r");
const part = (draft, form, respondent) => sent(draft).responses.find((one) => one.form === form && one.respondent === respondent);

test("each alone: a parent's questions are the last pages, and end where the turn is given (FR10)", () => {
  const { draft } = aTurn();
  const found = course.steps(instrument, draft, FAMILY);
  assert.deepEqual([...new Set(found.filter(({ form }) => form === "B").map(({ respondent }) => respondent))], ["parent1"]);
  assert.ok(!found.some(({ form }) => form === "end"), "from her pages no way leads past the other's");
  draft.who = null;
  const between = course.steps(instrument, draft, FAMILY).map(({ form }) => form);
  assert.deepEqual(between.slice(-3), ["hub", "bye", "end"], "what is only for her comes after a page that anybody may see");
  assert.ok(!between.includes("B"), "nobody's answers are on a page between the turns");
});

test("only one: who is there answers, and with both there it is chosen", () => {
  const asks = (s2, more = {}) => course.respondents({ ...aDraft({ mode: "one", setting: { ...SETTING, s2 } }), ...more }, FAMILY);
  assert.deepEqual(asks(["p2"]), ["parent2"]);
  assert.deepEqual(asks(["p1", "p2"]), []);
  assert.deepEqual(asks(["p1", "p2"], { one: "parent2" }), ["parent2"]);
});

test("the private part exists only while each condition of the alone gate holds (FR1, FR2)", () => {
  assert.ok(aTurn().forms().includes("C t1"));
  for (const around of [
    { ...ALONE, s6: "false" }, { ...ALONE, s5: "mayhear" }, { ...ALONE, s5: "unk" }, { ...ALONE, s3: ["child2"] },
    { ...ALONE, s3: ["adult"] }, { ...ALONE, s3: ["interp"], s4: "lay" }, { s5: "away", s6: "true" }, { s3: ["none"], s6: "true" },
  ]) {
    assert.ok(!aTurn({ around }).forms().some((page) => /^(C|told)/.test(page)), JSON.stringify(around));
  }
  assert.ok(aTurn({ around: { ...ALONE, s3: ["interp"], s4: "remote" } }).forms().includes("C t1"));
});

test("by video or telephone nobody is asked in private (FR1)", () => {
  const { draft, forms } = aTurn();
  give(draft, "A", "joint", { s1: "video" });
  course.settleGate(instrument, draft, "parent1", NOW);
  assert.ok(!forms().includes("C t1"));
});

test("without a ready municipality and visitor there is no private part (FR21)", () => {
  for (const ready of [false, undefined]) assert.ok(!aTurn({ family: { ...FAMILY, ready } }).forms().includes("C t1"));
});

test("out of the private part the room is asked about again: at once, or after ten minutes away (FR3)", () => {
  const { draft, forms } = aTurn();
  assert.ok(!course.isAway(draft, "parent1", later(10)));
  assert.ok(course.isAway(draft, "parent1", later(11)));
  course.seenIn(draft, "parent1", later(8));
  assert.ok(!course.isAway(draft, "parent1", later(11)));
  course.askAgain(draft, "parent1");
  assert.ok(!forms().includes("C t1"));
  course.settleGate(instrument, sayAnew(draft), "parent1", later(12));
  assert.ok(forms().includes("C t1"));
});

const AROUND = { form: "A", respondent: "parent1", items: ["s3", "s4", "s5", "s6"], at: 0, of: 0 };
const mayGoOn = (draft) => course.mayGoOn(instrument, draft, FAMILY, AROUND);

function sayAnew(draft, around = ALONE) {
  for (const [linkId, value] of Object.entries(around)) {
    assert.ok(!mayGoOn(draft), `${linkId} is to be said again`);
    give(draft, "A", "parent1", { [linkId]: value });
  }
  assert.ok(mayGoOn(draft));
  return draft;
}

test("what was said of the room before counts no more, until all of it has been said again (FR3)", () => {
  const { draft, forms } = aTurn();
  course.askAgain(draft, "parent1");
  assert.deepEqual(course.answersOf(draft, "A", "parent1"), {}, "an old answer neither stands there nor opens anything");
  sayAnew(draft, { ...ALONE, s5: "mayhear" });
  course.settleGate(instrument, draft, "parent1", later(1));
  assert.ok(!forms().includes("C t1"));
  assert.deepEqual(part(draft, "A", "parent1").answers.s5, { value: "mayhear" });
});

test("of what was not said anew of the room, what was said last is sent, however often it was asked about (5.8.18)", () => {
  const { draft } = aTurn();
  course.askAgain(draft, "parent1");
  course.roomAsBefore(draft, "parent1");
  assert.deepEqual(part(draft, "A", "parent1").answers, { s3: { value: ["none"] }, s5: { value: "away" }, s6: { value: "true" } });
  course.askAgain(draft, "parent1");
  give(draft, "A", "parent1", { s5: "mayhear" });
  course.askAgain(draft, "parent1");
  assert.deepEqual(course.answersOf(draft, "A", "parent1"), {}, "it counts no more, and is not lost");
  course.roomAsBefore(draft, "parent1");
  assert.deepEqual(part(draft, "A", "parent1").answers, { s3: { value: ["none"] }, s5: { value: "mayhear" }, s6: { value: "true" } });
});

test("a lock before the private part has begun lets the room be asked about again before it (FR3)", () => {
  const { draft, forms } = aTurn();
  assert.ok(!course.isAway(draft, "parent1", NOW));
  course.interrupted(draft, "parent1");
  assert.ok(course.isAway(draft, "parent1", NOW));
  assert.ok(forms().includes("C t1"), "it stays on the way");
  course.interrupted(draft, "parent2");
  assert.ok(!("parent2" in draft.gates));
});

test("a gate that closes takes nothing back of what was told while it was open (5.8.13)", () => {
  const { draft } = aTurn();
  give(draft, "C", "parent1", { t1: "3", t7: "yes" });
  give(draft, "B", "parent1", { k5: "3" });
  give(draft, "A", "parent1", { s6: "false" });
  course.settleGate(instrument, draft, "parent1", later(5));
  assert.deepEqual(part(draft, "C", "parent1").answers, { t1: { value: "3" }, t7: { value: "yes" } });
  assert.deepEqual(part(draft, "B", "parent1").answers.k5, { value: "3" });
  assert.equal(sent(draft).result.flags.R01, 3);
});

test("a question that comes and goes with the room changes no count on the others (FR8)", () => {
  const counts = (around) => {
    const { draft } = aTurn({ around });
    const found = course.steps(instrument, draft, FAMILY).filter(({ form }) => form === "B");
    return found.filter(({ items: [linkId] }) => linkId !== "k5").map(({ items: [linkId], at, of }) => [linkId, at, of]);
  };
  assert.deepEqual(counts(ALONE), counts({ ...ALONE, s6: "false" }));
});

test("whether she can say what she means is asked only of one who is alone (5.8.12)", () => {
  assert.ok(aTurn().forms().includes("B k5"));
  assert.ok(!aTurn({ around: { ...ALONE, s6: "false" } }).forms().includes("B k5"));
});

test("when somebody may have come in it is not asked until it was said again, and an answer stays (5.8.12, 5.8.13, FR3)", () => {
  for (const comesIn of [
    (draft) => course.interrupted(draft, "parent1"),
    (draft) => course.askAgain(draft, "parent1"),
    (draft) => (give(draft, "A", "parent1", { s5: "mayhear" }), course.settleGate(instrument, draft, "parent1", later(1))),
  ]) {
    const { draft, forms } = aTurn();
    comesIn(draft);
    assert.ok(!forms().includes("B k5"));
    give(draft, "B", "parent1", { k5: "2" });
    assert.deepEqual(part(draft, "B", "parent1").answers.k5, { value: "2" });
    assert.ok(forms().includes("B k5"));
  }
  const { draft, forms } = aTurn();
  course.interrupted(draft, "parent1");
  course.settleGate(instrument, draft, "parent1", later(1));
  assert.ok(forms().includes("B k5"));
});

test("how the room is goes with the parent it was asked of, beside what was asked of both (5.8.18)", () => {
  const { draft } = aTurn();
  assert.deepEqual(Object.keys(part(draft, "A", "parent1").answers).sort(), ["s3", "s5", "s6"]);
  assert.equal(part(draft, "A", "parent1").unanswered.s1, "hidden");
  assert.deepEqual(part(draft, "A", "joint").answers.s3, { value: ["none"] });
});

test("follow-ups come only after something was told; an average private talk has nine questions (FR13)", () => {
  const { draft, forms } = aTurn();
  give(draft, "C", "parent1", CALM);
  assert.equal(forms().filter((page) => /^C t[1-9]/.test(page)).length, 9);
  give(draft, "C", "parent1", { t2: "yes" });
  for (const page of ["C t18", "C t10", "C t11", "C c1", "C c4"]) assert.ok(forms().includes(page), page);
});

test("safe contact is asked about on wish too (5.8.10)", () => {
  const { draft, forms } = aTurn();
  give(draft, "C", "parent1", CALM);
  assert.ok(!forms().includes("C c1"));
  draft.requested.parent1 = true;
  assert.ok(forms().includes("C c1"));
});

test("what she told last time is asked about first, and only of her who told it (5.8.10, FR9)", () => {
  const told = { ...FAMILY, t20: { parent1: true, parent2: false } };
  const { draft } = aTurn({ family: told });
  draft.visit = "8m";
  const first = (family) => course.steps(instrument, draft, family).filter(({ form }) => form === "C").map(({ items }) => items[0]).slice(0, 2);
  assert.deepEqual(first(told), ["t0", "t20"]);
  assert.deepEqual(first({ ...FAMILY, t20: { parent2: true } }), ["t0", "t1"]);
});

test("a grave yes that a change has hidden is asked about once, and her choice is sent (5.8.9)", () => {
  const { draft } = aTurn();
  give(draft, "C", "parent1", { ...CALM, t2: "yes", t12: "yes" });
  give(draft, "C", "parent1", { t2: "no" });
  const asks = () => course.overview(instrument, draft, FAMILY).kept;
  assert.deepEqual(asks(), [{ respondent: "parent1", linkId: "t12" }]);
  assert.equal(part(draft, "C", "parent1").unanswered.t12, "hidden");
  course.keep(draft, asks()[0], true);
  assert.deepEqual(asks(), []);
  assert.deepEqual(part(draft, "C", "parent1").answers.t12, { value: "yes", kept: true });
  assert.equal(sent(draft).result.flags.R06, 3);
});

test("the answer that is not to count is not asked about again", () => {
  const { draft } = aTurn();
  give(draft, "C", "parent1", { ...CALM, t2: "yes", t12: "yes" });
  give(draft, "C", "parent1", { t2: "no" });
  course.keep(draft, { respondent: "parent1", linkId: "t12" }, false);
  assert.deepEqual(course.overview(instrument, draft, FAMILY).kept, []);
  assert.equal(part(draft, "C", "parent1").unanswered.t12, "not_kept", "her choice is stored (5.8.9)");
});

test("a grave yes that is said again and hidden again is asked about again, whatever was chosen before (5.8.9)", () => {
  for (const chosen of [true, false]) {
    const { draft } = aTurn();
    give(draft, "C", "parent1", { ...CALM, t2: "yes", t12: "yes" });
    give(draft, "C", "parent1", { t2: "no" });
    course.keep(draft, { respondent: "parent1", linkId: "t12" }, chosen);
    give(draft, "C", "parent1", { t2: "yes", t12: "yes" });
    give(draft, "C", "parent1", { t2: "no" });
    assert.deepEqual(course.overview(instrument, draft, FAMILY).kept, [{ respondent: "parent1", linkId: "t12" }]);
  }
});

test("every answer that tells something is met before the next question (FR12)", () => {
  for (const [linkId, value] of [["t1", "2"], ["t2", "yes"], ["t4", "some"], ["t5", "past"], ["t6", "past"], ["t8", ["child"]], ["t18", "yes"]]) {
    assert.ok(course.tells(instrument, linkId, { value }), linkId);
  }
  for (const [linkId, value] of [["t1", "1"], ["t2", "no"], ["t2", "na"], ["t6", "na"], ["t8", ["no"]], ["t20", "yes"]]) {
    assert.ok(!course.tells(instrument, linkId, { value }), linkId);
  }
});

test("skipped and declined are possible in the private part, and neither is a no (FR7, 5.8.19)", () => {
  const { draft } = aTurn();
  give(draft, "C", "parent1", { t1: "na", t8: ["na"] });
  course.answer(draft, { form: "C", respondent: "parent1" }, "t2", null, NOW);
  const { answers, unanswered } = part(draft, "C", "parent1");
  assert.deepEqual(answers, { t1: { value: "na" }, t8: { value: ["na"] } });
  assert.equal(unanswered.t2, "skipped");
});

test("where there is no contact to the other parent the common questions are sent as irrelevant (5.8.17)", () => {
  const { draft, forms } = aTurn({ around: { ...ALONE, s5: "none" } });
  draft.noContact.parent1 = true;
  assert.ok(!forms().some((page) => page.startsWith("B ")));
  const conflict = part(draft, "B", "parent1");
  assert.deepEqual(conflict.answers, {});
  assert.equal(conflict.unanswered.k1, "irrelevant");
});

test("answers from before it was said that there is no contact are not sent, and come back with the contact (5.8.17)", () => {
  const { draft, forms } = aTurn({ around: { ...ALONE, s5: "none" } });
  give(draft, "B", "parent1", { k1: "2" });
  draft.noContact.parent1 = true;
  assert.deepEqual(part(draft, "B", "parent1").answers, {});
  assert.equal(part(draft, "B", "parent1").unanswered.k1, "irrelevant");
  give(draft, "A", "parent1", { s5: "away" });
  assert.ok(forms().includes("B k1"));
  assert.deepEqual(part(draft, "B", "parent1").answers, { k1: { value: "2" } });
});

test("of separated parents only the one whose home it is takes part (FR24)", () => {
  const { draft } = aTurn({ more: { household: "parent1", mode: "one" } });
  assert.deepEqual(course.parentsOf(draft, FAMILY).map(({ key }) => key), ["parent1"]);
  assert.deepEqual(course.modes(draft, FAMILY), ["one"]);
  assert.equal(sent(draft).household, "parent1");
});

test("a parent who holds the tablet sees her own questions and gives it back (FR22)", () => {
  const { draft } = aTurn();
  draft.self = { form: "C", respondent: "parent1" };
  const found = course.steps(instrument, draft, FAMILY);
  assert.deepEqual([...new Set(found.map(({ form }) => form))], ["lend", "C", "back"]);
});

test("the plan for a talk alone is made when the talk is over, for each who was not alone", () => {
  const draft = { ...aDraft({ mode: "each" }), who: "parent1" };
  give(draft, "A", "parent1", { s3: ["none"], s5: "mayhear", s6: "false" });
  const around = course.steps(instrument, draft, FAMILY).find(course.isAround);
  assert.ok(!around.items.includes("s7"), "he would read it over her shoulder");
  draft.who = null;
  const after = course.steps(instrument, draft, FAMILY).slice(-3);
  assert.deepEqual(after.map(({ form, respondent, items }) => [form, respondent, ...items]), [["bye", null], ["A", "parent1", "s7"], ["end", null]]);
  assert.ok(!course.mayGoOn(instrument, draft, FAMILY, after[1]));
  give(draft, "A", "parent1", { s3: ["none"], s5: "away", s6: "true" });
  assert.ok(!course.steps(instrument, draft, FAMILY).some(course.isPlan), "she was talked to alone after all");
  const together = aDraft();
  assert.deepEqual(course.steps(instrument, together, FAMILY).filter(course.isPlan).map(({ respondent }) => respondent), ["joint"]);
  for (const who of ["parent1", "parent2"]) {
    give(together, "A", who, ALONE);
    course.settleGate(instrument, together, who, NOW);
  }
  assert.ok(!course.steps(instrument, together, FAMILY).some(course.isPlan), "both were");
  assert.ok(!course.overview(instrument, together, FAMILY).must.includes("s7"));
});

test("a visit in which nothing is noted yet is none", () => {
  const draft = course.begun("f", "2m", instrument.version, NOW);
  assert.ok(course.isEmpty(draft));
  for (const more of [{ now: true }, { mode: "each" }, { replaces: "v" }]) assert.ok(!course.isEmpty({ ...draft, ...more }));
  course.answer(draft, { form: "A", respondent: "joint" }, "s1", { value: "home" }, NOW);
  assert.ok(!course.isEmpty(draft));
  course.answer(draft, { form: "A", respondent: "joint" }, "s1", null, NOW);
  assert.ok(course.isEmpty(draft));
});

test("an opened Nu card means danger until she has said that it was opened without", () => {
  const draft = { ...aDraft(), now: true };
  const sent = (more) => course.payload(instrument, { ...draft, ...more }, FAMILY, NOW, "r");
  assert.equal(sent({}).now, true);
  assert.ok(sent({}).result.actions.includes("H01"));
  assert.equal(sent({ danger: true }).now, true);
  assert.ok(!("now" in sent({ danger: false })));
  assert.ok(!sent({ danger: false }).result.actions.includes("H01"));
});

test("a later talk asks how it is held, and of each parent what is asked alone (5.8.21)", () => {
  const draft = { ...course.begun("f", "talk", instrument.version, NOW, { completes: "v" }), who: "parent1" };
  give(draft, "A", "joint", { s1: "clinic", s2: ["p1"], s8: "true" });
  give(draft, "A", "parent1", ALONE);
  course.settleGate(instrument, draft, "parent1", NOW);
  give(draft, "C", "parent1", CALM);
  const pages = course.steps(instrument, draft, FAMILY).map(({ form, items }) => `${form} ${items.join(" ")}`.trim());
  assert.deepEqual(pages.slice(0, 3), ["A s1 s2 s8", "hub", "A s3 s4 s5 s6"]);
  assert.ok(!pages.some((page) => page.startsWith("B ")));
  assert.deepEqual(course.overview(instrument, draft, FAMILY).must, []);
  const found = sent(draft);
  assert.deepEqual([found.visit, found.completes, found.mode], ["talk", "v", "none"]);
  assert.equal(found.result.safety.parent1, "clarified");
});

test("what the lead must hear today is sent without the visitor's own part and under its own id", () => {
  const { draft } = aTurn();
  give(draft, "C", "parent1", { ...CALM, t7: "yes" });
  give(draft, "D", "case", { v1: "3", v2: "yes" });
  assert.ok(course.isGrave(instrument, draft, FAMILY));
  const found = course.preliminary(instrument, draft, FAMILY, NOW, "r");
  assert.notEqual(found.encounter, draft.id);
  assert.ok(!found.responses.some(({ form }) => form === "D"));
  draft.preliminary = found.encounter;
  assert.equal(sent(draft).preliminary, found.encounter);
});

test("her own part is asked by what the answers suggest, and sent with them", () => {
  const draft = aDraft({ conflict: JOINT });
  give(draft, "D", "case", { v1: "0", v2: "no", v6: "because" });
  const own = part(draft, "D", "case");
  assert.deepEqual(own.answers.v6, { value: "because" }, "lower than suggested needs a reason (5.8.11)");
  assert.equal(own.unanswered.v3, "skipped");
  draft.revealed = { at: NOW.toISOString(), v1: "0" };
  assert.deepEqual(sent(draft).revealed, draft.revealed, "the judgement before the suggestion travels too (FR18)");
});

test("a correction opens what was open at the visit, and nothing more (5.8.21)", () => {
  const { draft, forms } = aTurn();
  give(draft, "C", "parent1", { t1: "0" });
  Object.assign(draft, { replaces: "v", gates: { parent1: { ...draft.gates.parent1, state: "ask" } } });
  assert.ok(forms().includes("C t1"));
  assert.ok(course.mayGoOn(instrument, draft, FAMILY, { form: "A", respondent: "parent1", items: ["s3"], at: 0, of: 0 }));
});

test("in a correction nothing that was said of the room is asked about again (5.8.21)", () => {
  const { draft } = aTurn();
  draft.replaces = "v";
  course.askAgain(draft, "parent1");
  assert.deepEqual(part(draft, "A", "parent1").answers, { s3: { value: ["none"] }, s5: { value: "away" }, s6: { value: "true" } });
});

test("of a draft from before it was noted what was shown, all counts as shown", () => {
  const draft = course.whole({ ...aDraft({ mode: "joint" }), shown: undefined });
  course.see(draft, { form: "B", respondent: "joint", items: ["k6"] });
  assert.equal(part(draft, "B", "joint").unanswered.k1, "skipped");
});

test("what is asked only of one who is alone is in no count (FR8)", () => {
  const { draft } = aTurn();
  give(draft, "B", "parent1", { k1: "1" });
  give(draft, "B", "parent2", { k1: "1" });
  const [sara, jonas] = course.overview(instrument, draft, FAMILY).who;
  assert.equal(sara.asked, jonas.asked);
});

test("until somebody has answered, whose turn it is becomes the one who answers; and two are not one", () => {
  const draft = aDraft({ mode: "one" });
  assert.ok(course.mayBeOne(draft, FAMILY));
  give(draft, "B", "parent1", { k1: "1" });
  assert.ok(!course.mayBeOne(draft, FAMILY));
  assert.ok(course.modes(draft, FAMILY).includes("one"));
  give(draft, "B", "parent2", { k1: "1" });
  assert.ok(!course.modes(draft, FAMILY).includes("one"));
});

test("a correction asks nothing alone that was not asked at the visit, unless all is ready (FR21)", () => {
  for (const ready of [false, true]) {
    const { draft, forms } = aTurn({ family: { ...FAMILY, ready } });
    draft.replaces = "v";
    assert.equal(forms().includes("C t1"), ready);
    give(draft, "C", "parent1", { t1: "0" });
    assert.ok(forms().includes("C t1"), "what was told can be corrected");
  }
});
