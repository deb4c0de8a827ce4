// A family: the page they may see (who, where, languages, what was agreed, visits), and the visitor's own part.

import { ageLong, childrenNames, moment } from "../ages.js";
import { begun, homeOf, livesApart } from "../course.js";
import { dayOf } from "../days.js";
import { all, clone, fill, one, onAction } from "../dom.js";
import { isSure } from "../fields.js";
import { birthOf, calledOf, isolated, natural } from "../names.js";
import { addWords, clockOf, fullDay, listed, longDay, say, shortDay, weekdayAndDay } from "../words.js";
import { note, withNotes } from "./around.js";
import { heldVisits, inTime, mayKeep, nextVisit, outcomeWords } from "./today.js";

addWords({
  "family.today": ["{visit} i dag kl. {time}", "{visit} today at {time}"],
  "family.planned": ["{visit} {day} kl. {time}", "{visit} {day} at {time}"],
  "family.role": ["forælder {n}", "parent {n}"],
  "family.noAddress": ["Ikke oplyst", "Not given"],
  "family.until": ["kan holdes til {day}", "may be held until {day}"],
  "family.fromUntil": ["kan holdes fra {from} til {day}", "may be held from {from} until {day}"],
  "family.was": ["kan stadig holdes", "may still be held"],
  "family.held": ["holdt", "made"],
  "family.chooseHome": ["Vælg først, hos hvem I er.", "First choose whose home you are in."],
  "own.sure": ["Ja, det er gjort", "Yes, it is done"],
  "own.does": ["{who} gør det", "{who} does it"],
  "own.decides": ["Svar på det under »Underretning« i besøget, eller tal med din teamleder", "Answer the question about notifying in the visit, or talk to your team lead"],
  "own.together": ["Sammen", "Together"],
  "own.better": ["bedre end sidst", "better than last time"],
  "own.worse": ["værre end sidst", "worse than last time"],
  "own.unchanged": ["uændret siden sidst", "unchanged since last time"],
  "own.not_comparable": ["kan ikke sammenlignes med sidst", "cannot be compared with last time"],
  "own.persistent": ["Konflikten varer ved.", "The conflict goes on."],
  "own.newFlag": ["Der er kommet noget nyt til siden sidst.", "There is something new since last time."],
  "own.attempts.one": ["{visit}: 1 forgæves forsøg", "{visit}: 1 attempt in vain"],
  "own.attempts": ["{visit}: {n} forgæves forsøg", "{visit}: {n} attempts in vain"],
  "own.begun": ["{visit} · påbegyndt {time}", "{visit} · begun {time}"],
  "own.correction": ["Rettelse af {visit} · påbegyndt {time}", "Correction of {visit} · begun {time}"],
  "own.readIn": ["{day}. Læst ind. Svarene ligger ikke længere på tabletten.", "{day}. Read in. The answers are no longer on this tablet."],
  "own.finished": ["Afsluttet {time}", "Finished {time}"],
  "own.corrected": ["Rettet {time}.", "Corrected {time}."],
  "own.leftOut": ["Et svar kunne ikke læses ind: {questions}. Ret det her.", "An answer could not be read: {questions}. Correct it here."],
  "own.correct": ["Ret besøget", "Correct the visit"],
  "own.correctSingle": ["Ret enkelte svar", "Correct single answers"],
  "own.notBegun": ["Ikke gemt – besøget er ikke begyndt. Prøv igen.", "Not saved – the visit has not begun. Try again."],
});

let app = null;
let root = null;
let id = null;
let home = null; // whose home, where the parents live apart

/** args: family (its id); own: the visitor's own part; home: parent1 or parent2, as chosen before. */
export async function show(theApp, { family, own = false, home: chosen = null }) {
  app = theApp;
  await withNotes(app);
  id = family;
  home = chosen;
  if (!app.caseload.families.has(id)) return app.show("today");
  return own ? showOwnPart() : showFamily();
}

export function leave() {
  root = id = home = null;
}

export async function suspend() {
  const chosen = home;
  leave();
  return { home: chosen };
}

globalThis.document?.addEventListener("caseload", async () => {
  if (!root?.isConnected || root.dataset.kind !== "visitor") return;
  await withNotes(app);
  if (root?.isConnected && app.caseload.families.has(id)) fillOwnPart();
});

