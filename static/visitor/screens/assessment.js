// The visitor's own part after a visit (form D). What she saw and her own judgement are kept before the suggestion is
// shown; then reasons and actions, the decision about a notification, what is written, and the end of the visit.

import { visitHeading } from "../ages.js";
import * as course from "../course.js";
import { inOfficeHours } from "../cover.js";
import { dayOf, isDay } from "../days.js";
import { all, clone, fill, focus, one, onAction, speaks } from "../dom.js";
import { fieldsIn, formOf, hear, holdsWrongDate, plain, posted, put, questionOf, saver, sayOfDate, sendOff } from "../fields.js";
import { addWords, clock, listed, say } from "../words.js";
import { actionRow, contactRow, dayWords, later, noLater, whoOf } from "./guide.js";
import { changed, decided } from "./summary.js";

addWords({
  "after.heading": ["{visit} · kun for dig", "{visit} · for you only"],
  "after.part.1": [" – det, du så, og din vurdering", " – what you saw, and your judgement"],
  "after.part.2": [" – forslag og handlinger", " – suggestion and actions"],
  "after.part.3": [" – underretning", " – notification"],
  "after.part.4": [" – det, der skrives", " – what is written"],
  "after.part.5": [" – før du afslutter", " – before you finish"],
  "after.ownAt": ["Din vurdering {time}", "Your judgement {time}"],
  "after.own": ["Din vurdering nu", "Your judgement now"],
  "after.first": ["Din første vurdering {time}: {level}.", "Your first judgement {time}: {level}."],
  "after.same": ["I er enige.", "You agree."],
  "after.none": ["Der er for få svar til et forslag. Din vurdering gælder.", "There are too few answers for a suggestion. Your judgement stands."],
  "after.later": ["Forslaget gælder foreløbigt. Aftal en ny kontakt inden 14 dage.", "The suggestion stands for now. Agree on a new contact within 14 days."],
  "after.unknown": ["Niveauet er ikke belyst. Aftal en ny kontakt inden 14 dage.", "The level is not known. Agree on a new contact within 14 days."],
  "after.x": ["Ikke endnu", "Not yet"],
  "after.floor": ["Niveauet kan ikke være lavere end {level}: {reason}.", "The level cannot be lower than {level}: {reason}."],
  "after.switch": ["Skift til {level}", "Change to {level}"],
  "after.choose": ["Skift, eller skriv hvorfor, før du går videre.", "Change, or write why, before you go on."],
  "after.keep": ["Behold {level} – skriv hvorfor", "Keep {level} – write why"],
  "after.disagree": ["Uenig – skriv til teamlederen", "Disagree – write to the team lead"],
  "after.because": ["Derfor foreslås {level}", "Why {level} is suggested"],
  "after.becauseNone": ["Det ved vi", "What we know"],
  "after.from": ["Svar fra {who}: {text}", "Answers from {who}: {text}"],
  "after.callFirst": ["Kontakt ikke forældrene først – ring til {who}", "Do not contact the parents first – phone {who}"],
  "after.send": ["Send rettelsen", "Send the correction"],
  "after.waits": ["Svar først på det, der mangler", "First answer what is missing"],
  "after.chosen": ["{n} handlinger valgt", "{n} actions chosen"],
  "after.chosen.one": ["1 handling valgt", "1 action chosen"],
  "after.actions": ["Vælg mindst én handling", "Choose at least one action"],
  "after.within": ["Senest {day}.", "By {day}."],
  "after.past": ["Datoen ligger før i dag.", "The date lies before today."],
  "after.mode": ["Vælg, hvordan der bliver svaret", "Choose how the questions are answered"],
  "after.keptAsk": ["Skal et skjult svar tages med?", "Should a hidden answer count?"],
  "after.notAsked": ["Spørgsmålene er ikke stillet i dag.", "The questions were not asked today."],
  "after.passed.one": ["1 spørgsmål blev sprunget over", "1 question was skipped"],
  "after.passed": ["{n} spørgsmål blev sprunget over", "{n} questions were skipped"],
  "after.unreached.one": ["1 spørgsmål blev ikke nået", "1 question was not reached"],
  "after.unreached": ["{n} spørgsmål blev ikke nået", "{n} questions were not reached"],
  "after.notFinished": ["Ikke gemt – besøget er ikke afsluttet endnu", "Not saved – the visit is not finished yet"],
});

