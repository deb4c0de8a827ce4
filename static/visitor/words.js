// Sentences made in code, in Danish and English. What stands still stands in the templates.
// A key is a pair [da, en]; with `n` in the values, `key.one` is used when n is 1 and exists.

import { partsOf } from "./days.js";
import { speaks } from "./dom.js";
import { isolated } from "./names.js";

const MONTHS = {
  da: ["januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"],
  en: ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
};
const SHORT_MONTHS = {
  da: ["jan.", "feb.", "marts", "april", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec."],
  en: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
};
const DAYS = {
  da: ["søndag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"],
  en: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
};
const SHORT_DAYS = {
  da: ["søn.", "man.", "tirs.", "ons.", "tors.", "fre.", "lør."],
  en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
};

const table = {
  "visit.2m": ["2-måneders-besøg", "2-month visit"],
  "visit.8m": ["8-måneders-besøg", "8-month visit"],
  "visit.talk": ["Samtale", "Talk"],
  "age.days.one": ["1 dag", "1 day"],
  "age.days": ["{n} dage", "{n} days"],
  "age.weeks.one": ["1 uge", "1 week"],
  "age.weeks": ["{n} uger", "{n} weeks"],
  "age.months.one": ["1 måned", "1 month"],
  "age.months": ["{n} måneder", "{n} months"],
  "age.years": ["{n} år", "{n} years"],
  "age.years.one": ["1 år", "1 year"],
  and: ["{a} og {b}", "{a} and {b}"],
  today: ["i dag", "today"],
  yesterday: ["i går", "yesterday"],
  somebody: ["Besøg", "Visit"],
  close: ["Luk", "Close"],
  offline: ["Uden net siden {time}", "Offline since {time}"],
  "clock.wrong": [
    "Tablettens ur viser {here}, serverens {there}. Frister og låse følger uret her, så stil det, når du kan.",
    "This tablet’s clock says {here}, the server’s {there}. Deadlines and locks go by the clock here, so set it when you can.",
  ],
  "error.unexpected": [
    "Noget gik galt her på siden. Det, der står som gemt, er gemt.",
    "Something went wrong on this page. What says saved is saved.",
  ],
  "error.screen": [
    "Siden kunne ikke åbnes. Prøv igen, eller luk appen og åbn den igen.",
    "The page could not be opened. Try again, or close the app and open it again.",
  ],
  "error.instrument": [
    "Spørgsmålene ligger ikke på tabletten endnu. De hentes, når der er net.",
    "The questions are not on this tablet yet. They are fetched when there is a connection.",
  ],
};

/** Add sentences: `{key: [danish, english]}`. Each screen brings its own. */
export const addWords = (more) => Object.assign(table, more);

/** The sentence for a key in the person's language, with {names} filled in; a name from right to left keeps to itself. */
export function say(key, values = {}) {
  const pair = (values.n === 1 && table[`${key}.one`]) || table[key];
  if (!pair) throw new Error(`no words for ${key}`);
  const text = pair[speaks() === "en" ? 1 : 0];
  return text.replace(/\{(\w+)\}/g, (whole, name) => within(values[name]) ?? whole);
}

const within = (value) => (typeof value === "string" ? isolated(value) : value);

/** A list in words: "Yusuf og Zahra", "a, b og c". */
export function listed(words) {
  if (words.length < 2) return words[0] ?? "";
  return say("and", { a: words.slice(0, -1).join(", "), b: words.at(-1) });
}

const parts = (day) => day.split("-").map(Number);
const weekdayOf = (day) => new Date(`${day}T12:00:00Z`).getUTCDay();
const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** "09.00" (English "09:00") from a Date, in Copenhagen's time. */
export function clock(date) {
  const { hour, minute } = partsOf(date);
  return `${hour}${speaks() === "en" ? ":" : "."}${minute}`;
}

/** "09.00" from the local text "2026-11-25T09:00". */
export const clockOf = (local) => local.slice(11, 16).replace(":", speaks() === "en" ? ":" : ".");

/** "25. nov." from "2026-11-25". */
export function shortDay(day) {
  const [, month, date] = parts(day);
  return speaks() === "en" ? `${date} ${SHORT_MONTHS.en[month - 1]}` : `${date}. ${SHORT_MONTHS.da[month - 1]}`;
}

/** "25. november" from "2026-11-25". */
export function longDay(day) {
  const [, month, date] = parts(day);
  return speaks() === "en" ? `${date} ${MONTHS.en[month - 1]}` : `${date}. ${MONTHS.da[month - 1]}`;
}

/** "18. marts 2026". */
export const fullDay = (day) => `${longDay(day)} ${parts(day)[0]}`;

/** "mandag den 23. november" / "Monday 23 November". */
export function weekdayAndDay(day) {
  const name = DAYS[speaks()][weekdayOf(day)];
  return speaks() === "en" ? `${name} ${longDay(day)}` : `${name} den ${longDay(day)}`;
}

/** "ons. 25." / "Wed 25". */
export function shortWeekday(day) {
  const name = SHORT_DAYS[speaks()][weekdayOf(day)];
  return speaks() === "en" ? `${name} ${parts(day)[2]}` : `${name} ${parts(day)[2]}.`;
}

/** "fre." / "Fri". */
export const weekdayName = (day) => SHORT_DAYS[speaks()][weekdayOf(day)];

/** "fredag" / "Friday". */
export const longWeekday = (day) => DAYS[speaks()][weekdayOf(day)];

/** "marts", or "marts 2027" when that is not the year of `today`. */
export function monthOf(day, today) {
  const [year, month] = parts(day);
  const name = MONTHS[speaks()][month - 1];
  return year === parts(today)[0] ? name : `${name} ${year}`;
}

export { capital };
