// A visit: the visitor's own pages (form A), the questions one at a time (form B together or each alone, form C in
// private), and what stands between them. Her own part comes after it, in assessment.js. Every tap is kept through the
// vault before the screen says so; what is half typed is kept before the page is emptied.

import { visitHeading } from "../ages.js";
import * as course from "../course.js";
import { inOfficeHours } from "../cover.js";
import { dayOf } from "../days.js";
import { all, announce, clone, fill, focus, one, onAction, speaks } from "../dom.js";
import { discard, hear, plain, put, saver } from "../fields.js";
import { calledOf, isolated, natural } from "../names.js";
import { addWords, clock, listed, say } from "../words.js";

addWords({
  "part.A": ["Rammen om besøget", "How the visit was held"],
  "part.B": ["Spørgsmålene til {name}", "The questions to {name}"],
  "part.C": ["Alene med {name}", "Alone with {name}"],
  "part.D": ["Din del efter besøget", "Your part after the visit"],
  "part.talk": ["Samtalen med {name}", "The talk with {name}"],
  "visit.page": ["Klar til samtalen · ", "Ready for the talk · "],
  "visit.talking": ["Samtalen · ", "The talk · "],
  "visit.answer": [" svarer", " answering"],
  "visit.end": ["Samtalen er slut · ", "The talk is over · "],
  "visit.onlyYou": ["kun for dig", "for you only"],
  "visit.counter": ["{at} af {of}", "{at} of {of}"],
  "visit.counterAloud": ["Spørgsmål {at} af {of}", "Question {at} of {of}"],
  "visit.mode": ["Vælg, hvordan der bliver svaret", "Choose how the questions are answered"],
  "visit.parent": ["Forælder {n}", "Parent {n}"],
  "visit.all": ["Alle {of} spørgsmål er gennemgået.", "All {of} questions have been gone through."],
  "visit.some": ["{n} af {of} spørgsmål er besvaret.", "{n} of {of} questions are answered."],
  "visit.drops": ["Svarene fra {who} tælles så ikke med. Tryk igen, hvis det er meningen.", "The answers from {who} will then not count. Press again if that is meant."],
  "visit.who": ["{name}: {n} af {of} spørgsmål er besvaret.", "{name}: {n} of {of} questions are answered."],
  "visit.whoAll": ["{name}: alle {of} spørgsmål er gennemgået.", "{name}: all {of} questions have been gone through."],
  "visit.whoNone": ["{name}: ikke spurgt i dag.", "{name}: not asked today."],
  "visit.waiting": ["Før du går videre", "Before you go on"],
  "visit.together": ["Sammen: {n} af {of} spørgsmål er besvaret.", "Together: {n} of {of} questions are answered."],
  "visit.modeTalk": ["Skal de fælles spørgsmål stilles i dag?", "Are the common questions asked today?"],
  "visit.modeTalkEach": ["Ja, hver for sig", "Yes, each alone"],
  "visit.sendAgain": ["Send igen", "Send again"],
  "visit.decline": ["Ønsker ikke at svare", "Prefers not to answer"],
  "visit.declineSelf": ["Jeg vil ikke svare", "I prefer not to answer"],
  "visit.skip": ["Spring over", "Skip"],
  "visit.remove": ["Fjern svaret", "Remove the answer"],
  "visit.notAsked": ["Spørgsmålene er ikke stillet i dag.", "The questions were not asked today."],
  "visit.declined.one": ["1 spørgsmål ønskede de ikke at svare på.", "They preferred not to answer 1 question."],
  "visit.declined": ["{n} spørgsmål ønskede de ikke at svare på.", "They preferred not to answer {n} questions."],
  "visit.turnNew": ["Ikke begyndt", "Not begun"],
  "visit.turnOpen": ["I gang", "Under way"],
  "visit.turnDone": ["Færdig", "Done"],
  "visit.lend": ["Nu svarer {name}", "Now {name} answers"],
  "visit.lendGive": ["Giv tabletten til {name}.", "Give the tablet to {name}."],
  "visit.lendTip": ["Kommer der nogen? Tryk på øjet øverst til højre. Svarene er gemt.", "Is anyone coming? Press the eye at the top right. The answers are saved."],
  "visit.closed": ["Ikke alle dele er åbne i dag.", "Not all parts are open today."],
  "visit.alone": ["Vi er alene lige nu.", "We are alone right now."],
  "visit.away": ["{name} er et andet sted.", "{name} is somewhere else."],
  "visit.nohear": ["{name} kan ikke høre os.", "{name} cannot hear us."],
  "visit.confirmed": ["Bekræftet {time}", "Confirmed {time}"],
  "visit.again": ["Svar, som det er lige nu.", "Answer as it is right now."],
  "visit.anger": ["“Det er godt, at du siger det. Der findes hjælp, som virker for mange.”", "“It is good that you say so. There is help that works for many.”"],
  "visit.wasSent": ["Det, der var svaret {time}, er på vej til lederen. Du kan sende igen, hvis der er kommet mere til.", "What was answered at {time} is on its way to the lead. You can send again if there is more."],
  "visit.planWith": ["Aftalen med {name}.", "The agreement with {name}."],
  "visit.closedNow": ["Kontoret er lukket nu. Haster det, så ring til et af numrene bag Nu.", "The office is closed now. If it cannot wait, call one of the numbers behind Now."],
  "visit.sent": ["Sendes til lederen nu. Besøget er stadig åbent her.", "Being sent to the lead now. The visit is still open here."],
  "visit.self": ["Lad {name} svare selv", "Let {name} answer on their own"],
});