// ── what they may see ──

async function showFamily() {
  const whole = app.caseload.families.get(id);
  const household = livesApart(whole) ? home : null;
  const asks = livesApart(whole) && !home;
  const [drafts, held] = await Promise.all([draftsOf(whole.id), heldVisits(app, household)]);
  if (id !== whole.id) return;
  // What was begun in one home is nothing to the other (FR24), and a talk with one parent alone nothing to anybody here.
  const draft = drafts.find((one) => !one.replaces && isVisit(one) && !asks && (!household || one.household === household));
  const family = homeOf(whole, household);
  const today = dayOf(app.now());
  const visit = nextVisit(family, today, held);
  root = clone("family");
  fill(root, {
    names: childrenNames(family), summary: summary(family, asks ? null : visit, today), place: place(family, visit),
    languages: capitalised(listed(family.languages)), agreed: family.agreed ? `“${family.agreed}”` : "",
    others: family.others ?? "",
  });
  one("[data-agreed]", root).hidden = !family.agreed;
  one("[data-with-both]", root).hidden = family.agreed !== whole.agreed;
  one("[data-parents]", root).prepend(...family.parents.map(parent));
  one("[data-dates]", root).replaceChildren(...dates(family, visit, held, today));
  one("[data-action=start]", root).classList.toggle("primary", !asks); // first it is chosen whose home it is
  if (asks) for (const part of all(".panels,section:has(.dates)", root)) part.remove(); // of neither home before it is known which
  one("[data-action=start]", root).hidden = Boolean(draft) || !visit;
  one("[data-action=resume]", root).hidden = !draft;
  if (asks) chooseHome(whole.parents, showFamily);
  else if (visit && !draft && !inTime(visit, today)) chooseType(family, visit, held);
  visiting(whole);
  onAction(root, {
    back: () => app.show("today"),
    "own-part": () => app.show("family", { family: whole.id, own: true, home }),
    start: (button) => (asks ? app.tell("family.chooseHome") : start(button, whole, visit)),
    resume: async () => (await mayKeep(app)) && app.show("visit", { draft: draft.id, family: whole.id }),
  });
  app.mount(root);
}

// What was begun with a family, whole, the latest first.
async function draftsOf(family) {
  const mine = (await app.vault.drafts()).filter((draft) => draft.family === family);
  const whole = await Promise.all(mine.map((draft) => app.vault.draft(draft.id)));
  return whole.filter(Boolean).sort((a, b) => b.savedAt.localeCompare(a.savedAt));
}

function summary(family, visit, today) {
  const age = ageLong(birthOf(family), today);
  if (!visit) return age;
  const name = say(`visit.${visit.visit}`);
  if (!visit.planned) return `${age} · ${name}`;
  const day = visit.planned.slice(0, 10);
  const values = { visit: name, day: weekdayAndDay(day), time: clockOf(visit.planned) };
  return `${age} · ${day === today ? say("family.today", values) : say("family.planned", values)}`;
}

const parent = ({ key, name }) => fill(clone("family-parent"), { name: natural(name), role: say("family.role", { n: key.at(-1) }) });

function place(family, visit) {
  if (visit?.place === "clinic") return say("today.clinic");
  return family.address_protected ? say("today.protected") : family.address || say("family.noAddress");
}

const capitalised = (text) => text && text[0].toUpperCase() + text.slice(1);

function dates(family, next, held, today) {
  const day = (date) => (date.slice(0, 4) === today.slice(0, 4) ? longDay(date) : fullDay(date));
  const past = family.dates.filter(isVisit).sort((a, b) => a.date.localeCompare(b.date)).map(({ visit, date }) => dateRow(visit, day(date), "done"));
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
  if (closes < today) return say("family.was");
  const until = opens > today ? say("family.fromUntil", { from: longDay(opens), day: longDay(closes) }) : say("family.until", { day: longDay(closes) });
  return planned?.startsWith(today) ? `${say("today")} · ${until}` : until;
}

// ── whose home, and which visit ──

/** The cover and the Nu card know the home that was chosen, and before that neither. */
function visiting(family) {
  if (livesApart(family)) app.visiting(home ? homeOf(family, home) : { ...family, address: null });
}

const atHomeOf = (parents, key) => say("today.atHome", { name: calledOf(parents, key) });

