// A correction of single answers of a visit that is not on the tablet any more: what it holds, and what it does not.

import assert from "node:assert/strict";
import test from "node:test";
import { answer, changes } from "../../static/visitor/course.js";
import { single } from "../../static/visitor/screens/family.js";

const NOW = new Date("2026-11-24T09:12:00.000Z");
const PAST = { id: "e-1", visit: "8m", date: "2026-11-20", instrument: "1.0.0", mode: "each" };

function corrected(past = PAST) {
  const draft = single("f-1", past, NOW);
  answer(draft, { form: "B", respondent: "parent1" }, "k1", { value: "3" }, NOW);
  answer(draft, { form: "B", respondent: "parent1" }, "k2", { skipped: true }, NOW);
  answer(draft, { form: "C", respondent: "parent1" }, "t4", { value: "some" }, NOW);
  answer(draft, { form: "D", respondent: "case" }, "v3", { value: "Rolig" }, NOW);
  answer(draft, { form: "D", respondent: "case" }, "v3", null, NOW);
  return draft;
}

test("a correction of single answers holds those and nothing else, and names the visit (5.8.21)", () => {
  const draft = corrected();
  const { started_at, finished_at, ...sent } = changes(draft, NOW, "r-1");
  assert.deepEqual([started_at, finished_at], [NOW.toISOString(), NOW.toISOString()]);
  assert.deepEqual(sent, {
    schema: 1, encounter: draft.id, family: "f-1", visit: "8m", instrument: "1.0.0", mode: "each", replaces: "e-1", completes: null,
    release: "r-1", partial: true, count: 2, result: {},
    responses: [
      { form: "B", respondent: "parent1", authored_at: NOW.toISOString(), answers: { k1: { value: "3" } }, unanswered: { k2: "skipped" } },
      { form: "C", respondent: "parent1", authored_at: NOW.toISOString(), answers: { t4: { value: "some" } }, unanswered: {} },
    ],
  });
  assert.notEqual(draft.id, PAST.id);
});

test("in one of two homes it is the corrected visit's home (FR24)", () => {
  assert.equal(changes(corrected({ ...PAST, household: "parent2" }), NOW, "r").household, "parent2");
  assert.ok(!("household" in changes(corrected(), NOW, "r")));
});

test("where nobody was asked, the way of answering stays none", () => {
  assert.equal(changes(corrected({ ...PAST, mode: "none" }), NOW, "r").mode, "none");
});
