// Calendar days never move by a time zone, and what is said about them is right in both languages.

import assert from "node:assert/strict";
import test from "node:test";

globalThis.document = { documentElement: {} }; // what dom.js touches when a language is chosen
const { speak } = await import("../../static/visitor/dom.js");
const { addDays, addMonths, age, between, dayOf, endOfWeek, weekday } = await import("../../static/visitor/days.js");
const ages = await import("../../static/visitor/ages.js");
const words = await import("../../static/visitor/words.js");

test("a day is Copenhagen's, in winter and in summer", () => {
  assert.equal(dayOf(new Date("2026-11-23T22:59:59Z")), "2026-11-23");
  assert.equal(dayOf(new Date("2026-11-23T23:00:00Z")), "2026-11-24");
  assert.equal(dayOf(new Date("2026-07-01T21:59:59Z")), "2026-07-01");
  assert.equal(dayOf(new Date("2026-07-01T22:00:00Z")), "2026-07-02");
});

test("days are counted across the nights when the clock is changed", () => {
  assert.equal(between("2026-03-28", "2026-03-30"), 2);
  assert.equal(between("2026-10-24", "2026-10-26"), 2);
  assert.equal(addDays("2026-03-28", 2), "2026-03-30");
  assert.equal(between("2026-11-25", "2026-11-23"), -2);
});

test("a missing day becomes the month's last", () => {
  assert.equal(addMonths("2026-01-31", 1), "2026-02-28");
  assert.equal(addMonths("2027-12-31", 2), "2028-02-29");
  assert.equal(addMonths("2026-03-30", 11), "2027-02-28");
  assert.equal(addMonths("2026-05-15", 8), "2027-01-15");
});

test("a week ends on Sunday", () => {
  assert.equal(endOfWeek("2026-11-23"), "2026-11-29");
  assert.equal(endOfWeek("2026-11-29"), "2026-11-29");
  assert.equal(weekday("2026-11-29"), 0);
});

test("an age is whole months and the days after them", () => {
  assert.deepEqual(age("2026-03-18", "2026-11-23"), { months: 8, monthDays: 5, weeks: 35, weekDays: 5, days: 250 });
  assert.equal(age("2026-11-24", "2026-11-23").days, 0);
});

test("ages are told as parents tell them", () => {
  speak("da");
  assert.equal(ages.ageShort("2026-11-20", "2026-11-23"), "3 dage");
  assert.equal(ages.ageShort("2026-09-21", "2026-11-23"), "9 uger");
  assert.equal(ages.ageShort("2026-03-18", "2026-11-23"), "8 måneder");
  assert.equal(ages.ageLong("2026-03-18", "2026-11-23"), "8 måneder og 5 dage");
  assert.equal(ages.ageLong("2026-09-20", "2026-11-23"), "9 uger og 1 dag");
  speak("en");
  assert.equal(ages.ageLong("2026-03-18", "2026-11-23"), "8 months and 5 days");
});

test("twins share a surname only once", () => {
  speak("da");
  const family = (...names) => ({ children: names.map((name) => ({ name })) });
  assert.equal(ages.childrenNames(family("Yusuf Demir", "Zahra Demir")), "Yusuf og Zahra Demir");
  assert.equal(ages.childrenNames(family("Ida Bech", "Liv Holm")), "Ida Bech og Liv Holm");
  assert.equal(ages.firstNames(family("Nora Lindskov")), "Nora");
});

test("times and days are written as people here write them", () => {
  speak("da");
  const half = new Date("2026-11-23T08:05:00Z");
  assert.equal(words.clock(half), "09.05");
  assert.equal(words.weekdayAndDay("2026-11-23"), "mandag den 23. november");
  assert.equal(words.shortWeekday("2026-11-25"), "ons. 25.");
  assert.equal(words.shortDay("2026-11-30"), "30. nov.");
  assert.equal(words.fullDay("2026-03-18"), "18. marts 2026");
  assert.equal(words.monthOf("2027-03-18", "2026-11-23"), "marts 2027");
  speak("en");
  assert.equal(words.clock(half), "09:05");
  assert.equal(words.weekdayAndDay("2026-11-23"), "Monday 23 November");
});

test("how long ago something was is said as near as it is", () => {
  speak("da");
  const now = new Date("2026-11-23T10:55:00Z");
  const was = (text) => ages.moment(new Date(text), now);
  assert.equal(was("2026-11-23T10:52:00Z"), "i dag 11.52");
  assert.equal(was("2026-11-22T13:10:00Z"), "i går 14.10");
  assert.equal(was("2026-11-20T13:10:00Z"), "fredag 14.10");
  assert.equal(was("2026-11-16T13:10:00Z"), "16. nov. 14.10");
});