function chooseHome(parents, then) {
  const section = choices("homes", parents.map(({ key }) => choice("home", key, atHomeOf(app.caseload.families.get(id).parents, key))));
  section.onchange = ({ target }) => {
    home = target.value;
    then();
  };
  return section;
}

// The visits that have not been held; a talk is begun from the visitor's own part.
function chooseType(family, next, held) {
  const types = family.visits.filter(({ visit, state }) => state === "open" && !held.has(`${family.id} ${visit}`));
  if (types.length < 2) return;
  const section = choices("types", types.map(({ visit }) => choice("type", visit, say(`visit.${visit}`))));
  one(`[value="${next.visit}"]`, section).checked = true;
}

function choices(name, cards) {
  const section = one(`[data-${name}]`, root);
  section.hidden = false;
  one(".opts", section).replaceChildren(...cards);
  return section;
}

function choice(name, code, words) {
  const card = fill(clone("family-choice"), { words });
  Object.assign(one("input", card), { name, value: code });
  return card;
}

/** The visit that a later talk completes: the newest that was held, in this home, here or as the list knows it; else null. */
async function toComplete(family, where = home) {
  const { last } = homeOf(family, where);
  const isHere = (one) => isVisit(one) && !one.partial && isIn(where, one);
  return (await ownVisits(family)).find(isHere)?.id ?? last?.["8m"] ?? last?.["2m"] ?? null;
}

const isVisit = ({ visit }) => visit === "2m" || visit === "8m";
const isIn = (where, { household }) => !where || !household || household === where;

async function start(button, family, visit) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  const type = one("[name=type]:checked", root)?.value ?? visit.visit;
  const may = await mayKeep(app);
  button.removeAttribute("aria-disabled");
  if (may) await begin(family, type);
}

async function begin(family, type) {
  const completes = type === "talk" ? await toComplete(family) : null;
  const more = { completes, household: livesApart(family) ? home : null };
  return app.show("visit", { family: family.id, begin: type, more });
}

// ── only for her ──

async function showOwnPart() {
  root = clone("own-part");
  await fillOwnPart();
  onAction(root, {
    back: () => app.show("family", { family: id, home }),
    around: ({ dataset }) => app.show("around", { family: id, page: dataset.page, home }),
    guide: () => app.show("guide", { family: id, home }),
    resume: ({ dataset }) => resume(dataset.encounter),
    talk: () => talk(),
    correct: ({ dataset }) => correct(dataset.of),
    "task-done": (button) => isSure(button, say("own.sure")) && done(button.dataset.of),
  });
  app.mount(root);
}

async function fillOwnPart() {
  const mine = root;
  const family = app.caseload.families.get(id);
  const today = dayOf(app.now());
  const [begunHere, sent, completes] = await Promise.all([draftsOf(id), ownVisits(family), toComplete(family)]);
  if (mine !== root || !mine) return;
  fill(root, { names: childrenNames(family), summary: ageLong(birthOf(family), today) });
  rowsIn("[data-drafts]", begunHere.map(draftEntry));
  rowsIn("[data-changed]", (family.changed ?? []).map((change) => changeEntry(family, change)));
  rowsIn("[data-tasks]", family.tasks.map((task) => taskEntry(task, today)), "[data-no-tasks]");
  rowsIn("[data-decisions]", family.decisions.map(decisionEntry), "[data-no-decisions]");
  rowsIn("[data-attempts]", attemptEntries(family));
  rowsIn("[data-held]", heldEntries(family, sent));
  visiting(family);
  const isTalk = (one) => one.visit === "talk" && !one.partial && isIn(home, one);
  one("li:has([data-action=talk])", root).hidden = !completes || begunHere.some(isTalk);
  one("li:has([data-page=plan])", root).hidden = !family.visits.some(({ state }) => state === "open");
}

// Rows into a list; a list without any takes its section with it, or says so where there is a place for it.
function rowsIn(selector, rows, none) {
  const list = one(selector, root);
  list.replaceChildren(...rows);
  list.hidden = !rows.length;
  if (none) one(none, root).hidden = rows.length > 0;
  else list.closest("section").hidden = !rows.length;
}

