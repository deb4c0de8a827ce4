// What the tablet's instrument does besides judging, which is tested with the server's in test_evaluation.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { createInstrument } from "../../static/visitor/instrument.js";
import { bundle } from "./bundle.mjs";

const instrument = createInstrument(bundle());
const ids = (form, visit) => instrument.items(form, visit).map((item) => item.linkId);
const C = { visit: "2m", mode: "joint", respondent: "parent1", alone: true, prior: {} };
const cells = (answers) => Object.fromEntries(Object.entries(answers).map(([name, value]) => [name, { value }]));

test("the questions' words are not sent a second time: they stand in the page", () => {
  for (const item of ["A", "B", "C", "D"].flatMap((form) => instrument.items(form, "8m"))) {
    assert.ok(!("text" in item) && !("text8" in item), item.linkId);
    for (const option of item.options) assert.deepEqual(Object.keys(option), ["code", "score"], item.linkId);
  }
});

test("questions of eight months are not there at two, nor in a later talk", () => {
  assert.ok(ids("B", "8m").includes("f2"));
  assert.ok(!ids("B", "2m").includes("f2"));
  assert.ok(!ids("B", "talk").includes("f1"));
  assert.ok(ids("B", "talk").includes("k1"));
});

test("a question says all a screen needs", () => {
  const { type, required, maxLength, options } = instrument.items("B", "2m").find((item) => item.linkId === "p3");
  assert.deepEqual({ type, required, maxLength, options }, { type: "text", required: false, maxLength: 500, options: [] });
  const display = instrument.items("A", "2m")[0];
  assert.deepEqual([display.linkId, display.type], ["s0", "display"]);
});

test("not to answer can be chosen everywhere in B and C", () => {
  for (const item of ["B", "C"].flatMap((form) => instrument.items(form, "8m"))) {
    if (item.options.length) assert.ok(item.options.some((option) => option.code === "na"), item.linkId);
  }
});

test("an exclusive option stands alone", () => {
  assert.deepEqual(instrument.toggled("t8", [], "child"), ["child"]);
  assert.deepEqual(instrument.toggled("t8", ["child"], "adult"), ["adult", "child"]);
  assert.deepEqual(instrument.toggled("t8", ["adult", "child"], "no"), ["no"]);
  assert.deepEqual(instrument.toggled("t8", ["no"], "child"), ["child"]);
  assert.deepEqual(instrument.toggled("t8", ["child"], "na"), ["na"]);
  assert.deepEqual(instrument.toggled("t8", ["no"], "no"), []);
  assert.deepEqual(instrument.toggled("t8", ["adult", "child"], "child"), ["adult"]);
  assert.deepEqual(instrument.toggled("s2", ["p2"], "p1"), ["p1", "p2"]);
});

test("a grave yes that a change hides is asked about once", () => {
  const hidden = cells({ t2: "no", t11: "yes", t12: "no", t13: "yes", t17: "yes", t18: "yes" });
  assert.deepEqual(instrument.hiddenYes("C", hidden, C), ["t11", "t13", "t18"]);
  hidden.t11.kept = true;
  assert.deepEqual(instrument.hiddenYes("C", hidden, C), ["t13", "t18"]);
  assert.deepEqual(instrument.hiddenYes("C", { ...hidden, t2: { value: "yes" } }, C), []);
});

test("answers that come back when their question does", () => {
  const answers = cells({ s3: ["interp"], s4: "lay" });
  const context = { visit: "2m", mode: "joint", respondent: "joint" };
  assert.ok(instrument.enabled("A", answers, context).includes("s4"));
  assert.ok(!instrument.enabled("A", { ...answers, s3: { value: ["none"] } }, context).includes("s4"));
});

test("reasons are plain words about somebody", () => {
  assert.deepEqual(instrument.reason("R09", "da", "Sara"), [
    "Sara har fortalt noget alene, som kræver en ny samtale",
    "Svarene er lukkede. Tal alene igen inden 7 dage.",
  ]);
  assert.equal(instrument.reason("R09", "en")[0], "A parent has told something alone that calls for another talk");
  assert.equal(instrument.reason("M3", "da")[0], "Det bliver voldsomt, mens barnet er i rummet");
  assert.equal(instrument.reason("discrepant", "en")[0], "The answers differ greatly");
});

test("actions are whole, the shortest time first", () => {
  const found = instrument.actions({ actions: ["H07", "H13"] });
  assert.equal(found[0].label.da, "Tal med forælderen alene");
  assert.deepEqual(found[1].responsible, ["lead"]);
  for (const contact of found.flatMap((action) => action.contacts)) assert.ok(instrument.contacts[contact].da);
});

test("the template says that nobody has validated it", () => {
  assert.match(instrument.template.en, /unvalidated/);
  assert.match(instrument.template.da, /ikke er afprøvet/);
});

test("the modules touch neither page nor storage", () => {
  for (const name of ["evaluation", "instrument"]) {
    const code = readFileSync(new URL(`../../static/visitor/${name}.js`, import.meta.url), "utf8");
    assert.doesNotMatch(code, /\b(document|window|indexedDB|localStorage|fetch|self)\b\s*[.(]/);
  }
});
