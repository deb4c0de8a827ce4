// The two pages that come over everything: the cover, and the Nu card. Both are built beforehand from what is in
// memory, so that showing one is a single insertion.

import { ageLong, firstNames, inWeeks, weeksLong } from "./ages.js";
import { livesApart } from "./course.js";
import { addMonths, dayOf, weekday } from "./days.js";
import { all, clone, fill, one, speaks } from "./dom.js";
import { birthOf, subjects } from "./names.js";
import { addWords, clock, fullDay, monthOf, say, shortDay } from "./words.js";

addWords({
  "cover.heading": ["{name} er {age}", "{name} is {age}"],
  "cover.headings": ["{name} er {age}", "{name} are {age}"],
  "cover.born": ["{weeks} · født {day}", "{weeks} · born {day}"],
  "cover.bornOnly": ["Født {day}", "Born {day}"],
  "cover.nobody": ["Barnets første år", "The child’s first year"],
  "cover.nobodySummary": ["Hvornår vi kommer, og hvornår barnet kan vaccineres", "When we visit, and when the child can be vaccinated"],
  "cover.need": ["Efter behov", "When needed"],
  "cover.ask": ["ring eller skriv til os", "call or write to us"],
  "cover.next": ["næste: {month}", "next: {month}"],
  "cover.months": ["{n} måneder", "{n} months"],
  "cover.years": ["{n} år", "{n} years"],
  "cover.phone": ["Telefon {phone}", "Telephone {phone}"],
  "cover.tipSmall": ["Godt at vide omkring 2 måneder", "Good to know around 2 months"],
  "cover.tipSmallText": [
    "Mange børn græder mest omkring to måneder, og det går over. Bær barnet, gå en tur, og få afløsning, når du bliver træt. Tid på maven, mens barnet er vågent, styrker nakke og arme.",
    "Many babies cry most around two months, and it passes. Carry the baby, go for a walk, and take turns when you get tired. Time on the tummy while awake strengthens neck and arms.",
  ],
  "cover.tipLarge": ["Godt at vide omkring 8 måneder", "Good to know around 8 months"],
  "cover.tipLargeText": [
    "Mange børn vågner mere om natten i en periode og kan være generte over for fremmede. Mad med små klumper, tid på gulvet og faste vaner om aftenen hjælper de fleste.",
    "Many children wake more at night for a while and may be shy with strangers. Food with small lumps, time on the floor and steady evening habits help most of them.",
  ],
});

// The Danish childhood vaccination programme, in months after birth.
const VACCINATIONS = [3, 5, 12, 15, 48, 60];
const TIP_CHANGES = 5; // months of age

/** The neutral page, about the family that is visited or, without one, about any. */
export function coverPage(app) {
  const page = clone("cover-page");
  const today = dayOf(app.now());
  const birth = birthOf(app.family);
  fill(page, { ...(birth ? about(app.family, birth, today) : nobody()), ...place(app.config), municipality: document.body.dataset.municipality });
  one("[data-visits]", page).replaceChildren(...visits(app.family, today));
  one("[data-vaccinations]", page).replaceChildren(...vaccinations(birth, today));
  return page;
}

function about(family, birth, today) {
  const small = addMonths(birth, TIP_CHANGES) > today;
  const heading = subjects(family.children).length > 1 ? "cover.headings" : "cover.heading";
  return {
    heading: say(heading, { name: firstNames(family), age: ageLong(birth, today) }),
    summary: inWeeks(birth, today) ? say("cover.bornOnly", { day: fullDay(birth) }) : say("cover.born", { weeks: weeksLong(birth, today), day: fullDay(birth) }),
    "tip-heading": say(small ? "cover.tipSmall" : "cover.tipLarge"),
    tip: say(small ? "cover.tipSmallText" : "cover.tipLargeText"),
  };
}

const nobody = () => ({
  heading: say("cover.nobody"), summary: say("cover.nobodySummary"), "tip-heading": say("cover.tipSmall"), tip: say("cover.tipSmallText"),
});

function place(config) {
  const { phone } = config.contacts?.clinic ?? {};
  return { clinic: config[`clinic_${speaks()}`] ?? "", phone: phone ? say("cover.phone", { phone }) : "" };
}

function visits(family, today) {
  const apart = family && livesApart(family); // whose home it is, is not known
  const past = (family?.dates ?? []).filter(({ household }) => !household || !apart);
  const planned = apart ? [] : family?.visits ?? [];
  const rows = [["2m", 2], [null, "4–6"], ["8m", "8–11"]].map(([visit, n]) => {
    const was = past.find((one) => one.visit === visit)?.date;
    const next = planned.find((one) => one.visit === visit)?.planned?.slice(0, 10);
    const day = was ?? next;
    return line(say("cover.months", { n }), day === today ? say("today") : day ? shortDay(day) : "", day === today ? "now" : was ? "done" : "");
  });
  return [...rows, line(say("cover.need"), say("cover.ask"))];
}

function vaccinations(birth, today) {
  const days = VACCINATIONS.map((months) => birth && addMonths(birth, months));
  const next = days.findIndex((day) => day > today);
  return VACCINATIONS.map((months, n) => {
    const month = birth ? monthOf(days[n], today) : "";
    const words = months < 24 ? say("cover.months", { n: months }) : say("cover.years", { n: months / 12 });
    return line(words, n === next ? say("cover.next", { month }) : month, n === next ? "next" : n < next ? "done" : "");
  });
}

function line(what, when, state = "") {
  const row = fill(clone("cover-line"), { what, when });
  if (state) row.dataset.state = state;
  return row;
}

// ── the Nu card ──

const CALLS = ["leader_on_duty", "police"];

addWords({
  "now.always": ["Hele døgnet", "Day and night"],
  "now.leader": ["Ring til lederen på vagt, når I er ude.", "Call the leader on duty when you are out."],
  "now.police": ["Ring {phone}, når I er ude.", "Call {phone} when you are out."],
});

/** What to do in danger, with the address and the numbers. Outside office hours the police come first. */
export function nowCard(app) {
  const card = clone("now-card");
  const address = app.family?.address;
  fill(card, { address: address && address.replace(/\.?$/, ".") });
  one("[data-address]", card).hidden = !address;
  one("[data-no-address]", card).hidden = Boolean(address);
  const contacts = CALLS.filter((id) => app.config.contacts?.[id]?.phone);
  const closed = !inOfficeHours(app.config, app.now()) && app.config.contacts?.police?.phone;
  if (closed) contacts.reverse();
  fill(card, { call: closed ? say("now.police", { phone: closed }) : say("now.leader") });
  one("[data-calls]", card).replaceChildren(...contacts.map((id) => call(app.config.contacts[id])));
  for (const link of all("a[data-call]", card)) callable(link, link.dataset.call);
  return card;
}

function call(contact) {
  const { phone } = contact;
  const card = clone("now-call");
  fill(card, { name: contact[`name_${speaks()}`], hours: contact[`hours_${speaks()}`] ?? say("now.always"), phone });
  callable(card, phone);
  return card;
}

// A number can be pressed, and stands large for whoever calls from another telephone.
function callable(link, phone) {
  link.href = `tel:${phone.replaceAll(" ", "")}`;
}

/** Is it a working day of the municipality, between its hours? */
export function inOfficeHours({ opens = "08:00", closes = "16:00", closing_days: closed = [] }, now) {
  const day = dayOf(now);
  const time = clock(now).replace(".", ":");
  return ![0, 6].includes(weekday(day)) && !closed.includes(day) && time >= opens && time < closes;
}
