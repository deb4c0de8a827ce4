// Prints visits as the tablet's own code makes them, answered at random: `node visits.mjs BUNDLE.json COUNT`.
// The server must take every one of them, and find the same result (tests/test_responses.py).
import { readFileSync } from "node:fs";
import * as course from "../../static/visitor/course.js";
import { createInstrument } from "../../static/visitor/instrument.js";

const [bundle, count] = process.argv.slice(2);
const instrument = createInstrument(JSON.parse(readFileSync(bundle, "utf8")));
const NOW = new Date("2026-11-23T09:12:00Z");
const family = {
  id: "01a207ad-2f00-7000-8000-000000000001", parents: [{ key: "parent1" }, { key: "parent2" }], t20: {}, agreement: false,
};

let seed = 20261123;
const below = (limit) => (seed = (seed * 1103515245 + 12345) % 2147483648) % limit;
const one = (list) => list[below(list.length)];

function cellFor(item, form) {
  const codes = (item.options ?? []).map(({ code }) => code);
  if (form !== "A" && below(9) === 0) return course.declined(item.type);
  if (item.type === "boolean") return { value: one(["true", "false"]) };
  if (item.type === "choice") return { value: one(codes) };
  if (item.type !== "multi") return { value: `Tekst æ\n${below(99)}` };
  return { value: [one(codes), one(codes)].reduce((chosen, code) => instrument.toggled(item.linkId, chosen, code), []) };
}

function visit(number) {
  const draft = course.begun(family.id, one(["2m", "8m"]), "1.0.0", NOW);
  draft.mode = one(["joint", "each", "one", null]);
  draft.now = number % 3 === 0;
  for (const step of course.steps(instrument, draft, family)) {
    for (const item of step.items.map((linkId) => instrument.item(linkId))) {
      if (item.type === "display" || below(4) === 0) continue;
      const cell = cellFor(item, step.form);
      if (cell.value?.length !== 0) course.answer(draft, step, item.linkId, cell, NOW);
    }
  }
  return course.payload(instrument, draft, family, NOW, "release");
}

console.log(JSON.stringify(Array.from({ length: Number(count) }, (_, number) => visit(number))));
