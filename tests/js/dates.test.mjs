// A date or a time that the tablet takes is taken by the server, and the other way about (tests/test_dates.py).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const { isDay, isPlan } = await import("../../static/visitor/days.js");
const vectors = JSON.parse(readFileSync(new URL("../vectors/dates.json", import.meta.url), "utf8"));

test("a date is a day of the calendar, in a year of four digits", () => {
  for (const [text, is] of vectors.days) assert.equal(isDay(text), is, text);
  for (const none of [null, undefined, 20261125]) assert.equal(isDay(none), false);
});

test("a time agreed on is such a day, and a time of it", () => {
  for (const [text, is] of vectors.plans) assert.equal(isPlan(text), is, text);
});