const AFRAID = "t18"; // a yes to it opens the Nu card before anything else (FR11)
const ANGRY = "t8"; // who is afraid of her own anger is not told that it is not her fault (5.8.15)
const PERHAPS_HERS = new Set([ANGRY, "t7"]); // nor who may herself have hurt the child
const LIST = 5; // the page of her own part with what is missing
const ELSEWHERE = { away: "visit.away", nohear: "visit.nohear" };

let open = null; // the visit on the page, as show() makes it

/**
 * args: draft (an id) to go on, or begin (2m, 8m, talk) to make one, with more ({completes, household}); family (an id);
 * unsaved: a draft that could not be kept before the page was emptied, in memory only; resumed: why it was emptied;
 * unfolded: what stands open on the page after the talk.
 */
export async function show(app, { draft: id, begin, more, family: familyId, unsaved, resumed, unfolded = [] }) {
  const draft = unsaved ?? (id ? await app.vault.draft(id) : course.begun(familyId, begin, app.newest(), app.now(), more));
  if (!draft) return app.show("today"); // finished meanwhile
  if (draft.partial) return app.show("correcting", { draft: draft.id, family: draft.family });
  if (draft.place?.form === "D") return app.show("assessment", { draft: draft.id, family: draft.family });
  const instrument = await app.instrument(draft.instrument);
  if (!app.isCurrent()) return; // something else is on its way to the page: what stands there stays as it is
  const row = course.homeOf(app.caseload.families.get(draft.family) ?? { children: [], parents: [] }, draft.household);
  if (draft.household) app.visiting(row); // cover and Nu card know this home only
  const root = clone("visit");
  const mine = { app, draft: course.whole(draft), instrument, root, forms: new Map(), steps: [], at: 0, unfolded: new Set(unfolded) };
  const family = (mine.family = { ...course.withParents(mine.draft, row), ready: app.config.ready?.ok });
  fill(root, { who: visitHeading(family, dayOf(app.now())) });
  if (draft.replaces) one("button.who", root).append(` · ${say("today.correction")}`);
  mine.saver = saver(mine);
  open = mine;
  listenTo(root);
  const changed = stillAlone(resumed);
  lendAgain();
  recount();
  mine.at = course.stepAt(mine.steps, mine.draft.place);
  draw();
  if (!app.mount(root, { heading: null })) return forget(mine);
  settle();
  const nuFirst = isNuDue(mine.draft);
  if (!id || unsaved || changed || nuFirst) mine.saver.keep();
  else mine.saver.was(new Date(draft.savedAt));
  if (nuFirst) app.openNow();
}

// The Nu card that waited until the tablet was hers again, once.
function isNuDue(draft) {
  const is = Boolean(draft.nuFirst) && !draft.self;
  if (is) draft.nuFirst = false;
  return is;
}

// What a parent answers by herself is not for whoever has opened the tablet again: it is lent to her anew (FR10, FR22).
function lendAgain() {
  const { self, place } = open.draft;
  if (self && place.form === self.form) Object.assign(open.draft, { self: { ...self, at: place }, place: lendPlace(self) });
}

const lendPlace = ({ respondent }) => ({ form: "lend", respondent, item: null });

// Out of the private part somebody may have come in: how the room is stands first, and then the same question (FR3, FR4).
function stillAlone(resumed) {
  const { draft, app } = open;
  const isLent = draft.self?.form === "C" && draft.place.form === "lend"; // and her questions come next
  const place = isLent ? draft.self.at : draft.place;
  if (draft.replaces) return false;
  if (!course.isPrivate(place)) {
    if (!draft.who || resumed === "now") return false;
    if (course.isAskedAgain(draft, draft.who) || course.isRoom(place)) empty(draft.who);
    else course.interrupted(draft, draft.who);
    return false;
  }
  if (resumed === "now" && !course.isAway(draft, place.respondent, app.now())) return false;
  askAgain(place);
  return true;
}

function askAgain(place) {
  const { draft } = open;
  empty(place.respondent);
  Object.assign(draft, { self: null, after: { ...place, self: draft.self }, place: { form: "A", respondent: place.respondent, item: "s3" } });
}

// Her turn is over: what was not said anew of the room is as it was.
function restRoom() {
  const { who } = open.draft;
  if (who) course.roomAsBefore(open.draft, who);
  open.forms.delete(`A ${who}`);
}

// How the room is, without what was said of it before.
function empty(who) {
  course.askAgain(open.draft, who);
  open.forms.delete(`A ${who}`);
}

