// A visit: the visitor's own pages (form A), the questions one at a time (form B), the overview, the end.
// Every tap is kept through the vault before the screen says so; what is half typed is kept before the page is emptied.

import { visitHeading } from "../ages.js";
import * as course from "../course.js";
import { dayOf } from "../days.js";
import { all, announce, clone, fill, focus, one, onAction, speaks } from "../dom.js";
import { addWords, clock, listed, say } from "../words.js";

addWords({
  "visit.page": ["Klar til samtalen · ", "Ready for the talk · "],
  "visit.answer": [" svarer", " answering"],
  "visit.end": ["Sidste side · ", "Last page · "],
  "visit.onlyYou": ["kun for dig", "for you only"],
  "visit.counter": ["{at} af {of}", "{at} of {of}"],
  "visit.counterAloud": ["Spørgsmål {at} af {of}", "Question {at} of {of}"],
  "visit.mode": ["Vælg, hvordan der bliver svaret", "Choose how the questions are answered"],
  "visit.parent": ["Forælder {n}", "Parent {n}"],
  "visit.all": ["Alle {of} spørgsmål er gennemgået.", "All {of} questions have been gone through."],
  "visit.notAsked": ["Spørgsmålene er ikke stillet i dag.", "The questions were not asked today."],
  "visit.declined.one": ["1 spørgsmål ønskede de ikke at svare på.", "They preferred not to answer 1 question."],
  "visit.declined": ["{n} spørgsmål ønskede de ikke at svare på.", "They preferred not to answer {n} questions."],
  "save.kept": ["Gemt på tabletten {time}", "Saved on this tablet {time}"],
  "save.short": [" · gemt {time}", " · saved {time}"],
  "save.not": ["Ikke gemt – svaret står her endnu", "Not saved – the answer is still here"],
  "save.notFinished": ["Ikke gemt – besøget er ikke afsluttet endnu", "Not saved – the visit is not finished yet"],
});

const INSTRUMENT = "1.0.0"; // what a new visit begins with; a draft goes on with its own
const PATIENCE = 2000; // so long may a save take before she is told
const TYPING = 150; // so long text that is being typed waits to be kept
const AGAIN = 15_000;

let open = null; // the visit on the page, as show() makes it

/**
 * args: draft (an id) to go on, or begin (2m, 8m) to make one; family (an id); unsaved: a draft that could not be kept
 * before the page was emptied, in memory only.
 */
export async function show(app, { draft: id, begin, family: familyId, unsaved }) {
  const draft = unsaved ?? (id ? await app.vault.draft(id) : course.begun(familyId, begin, INSTRUMENT, app.now()));
  if (!draft) return app.show("today"); // finished meanwhile
  const instrument = await app.instrument(draft.instrument);
  const family = app.caseload.families.get(draft.family) ?? { children: [], parents: [] };
  const root = clone("visit");
  fill(root, { who: visitHeading(family, dayOf(app.now())) });
  const mine = { app, draft, family, instrument, root, forms: new Map(), steps: [], at: 0 };
  mine.saver = saver(mine);
  open = mine;
  listenTo(root);
  recount();
  mine.at = course.stepAt(mine.steps, draft.place);
  draw();
  if (!app.mount(root, { heading: null })) return forget(mine);
  settle();
  if (!id || unsaved) mine.saver.keep();
  else mine.saver.was(new Date(draft.savedAt));
}

/** Before the page is emptied: what is half typed is kept, and the visit is out of the page's memory. */
export async function suspend(app, why) {
  if (!open) return {};
  const { draft, saver: { end } } = open;
  if (why === "now") draft.now = true;
  open = null;
  delete document.body.dataset.respondent;
  const kept = await end();
  return { draft: draft.id, begin: undefined, family: draft.family, unsaved: kept ? undefined : draft };
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
  const heard = (act) => ({ target }) => open?.root === root && target.name && act(target);
  root.addEventListener("change", heard((input) => (isTyped(input) ? keepTyped(input) : choose(input))));
  root.addEventListener("input", heard((input) => isTyped(input) && typing(input)));
  onAction(root, {
    next: () => course.mayGoOn(open.instrument, open.draft, open.family, step()) && go(open.at + 1),
    back: () => (open.at ? go(open.at - 1) : toFamily()),
    skip, decline, finish,
    pause: () => away("today"),
    family: toFamily,
    goto: ({ dataset }) => go(course.stepAt(open.steps, JSON.parse(dataset.place))),
    "mode-joint": () => chooseMode("joint"),
    "one-language": () => inLanguages(false),
    "two-languages": () => inLanguages(true),
    "keep-again": () => open.saver.keep(),
  });
}

