// A correction of single answers: a visit that was read in is not on the tablet any more, so only what is to be changed
// is chosen, answered anew and sent (5.8.21, design D11).

import { childrenNames } from "../ages.js";
import * as course from "../course.js";
import { all, clone, fill, focus, one, onAction } from "../dom.js";
import { answerOf, discard, fieldsIn, formOf, hear, holdsWrongDate, plain, posted, put, questionOf, saver, sendOff } from "../fields.js";
import { calledOf } from "../names.js";
import { listed, say, shortDay } from "../words.js";
import { named } from "./visit.js";

const ROOM = ["s3", "s4", "s5", "s6", "s7"]; // what is asked about one parent (5.8.18)
const ACTIONS = "v8"; // which are due follows from all the answers, and those are not here
const ALONE = "k5"; // never asked together

let open = null; // the correction on the page, as show() makes it

/** args: draft and family (ids); unsaved: a draft that could not be kept before the page was emptied, in memory only. */
export async function show(app, { draft: id, unsaved }) {
  const draft = unsaved ?? (await app.vault.draft(id));
  if (!draft) return app.show("today"); // sent meanwhile
  const instrument = await app.instrument(draft.instrument);
  if (!app.isCurrent()) return; // something else is on its way to the page: what stands there stays as it is
  const family = app.caseload.families.get(draft.family) ?? { children: [{ name: say("somebody") }], parents: [] };
  const root = clone("correcting");
  fill(root, { who: childrenNames(family), heading: say(`visit.${draft.visit}`), day: shortDay(draft.held) });
  const mine = { app, draft, family, instrument, root, forms: {}, part: null };
  mine.saver = saver(mine);
  open = mine;
  listenTo(root);
  draw();
  if (!app.mount(root)) return forget(mine);
  settle();
  if (unsaved) mine.saver.keep();
  else mine.saver.was(new Date(draft.savedAt));
}

/** Before the page is emptied: what is half typed is kept, and the correction is out of the page's memory. */
export async function suspend() {
  if (!open) return {};
  const { draft, saver: { end } } = open;
  open = null;
  delete document.body.dataset.respondent;
  const kept = await end();
  return { draft: draft.id, family: draft.family, unsaved: kept ? undefined : draft };
}

export function leave() {
  if (open && !open.saver.isKept()) open.saver.end();
  open = null;
  delete document.body.dataset.respondent;
}

// Another screen or a lock came in between.
function forget(mine) {
  if (open === mine) open = null;
}

function listenTo(root) {
  hear(root, () => open?.root === root, { choose, typing, keepTyped });
  onAction(root, {
    back: () => (open.draft.place ? go(null) : away()),
    next: () => go(null),
    goto: ({ dataset }) => go(JSON.parse(dataset.place)),
    remove: ({ dataset }) => instead(null, JSON.parse(dataset.place)),
    skip: () => instead({ skipped: true }),
    decline: () => instead(course.declined(item().type)),
    "keep-again": () => open.saver.keep(),
    discard: (button) => discard(open, button),
    finish,
  });
}

const item = (place = open.draft.place) => open.instrument.item(place.item);
const cellOf = ({ form, respondent, item: linkId }) => course.answersOf(open.draft, form, respondent)[linkId];
const isAsked = (place) => place?.form === "B" || place?.form === "C";

/** Where what was changed stands: [{form, respondent, item}]. */
const changed = () =>
  open.draft.responses.flatMap(({ form, respondent, answers }) => Object.keys(answers).map((linkId) => ({ form, respondent, item: linkId })));

/** To the visitor's own part of the family; a correction of nothing is none. */
async function away() {
  const mine = open;
  const { app, draft } = mine;
  if (!(await mine.saver.keptAll())) return;
  if (mine === open && !changed().length) await app.vault.dropDraft(draft.id);
  if (mine === open) await app.show("family", { family: draft.family, own: true, home: draft.household });
}

// ── the parts, and the questions in them ──

function parts() {
  const { draft, family } = open;
  const each = (form) => course.parentsOf(draft, family).map(({ key }) => ({ form, respondent: key }));
  const asked = { joint: [{ form: "B", respondent: "joint" }], none: [] }[draft.mode] ?? each("B");
  return [{ form: "A", respondent: "joint" }, ...each("A"), ...asked, ...each("C"), { form: "D", respondent: "case" }];
}

function nameOf({ form, respondent }) {
  const asked = open.family.parents.filter(({ key }) => key === respondent || respondent === "joint");
  const name = listed(asked.map(({ key }) => calledOf(open.family.parents, key)));
  return say(`part.${form}`, { name }) + (form === "A" && respondent !== "joint" ? ` · ${name}` : "");
}

const itemsOf = ({ form, respondent }) =>
  open.instrument.items(form, open.draft.visit).filter(({ linkId, type }) => {
    if (type === "display" || linkId === ACTIONS || (linkId === ALONE && respondent === "joint")) return false;
    return form !== "A" || respondent === "joint" || ROOM.includes(linkId);
  });

/** The fields of a form by link id, in the reader's language and in the words of this visit. */
function fieldsOf(form) {
  open.forms[form] ??= prepared(form);
  return open.forms[form];
}

function prepared(form) {
  const { draft, family, instrument } = open;
  const whole = formOf(instrument.version, form, draft.visit);
  if (form === "A") named(whole, draft, family);
  one(".levels .hint", whole)?.remove(); // the suggestion was shown long ago
  for (const field of all(".seen", whole)) field.replaceWith(withColumns(field, one(".columns", whole)));
  return fieldsIn(whole);
}