/** Before the page is emptied: what is half typed is kept, and the visit is out of the page's memory. */
export async function suspend(app, why) {
  if (!open) return {};
  const { draft, saver: { end } } = open;
  if (why === "now") Object.assign(draft, { now: true, danger: null });
  open = null;
  delete document.body.dataset.respondent;
  const kept = await end();
  return { draft: draft.id, begin: undefined, family: draft.family, unfolded: [], unsaved: kept ? undefined : draft };
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
    next: () => course.mayGoOn(open.instrument, open.draft, open.family, step()) && onward(),
    back: () => (open.at ? backward() : toFamily()),
    skip, decline, self, stop, handed, send,
    pause: () => away("today"),
    family: () => !open.draft.self && toFamily(),
    goto: ({ dataset }) => goto(JSON.parse(dataset.place)),
    "respondent-1": () => turnTo("parent1"),
    "respondent-2": () => turnTo("parent2"),
    "open-private": () => onward(),
    later: endTurn,
    part: ({ dataset }) => toPart(JSON.parse(dataset.place)),
    turns: () => toTurns(),
    contact: askContact,
    "mode-joint": () => chooseMode("joint"),
    "mode-each": () => chooseMode("each"),
    "mode-one": () => chooseMode("one"),
    "mode-none": () => chooseMode(null),
    "in-contact": () => noContact(false),
    "no-contact": () => noContact(true),
    "kept-yes": (button) => keepHidden(button, true),
    "kept-no": (button) => keepHidden(button, false),
    discard: (button) => discard(open, button),
    danger: () => danger(true),
    "no-danger": () => danger(false),
    "one-language": () => inLanguages(false),
    "two-languages": () => inLanguages(true),
    "keep-again": () => open.saver.keep(),
  });
}

const step = () => open.steps[open.at];
const nameOf = (who) => {
  const isThere = open.family.parents.some(({ key }) => key === who);
  return isThere ? calledOf(open.family.parents, who) || say("visit.parent", { n: who.at(-1) }) : "";
};

// A correction is made from the visitor's own part. A visit or a talk may be left while they look on: to their own page.
function toFamily() {
  const { family, household: home, replaces } = open.draft;
  return away("family", { family, home, own: Boolean(replaces) }, dropEmpty);
}

// The wrong visit was begun, and nothing was said in it: nothing stays of it. What cannot be dropped now is a draft.
async function dropEmpty({ app, draft, saver: { end } }) {
  if (!course.isEmpty(draft)) return;
  await end();
  await app.vault.dropDraft(draft.id).catch((error) => {
    if (error.name !== "NotKept") throw error;
  });
}