const step = () => open.steps[open.at];
const toFamily = () => away("family", { family: open.draft.family });

// To another screen when everything is kept. Otherwise she stays where her answers still are, and the page says why.
async function away(screen, args) {
  const mine = open;
  const kept = await mine.saver.keptAll();
  if (kept && mine === open) await mine.app.show(screen, args);
}

// ── where she is ──

function recount() {
  open.steps = course.steps(open.instrument, open.draft, open.family);
}

function go(at) {
  open.at = Math.min(at, open.steps.length - 1);
  draw();
  settle();
  open.saver.keep();
}

/** Draw the page of the step where she is. */
function draw() {
  const { root, draft, family, instrument } = open;
  const here = step();
  draft.place = course.placeOf(here);
  const page = here.form === "end" ? overviewPage() : questionsPage(here);
  one("[data-page]", root).replaceChildren(...page);
  one("[data-tools]", root).hidden = here.form !== "B";
  one(".progress", root).hidden = here.form === "end";
  one(".progress i", root).style.inlineSize = `${here.of ? (100 * here.at) / here.of : 0}%`;
  root.dataset.kind = here.form === "B" ? "shareable" : "visitor";
  root.dataset.form = here.form;
  sub(here);
  fill(root, {
    counter: here.form === "B" && here.at ? say("visit.counter", here) : "",
    template: here.form === "B" && here.at ? "" : instrument.template[speaks()],
  });
  for (const [action, shown] of Object.entries(buttons(here))) one(`[data-action=${action}]`, root).hidden = !shown;
  if (here.form === "B") {
    languageButtons(Boolean(draft.second[here.respondent]));
    document.body.dataset.respondent = here.respondent;
  } else delete document.body.dataset.respondent;
  refresh();
}

const buttons = ({ form, at }) => ({
  next: form !== "end", finish: form === "end", pause: form === "end",
  skip: form === "B" && at > 0, decline: form === "B" && at > 0,
});

// The line under the name; on pages of several questions it is the page's heading. A narrow screen shows less of it.
function sub(here) {
  const line = document.createElement(here.form === "A" ? "h1" : "p");
  const before = one("[data-sub]", open.root);
  line.className = "sub";
  line.dataset.sub = "";
  if (here.form === "A") line.append(wide("visit.page"), say("visit.counter", here));
  else if (here.form === "B") line.append(answering(), wide("visit.answer"));
  else line.append(wide("visit.end"), say("visit.onlyYou"));
  line.append(one("[data-slot=saved-short]", before));
  before.replaceWith(line);
}

function wide(key) {
  const part = document.createElement("span");
  part.className = "wide-only";
  part.textContent = say(key);
  return part;
}

const answering = () => listed(open.family.parents.map(({ name }) => name.split(" ")[0]));

/** After a change of page: to the top, focus on the heading, the counter aloud. */
function settle() {
  const here = step();
  open.app.mark("visit");
  one("main", open.root).scrollTop = 0;
  focus(one("h1", open.root));
  if (here.form === "B" && here.at) announce(say("visit.counterAloud", here));
}

// ── the questions on the page ──

function questionsPage(here) {
  const nodes = here.items.map((linkId) => formOf(here).get(linkId));
  if (!here.choosesMode) return nodes;
  const after = here.items.indexOf("s10") + 1;
  return [...nodes.slice(0, after), modes(), ...nodes.slice(after)];
}

/** The fields of a form for one respondent by link id: made once, with what was answered. */
function formOf({ form, respondent }) {
  const key = `${form} ${respondent}`;
  if (!open.forms.has(key)) open.forms.set(key, prepared(form, respondent));
  return open.forms.get(key);
}

function prepared(form, respondent) {
  const { draft, instrument } = open;
  const whole = clone(`form-${form}-${instrument.version}`);
  for (const line of all("[data-visits]", whole)) if (!line.dataset.visits.split(" ").includes(draft.visit)) line.remove();
  for (const line of all(".line", whole)) if (speaks() === "en") line.append(line.firstChild);
  second(whole, Boolean(draft.second[respondent]) && form === "B");
  if (form === "A") named(whole);
  const fields = new Map(all("[data-link-id]", whole).map((node) => [node.dataset.linkId, node]));
  for (const [linkId, cell] of Object.entries(course.answersOf(draft, form, respondent))) put(fields.get(linkId), cell);
  return fields;
}

