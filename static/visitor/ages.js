// How children are named, how old they are, and when something was, in words.

import { age, between, dayOf } from "./days.js";
import { birthOf, first, isolated, natural, subjects } from "./names.js";
import { clock, listed, longWeekday, say, shortDay } from "./words.js";

const IN_WEEKS = 13;
const TWO_YEARS = 24;

/** First names of those whom a visit is about: "Nora", "Yusuf og Zahra". */
export const firstNames = (family) => listed(subjects(family.children).map((child) => first(child.name)));

/** Of those whom a visit is about: "Nora Lindskov"; twins share a surname only once: "Yusuf og Zahra Demir". */
export function childrenNames(family) {
  const names = subjects(family.children).map((child) => natural(child.name));
  const surname = names[0].split(" ").slice(1).join(" ");
  const shared = surname && names.length > 1 && names.every((name) => name.endsWith(` ${surname}`));
  if (!shared) return listed(names.map(isolated));
  return isolated(`${listed(names.map((name) => name.slice(0, -surname.length - 1)))} ${surname}`);
}

/** "9 uger", "8 måneder", "2 år". */
export function ageShort(birth, today) {
  const { days, weeks, months } = age(birth, today);
  if (days < 14) return say("age.days", { n: days });
  if (weeks < IN_WEEKS) return say("age.weeks", { n: weeks });
  return months < TWO_YEARS ? say("age.months", { n: months }) : say("age.years", { n: Math.floor(months / 12) });
}

/** Is a child so young that its age is told in weeks? */
export const inWeeks = (birth, today) => age(birth, today).weeks < IN_WEEKS;

/** "9 uger og 2 dage", "8 måneder og 5 dage". */
export function ageLong(birth, today) {
  const { weeks, weekDays, months, monthDays } = age(birth, today);
  const whole = weeks < IN_WEEKS ? say("age.weeks", { n: weeks }) : say("age.months", { n: months });
  return withDays(whole, weeks < IN_WEEKS ? weekDays : monthDays);
}

/** "35 uger og 5 dage". */
export function weeksLong(birth, today) {
  const { weeks, weekDays } = age(birth, today);
  return withDays(say("age.weeks", { n: weeks }), weekDays);
}

/** "Nora · 8 måneder", as a visit is headed. */
export function visitHeading(family, today) {
  return family.children.length ? `${firstNames(family)} · ${ageShort(birthOf(family), today)}` : say("somebody");
}

/** "i dag 11.52", "i går 14.10", "fredag 14.10", "16. nov. 10.05", seen from `now`. */
export function moment(date, now) {
  const day = dayOf(date);
  const ago = between(day, dayOf(now));
  const near = [say("today"), say("yesterday")][ago];
  return `${near ?? (ago > 0 && ago < 7 ? longWeekday(day) : shortDay(day))} ${clock(date)}`;
}

const withDays = (whole, days) => (days ? say("and", { a: whole, b: say("age.days", { n: days }) }) : whole);