// To another screen when everything is kept. Otherwise she stays where her answers still are, and the page says why.
async function away(screen, args, before = null) {
  const mine = open;
  const kept = await mine.saver.keptAll();
  if (kept && mine === open) await before?.(mine);
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

function goto(place) {
  restRoom();
  open.draft.fix = "end";
  open.draft.who = course.isAround(place) || ["B", "C"].includes(place.form) ? (place.respondent === "joint" ? null : place.respondent) : null;
  recount();
  go(course.stepAt(open.steps, place));
}

const toHub = () => {
  recount();
  go(open.steps.findIndex(({ form }) => form === "hub"));
};

/** On from a page, also when what was answered there changed which pages there are. */
function onward() {
  const { draft, instrument, family, app } = open;
  const here = step();
  if (here.form === "end") return toOwnPart();
  if (course.isAround(here)) course.settleGate(instrument, draft, here.respondent, app.now());
  const place = course.placeOf(here);
  recount();
  if (isFix(here)) return fixed();
  if (draft.self && draft.nuFirst) return stop(); // nothing more is asked before the card (FR11)
  const { after } = draft;
  if (course.isAround(here) && after) {
    draft.after = null;
    return course.isOpen(draft, family, here.respondent) ? again(after) : endTurn(false);
  }
  const at = here.form === "lend" ? course.stepAt(open.steps, draft.self.at) : course.stepAt(open.steps, place) + 1;
  if (at >= open.steps.length) return endTurn();
  const to = open.steps[at];
  if (course.isPrivate(to) && !draft.replaces && course.isAway(draft, to.respondent, app.now())) return outside(course.placeOf(to));
  go(at);
}

// Past the end she goes when she has looked at what waits for her, also when she had not opened it.
function toOwnPart() {
  const { draft, family, root } = open;
  const part = one("[data-waiting]", root);
  if (open.waits && !open.looked && !part.open) {
    part.open = open.looked = true;
    return focus(one("summary", part));
  }
  return away("assessment", { draft: draft.id, family: draft.family });
}

// Where the question was that the cover came over; a parent who answered it by herself is given the tablet first.
function again({ self, ...place }) {
  if (self) lend({ ...self, at: place });
  else go(course.stepAt(open.steps, place));
}

// Seen to from the list of what is missing, and back to it; a new way of answering leads on through its questions.
function isFix({ choosesMode }) {
  const { draft } = open;
  if (choosesMode) draft.fix = null;
  return Boolean(draft.fix);
}

function fixed() {
  const { draft, app } = open;
  restRoom();
  const isOwn = draft.fix === "D";
  draft.fix = draft.who = null;
  recount();
  if (!isOwn) return go(open.steps.length - 1);
  draft.place = { form: "D", page: LIST };
  return away("assessment", { draft: draft.id, family: draft.family });
}

// Too long on one private page or on the way to it: how the room is comes first, on a page that is never the parent's.
function outside(place) {
  const { self } = open.draft;
  if (self) {
    Object.assign(self, { at: place, stopped: true });
    return go(open.steps.length - 1);
  }
  askAgain(place);
  recount();
  go(course.stepAt(open.steps, open.draft.place));
}

// Never from one parent's pages into the other's: the first of hers leads back to where the turn was given (FR10).
function backward() {
  if (isFix(step())) return fixed();
  if (course.isAround(step())) return endTurn(false);
  const place = course.placeOf(step());
  recount(); // an answer may have changed which pages there are
  const { left } = open.draft;
  const isLeft = place.form === "hub" && left;
  open.draft.left = null;
  go(isLeft ? course.stepAt(open.steps, left) : Math.max(0, course.stepAt(open.steps, place) - 1));
}

function turnTo(who) {
  const { draft } = open;
  if (course.mayBeOne(draft, open.family)) draft.one = who;
  draft.who = who;
  draft.after = null;
  if (course.isAskedAgain(draft, who)) empty(who);
  recount();
  go(course.stepAt(open.steps, { form: "A", respondent: who, item: "s3" }));
}

function endTurn(isDone = true) {
  const { draft } = open;
  restRoom();
  if (isDone && draft.who) draft.done[draft.who] = true;
  draft.who = draft.after = draft.fix = null;
  toHub();
}

// To each of them from a question; from a question to both together the way back is to the same one.
function toTurns() {
  const here = step();
  open.draft.left = here.respondent === "joint" ? course.placeOf(here) : null;
  endTurn(false);
}

/** Draw the page of the step where she is. */
function draw() {
  const { root, draft, app } = open;
  open.meant = null;
  const here = step();
  draft.place = course.placeOf(here);
  if (course.isPrivate(here)) course.seenIn(draft, here.respondent, app.now());
  course.see(draft, here);
  one("[data-page]", root).replaceChildren(...(pages[here.form] ?? questionsPage)(here));
  one("[data-tools]", root).hidden = !here.items.length || here.form === "A";
  one(".progress", root).hidden = !here.at;
  one(".progress i", root).style.inlineSize = `${here.of ? (100 * here.at) / here.of : 0}%`;
  root.dataset.kind = kindOf(here);
  root.dataset.form = here.form;
  root.toggleAttribute("data-asks", here.form === "B" || here.form === "C");
  root.toggleAttribute("data-self", Boolean(draft.self));
  root.toggleAttribute("data-turns-left", here.form === "hub" && !course.parentsOf(draft, open.family).every(({ key }) => draft.done[key]));
  sub(here);
  fill(root, {
    counter: here.form === "B" && here.at ? say("visit.counter", here) : "",
    template: foot(here),
  });
  for (const [action, shown] of Object.entries(buttons(here))) one(`[data-action=${action}]`, root).hidden = !shown;
  languageButtons(Boolean(draft.second[here.respondent]));
  if (here.respondent && !(here.form === "A" && here.at)) document.body.dataset.respondent = here.respondent;
  else delete document.body.dataset.respondent;
  refresh();
}

// For a parent who answers alone how she hides it; that the questions are a template is the visitor's to know.
function foot(here) {
  if (open.draft.self) return here.items.length ? say("visit.lendTip") : "";
  return kindOf(here) === "visitor" ? open.instrument.template[speaks()] : "";
}

const kindOf = (here) => {
  if (course.isPrivate(here)) return "private";
  return ["A", "end", "parts"].includes(here.form) ? "visitor" : "shareable";
};

function buttons(here) {
  const { instrument, draft } = open;
  const { form, items: [first] } = here;
  const asks = course.isQuestion(instrument, here);
  const own = Boolean(draft.self);
  const begins = form === "lend" || (form === "C" && !asks);
  const canDecline = asks && !(form === "C" && instrument.item(first).options?.some(({ code }) => code === "na"));
  return {
    back: !own, next: !begins && form !== "back" && form !== "parts", pause: ["end", "bye", "parts"].includes(form), skip: asks, decline: canDecline,
    "open-private": begins, later: begins && !own, handed: form === "back", stop: own && form !== "back",
  };
}

// The line under the name; on pages of several questions it is the page's heading. A narrow screen shows less of it.
function sub(here) {
  const isHeading = here.form === "A";
  const line = document.createElement(isHeading ? "h1" : "p");
  const before = one("[data-sub]", open.root);
  line.className = "sub";
  line.dataset.sub = "";
  if (isHeading && here.at) line.append(wide("visit.page"), say("visit.counter", here));
  else if (course.isPlan(here)) line.append(whose(here.respondent), onlyYou());
  else if (isHeading) line.append(wide("visit.talking"), nameOf(here.respondent));
  else if (here.form === "parts") line.append(onlyYou());
  else if (here.form === "end") line.append(wide("visit.end"), onlyYou());
  else if (course.isPrivate(here) || ["lend", "back"].includes(here.form)) line.append(nameOf(here.respondent));
  else if (here.respondent === "joint") line.append(answering(), wide("visit.answer"));
  else line.append(here.respondent ? nameOf(here.respondent) : answering());
  line.append(one("[data-slot=saved-short]", before));
  before.replaceWith(line);
}

const part = (className, key) => Object.assign(document.createElement("span"), { className, textContent: say(key) });
const wide = (key) => part("wide-only", key);
const onlyYou = () => part("nowrap", "visit.onlyYou");
const whose = (respondent) => (nameOf(respondent) ? `${nameOf(respondent)} · ` : "");

const answering = () => listed(course.parentsOf(open.draft, open.family).map(({ key }) => calledOf(open.family.parents, key)));

/** After a change of page: to the top, focus on the heading of what comes first there, the counter aloud. */
function settle() {
  const here = step();
  open.app.mark("visit");
  one("main", open.root).scrollTop = 0;
  focus(one("[data-page] > .lives h2", open.root) ?? one("[data-page] fieldset h1, [data-page] h1.kicker", open.root) ?? one("h1", open.root));
  if (here.form === "B" && here.at) announce(say("visit.counterAloud", here));
}

// ── the questions on the page ──

function questionsPage(here) {
  const nodes = here.items.map((linkId) => formOf(here).get(linkId));
  if (course.isAround(here)) return [...(isAskedAgain(here) ? [note("visit.again")] : []), ...nodes, contact()];
  if (here.choosesMode) return withModes(here, nodes);
  if (course.isPlan(here) && here.respondent !== "joint") return [note("visit.planWith", { name: nameOf(here.respondent) }), ...nodes];
  if (here.form === "A") return here.items.includes("s0") ? [nodes[0], clone("visit-readers"), ...nodes.slice(1)] : nodes;
  if (course.isQuestion(open.instrument, here)) return [...met(here), ...nodes, ...turns()];
  const hers = here.respondent !== "joint" && !open.draft.self;
  const self = hers ? [fill(clone("visit-self"), { self: say("visit.self", { name: nameOf(here.respondent) }) })] : [];
  return here.form === "C" ? [confirmed(here), clone("visit-tip"), ...nodes, ...self] : [...nodes, ...self, ...turns()];
}

// One has left, or one wants to talk alone: to each of them, at the same place on every question of every part.
function turns() {
  const { draft, family } = open;
  const several = course.parentsOf(draft, family).length > 1;
  return several && !draft.self && course.isTalkedTo(draft) ? [clone("visit-turns")] : [];
}

const isAskedAgain = (here) => course.isAskedAgain(open.draft, here.respondent);
const note = (key, values) => fill(clone("visit-note"), { note: say(key, values) });

function withModes(here, nodes) {
  open.modes = clone("visit-mode");
  const can = course.modes(open.draft, open.family);
  for (const button of all("button", open.modes)) button.hidden = !can.includes(button.dataset.action.slice("mode-".length));
  if (open.draft.visit === "talk") askedInTalk(open.modes);
  open.together = clone("visit-together");
  const after = here.items.indexOf("s10") + 1 || nodes.length;
  return [...nodes.slice(0, after), open.modes, open.together, ...nodes.slice(after)];
}

// A later talk is with one at a time; what is asked is only whether the questions are asked again.
function askedInTalk(modes) {
  one("h2", modes).textContent = say("visit.modeTalk");
  one("[data-action=mode-each] .words", modes).replaceChildren(say("visit.modeTalkEach"));
  one(".opts", modes).append(clone("visit-none"));
}

// Whether there is contact to a parent who lives elsewhere; without it the common questions have no meaning (5.8.17).
function contact() {
  return (open.contact = clone("visit-contact"));
}

// That they are alone, since when, and where the other is: said first, because the rest depends on it.
function confirmed({ respondent }) {
  const { draft, family } = open;
  const gate = draft.gates[respondent];
  const where = ELSEWHERE[course.answersOf(draft, "A", respondent).s5?.value];
  const other = course.parentsOf(draft, family).find(({ key }) => key !== respondent);
  const alone = [say("visit.alone"), where && other ? say(where, { name: calledOf(family.parents, other.key) }) : ""];
  return fill(clone("visit-confirmed"), {
    alone: alone.join(" ").trim(), confirmed: gate ? say("visit.confirmed", { time: clock(new Date(gate.at)) }) : "",
  });
}

// What was just told is met before anything else is asked (FR12).
function met(here) {
  const before = open.steps[open.at - 1];
  const linkId = before?.form === "C" && before.respondent === here.respondent ? before.items[0] : null;
  const cell = linkId && course.answersOf(open.draft, "C", here.respondent)[linkId];
  if (open.draft.self || !cell || !course.tells(open.instrument, linkId, cell)) return [];
  return [livesCard(PERHAPS_HERS.has(linkId))];
}

function livesCard(isPerhapsHers) {
  const card = clone("visit-lives");
  if (isPerhapsHers) fill(card, { validate: say("visit.anger") });
  return card;
}

/** The fields of a form for one respondent by link id: made once, with what was answered. */
function formOf({ form, respondent }) {
  const key = `${form} ${respondent}`;
  if (!open.forms.has(key)) open.forms.set(key, prepared(form, respondent));
  return open.forms.get(key);
}

function prepared(form, respondent) {
  const { draft, family, instrument } = open;
  const whole = clone(`form-${form}-${instrument.version}`);
  for (const line of all("[data-visits]", whole)) if (!line.dataset.visits.split(" ").includes(draft.visit)) line.remove();
  for (const line of all(".line", whole)) if (speaks() === "en") line.append(line.firstChild);
  second(whole, Boolean(draft.second[respondent]) && form !== "A");
  if (form === "A") named(whole, draft, family);
  const fields = new Map(all("[data-link-id]", whole).map((node) => [node.dataset.linkId, node]));
  for (const [linkId, cell] of Object.entries(course.answersOf(draft, form, respondent))) put(fields.get(linkId), cell);
  return fields;
}

/** The parents by name where the question only knows them by number; who is not there cannot be chosen. */
export function named(form, draft, family) {
  const here = course.parentsOf(draft, family);
  for (const n of [1, 2]) {
    const option = one(`[name=s2][value=p${n}]`, form)?.closest("label");
    const parent = here.find(({ key }) => key === `parent${n}`);
    if (!option) continue;
    option.hidden = !parent && family.parents.length > 0;
    if (!parent) continue;
    const small = document.createElement("small");
    small.textContent = say("visit.parent", { n });
    one(".words", option).replaceChildren(isolated(natural(parent.name)), small);
  }
}

/** What follows from the answers: which questions stand on the page, and whether she may go on. */
function refresh() {
  const { draft, family, instrument, root } = open;
  const here = step();
  off("next", !course.mayGoOn(instrument, draft, family, here));
  if (!here.items.length) return;
  const answers = course.answersOf(draft, here.form, here.respondent);
  const asked = new Set(course.asked(instrument, draft, family, here.form, here.respondent));
  for (const linkId of here.items) formOf(here).get(linkId).hidden = !asked.has(linkId);
  if (here.choosesMode) {
    open.modes.hidden = draft.visit !== "talk" && answers.s9 && !course.isAsked(draft);
    press(open.modes, draft.mode ? `mode-${draft.mode}` : draft.visit === "talk" ? "mode-none" : "");
    open.together.hidden = draft.mode !== "joint" || !asked.has("s5") || !here.items.includes("s5");
  }
  if (course.isAround(here)) {
    open.contact.hidden = answers.s5?.value !== "none" || !course.respondents(draft, family).includes(here.respondent);
    press(open.contact, draft.noContact[here.respondent] ? "no-contact" : "in-contact");
  }
  one("[data-action=decline]", root).textContent = say(draft.self ? "visit.declineSelf" : "visit.decline");
  one("[data-action=skip]", root).textContent = say(here.items[0] in answers ? "visit.remove" : "visit.skip");
  const declined = here.form !== "A" && course.isDeclined(answers[here.items[0]]);
  one("[data-action=decline]", root).setAttribute("aria-pressed", String(declined));
}

function press(group, action) {
  for (const button of all("button", group)) button.setAttribute("aria-pressed", String(button.dataset.action === action));
}

function off(action, is) {
  const button = one(`[data-action=${action}]`, open.root);
  if (is) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

// ── answers ──

function choose(input) {
  const { instrument, draft } = open;
  const here = step();
  const linkId = input.name;
  const several = instrument.item(linkId).type === "multi";
  const before = course.answersOf(draft, here.form, here.respondent)[linkId]?.value ?? [];
  const value = several ? instrument.toggled(linkId, [before].flat().filter((code) => code !== "na"), input.value) : input.value;
  set(linkId, several && !value.length ? null : { value });
  if (several) put(formOf(here).get(linkId), { value });
  if (linkId !== AFRAID) return;
  if (draft.self) draft.nuFirst = value === "yes"; // the card speaks to the visitor: it comes when she has the tablet again
  else if (value === "yes") open.app.openNow();
}

function set(linkId, cell) {
  course.answer(open.draft, step(), linkId, cell, open.app.now());
  if (course.isPrivate(step())) course.seenIn(open.draft, step().respondent, open.app.now());
  refresh();
  open.saver.keep();
}

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

function chooseMode(mode) {
  if (!isMeant(open.modes, `mode ${mode}`, course.leftOut(open.draft, open.family, mode))) return;
  open.draft.mode = mode;
  changed();
}

function noContact(is) {
  const { respondent } = step();
  const isLeftOut = is && !open.draft.noContact[respondent] && course.hasSaid(open.draft, "B", respondent);
  if (!isMeant(open.contact, `no contact ${respondent}`, isLeftOut ? [respondent] : [])) return;
  open.draft.noContact[step().respondent] = is;
  changed();
}

// Answers that would count no more: said first, and done when she presses again.
function isMeant(group, what, whose) {
  if (!whose.length || open.meant === what) return true;
  open.meant = what;
  const words = say("visit.drops", { who: listed(whose.map((who) => nameOf(who) || answering())) });
  fill(group, { drops: words });
  announce(words);
  return false;
}

function changed() {
  open.meant = null;
  fill(open.root, { drops: "" });
  const place = course.placeOf(step());
  recount();
  open.at = course.stepAt(open.steps, place);
  refresh();
  open.saver.keep();
}

// On wish: what is safe to send or say, and when to call.
function askContact() {
  const { draft } = open;
  const { respondent } = step();
  draft.requested[respondent] = true;
  recount();
  go(course.stepAt(open.steps, { form: "C", respondent, item: "c1" }));
}

// ── a parent holds the tablet ──

function self() {
  const { form, respondent } = step();
  lend({ form, respondent, at: course.placeOf(open.steps[open.at + 1]) });
}

// First she is told how it is done; whoever came back to the tablet sees no answer of hers.
function lend(self) {
  open.draft.self = self;
  recount();
  go(0);
}

// The tablet goes back; the visitor goes on at the question where she stopped, or after the one that she answered last.
function stop() {
  const { self, nuFirst } = open.draft;
  const place = course.placeOf(step());
  if (place.form === self.form) self.at = nuFirst ? course.placeOf(open.steps[course.stepAt(open.steps, place) + 1]) : place;
  self.stopped = true;
  go(open.steps.length - 1);
}

// She has given it back. What she answered stays closed until the visitor has shown that it is her.
async function handed() {
  const { draft, app } = open;
  const { form, respondent, at, stopped } = draft.self;
  draft.self = null;
  recount();
  const last = open.steps.findLastIndex((one) => one.form === form && one.respondent === respondent);
  const next = open.steps[stopped ? course.stepAt(open.steps, at) : last + 1];
  if (next) draft.place = course.placeOf(next);
  else Object.assign(draft, { who: null, done: { ...draft.done, [respondent]: true }, place: { form: "hub" } });
  if (await open.saver.keptAll()) app.handOver();
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
  one("[data-translation]", open.root).hidden = !two && speaks() === "da"; // the Danish words are the original (FR26)
}

// ── between the questions, and the end ──

const pages = { parts: partsPage, hub: hubPage, told: toldPage, lend: lendPage, back: () => [clone("visit-back")], bye: () => [clone("visit-bye")], end: endPage };

// A correction begins with what there is to correct.
function partsPage() {
  const { draft, family } = open;
  const page = clone("visit-parts");
  const first = (isIt) => course.placeOf(open.steps.find(isIt));
  const talks = course.isTalkedTo(draft) ? course.parentsOf(draft, family) : [];
  const rows = [
    [say("part.A"), first(({ form }) => form === "A")],
    draft.mode === "joint" && course.isAsked(draft) && [say("part.B", { name: answering() }), first(({ form }) => form === "B")],
    ...talks.map(({ key }) => [say("part.talk", { name: nameOf(key) }), { form: "A", respondent: key, item: "s3" }]),
    [say("part.D"), { form: "D" }],
  ];
  one("ul", page).replaceChildren(...rows.filter(Boolean).map(partRow));
  return [page];
}

function partRow([question, place]) {
  const row = fill(clone("visit-goto"), { question });
  Object.assign(one("button", row).dataset, { action: "part", place: JSON.stringify(place) });
  return row;
}

function toPart(place) {
  const { draft } = open;
  if (place.respondent?.startsWith("parent")) return turnTo(place.respondent);
  if (place.form !== "D") return go(course.stepAt(open.steps, place));
  draft.place = { form: "D", page: 1 };
  return away("assessment", { draft: draft.id, family: draft.family });
}

function hubPage() {
  const { draft, family } = open;
  const page = clone("visit-hub");
  const parents = course.parentsOf(draft, family);
  one("[data-turns]", page).replaceChildren(...parents.map(turnRow));
  const isOver = (key) => draft.done[key] || draft.gates[key]?.state === "shut";
  const shut = parents.some(({ key }) => isOver(key) && !course.isOpen(draft, family, key));
  return [fill(page, { closed: shut ? say("visit.closed") : "", together: together() })];
}

// How far they have come with the questions to both.
function together() {
  const { asked: of, answered: n } = course.overview(open.instrument, open.draft, open.family);
  return open.draft.mode === "joint" && of ? say("visit.together", { n, of }) : "";
}

function lendPage({ respondent }) {
  const name = nameOf(respondent);
  return [fill(clone("visit-lend"), { heading: say("visit.lend", { name }), give: say("visit.lendGive", { name }) })];
}

function turnRow({ key, name }) {
  const { draft } = open;
  const begun = draft.responses.some(({ respondent }) => respondent === key);
  const state = draft.done[key] ? "visit.turnDone" : begun ? "visit.turnOpen" : "visit.turnNew";
  const row = fill(clone("visit-turn"), { name, state: say(state) });
  one("button", row).dataset.action = `respondent-${key.at(-1)}`;
  return row;
}

// The same for everybody, whatever was told: both ways on are closed until she presses one.
function toldPage({ respondent }) {
  const page = clone("visit-told");
  const { draft, instrument } = open;
  const said = course.answersOf(draft, "C", respondent);
  const card = livesCard([...PERHAPS_HERS].some((linkId) => course.tells(instrument, linkId, said[linkId])));
  one("h2", card).remove();
  one("[data-lives]", page).append(card);
  return [page];
}

// Whoever looks on when the talk ends reads nothing of what waits: it stands there when she opens it.
function endPage() {
  const { instrument, draft, family } = open;
  const found = course.overview(instrument, draft, family);
  const page = clone("visit-overview");
  fill(page, { summary: summaryOf(found), declined: found.declined ? say("visit.declined", { n: found.declined }) : "" });
  one("[data-who]", page).replaceChildren(...found.who.map(whoRow));
  const must = found.must.map((linkId) => way(open.steps.find(({ items }) => items.includes(linkId)), linkId));
  if (found.mode) must.push(way(open.steps.find(({ choosesMode }) => choosesMode)));
  listIn(one("[data-must]", page), must);
  listIn(one("[data-kept]", page), found.kept.map(keptRow));
  const isGrave = !draft.replaces && course.isGrave(instrument, draft, family);
  const isNu = course.isNuOpen(draft);
  one("[data-discard]", page).hidden = !draft.replaces;
  one("[data-danger]", page).hidden = !isNu;
  one("[data-grave]", page).hidden = !isGrave;
  if (draft.sentAt) {
    const closed = inOfficeHours(open.app.config, open.app.now()) ? "" : say("visit.closedNow");
    fill(page, { grave: [say("visit.wasSent", { time: clock(new Date(draft.sentAt)) }), closed].filter(Boolean).join(" ") });
    one("[data-action=send] span", page).textContent = say("visit.sendAgain");
  }
  open.waits = must.length + found.kept.length + Number(isGrave && !draft.sentAt) + Number(isNu) > 0;
  one("[data-nothing]", page).hidden = open.waits || isGrave;
  folded(page, "waiting", true, say("visit.waiting"));
  for (const name of ["passed", "unreached"]) {
    const rows = found[name].map((to) => way(to, to.items[0]));
    one(`[data-${name}] ul`, page).replaceChildren(...rows);
    folded(page, name, rows.length > 0, String(rows.length));
  }
  return [page];
}

function summaryOf({ asked: of, answered: n, who }) {
  if (!of) return say("visit.notAsked");
  if (who.length > 1) return "";
  return n < of ? say("visit.some", { n, of }) : say("visit.all", { of });
}

function whoRow({ respondent, asked: of, answered: n }) {
  const key = !of ? "visit.whoNone" : n < of ? "visit.who" : "visit.whoAll";
  return Object.assign(document.createElement("li"), { textContent: say(key, { name: nameOf(respondent), n, of }) });
}

// A part of the end that is closed at first; what she has opened stays open while she sees to it.
function folded(page, name, isThere, count) {
  const part = one(`[data-${name}]`, page);
  part.hidden = !isThere;
  part.open = open.unfolded.has(name);
  fill(part, { count });
  part.addEventListener("toggle", () => open?.unfolded[part.open ? "add" : "delete"](name));
}

// Was the Nu card opened because there was danger, or by a slip of the finger? Until she has said so, there was (H01).
function danger(is) {
  open.draft.danger = is;
  go(open.at);
}

function listIn(section, rows) {
  section.hidden = !rows.length;
  one("ul", section).replaceChildren(...rows);
}

function way(to, linkId) {
  const whose = ["parent1", "parent2"].includes(to.respondent) ? `${nameOf(to.respondent)}: ` : "";
  const row = fill(clone("visit-goto"), { question: linkId ? whose + wordsOf(to, linkId) : say("visit.mode") });
  one("button", row).dataset.place = JSON.stringify(course.placeOf(to));
  return row;
}

// A grave answer that a later change has hidden: asked once whether it counts (5.8.9).
function keptRow({ respondent, linkId }) {
  const row = fill(clone("visit-kept"), { question: `${nameOf(respondent)}: ${wordsOf({ form: "C", respondent }, linkId)}` });
  for (const button of all("button", row)) Object.assign(button.dataset, { respondent, of: linkId });
  return row;
}

function keepHidden({ dataset: { respondent, of: linkId } }, is) {
  course.keep(open.draft, { respondent, linkId }, is);
  go(open.at);
}

// The question as it stands on its page: the reader's language is the first in its line.
const wordsOf = (to, linkId) => one("legend .line", formOf(to).get(linkId)).firstChild.textContent;

/** To the lead at once, before the visit is finished; it stays open here, and the finished one completes it. */
async function send(button) {
  const mine = open;
  const { app, instrument, draft, family } = mine;
  if (mine.sending) return;
  mine.sending = true;
  button.setAttribute("aria-disabled", "true");
  try {
    const payload = course.preliminary(instrument, draft, family, app.now(), document.body.dataset.release ?? "");
    await app.vault.preliminary(payload);
    Object.assign(draft, { preliminary: payload.encounter, sentAt: payload.finished_at });
    if (!(await mine.saver.keptAll())) return;
    if (mine === open) draw();
    announce(say("visit.sent")); // the page says it too: a line over the bottom row would stay when she turns back
    await (await app.net()).sendNow();
  } catch (error) {
    if (error.name !== "NotKept") throw error;
    mine.saver.failed("save.not");
  } finally {
    mine.sending = false;
    button.removeAttribute("aria-disabled");
  }
}
