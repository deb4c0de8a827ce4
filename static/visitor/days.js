// Calendar days as plain text "YYYY-MM-DD", in Copenhagen's calendar. A birth date is never moved by a zone.

// Only the parts of a format are read: how it prints the same language differs between browsers ("2026-12-01" here,
// "12/01/2026" there).
const PARTS = {
  timeZone: "Europe/Copenhagen", calendar: "gregory", numberingSystem: "latn", hourCycle: "h23",
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
};
const DAY = 86_400_000;

let civil = null; // slow to make, and the first screen needs none

/** {year: "2026", month: "12", day: "01", hour: "09", minute: "05"} in Copenhagen at a moment (a Date or milliseconds). */
export function partsOf(moment) {
  civil ??= new Intl.DateTimeFormat("en-GB", PARTS);
  const parts = civil.formatToParts(moment).map(({ type, value }) => [type, value.padStart(type === "year" ? 4 : 2, "0")]);
  return Object.fromEntries(parts);
}

/** The calendar day it is in Copenhagen at a moment (a Date or milliseconds). */
export function dayOf(moment) {
  const { year, month, day } = partsOf(moment);
  return `${year}-${month}-${day}`;
}

const [FIRST_YEAR, LAST_YEAR] = [1900, 2199]; // nobody here was born before, and nothing is agreed after

/** Is this a day of the calendar as it is kept, "2026-11-25"? The server's rule: tests/vectors/dates.json. */
export function isDay(text) {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!found) return false;
  const [year, month, day] = found.slice(1).map(Number);
  const last = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return year >= FIRST_YEAR && year <= LAST_YEAR && month >= 1 && month <= 12 && day >= 1 && day <= last;
}

/** Is this a time of the day, "09:00"? */
export const isClock = (text) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);

/** Is this a time agreed on, "2026-11-25T09:00", by the clock on the wall? */
export function isPlan(text) {
  const [day, time, ...more] = text.split("T");
  return isDay(day) && isClock(time ?? "") && !more.length;
}

const number = (day) => Date.parse(`${day}T00:00:00Z`) / DAY;
const text = (count) => new Date(count * DAY).toISOString().slice(0, 10);

/** Days from one calendar day to another; negative when `to` is earlier. */
export const between = (from, to) => number(to) - number(from);

export const addDays = (day, count) => text(number(day) + count);

/** The same date some months later; a missing day becomes the month's last. */
export function addMonths(day, count) {
  const [year, month, date] = day.split("-").map(Number);
  const first = new Date(Date.UTC(year, month - 1 + count, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(date, last));
  return first.toISOString().slice(0, 10);
}

/** The Sunday that ends a day's week. */
export const endOfWeek = (day) => addDays(day, (7 - new Date(`${day}T00:00:00Z`).getUTCDay()) % 7);

/** 0 Sunday … 6 Saturday. */
export const weekday = (day) => new Date(`${day}T00:00:00Z`).getUTCDay();

/** How old somebody born that day is: whole months and the days after them; whole weeks and days in all. */
export function age(birth, today) {
  let months = 0;
  while (addMonths(birth, months + 1) <= today) months += 1;
  const days = Math.max(0, between(birth, today));
  return { months, monthDays: Math.max(0, between(addMonths(birth, months), today)), weeks: Math.floor(days / 7), weekDays: days % 7, days };
}