// The parents by name where the question only knows them by number.
function named(form) {
  for (const { key, name } of open.family.parents) {
    const words = one(`[name=s2][value=${key.replace("parent", "p")}]`, form)?.closest("label").querySelector(".words");
    if (!words) continue;
    const small = document.createElement("small");
    small.textContent = say("visit.parent", { n: key.at(-1) });
    words.replaceChildren(name, small);
  }
}

function put(field, cell) {
  if (!field) return;
  const chosen = [cell.value ?? []].flat();
  for (const input of all("input,textarea", field)) {
    if (isTyped(input)) input.value = cell.value ?? "";
    else input.checked = chosen.includes(input.value);
  }
}

function modes() {
  const node = clone("visit-mode");
  open.modes = node;
  return node;
}

/** What follows from the answers: which questions stand on the page, and whether she may go on. */
function refresh() {
  const { draft, family, instrument, root } = open;
  const here = step();
  if (here.form === "end") return;
  const answers = course.answersOf(draft, here.form, here.respondent);
  const asked = new Set(instrument.enabled(here.form, answers, course.contextOf(draft, family, here.respondent)));
  for (const linkId of here.items) formOf(here).get(linkId).hidden = !asked.has(linkId);
  if (here.choosesMode) {
    open.modes.hidden = answers.s9 && !course.isAsked(draft);
    one("[data-action=mode-joint]", open.modes).setAttribute("aria-pressed", String(draft.mode === "joint"));
  }
  off("next", !course.mayGoOn(instrument, draft, family, here));
  const declined = here.form === "B" && course.isDeclined(answers[here.items[0]]);
  one("[data-action=decline]", root).setAttribute("aria-pressed", String(declined));
}

function off(action, is) {
  const button = one(`[data-action=${action}]`, open.root);
  if (is) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

// ── answers ──

const isTyped = (input) => input.matches("textarea,[type=text],[type=date]");

function choose(input) {
  const { instrument, draft } = open;
  const here = step();
  const linkId = input.name;
  const several = instrument.item(linkId).type === "multi";
  const before = course.answersOf(draft, here.form, here.respondent)[linkId]?.value ?? [];
  const value = several ? instrument.toggled(linkId, [before].flat().filter((code) => code !== "na"), input.value) : input.value;
  set(linkId, several && !value.length ? null : { value });
  if (several) put(formOf(here).get(linkId), { value });
}

function set(linkId, cell) {
  course.answer(open.draft, step(), linkId, cell, open.app.now());
  const place = course.placeOf(step());
  recount();
  open.at = course.stepAt(open.steps, place);
  refresh();
  open.saver.keep();
}

// As the server takes it: no half characters and no control characters but the end of a line and tabs.
const plain = (text) => whole(text).replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "");
const whole = (text) => text.toWellFormed?.() ?? text.replace(/\p{Surrogate}/gu, "\ufffd");

function typing(input) {
  const text = plain(input.value);
  course.answer(open.draft, step(), input.name, text.trim() ? { value: text } : null, open.app.now());
  refresh();
  open.saver.soon();
}

function keepTyped(input) {
  typing(input);
  open.saver.keep();
}

function skip() {
  const [linkId] = step().items;
  put(formOf(step()).get(linkId), {});
  course.answer(open.draft, step(), linkId, null, open.app.now());
  onward();
}

function decline() {
  const [linkId] = step().items;
  put(formOf(step()).get(linkId), {});
  course.answer(open.draft, step(), linkId, course.declined(open.instrument.item(linkId).type), open.app.now());
  onward();
}

function onward() {
  const place = course.placeOf(step());
  recount();
  go(course.stepAt(open.steps, place) + 1);
}

function chooseMode(mode) {
  open.draft.mode = mode;
  recount();
  refresh();
  open.saver.keep();
}

// ── the second language ──

function inLanguages(two) {
  const { respondent } = step();
  open.draft.second = { ...open.draft.second, [respondent]: two };
  for (const node of formOf(step()).values()) second(node, two);
  languageButtons(two);
  open.saver.keep();
}

function second(node, shown) {
  for (const line of all(".line", node)) {
    line.lastChild.classList.add("second");
    line.lastChild.hidden = !shown;
  }
}

function languageButtons(two) {
  one("[data-action=one-language]", open.root).setAttribute("aria-pressed", String(!two));
  one("[data-action=two-languages]", open.root).setAttribute("aria-pressed", String(two));
}

// ── the end ──