// What she saw stands in a table; its one row keeps the heads of the columns.
function withColumns(field, columns) {
  const table = Object.assign(document.createElement("div"), { className: "observed card" });
  table.append(columns.cloneNode(true), field.cloneNode(true));
  return table;
}

const fieldOf = (place) => fieldsOf(place.form).get(place.item);

// A date that the server would not take is not sent.
function isWrong(place) {
  put(fieldOf(place), cellOf(place));
  return holdsWrongDate(fieldOf(place));
}

/** What is sent instead of the earlier answer, in words. */
function newAnswer(place) {
  const cell = cellOf(place);
  const instead = cell.skipped ? "skip" : course.isDeclined(cell) && "decline";
  return instead ? one(`[data-action=${instead}]`, open.root).textContent : answerOf(fieldOf(place), cell);
}

// ── the page ──

function go(place) {
  open.draft.place = place;
  draw();
  settle();
  open.saver.keep();
}

function draw() {
  const { root, draft: { place } } = open;
  root.toggleAttribute("data-asks", isAsked(place));
  one("[data-page]", root).replaceChildren(...(place ? question(place) : [overview()]));
  refresh();
}

/** After a change of page: to the top, focus on the heading. */
function settle() {
  const { app, root, draft: { place } } = open;
  app.mark(place?.form === "D" ? "assessment" : "visit");
  if (place) document.body.dataset.respondent = place.respondent;
  else delete document.body.dataset.respondent;
  one("main", root).scrollTop = 0;
  focus(one("h1", root));
}

/** What follows from the answers: what is marked, and whether she may go on. */
function refresh() {
  const { root, draft: { place } } = open;
  const cell = place && cellOf(place);
  const canDecline = isAsked(place) && !(place.form === "C" && item().options.some(({ code }) => code === "na"));
  const button = (action) => one(`[data-action=${action}]`, root);
  const shown = { next: place, finish: !place, skip: place && !item().required, decline: canDecline };
  for (const [action, is] of Object.entries(shown)) button(action).hidden = !is;
  button("next").setAttribute("aria-disabled", String(!cell || holdsWrongDate(fieldOf(place))));
  button("finish").setAttribute("aria-disabled", String(!changed().length || changed().some(isWrong)));
  button("skip").setAttribute("aria-pressed", String(Boolean(cell?.skipped)));
  button("decline").setAttribute("aria-pressed", String(course.isDeclined(cell)));
}

function overview() {
  const page = clone("correcting-list");
  const rows = changed().map(changeRow);
  one("[data-changes]", page).hidden = !rows.length;
  one("ul", page).replaceChildren(...rows);
  page.append(...parts().map(partRow));
  return page;
}

function changeRow(place) {
  const row = fill(clone("correcting-change"), { part: nameOf(place), question: questionOf(fieldOf(place)), answer: newAnswer(place) });
  const button = one("button", row);
  button.dataset.place = JSON.stringify(place);
  button.setAttribute("aria-label", `${button.textContent}: ${questionOf(fieldOf(place))}`);
  return row;
}

// The questions of a part, made when she opens it; it is open again when she comes back from one of them.
function partRow(part) {
  const title = nameOf(part);
  const row = fill(clone("today-later"), { title, count: String(itemsOf(part).length) });
  row.open = open.part === title;
  const fillIn = () => {
    if (!row.open) return;
    open.part = title;
    one("ul", row).replaceChildren(...itemsOf(part).map(({ linkId }) => questionRow({ ...part, item: linkId })));
  };
  fillIn();
  row.addEventListener("toggle", fillIn);
  return row;
}

function questionRow(place) {
  const row = fill(clone("visit-goto"), { question: questionOf(fieldOf(place)) });
  one("button", row).dataset.place = JSON.stringify(place);
  return row;
}

/** One question as the visit asks it. */
function question(place) {
  const field = fieldOf(place);
  const part = Object.assign(document.createElement(one("h1", field) ? "p" : "h1"), { className: "sub", textContent: nameOf(place) });
  put(field, cellOf(place) ?? {});
  return [part, field.closest(".observed") ?? field];
}

// ── answers ──

function answer({ form, respondent, item: linkId }, cell) {
  course.answer(open.draft, { form, respondent }, linkId, cell, open.app.now());
}

function choose(input) {
  const { draft: { place }, instrument } = open;
  const several = item().type === "multi";
  const before = cellOf(place)?.value ?? [];
  const value = several ? instrument.toggled(place.item, [before].flat().filter((code) => code !== "na"), input.value) : input.value;
  answer(place, several && !value.length ? null : { value });
  if (several) put(fieldOf(place), { value });
  refresh();
  open.saver.keep();
}

function typing(input) {
  const text = plain(input.value);
  answer(open.draft.place, text.trim() ? { value: text } : null);
  refresh();
  open.saver.soon();
}

function keepTyped(input) {
  typing(input);
  open.saver.keep();
}

// Not asked, not wished to be answered, or not to be corrected after all.
function instead(cell, place = open.draft.place) {
  answer(place, cell);
  go(null);
}

async function finish() {
  const mine = open;
  const { app, draft } = mine;
  const payload = () => course.changes(draft, app.now(), document.body.dataset.release ?? "");
  const isOnItsWay = await posted(mine, payload, "save.not");
  if (!isOnItsWay || mine !== open) return; // not kept; or locked or covered meanwhile
  open = null;
  await sendOff(app);
}