const CASE = { form: "D", respondent: "case" };
const LAST = 5;
const PAGES = { v1: 1, v6: 2, v8: 2, v2: 3, v7: 3 }; // what is asked on the fourth page has no place here
const DECIDED_LATER = new Set(["v2", "v7"]); // where a rule asks for the decision, she may leave without it (FR19)
const OWN = new Set(["lower", "preliminary"]); // reasons that only say what she knows
const NO_SIGNS = "0"; // of o1 to o8
const WITHIN = 14; // days to the next contact where she could not judge yet, or it is not clear who is safe

// ── what can be said without a page ──

/** On which page a question of form D stands. */
export const pageOf = (linkId) => (linkId.startsWith("o") ? 1 : PAGES[linkId] ?? 4);

/**
 * How her own judgement (a code of v1) stands to the suggestion: none (nothing is suggested), later (she could not
 * judge yet), same, floor (hers is below the lowest level there can be), or apart.
 */
export function standing({ level, floor }, own) {
  if (level === null) return own === "x" ? "unknown" : "none";
  if (own === "x") return "later";
  if (Number(own) === level) return "same";
  return Number(own) < (floor ?? 0) ? "floor" : "apart";
}

/** The rule that keeps the level up: the first reason whose floor is the highest. */
export const holding = ({ reasons, flags, floor }) => reasons.find((id) => flags[id] === floor);

/** What of form D stands between her and the end: {must, undecided}, link ids. `due`: the actions she may choose. */
export function missing(instrument, answers, context, { gates }, due) {
  const open = instrument.missing("D", answers, context).filter((linkId) => linkId !== "v8" || due.length);
  const mayWait = (linkId) => gates.includes("notification") && DECIDED_LATER.has(linkId);
  return { must: open.filter((linkId) => !mayWait(linkId)), undecided: open.filter(mayWait) };
}

/** The actions she may choose: what happens by itself is not hers to choose. */
export const choosable = (actions) => actions.filter(({ automatic }) => !automatic);

/** Whose answers a reason rests on: the parents who raised a rule, or those in whose answers a minimum rule fired. */
export function raisedBy({ whose, minrules, respondents }, id) {
  return whose[id] ?? respondents.filter((_, number) => minrules[number].includes(id));
}

// ── the screen ──

let open = null; // the visit on the page, as show() makes it

/**
 * args: draft and family (ids); unsaved: a draft that could not be kept before the page was emptied, in memory only.
 */
export async function show(app, { draft: id, unsaved }) {
  const kept = unsaved ?? (await app.vault.draft(id));
  if (!kept) return app.show("today"); // finished meanwhile
  const draft = course.whole(kept);
  const instrument = await app.instrument(draft.instrument);
  if (!app.isCurrent()) return; // something else is on its way to the page: what stands there stays as it is
  const row = app.caseload.families.get(draft.family) ?? { children: [], parents: [] };
  const family = course.withParents(draft, course.homeOf(row, draft.household));
  if (draft.household) app.visiting(family);
  const root = clone("assessment");
  if (draft.replaces) one("[data-action=finish] span", root).textContent = say("after.send");
  fill(root, { heading: say("after.heading", { visit: visitHeading(family, dayOf(app.now())) }) });
  const sent = draft.replaces ? await app.vault.visit(draft.replaces) : null;
  if (!app.isCurrent()) return;
  const mine = { app, draft, family, instrument, root, ...prepared(instrument, draft), page: 1, sent };
  mine.saver = saver(mine);
  open = mine;
  listenTo(root);
  mine.page = draft.revealed && draft.place?.form === "D" ? Math.min(draft.place.page ?? 1, LAST) : 1;
  draw();
  if (!app.mount(root)) return forget(mine);
  one("main", root).scrollTop = 0;
  if (unsaved || draft.place?.form !== "D") mine.saver.keep();
  else mine.saver.was(new Date(draft.savedAt));
}

/** Before the page is emptied: what is half typed is kept, and the visit is out of the page's memory. */
export async function suspend(app, why) {
  if (!open) return {};
  const { draft, saver: { end } } = open;
  if (why === "now") Object.assign(draft, { now: true, danger: null });
  open = null;
  const kept = await end();
  return { draft: draft.id, family: draft.family, unsaved: kept ? undefined : draft };
}