// What is somebody else's to do is not hers to be done with.
// Nor is what wants a decision: that is made in the visit, under the notification, or by the lead.
function taskEntry({ id: task, text, due, responsible, mine, decides }, today) {
  const others = mine === false;
  const who = responsible && (others ? say("own.does", { who: responsible }) : responsible);
  const entry = fill(clone("own-task"), { text, due: say(due < today ? "today.was" : "today.last", { day: shortDay(due) }), responsible: who });
  const button = one("button", entry);
  entry.dataset.task = button.dataset.of = task;
  button.hidden = others || Boolean(decides);
  if (decides) one("[data-slot=responsible]", entry).textContent = [who, say("own.decides")].filter(Boolean).join(" · ");
  return entry;
}

function decisionEntry({ id: decision, at, decision: kind, level, note: words, by, visit }) {
  const entry = fill(clone("own-decision"), {
    text: say(`decision.${kind}`), at: moment(new Date(at), app.now()), note: words,
    by: [say(`visit.${visit}`), by].filter(Boolean).join(" · "),
  });
  entry.dataset.decision = decision;
  one("[data-level]", entry).append(clone(`level-${level ?? "none"}`));
  return entry;
}

function changeEntry(family, { respondent, change, persistent, new_flag: isNew }) {
  const name = family.parents.find(({ key }) => key === respondent)?.name;
  const who = name ? isolated(natural(name)) : say("own.together");
  const more = [persistent && say("own.persistent"), isNew && say("own.newFlag")].filter(Boolean).join(" ");
  return fill(clone("own-line"), { text: `${who}: ${say(`own.${change}`)}`, more });
}

function draftEntry({ id: draft, visit, startedAt, replaces }) {
  const time = moment(new Date(startedAt), app.now());
  const item = fill(clone("own-draft"), { text: say(replaces ? "own.correction" : "own.begun", { visit: say(`visit.${visit}`), time }) });
  Object.assign(one("button", item).dataset, { encounter: draft, visit });
  return item;
}

function attemptEntries(family) {
  return family.visits
    .map((visit) => [visit, family.attempts?.[visit.visit] ?? 0, outcomeWords(visit, app.now())])
    .filter(([, n, words]) => n || words)
    .map(([{ visit }, n, more]) => fill(clone("own-line"), { text: n ? say("own.attempts", { n, visit: say(`visit.${visit}`) }) : say(`visit.${visit}`), more }));
}

// ── visits she has made ──

// What she has sent of this family's visits and can still be read here, newest first.
const ownVisits = async (family) => (await app.vault.visits()).filter((visit) => visit.family === family.id);

// What lies here is corrected as a whole, of what only the list knows single answers; another visitor's has no number there.
function heldEntries(family, sent) {
  const whole = sent.filter(({ partial }) => !partial);
  const here = whole.filter(({ corrected }) => !corrected).map(({ id: of, visit, finishedAt: at }) =>
    heldEntry({ visit }, withUnread(say("own.finished", { time: timeOf(at) }), family.dates?.find((one) => one.id === of)), "own.correct", of));
  const seen = new Set(whole.flatMap(({ id: of, replaces }) => [of, replaces]));
  const there = (family.dates ?? []).filter(({ id: of }) => !of || !seen.has(of));
  return [...here, ...there.map((past) => heldEntry(past, pastWords(past, sent), "own.correctSingle", past.id))];
}

const timeOf = (at) => moment(new Date(at), app.now());

// What the server could not read of a visit is hers to write again.
const withUnread = (words, past) => (past?.left_out ? `${words} ${say("own.leftOut", { questions: listed(past.left_out) })}` : words);

function pastWords(past, sent) {
  const { id: of, date } = past;
  const anew = of && sent.find(({ id: own, replaces, partial }) => partial && (own === of || replaces === of));
  const words = say("own.readIn", { day: fullDay(date) });
  return anew ? `${words} ${say("own.corrected", { time: timeOf(anew.finishedAt) })}` : withUnread(words, past);
}

function heldEntry({ visit, household }, at, act, of) {
  const { parents } = app.caseload.families.get(id);
  const isHome = household && parents.some(({ key }) => key === household);
  const text = [say(`visit.${visit}`), isHome && atHomeOf(parents, household)].filter(Boolean).join(" · ");
  const entry = fill(clone("own-held"), { text, at, act: say(act) });
  const button = one("button", entry);
  button.hidden = !of;
  one("[data-gone]", entry).hidden = Boolean(of);
  if (of) button.dataset.of = of;
  return entry;
}

