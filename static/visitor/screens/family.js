// A family: the page they may see (who, where, languages, what was agreed, visits), and the visitor's own part.

import { ageLong, childrenNames, moment } from "../ages.js";
import { dayOf } from "../days.js";
import { clone, fill, one, onAction } from "../dom.js";
import { addWords, clockOf, fullDay, listed, longDay, say, shortDay, weekdayAndDay } from "../words.js";
import { heldVisits, mayKeep, nextVisit } from "./today.js";

addWords({
  "family.today": ["{visit} i dag kl. {time}", "{visit} today at {time}"],
  "family.planned": ["{visit} {day} kl. {time}", "{visit} {day} at {time}"],
  "family.role": ["forælder {n}", "parent {n}"],
  "family.clinic": ["I klinikken", "In the clinic"],
  "family.protected": ["Adressen er beskyttet", "The address is protected"],
  "family.noAddress": ["Ikke oplyst", "Not given"],
  "family.until": ["kan holdes til {day}", "may be held until {day}"],
  "family.fromUntil": ["kan holdes fra {from} til {day}", "may be held from {from} until {day}"],
  "family.was": ["skulle være holdt senest {day}", "was to be held by {day}"],
  "family.todayUntil": ["i dag · {until}", "today · {until}"],
  "family.held": ["holdt", "made"],
  "own.by": ["senest {day}", "by {day}"],
  "own.late": ["frist var {day}", "was due {day}"],
  "own.of": ["{visit} · {by}", "{visit} · {by}"],
});

let app = null;
let root = null;
let id = null;

/** args: family (its id); own: the visitor's own part. */
export async function show(theApp, { family, own = false }) {
  app = theApp;
  id = family;
  if (!app.caseload.families.has(id)) return app.show("today");
  return own ? showOwnPart() : showFamily();
}

export function leave() {
  root = id = null;
}

export const suspend = leave;

document.addEventListener("caseload", () => {
  if (root?.isConnected && root.dataset.kind === "visitor" && app.caseload.families.has(id)) fillOwnPart();
});

// ── what they may see ──

async function showFamily() {
  const family = app.caseload.families.get(id);
  const [drafts, held] = await Promise.all([app.vault.drafts(), heldVisits(app)]);
  if (id !== family.id) return;
  const draft = drafts.find((one) => one.family === family.id);
  const today = dayOf(app.now());
  const visit = nextVisit(family, today, held);
  root = clone("family");
  fill(root, {
    names: childrenNames(family), summary: summary(family, visit, today), place: place(family, visit),
    languages: capitalised(listed(family.languages)), agreed: family.agreed ? `“${family.agreed}”` : "",
  });
  one("[data-agreed]", root).hidden = !family.agreed;
  one("[data-parents]", root).replaceChildren(...family.parents.map(parent));
  one("[data-dates]", root).replaceChildren(...dates(family, visit, held, today));
  one("[data-action=start]", root).hidden = Boolean(draft) || !visit;
  one("[data-action=resume]", root).hidden = !draft;
  onAction(root, {
    back: () => app.show("today"),
    "own-part": () => app.show("family", { family: family.id, own: true }),
    start: (button) => start(button, family, visit),
    resume: async () => (await mayKeep(app)) && app.show("visit", { draft: draft.id, family: family.id }),
  });
  app.mount(root);
}

function summary(family, visit, today) {
  const age = ageLong(family.children[0].birth, today);
  if (!visit) return age;
  const name = say(`visit.${visit.visit}`);
  if (!visit.planned) return `${age} · ${name}`;
  const day = visit.planned.slice(0, 10);
  const values = { visit: name, day: weekdayAndDay(day), time: clockOf(visit.planned) };
  return `${age} · ${day === today ? say("family.today", values) : say("family.planned", values)}`;
}

const parent = ({ key, name }) => fill(clone("family-parent"), { name, role: say("family.role", { n: key.at(-1) }) });

function place(family, visit) {
  if (visit?.place === "clinic") return say("family.clinic");
  return family.address_protected ? say("family.protected") : family.address || say("family.noAddress");
}

const capitalised = (text) => text && text[0].toUpperCase() + text.slice(1);

function dates(family, next, held, today) {
  const day = (date) => (date.slice(0, 4) === today.slice(0, 4) ? longDay(date) : fullDay(date));
  const past = [...family.dates].sort((a, b) => a.date.localeCompare(b.date)).map(({ visit, date }) => dateRow(visit, day(date), "done"));
  const open = family.visits.filter(({ state }) => state === "open");
  const here = (visit) => held.has(`${family.id} ${visit}`);
  const rows = open.map((one) =>
    here(one.visit) ? dateRow(one.visit, say("family.held"), "done") : dateRow(one.visit, window(one, today), one.visit === next?.visit ? "next" : ""),
  );
  return [...past, ...rows];
}

function dateRow(visit, date, state) {
  const row = fill(clone("family-date"), { visit: say(`visit.${visit}`), date });
  row.dataset.state = state;
  return row;
}

function window({ opens, closes, planned }, today) {
  if (closes < today) return say("family.was", { day: longDay(closes) });
  const until = opens > today ? say("family.fromUntil", { from: longDay(opens), day: longDay(closes) }) : say("family.until", { day: longDay(closes) });
  return planned?.startsWith(today) ? say("family.todayUntil", { until }) : until;
}

async function start(button, family, visit) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  const may = await mayKeep(app);
  button.removeAttribute("aria-disabled");
  if (may) await app.show("visit", { family: family.id, begin: visit.visit });
}

// ── only for her ──

function showOwnPart() {
  root = clone("own-part");
  fillOwnPart();
  onAction(root, { back: () => app.show("family", { family: id }) });
  app.mount(root);
}

function fillOwnPart() {
  const family = app.caseload.families.get(id);
  const today = dayOf(app.now());
  fill(root, { names: childrenNames(family), summary: ageLong(family.children[0].birth, today) });
  one("[data-no-tasks]", root).hidden = family.tasks.length > 0;
  one("[data-no-decisions]", root).hidden = family.decisions.length > 0;
  one("[data-tasks]", root).replaceChildren(...family.tasks.map((task) => taskEntry(task, today)));
  one("[data-decisions]", root).replaceChildren(...family.decisions.map(decisionEntry));
  one("[data-tasks]", root).hidden = !family.tasks.length;
  one("[data-decisions]", root).hidden = !family.decisions.length;
}

function taskEntry({ id: task, text, due, responsible }, today) {
  const entry = fill(clone("own-task"), { text, due: say(due < today ? "own.late" : "own.by", { day: shortDay(due) }), responsible });
  entry.dataset.task = task;
  return entry;
}

function decisionEntry({ id: decision, at, decision: kind, level, note, by, visit }) {
  const entry = fill(clone("own-decision"), {
    text: say(`decision.${kind}`), at: moment(new Date(at), app.now()), note,
    by: say("own.of", { visit: say(`visit.${visit}`), by: by ?? "" }),
  });
  entry.dataset.decision = decision;
  one("[data-level]", entry).append(clone(`level-${level ?? "none"}`));
  return entry;
}
