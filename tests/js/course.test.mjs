// The course of a visit: its pages, what may be finished, and what is sent.

import assert from "node:assert/strict";
import test from "node:test";
import * as course from "../../static/visitor/course.js";
import { createInstrument } from "../../static/visitor/instrument.js";
import { bundle } from "./bundle.mjs";

const instrument = createInstrument(bundle());
const NOW = new Date("2026-11-23T09:12:00.000Z");
const FAMILY = { id: "f", children: [], parents: [{ key: "parent1", name: "Sara" }, { key: "parent2", name: "Jonas" }], t20: {}, agreement: false };
const SETTING = { s1: "home", s2: ["p1", "p2"], s3: ["none"], s5: "mayhear", s6: "false", s7: "clinic", s8: "true", s9: "yes" };
const JOINT = { k1: "2", k2: "2", k3: "1", k4: "1", k6: "2", k7: "2", k8: "1", k9: "1", k10: "1", k11: "maybe", p1: "one", p2: "try" };

function aDraft({ setting = SETTING, conflict = {}, mode = "joint", visit = "2m" } = {}) {
  const draft = course.begun("f", visit, instrument.version, NOW);
  draft.mode = mode;
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
  assert.deepEqual(found.slice(0, 4), ["s1 s2 s3 s4", "s0 s8", "s9 s10 s5 s6 s7", "b0"]);
  assert.deepEqual(found.slice(4, 7), ["k1", "k2", "k3"]);
  assert.equal(found.at(-1), "");
  assert.ok(!found.includes("k5"), "together nobody is asked whether she can say what she means");
});

test("the counter counts questions, not what is read aloud", () => {
  const [read, first] = steps(aDraft()).filter(({ form }) => form === "B");
  assert.deepEqual([read.at, first.at, first.of], [0, 1, 13]);
  assert.equal(steps(aDraft({ visit: "8m" })).find(({ items }) => items[0] === "f2").of, 14);
});

test("who does not want to answer is not asked, and is sent as not asked", () => {
  const draft = aDraft({ setting: { ...SETTING, s9: "no", s10: "declined" }, mode: null });
  assert.deepEqual(shown(draft).slice(-2), ["s9 s10 s5 s6 s7", ""]);
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

test("each for themselves is ready: both parents are asked, one after the other", () => {
  const draft = aDraft({ mode: "each" });
  const who = [...new Set(steps(draft).filter(({ form }) => form === "B").map(({ respondent }) => respondent))];
  assert.deepEqual(who, ["parent1", "parent2"]);
  assert.deepEqual(course.respondents(aDraft({ mode: "one", setting: { ...SETTING, s2: ["p2"] } }), FAMILY), ["parent2"]);
});