const reasons = (unanswered, why) => Object.entries(unanswered ?? {}).filter(([, one]) => one === why).map(([linkId]) => linkId);

/**
 * A finished visit as a draft again: a whole new version that names the one it replaces (5.8.21). What was answered
 * alone counts as before; before the private part opens again it is asked whether she is alone.
 */
export function correction(payload, now) {
  const { encounter, family, visit, instrument, mode, responses } = payload;
  const answered = (forms) => responses.filter(({ form, respondent }) => forms.includes(form) && respondent.startsWith("parent"));
  const gates = answered("C").map(({ respondent, authored_at: at }) => [respondent, { at, seen: at, state: "ask" }]);
  const kept = answered("C").flatMap(({ respondent, answers }) =>
    Object.entries(answers).flatMap(([linkId, cell]) => (cell.kept ? [[`${respondent} ${linkId}`, true]] : [])),
  );
  // Which questions were shown, and which grave answers were not to count, as the visit says it.
  const shown = answered("B").concat(responses.filter(({ form, respondent }) => form === "B" && respondent === "joint"));
  const passed = ({ answers, unanswered }) => [...Object.keys(answers), ...reasons(unanswered, "skipped")];
  const leftOut = answered("C").flatMap(({ respondent, unanswered }) => reasons(unanswered, "not_kept").map((linkId) => [`${respondent} ${linkId}`, false]));
  const apart = responses.filter(({ unanswered }) => Object.values(unanswered ?? {}).includes("irrelevant")).map(({ respondent }) => [respondent, true]);
  return {
    ...begun(family, visit, instrument, now), startedAt: payload.started_at, replaces: encounter,
    mode: mode === "none" ? null : mode, one: mode === "one" ? (answered("B")[0]?.respondent ?? null) : null,
    now: payload.now ?? false, danger: payload.now ? true : null, completes: payload.completes ?? null, household: payload.household ?? null,
    revealed: payload.revealed ?? null, notNoted: payload.not_noted ?? false,
    gates: Object.fromEntries(gates), kept: Object.fromEntries([...kept, ...leftOut]), shown: Object.fromEntries(shown.map((one) => [one.respondent, passed(one)])), noContact: Object.fromEntries(apart),
    responses: structuredClone(responses).map(({ form, respondent, authored_at, answers }) => ({ form, respondent, authored_at, answers })),
  };
}

/** A correction of single answers as a draft: what the list knows of the visit, and no earlier answer (design D11). */
export const single = (family, { id: replaces, visit, instrument, mode, household, date: held }, now) =>
  begun(family, visit, instrument, now, { partial: true, replaces, mode, household, held });

async function correct(of) {
  const family = id;
  const drafts = await draftsOf(family);
  const begunBefore = drafts.find(({ replaces }) => replaces === of);
  if (!(await mayKeep(app)) || family !== id) return;
  if (begunBefore) return app.show("visit", { draft: begunBefore.id, family: id });
  const payload = await app.vault.visit(of);
  const past = app.caseload.families.get(family).dates?.find((one) => one.id === of);
  const draft = payload && !payload.partial ? correction(payload, app.now()) : past && single(family, past, app.now());
  if (!draft) return fillOwnPart(); // midnight has passed, and the list does not know it yet
  try {
    await app.vault.keepDraft(draft);
  } catch (error) {
    if (error.name !== "NotKept") throw error;
    return app.tell("own.notBegun");
  }
  await app.show("visit", { draft: draft.id, family: id });
}

async function talk() {
  const family = app.caseload.families.get(id);
  if (!livesApart(family) || home) return (await mayKeep(app)) && begin(family, "talk");
  // In which of two homes: those in which there is a visit to complete.
  const made = await Promise.all(family.parents.map(({ key }) => toComplete(family, key)));
  if (root) one("input", chooseHome(family.parents.filter((_, n) => made[n]), talk)).focus();
}

async function resume(draft) {
  if (await mayKeep(app)) await app.show("visit", { draft, family: id });
}

async function done(task) {
  try {
    await note(app, { family: id, kind: "task_done", data: { task } });
  } catch (error) {
    if (error.name !== "NotKept") throw error;
    return app.tell("around.notKept");
  }
  if (!root?.isConnected) return;
  await fillOwnPart();
  app.tell("around.kept");
}