function overviewPage() {
  const { instrument, draft, family } = open;
  const found = course.overview(instrument, draft, family);
  const page = clone("visit-overview");
  fill(page, {
    summary: found.asked ? say("visit.all", { of: found.asked }) : say("visit.notAsked"),
    passed: String(found.passed.length),
    declined: found.declined ? say("visit.declined", { n: found.declined }) : "",
  });
  const must = found.must.map((linkId) => way(open.steps.find(({ items }) => items.includes(linkId)), linkId));
  if (found.mode) must.push(way(open.steps.find(({ choosesMode }) => choosesMode)));
  listIn(one("[data-must]", page), must);
  listIn(one("[data-passed]", page), found.passed.map((to) => way(to, to.items[0])));
  off("finish", must.length > 0);
  return [page];
}

function listIn(section, rows) {
  section.hidden = !rows.length;
  one("ul", section).replaceChildren(...rows);
}

function way(to, linkId) {
  const row = fill(clone("visit-goto"), { question: linkId ? wordsOf(to, linkId) : say("visit.mode") });
  one("button", row).dataset.place = JSON.stringify(course.placeOf(to));
  return row;
}

// The question as it stands on its page: the reader's language is the first in its line.
const wordsOf = (to, linkId) => one("legend .line", formOf(to).get(linkId)).firstChild.textContent;

async function finish() {
  const mine = open;
  if (mine.finishing) return;
  mine.finishing = true;
  const { app, instrument, draft, family } = mine;
  try {
    await mine.saver.end();
    const payload = course.payload(instrument, draft, family, app.now(), document.body.dataset.release ?? "");
    await app.vault.finish(draft.id, payload);
  } catch (error) {
    mine.finishing = false;
    mine.saver = saver(mine);
    mine.saver.failed("save.notFinished");
    if (error.name !== "NotKept") throw error;
    return;
  }
  if (mine !== open) return; // locked or covered meanwhile; the visit is finished
  open = null;
  await app.show("waiting");
  const sync = await app.net();
  await sync.sendNow();
}

// ── keeping ──

/**
 * Keeps the draft of a visit: one save at a time, the newest state after it. While it saves the old time stays; when
 * it has not worked after two seconds, or cannot, that is said with a button to try again.
 */
function saver(mine) {
  const { app, draft, root } = mine;
  let running = null;
  let again = false;
  let late = 0;
  let typed = 0;
  let retry = 0;
  let ended = false;
  let kept = true;

  function keep() {
    clearTimeout(typed);
    typed = 0;
    typed = 0;
    mark("no");
    if (ended) return running;
    again = true;
    if (!late) late = setTimeout(failed, PATIENCE, "save.not");
    return (running ??= work().finally(() => {
      running = null;
    }));
  }

  async function work() {
    while (again) {
      again = false;
      try {
        const at = await app.vault.keepDraft(draft);
        kept = true;
        if (!again) was(at);
      } catch (error) {
        kept = false;
        if (error.name === "Locked") return;
        if (error.name !== "NotKept") throw error;
        failed("save.not");
      }
    }
  }

  function soon() {
    mark("no");
    typed ||= setTimeout(keep, TYPING);
  }

  function was(at) {
    calm();
    mark("yes");
    const time = clock(at);
    const told = one("[data-unsaved]", root);
    if (!told.hidden) announce(say("save.kept", { time }));
    told.hidden = true;
    fill(root, { unsaved: "", saved: say("save.kept", { time }), "saved-short": say("save.short", { time }) });
  }

  function failed(key) {
    calm();
    if (!root.isConnected) return;
    const told = one("[data-unsaved]", root);
    if (told.hidden) announce(say(key));
    fill(root, { unsaved: say(key), saved: "", "saved-short": "" });
    told.hidden = false;
    retry = setTimeout(keep, AGAIN);
  }

  function calm() {
    clearTimeout(late);
    clearTimeout(retry);
    late = retry = 0;
  }

  const mark = (saved) => {
    one("[data-saved]", root).dataset.saved = saved;
  };

  /** Save what is there, and what comes meanwhile. Resolves with whether everything is kept. */
  async function keptAll() {
    do await keep();
    while (kept && typed);
    return kept;
  }

  const isKept = () => one("[data-saved]", root).dataset.saved === "yes";

  /** No more saves after this one. Resolves with whether everything is kept. */
  async function end() {
    const latest = ended ? running : keep();
    ended = true;
    await latest;
    calm();
    clearTimeout(typed);
    return kept;
  }

  return { keep, soon, was, failed, keptAll, isKept, end };
}