export function leave() {
  if (open && !open.saver.isKept()) open.saver.end();
  open = null;
}

// Another screen or a lock came in between.
function forget(mine) {
  if (open === mine) open = null;
}

function listenTo(root) {
  hear(root, () => open?.root === root, { choose, typing, keepTyped });
  onAction(root, {
    back: () => (open.page > 1 ? go(open.page - 1) : toVisit(lastOfVisit(), [])),
    next, reveal, finish, rest,
    switch: change, "keep-own": openReason,
    pause: () => away("today"),
    danger: () => danger(true), "no-danger": () => danger(false),
    guide: ({ dataset: { part } }) => away("guide", { draft: open.draft.id, family: open.draft.family, part }),
    goto: ({ dataset }) => (dataset.page ? go(Number(dataset.page)) : seeTo(JSON.parse(dataset.place))),
    "keep-again": () => open.saver.keep(),
  });
}

const lastOfVisit = () => course.placeOf(course.steps(open.instrument, { ...open.draft, who: null }, open.family).at(-1));
const answers = () => course.answersOf(open.draft, "D", "case");
const own = () => answers().v1?.value;

// To another screen when everything is kept. Otherwise she stays where her answers still are, and the page says why.
async function away(screen, args) {
  const mine = open;
  const kept = await mine.saver.keptAll();
  if (kept && mine === open) await mine.app.show(screen, args);
}

// To what is missing in the visit, and from there back to this list.
function seeTo(place) {
  open.draft.fix = place.form === "end" ? null : "D";
  return toVisit(place, ["waiting", "passed", "unreached"]);
}

// Back to a page of the visit; a parent's own pages are there while it is her turn.
function toVisit(place, unfolded) {
  open.draft.who = place.respondent?.startsWith("parent") ? place.respondent : null;
  open.draft.place = place;
  return away("visit", { draft: open.draft.id, family: open.draft.family, unfolded });
}

// ── where she is ──

function go(page) {
  open.page = page;
  draw();
  one("main", open.root).scrollTop = 0;
  focus(one("h1", open.root));
  open.saver.keep();
}

/** From the suggestion she goes on when she has said why she departs from it; asked once, and then at the end. */
function next() {
  const field = open.fields.get("v6");
  if (open.page === 2 && field.hidden && missingNow().must.includes("v6")) return openReason();
  go(Math.min(open.page + 1, LAST));
}

/** Her own judgement is on the disk before anything computed is on the page (FR18). */
async function reveal() {
  const mine = open;
  mine.draft.revealed ??= { at: mine.app.now().toISOString(), v1: own() };
  const kept = await mine.saver.keptAll();
  if (kept && mine === open) go(2);
}

/** Draw the page where she is. Before her judgement is kept nothing is computed. */
function draw() {
  const { root, draft, page, instrument } = open;
  draft.place = { form: "D", page, at: page, of: LAST };
  const node = clone(`assessment-${page}`);
  for (const place of all("[data-fields]", node)) place.replaceWith(...place.dataset.fields.split(" ").map((linkId) => open.fields.get(linkId)));
  one("[data-page]", root).replaceChildren(node);
  one(".progress i", root).style.inlineSize = `${(100 * page) / LAST}%`;
  fill(root, { part: say(`after.part.${page}`), chosen: "", template: page === 2 ? instrument.template[speaks()] : "" });
  for (const [action, shown] of Object.entries({ reveal: page === 1, next: page > 1 && page < LAST, finish: page === LAST, pause: page === LAST })) {
    one(`[data-action=${action}]`, root).hidden = !shown;
  }
  [drawJudging, drawSuggestion, drawNotification, drawWritten, drawEnd][page - 1](node);
  refresh();
}

/** What follows from the answers on the page where she is. */
function refresh() {
  const { page } = open;
  if (page === 1) return judging();
  weigh();
  const asked = new Set(instrumentAsks());
  for (const [linkId, field] of open.fields) if (pageOf(linkId) !== 1 && linkId !== "v6") field.hidden = !asked.has(linkId);
  if (page === 3) followNotification();
  if (page === 4) followWritten();
  if (page === 2) countChosen();
}

