// What people are called, and which child a visit is about; the server says the same (tests/test_names.py).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

globalThis.document = { documentElement: {}, addEventListener() {} }; // what is touched when a language is chosen
const { speak } = await import("../../static/visitor/dom.js");
const names = await import("../../static/visitor/names.js");
const ages = await import("../../static/visitor/ages.js");
const { say } = await import("../../static/visitor/words.js");
const { shortName } = await import("../../static/visitor/screens/waiting.js");
const vectors = JSON.parse(readFileSync(new URL("../vectors/names.json", import.meta.url), "utf8"));

speak("da");

test("a name is said as it is said", () => {
  for (const { name, natural, first, initial } of vectors.names) {
    assert.deepEqual([names.natural(name), names.first(name), names.initial(name)], [natural, first, initial], name);
  }
});

test("two who share a name are told apart", () => {
  for (const { names: both, called } of vectors.called) assert.deepEqual(names.called(both), called);
  const kims = [{ key: "parent1", name: "Kim Holm" }, { key: "parent2", name: "Kim Dahl" }];
  assert.equal(names.calledOf(kims, "parent2"), "Kim D.");
  assert.equal(names.calledOf(kims.slice(1), "parent1"), "");
});

test("a visit is about the youngest", () => {
  for (const { children, about, why } of vectors.subjects) {
    assert.deepEqual(names.subjects(children).map(({ name }) => name), about, why);
    assert.equal(names.birthOf({ children }), children.map(({ birth }) => birth).sort().at(-1), why);
  }
  assert.equal(names.birthOf(null), undefined);
});

test("a name from right to left keeps its place in a sentence", () => {
  for (const [text, wanted] of vectors.isolated) assert.equal(names.isolated(text), wanted);
  assert.equal(say("and", { a: "محمد", b: "9" }), "\u2068محمد\u2069 og 9");
  assert.equal(say("and", { a: "Nora", b: "Liv" }), "Nora og Liv");
  const family = { children: [{ name: "محمد الأحمد", birth: "2026-09-21" }] };
  assert.equal(ages.visitHeading(family, "2026-11-23"), "\u2068محمد\u2069 · 9 uger");
});

test("an older brother gives a baby neither his name nor his age", () => {
  const family = { children: [{ name: "Alma Holm", birth: "2024-12-23" }, { name: "Holm, Bo", birth: "2026-09-21" }] };
  assert.equal(ages.visitHeading(family, "2026-11-23"), "Bo · 9 uger");
  assert.equal(ages.childrenNames(family), "Bo Holm");
  assert.equal(shortName(family.children), "Bo H.");
});
