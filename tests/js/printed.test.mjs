// Engines print the same language differently. Whatever a format prints, days and times are read from its parts.

import assert from "node:assert/strict";
import test from "node:test";

globalThis.document = { documentElement: {} }; // what dom.js touches when a language is chosen
const { DateTimeFormat } = Intl;
Intl.DateTimeFormat = class extends DateTimeFormat {
  format() {
    return "12/01/2026"; // what ICU 72 prints for en-CA
  }
};
const { age, dayOf } = await import("../../static/visitor/days.js");
const { speak } = await import("../../static/visitor/dom.js");
const words = await import("../../static/visitor/words.js");

test("a day is the same where a format prints it another way", () => {
  assert.equal(dayOf(new Date("2026-11-30T23:00:00Z")), "2026-12-01");
  assert.equal(age("2026-10-06", dayOf(new Date("2026-12-01T08:00:00Z"))).weeks, 8);
});

test("so is a time", () => {
  speak("da");
  assert.equal(words.clock(new Date("2026-12-01T08:05:00Z")), "09.05");
  assert.equal(words.clock(new Date("2026-11-30T23:00:00Z")), "00.00");
});