function judging() {
  off("reveal", !own());
  one("[data-action=rest]", open.root).hidden = !notSeen().length;
}

const instrumentAsks = () => open.instrument.enabled("D", answers(), context());
const context = () => course.assessmentContext(open.instrument, open.draft, open.family);
const missingNow = () => missing(open.instrument, answers(), context(), open.result, choosable(open.actions));

/** Judge what is there now. An action that is not due any more is not chosen any more. */
function weigh() {
  const { instrument, draft, family, app } = open;
  open.result = course.judgedNow(instrument, draft, family);
  open.actions = instrument.actions(open.result);
  const before = answers().v8?.value;
  const left = before?.filter((id) => choosable(open.actions).some((action) => action.id === id));
  if (before && left.length < before.length) course.answer(draft, CASE, "v8", left.length ? { value: left } : null, app.now());
}

function off(action, is) {
  const button = one(`[data-action=${action}]`, open.root);
  if (is) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

/** The fields of form D by link id, in the reader's language, with what was answered. */
function prepared(instrument, draft) {
  const whole = formOf(instrument.version, "D", draft.visit);
  const fields = fieldsIn(whole);
  for (const [linkId, cell] of Object.entries(course.answersOf(draft, "D", "case"))) put(fields.get(linkId), cell);
  return { fields, columns: one(".columns", whole) };
}

// ── 1: what she saw, and her own judgement ──

const isSeen = (linkId) => linkId.startsWith("o");

function drawJudging(page) {
  const seen = [...open.fields].filter(([linkId]) => isSeen(linkId)).map(([, field]) => field);
  one("[data-observed]", page).replaceChildren(open.columns, ...seen);
}

const notSeen = () => [...open.fields.keys()].filter((linkId) => isSeen(linkId) && !(linkId in answers()));

// No signs of what she has not said anything about: one tap instead of eight, and each can still be changed.
function rest() {
  for (const linkId of notSeen()) {
    answer(linkId, { value: NO_SIGNS });
    put(open.fields.get(linkId), answers()[linkId]);
  }
  refresh();
  open.saver.keep();
}

// ── 2: the suggestion ──

function drawSuggestion(page) {
  weigh();
  const { result, draft } = open;
  const stand = standing(result, own());
  const { at, v1: first } = draft.revealed;
  const apart = ["floor", "apart"].includes(stand);
  const time = clock(new Date(at));
  fill(page, {
    "own-at": first === own() ? say("after.ownAt", { time }) : say("after.own"), why: why(stand), agreed: apart ? (answers().v6 ? "" : say("after.choose")) : say(`after.${stand}`),
    switch: apart ? say("after.switch", { level: word(result.level) }) : "",
    "keep-own": apart ? (stand === "floor" ? say("after.disagree") : say("after.keep", { level: word(own()) })) : "",
    first: first === own() ? "" : say("after.first", { time, level: word(first) }),
    because: result.level === null ? say("after.becauseNone") : say("after.because", { level: word(result.level) }),
  });
  one("[data-own]", page).append(levelMark(own()));
  one("[data-suggested]", page).append(levelMark(result.level, result.badge));
  open.fields.get("v6").hidden = !apart || !answers().v6;
  const reasons = result.reasons.filter((id) => !OWN.has(id));
  one("[data-urgent]", page).hidden = !result.gates.includes("notification") || Boolean(answers().v2);
  one("[data-reasons]", page).hidden = !reasons.length;
  one("[data-reasons] ul", page).replaceChildren(...reasons.map(reasonRow));
  fillActions(page, open.actions);
  one("[data-link-id=v8]", page).hidden = !open.actions.length;
}

// The day of the next contact, once it is a day.
function nextContact() {
  const day = answers().v9?.value;
  return isDay(day) ? day : null;
}

function why(stand) {
  const { result, instrument, family } = open;
  const id = stand === "floor" && holding(result);
  if (!id) return "";
  const [reason] = instrument.reason(id, speaks(), whoOf(family, raisedBy(result, id)));
  return say("after.floor", { level: word(result.floor), reason });
}

/** A level as a word inside a sentence. */
function word(level) {
  const { levels } = open.instrument.rules;
  return (levels.find((one) => String(one.level) === String(level)) ?? levels.at(-1))[speaks()].toLowerCase();
}

function levelMark(level, badge) {
  if (level === 0 && badge && badge !== "clarified") return clone("level-unclear");
  if (level === "x") return document.createTextNode(say("after.x"));
  return clone(`level-${level ?? "none"}`);
}

function reasonRow(id) {
  const { instrument, family, result } = open;
  const who = whoOf(family, raisedBy(result, id));
  const [reason, second] = instrument.reason(id, speaks(), who);
  const text = id in result.whose || !who ? second : say("after.from", { who, text: second });
  return fill(clone("assessment-reason"), { reason, second: text });
}

function fillActions(page, actions) {
  const { app, family, instrument, result } = open;
  const around = { app, family, instrument, result, next: nextContact() };
  one("[data-actions]", page).replaceChildren(...actions.map((action) => actionRow(action, around, true)));
  put(one("[data-link-id=v8]", page), answers().v8 ?? {});
}

function countChosen() {
  fill(open.root, { chosen: say("after.chosen", { n: answers().v8?.value.length ?? 0 }) });
}

/** Her judgement becomes the suggested one; the first one stays kept. */
function change() {
  const { level } = open.result;
  answer("v1", { value: String(level) });
  put(open.fields.get("v1"), { value: String(level) });
  draw();
  focus(one("[data-slot=agreed]", open.root));
  open.saver.keep();
}

function openReason() {
  const field = open.fields.get("v6");
  field.hidden = false;
  one("textarea", field).focus();
}

// ── 3: the notification ──

function drawNotification(page) {
  weigh();
  const { app, instrument } = open;
  const contacts = ["family_counselling", "social_duty"];
  if (!inOfficeHours(app.config, app.now())) contacts.reverse(); // first who answers now
  const rows = contacts.map((id) => contactRow(id, { app, instrument }));
  one("[data-contacts]", page).replaceChildren(...rows);
  fill(page, { first: say("after.callFirst", { who: one("[data-slot=name]", rows[0]).textContent }) });
}

function followNotification() {
  const { root, result } = open;
  one("[data-urgent]", root).hidden = !result.gates.includes("notification");
  one("[data-first]", root).hidden = !result.gates.includes("parents_later");
  const more = sinceDecided();
  const field = one("[data-more]", root);
  field.hidden = !more.length;
  const shown = all("[data-action-id]", field).map((row) => row.dataset.actionId);
  if (shown.join() !== more.map(({ id }) => id).join()) fillActions(field, more);
}

// The actions that are due because of what was decided on this page.
function sinceDecided() {
  const { instrument, draft, family, actions } = open;
  const undecided = (response) => {
    if (response.form !== "D") return response;
    const { v2, ...rest } = response.answers;
    return { ...response, answers: rest };
  };
  const before = course.judgedNow(instrument, { ...draft, responses: draft.responses.map(undecided) }, family).actions;
  return actions.filter(({ id }) => !before.includes(id));
}

// ── 4: what is written ──

function drawWritten(page) {
  one("[name=not-noted]", page).checked = Boolean(open.draft.notNoted);
}

function followWritten() {
  const { app, draft, fields, result } = open;
  const today = dayOf(app.now());
  const alone = draft.visit === "talk" && (course.answersOf(draft, "A", "joint").s2?.value ?? []).length < 2;
  fields.get("v5a").hidden = alone && !answers().v5a; // nothing was told to both
  fields.get("v5b").hidden = !draft.responses.some(({ form, answers: said }) => form === "C" && Object.keys(said).length);
  const date = fields.get("v9");
  const input = one("input", date);
  if (input.min !== today) input.min = today; // set again, it would empty a date that is half typed
  const soon = own() === "x" || result.badge === "not_clarified";
  if (document.activeElement !== input || !holdsWrongDate(date)) sayOfDate(date);
  let line = one(".hint", date);
  if (!line) date.append((line = Object.assign(document.createElement("p"), { className: "hint" })));
  const past = nextContact() && nextContact() < today;
  line.textContent = past ? say("after.past") : soon ? say("after.within", { day: dayWords(noLater(later(today, WITHIN), app.config.closing_days)) }).replace(/\.\.$/, ".") : "";
}

// ── 5: the end ──

function drawEnd(page) {
  weigh();
  const { instrument, draft, family } = open;
  const found = course.overview(instrument, draft, family);
  const { must, undecided } = missingNow();
  const wrong = [...open.fields].filter(([linkId, field]) => !must.includes(linkId) && holdsWrongDate(field)).map(([linkId]) => linkId);
  const steps = course.steps(instrument, { ...draft, who: null }, family);
  const wayTo = (words, isIt) => way(words, course.placeOf(steps.find(isIt) ?? steps.at(-1)));
  const before = found.must.map((linkId) => wayTo(wordsOf(linkId), ({ items }) => items.includes(linkId)));
  if (found.mode) before.push(wayTo(say("after.mode"), ({ choosesMode }) => choosesMode));
  if (found.kept.length) before.push(way(say("after.keptAsk"), lastOfVisit()));
  fill(page, { summary: found.asked ? "" : say("after.notAsked") });
  drawDanger(page);
  listIn(one("[data-must]", page), [...before, ...[...must, ...wrong].map(ownWay)]);
  listIn(one("[data-undecided]", page), undecided.map(ownWay));
  listIn(one("[data-changes]", page), changed(open));
  listIn(one("[data-decided]", page), decided(open, word));
  const without = ["passed", "unreached"].filter((name) => found[name].length);
  listIn(one("[data-passed]", page), without.map((name) => way(say(`after.${name}`, { n: found[name].length }), lastOfVisit())));
  const waits = before.length + must.length + wrong.length > 0 || course.isNuOpen(draft);
  off("finish", waits);
  fill(open.root, { chosen: waits ? say("after.waits") : "" });
}

const ownWay = (linkId) => way(linkId === "v8" ? say("after.actions") : questionOf(open.fields.get(linkId)), pageOf(linkId));

// Said once before the visit is finished, and it can be said otherwise as long as she is here (H01). In a correction too;
// that there was danger when none was said, by opening the card again.
function drawDanger(page) {
  const { draft } = open;
  const part = one("[data-danger]", page);
  part.hidden = !draft.now;
  const is = course.isNuOpen(draft) ? null : course.wasDanger(draft);
  for (const button of all("button", part)) button.setAttribute("aria-pressed", String(is === (button.dataset.action === "danger")));
}

function danger(is) {
  open.draft.danger = is;
  draw();
  focus(one(`[data-action=${is ? "danger" : "no-danger"}]`, open.root));
  open.saver.keep();
}

function listIn(section, rows) {
  section.hidden = !rows.length;
  one("ul", section).replaceChildren(...rows);
}

/** A row that leads to a page of her own (its number), or to a place in the visit. */
function way(question, to) {
  const row = fill(clone("visit-goto"), { question });
  const button = one("button", row);
  if (typeof to === "number") button.dataset.page = to;
  else button.dataset.place = JSON.stringify(to);
  return row;
}

/** A question of form A as it stands on its page. */
const wordsOf = (linkId) => questionOf(fieldsIn(formOf(open.instrument.version, "A", open.draft.visit)).get(linkId));

async function finish() {
  const mine = open;
  const { app, instrument, draft, family } = mine;
  const payload = () => course.payload(instrument, draft, family, app.now(), document.body.dataset.release ?? "");
  const isOnItsWay = await posted(mine, payload, "after.notFinished");
  if (!isOnItsWay || mine !== open) return; // not kept; or locked or covered meanwhile
  open = null;
  await sendOff(app);
}

// ── answers ──

function answer(linkId, cell) {
  course.answer(open.draft, CASE, linkId, cell, open.app.now());
}

function choose(input) {
  const { instrument, draft } = open;
  const linkId = input.name;
  if (linkId === "not-noted") draft.notNoted = input.checked;
  else if (linkId === "v8") {
    const value = instrument.toggled("v8", answers().v8?.value ?? [], input.value);
    answer("v8", value.length ? { value } : null);
  } else answer(linkId, { value: input.value });
  refresh();
  open.saver.keep();
}

function typing(input) {
  const text = plain(input.value);
  answer(input.name, text.trim() ? { value: text } : null);
  if (input.type === "date") refresh();
  open.saver.soon();
}

function keepTyped(input) {
  typing(input);
  open.saver.keep();
}
