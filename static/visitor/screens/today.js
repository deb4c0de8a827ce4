// Today: what was begun, who is visited today, who is late, the rest of the week, later; and search among all.

import { ageShort, childrenNames, moment } from "../ages.js";
import { between, dayOf, endOfWeek } from "../days.js";
import { all, announce, clone, fill, focus, one, onAction } from "../dom.js";
import { birthOf, calledOf } from "../names.js";
import { folded, words } from "../folding.js";
import { addWords, clock, clockOf, say, shortDay, shortWeekday, weekdayAndDay, weekdayName } from "../words.js";
import { homeOf, livesApart } from "../course.js";
import { isOff, withNotes } from "./around.js";

addWords({
  "today.drafts": ["Fortsæt", "Continue"],
  "today.today": ["I dag", "Today"],
  "today.wrong": ["Skal rettes", "To be corrected"],
  "today.unread": ["Et svar kunne ikke læses ind", "An answer could not be read"],
  "today.news": ["Fra teamlederen", "From the team lead"],
  "today.tasks": ["Handlinger med frist", "Actions with a deadline"],
  "today.tasksLater": ["Handlinger senere", "Later actions"],
  "today.late": ["Over tiden", "Overdue"],
  "today.week": ["Resten af ugen", "The rest of the week"],
  "today.unplanned": ["Mangler aftale", "No appointment yet"],
  "today.later": ["Senere", "Later"],
  "today.none": ["Ingen besøg i dag.", "No visits today."],
  "today.noneNext": ["Ingen besøg i dag. Det næste er {day}.", "No visits today. The next is {day}."],
  "today.empty": ["Der er ingen familier på din liste endnu. De hentes, når der er net.", "There are no families on your list yet. They are fetched when there is a connection."],
  "today.draft": ["Kladde", "Draft"],
  "today.correction": ["Rettelse", "Correction"],
  "today.open24": ["Ikke afsluttet i over 24 timer", "Not finished for more than 24 hours"],
  "outcome.not_home": ["Ingen hjemme {time}", "Nobody at home {time}"],
  "outcome.postponed": ["Udskudt {time}", "Postponed {time}"],
  "outcome.declined": ["Ønsker ikke besøget", "Does not want the visit"],
  "outcome.not_offered": ["Ikke tilbudt", "Not offered"],
  "outcome.moved": ["Familien er flyttet", "The family has moved"],
  "outcome.attempts": ["{n} forgæves forsøg", "{n} attempts in vain"],
  "today.begun": ["Påbegyndt {time}", "Begun {time}"],
  "today.agreed": ["aftalt", "agreed"],
  "today.notHeld": ["ikke holdt", "not held"],
  "today.notAgreed": ["ingen aftale", "not agreed"],
  "today.at": ["kl. {time}", "at {time}"],
  "today.clinic": ["Klinikken", "The clinic"],
  "today.protected": ["Adressen er beskyttet", "The address is protected"],
  "today.homes": ["To hjem", "Two homes"],
  "today.atHome": ["Hos {name}", "At {name}’s"],
  "today.noAddress": ["Ingen adresse", "No address"],
  "today.last": ["Senest {day}", "By {day}"],
  "today.was": ["Frist var {day}", "Was due {day}"],
  "today.from": ["Fra {day}", "From {day}"],
  "today.done": ["Besøgene er holdt", "The visits are made"],
  "today.found.one": ["1 familie", "1 family"],
  "today.found": ["{n} familier", "{n} families"],
  "today.notFound": ["Ingen med det navn på din liste.", "Nobody of that name on your list."],
  "today.many": ["Her er de {n} første. Skriv mere for at finde resten.", "These are the first {n}. Type more to find the rest."],
  "today.things.one": ["1 ting er ikke i mål endnu", "1 thing is not home yet"],
  "today.things": ["{n} ting er ikke i mål endnu", "{n} things are not home yet"],
  "today.more.one": ["Vis 1 mere", "Show 1 more"],
  "today.more": ["Vis {n} mere", "Show {n} more"],
  "today.waiting.one": ["1 besøg er ikke i mål endnu", "1 visit is not home yet"],
  "today.waiting": ["{n} besøg er ikke i mål endnu", "{n} visits are not home yet"],
  "today.home": ["Alle besøg er i mål", "All visits are home"],
  "today.allOpened": ["Alle besøg er læst ind", "All visits have been read in"],
  "today.offlineCount": ["{n} venter på net", "{n} waiting for a connection"],
  "today.receivedCount": ["{n} modtaget", "{n} received"],
  "today.asideCount": ["{n} lagt til side", "{n} set aside"],
  "today.asOf": ["Listen er fra {time}.", "The list is from {time}."],
  "today.damaged.one": ["1 ting på tabletten kan ikke læses. Den er bevaret. Sig det til din leder.", "1 thing on this tablet cannot be read. It is kept. Tell your lead."],
  "today.damaged": ["{n} ting på tabletten kan ikke læses. De er bevaret. Sig det til din leder.", "{n} things on this tablet cannot be read. They are kept. Tell your lead."],
  "today.deadline": ["senest", "by"],
  "today.actions.one": ["1 handling", "1 action"],
  "today.actions": ["{n} handlinger", "{n} actions"],
  "family.notKept": [
    "Tabletten må ikke gemme besøg uden net endnu. Læg Besøg på tabletten som app, eller find et sted med net.",
    "This tablet may not keep visits offline yet. Install Besøg as an app, or find a place with a connection.",
  ],
  "place.A": ["Klar til samtalen, {at} af {of}", "Ready for the talk, {at} of {of}"],
  "place.B": ["Spørgsmål {at} af {of}", "Question {at} of {of}"],
  "place.read": ["Før spørgsmålene", "Before the questions"],
  "place.D": ["Din del efter besøget", "Your part after the visit"],
  "place.else": ["Midt i samtalen", "In the middle of the talk"],
  "place.end": ["Mangler at blive afsluttet", "Not finished yet"],
  "decision.agree": ["Enig i vurderingen", "Agrees with the judgement"],
  "decision.change": ["Vurderingen er ændret", "The judgement was changed"],
  "decision.plan": ["Der er lagt en plan", "A plan was made"],
  "decision.close": ["Familien følges ikke mere", "The family is no longer followed"],
});

const NEWS_DAYS = 7; // a decision is news for so long
const MOST_FOUND = 12; // a screen of them
const FEW = 12; // a group of more can be folded away
const MOST_ROWS = 60; // so many of a group are made at once; the rest when she asks for them
const MOST_TASKS = 5; // so many actions; more would push the visits of the day out of sight
const DAY = 86_400_000;
const QUIET = 3000; // so long after the list stands, what is not needed at once is looked after
const OVER = new Set(["opened", "safe"]); // read in: home
const FOLDED = new Set(["today.later", "today.tasksLater"]); // closed until she opens them
const SORTS = {
  newest: (a, b) => b.savedAt.localeCompare(a.savedAt),
  oldest: (a, b) => a.startedAt.localeCompare(b.startedAt),
  name: (a, b) => alphabet.compare(a.name, b.name),
};

const alphabet = new Intl.Collator("da");

let app = null;
let root = null;
let typed = ""; // what is searched for; goes with the screen
let held = []; // visits made on this tablet that the list may not know yet
let everyone = []; // her families as rows, by name
let order = "newest"; // of the drafts
const folds = new Map(); // group -> open, as she left it

/** args.search: what stood in the search field when the page was emptied. */
export async function show(theApp, { search = "" } = {}) {
  app = theApp;
  app.visiting(null);
  root = clone("today");
  fill(root, { date: weekdayAndDay(dayOf(app.now())) });
  onAction(root, {
    resume, open: openFamily, news: openOwnPart, "sort-drafts": sortDrafts, update: () => app.update.change(),
    waiting: () => app.show("waiting"), ready: () => app.show("ready"), practise: () => app.show("ready", { practice: true }),
    around: () => app.show("around", { page: "new" }), "end-rehearsal": () => app.lock("unlock.rehearsed"),
  });
  one("[data-rehearsing]", root).hidden = !app.person.rehearsal;
  for (const way of all("[data-action=ready],[data-action=practise]", root)) way.hidden = Boolean(app.person.rehearsal);
  const field = one("[name=search]", root);
  field.value = typed = search;
  field.addEventListener("input", () => find(field.value));
  field.addEventListener("focus", () => everyone.forEach(({ family }) => namesOf(family)));
  await build();
  if (!app.mount(root)) return;
  showStrip();
  showDamaged();
  setTimeout(remember, QUIET, app.vault);
}

// What "Klar til i morgen?" needs to know without a connection.
const remember = async (vault) => (await import("./ready.js")).remember(vault);

export async function suspend() {
  const search = typed;
  leave();
  return { search };
}

export function leave() {
  typed = "";
  held = [];
  everyone = [];
  root = null;
}

const isHere = () => root?.isConnected;
const heard = { caseload: () => rebuild(), sync: () => showStrip(), update: () => showStrip() };
for (const [event, act] of Object.entries(heard)) globalThis.document?.addEventListener(event, () => isHere() && act());

// ── the groups ──

async function build() {
  const mine = root;
  const [drafts, finished] = await Promise.all([app.vault.drafts(), app.vault.held(), withNotes(app)]);
  if (mine !== root || !mine) return;
  held = finished;
  const today = dayOf(app.now());
  const begun = new Map(drafts.filter(({ partial }) => !partial).map((draft) => [draft.family, draft]));
  const made = heldIn(held);
  const rows = [...app.caseload.families.values()].map((family) => rowOf(family, today, begun, made)).filter(({ left, draft }) => !left || draft);
  everyone = rows.toSorted((a, b) => alphabet.compare(a.name, b.name));
  const groups = grouped(rows, today);
  const [decisions, tasks, urgent] = fromLead(today);
  const soon = tasks.filter(({ due }) => due <= endOfWeek(today));
  const actions = group("today.tasks", soon, taskRow, MOST_TASKS);
  const lists = [
    draftGroup(drafts),
    groups.today.length ? group("today.today", groups.today, familyRow) : nothingToday(rows, today),
    group("today.late", groups.late, familyRow),
    group("today.wrong", unread(), unreadRow),
    group("today.news", decisions, decisionRow),
    urgent && actions,
    group("today.week", groups.week, familyRow),
    !urgent && actions,
    group("today.unplanned", groups.unplanned, familyRow),
    group("today.tasksLater", tasks.filter((one) => !soon.includes(one)), taskRow),
    group("today.later", groups.later, familyRow),
  ];
  one("[data-lists]", root).replaceChildren(...lists.filter(Boolean));
  showAsOf();
  if (typed) find(typed);
}

/** What was finished on this tablet and may not be known to the list yet: "family visit". `home`: not in the other one. */
export async function heldVisits({ vault }, home = null) {
  return heldIn(await vault.held(), home);
}

const heldIn = (made, home = null) =>
  new Set(made.filter(({ household }) => !home || !household || household === home).map(({ family, visit }) => `${family} ${visit}`));

// New families came in: the list is made again under her hands, so focus and place stay.
async function rebuild() {
  const at = document.activeElement?.closest("[data-family],[data-encounter]");
  const where = at && `[data-${at.dataset.family ? "family" : "encounter"}="${at.dataset.family ?? at.dataset.encounter}"]`;
  const { scrollTop } = one("main", root);
  await build();
  if (!isHere()) return;
  one("main", root).scrollTop = scrollTop;
  if (where && document.activeElement === document.body) focus(one(where, root) ?? one("h1", root));
}

/** What the list needs to know of a family. */
function rowOf(family, today, begun, made) {
  const visit = inOtherHome(family, today, held) ?? nextVisit(family, today, made);
  return { family, visit, draft: begun.get(family.id), left: family.left, name: childrenNames(family), day: visit?.planned?.slice(0, 10) ?? null };
}

/** The visit that comes next: the last open one whose time has begun, else the first open one; null when all are held. */
export function nextVisit(family, today, held = new Set()) {
  const open = family.visits.filter(({ visit, state }) => state === "open" && !held.has(`${family.id} ${visit}`));
  return open.findLast(({ opens }) => opens <= today) ?? open[0] ?? null;
}

/**
 * Of parents who live apart: the visit that was made in one home, and for which there is still time in the other, with
 * whose `home` that is; else null. Nobody is late with it: whether it can be made there is the other parent's choice.
 */
export function inOtherHome(family, today, made) {
  if (!livesApart(family)) return null;
  const whole = heldIn(made);
  const isMade = ({ visit }) => whole.has(`${family.id} ${visit}`) || family.visits.some((one) => one.visit === visit && one.state === "done");
  const next = ({ key }) => ({ ...nextVisit(homeOf(family, key), today, heldIn(made, key)), planned: null, home: { key, name: calledOf(family.parents, key) } });
  return family.parents.map(next).find((visit) => visit.visit && inTime(visit, today) && isMade(visit)) ?? null;
}

/** Is this the time for a visit? */
export const inTime = ({ opens, closes }, today) => opens <= today && today <= closes;

/** In which group each family stands, each group in its order. */
export function grouped(rows, today) {
  const week = endOfWeek(today);
  const groups = { today: [], late: [], week: [], unplanned: [], later: [] };
  for (const row of rows) groups[place(row, today, week)].push(row);
  groups.today.sort(by(({ visit }) => visit.planned));
  groups.late.sort(by(({ visit }) => visit.closes));
  groups.week.sort(by(({ visit }) => visit.planned));
  groups.unplanned.sort(by(({ visit }) => visit.closes));
  groups.later.sort(by(({ visit, day }) => (visit ? day ?? visit.opens : "9")));
  return groups;
}

function place({ visit, day }, today, week) {
  if (!visit || isOff(visit)) return "later";
  if (day === today) return "today";
  if (visit.closes < today) return "late";
  if (day > today) return day <= week ? "week" : "later";
  return visit.opens <= today ? "unplanned" : "later";
}

const by = (key) => (a, b) => key(a).localeCompare(key(b)) || alphabet.compare(a.name, b.name);

// A group with its rows. Many can be folded away, and what is folded away is made when she opens it. Of more than `most`
// the first are shown, and the rest when she asks for them.
function group(title, items, rowFor, most = MOST_ROWS) {
  if (!items.length) return null;
  const count = title === "today.drafts" ? "" : String(items.reduce((sum, { n = 1 }) => sum + n, 0));
  if (most < MOST_ROWS || (items.length <= FEW && title !== "today.tasksLater"))
    return filled(fill(clone("today-group"), { title: say(title), count }), items, rowFor, most);
  const folding = fill(clone("today-later"), { title: say(title), count: String(items.length) });
  const fillIn = () => folding.open && !one("li", folding) && filled(folding, items, rowFor, most);
  folding.classList.toggle("many", title !== "today.drafts");
  folding.open = folds.get(title) ?? !FOLDED.has(title);
  fillIn();
  folding.addEventListener("toggle", () => (folds.set(title, folding.open), fillIn()));
  return folding;
}

function filled(section, items, rowFor, most) {
  const list = one("ul", section);
  list.replaceChildren(...items.slice(0, most).map(rowFor));
  if (items.length <= most) return section;
  const more = fill(clone("today-more"), { more: say("today.more", { n: items.length - most }) });
  more.addEventListener("click", () => {
    const rest = items.slice(most).map(rowFor);
    more.remove();
    list.append(...rest);
    focus(one("button", rest[0]));
  });
  list.after(more);
  return section;
}

function nothingToday(rows, today) {
  const days = rows.map(({ day }) => day).filter((day) => day > today).sort();
  const key = rows.length ? (days.length ? "today.noneNext" : "today.none") : "today.empty";
  return fill(clone("today-nothing"), { nothing: say(key, { day: days[0] && `${weekdayName(days[0])} ${shortDay(days[0])}` }) });
}

// What was begun, in the order she chose; where there are many, she may choose another.
function draftGroup(drafts) {
  const named = drafts.map((draft) => ({ ...draft, name: draftName(draft) }));
  const section = group("today.drafts", named.toSorted(SORTS[order]), draftRow);
  if (drafts.length <= FEW) return section;
  const sorts = clone("today-sorts");
  for (const button of all("button", sorts)) button.setAttribute("aria-pressed", String(button.dataset.order === order));
  one("ul", section).before(sorts);
  return section;
}

async function sortDrafts({ dataset }) {
  order = dataset.order;
  await rebuild();
  if (isHere()) one(`[data-order=${order}]`, root)?.focus();
}

const draftName = ({ family: id, name }) => {
  const family = app.caseload.families.get(id);
  return family ? childrenNames(family) : name || say("somebody");
};

// ── rows ──

function row(action, marks, texts) {
  const item = clone("today-row");
  for (const place of all("[data-slot]", item)) {
    place.textContent = texts[place.dataset.slot] ?? "";
    place.hidden = !place.textContent;
  }
  Object.assign(one("button", item).dataset, { action, ...marks });
  return item;
}

function familyRow({ family, visit, draft, day, name }) {
  const today = dayOf(app.now());
  const texts = { name, ...about(family, visit?.visit, today), place: street(family, visit), ...time(visit, day, today), deadline: deadline(visit, today) };
  texts.outcome = [outcomeWords(visit, app.now()), family.attempts?.[visit?.visit] > 1 && say("outcome.attempts", { n: family.attempts[visit.visit] })]
    .filter(Boolean).join(" · ");
  if (draft) texts.deadline = say("today.begun", { time: moment(new Date(draft.startedAt), app.now()) });
  const item = row("open", { family: family.id, ...(visit?.home && { home: visit.home.key }) }, texts);
  if (visit && visit.closes < today && !draft && !isOff(visit)) one(".deadline", item).classList.add("late");
  return item;
}

/** What came of the last attempt at a visit, in words; "" when nothing did. */
export function outcomeWords(visit, now) {
  if (!visit?.outcome) return "";
  const { kind, at } = visit.outcome;
  return say(`outcome.${kind}`, { time: moment(new Date(at), now) });
}

function about(family, visit, today) {
  const age = ageShort(birthOf(family), today);
  return visit ? { meta: `${age} ·`, kind: say(`visit.${visit}`) } : { meta: age };
}

// "Søndervang": the street is enough to plan a day.
function street(family, visit) {
  if (!visit) return say("today.done");
  if (visit.place === "clinic") return say("today.clinic");
  if (visit.home) return say("today.atHome", visit.home);
  if (family.address_protected) return say("today.protected");
  if (family.separated) return say("today.homes");
  return family.address?.replace(/[\s,]+\d.*$/, "") || say("today.noAddress");
}

function time(visit, day, today) {
  if (!day) return { when: "–", how: visit && !isOff(visit) ? say("today.notAgreed") : "" };
  const at = clockOf(visit.planned);
  if (day === today) return { when: at, how: say("today.agreed") };
  if (day < today) return { when: shortDay(day), how: say("today.notHeld") };
  if (visit.closes < today) return { when: shortDay(day), how: say("today.agreed") };
  return { when: between(today, day) < 7 ? shortWeekday(day) : shortDay(day), how: say("today.at", { time: at }) };
}

function deadline(visit, today) {
  if (!visit || isOff(visit)) return "";
  if (visit.closes < today) return say("today.was", { day: shortDay(visit.closes) });
  if (visit.opens > today && !visit.planned) return say("today.from", { day: shortDay(visit.opens) });
  return say("today.last", { day: visit.closes === today ? say("today") : shortDay(visit.closes) });
}

function draftRow(draft) {
  const family = app.caseload.families.get(draft.family);
  const today = dayOf(app.now());
  const isOld = app.now() - new Date(draft.startedAt) > DAY;
  const texts = {
    when: say(draft.replaces ? "today.correction" : "today.draft"), how: shortMoment(new Date(draft.savedAt), today), name: draft.name,
    ...(family ? about(family, draft.visit, today) : { kind: say(`visit.${draft.visit}`) }),
    place: placeWords(draft.place), deadline: isOld ? say("today.open24") : "",
  };
  const item = row("resume", { encounter: draft.id, visit: draft.visit, syncState: "draft" }, texts);
  one(".deadline", item).classList.toggle("late", isOld);
  return item;
}

function placeWords(place) {
  if (!place) return "";
  if (place.form === "B" && !place.at) return say("place.read");
  if (place.form === "A" && !place.at) return say("place.else");
  return say(place.form in PLACES ? PLACES[place.form] : "place.else", place);
}

const PLACES = { A: "place.A", B: "place.B", D: "place.D", bye: "place.end", end: "place.end" };

const shortMoment = (date, today) => {
  const day = dayOf(date);
  if (day === today) return clock(date);
  return between(day, today) < 7 ? `${weekdayName(day)} ${clock(date)}` : shortDay(day);
};

// ── what came from the team lead ──

// Decisions that are news; her own open tasks by family, {family, n, due: the earliest day}; and whether one is due by
// today. Others may see this list: what is to be done, and what was written, stands in her own part of the family.
function fromLead(today) {
  const families = [...app.caseload.families.values()].filter(({ left }) => !left);
  const decisions = families.flatMap((family) => family.decisions.map((decision) => ({ family, decision })));
  const fresh = decisions.filter(({ decision }) => between(dayOf(new Date(decision.at)), today) < NEWS_DAYS);
  fresh.sort((a, b) => b.decision.at.localeCompare(a.decision.at));
  // What is due today comes first: what is late has waited already, and may be many.
  const rank = (due) => (due === today ? "" : due);
  const rows = families.map((family) => ({ family, days: family.tasks.filter(({ mine }) => mine !== false).map(({ due }) => due).sort() }));
  const tasks = rows.filter(({ days }) => days.length).map(({ family, days }) => ({ family, n: days.length, due: days[0], rank: days.map(rank).sort()[0] }));
  tasks.sort((a, b) => a.rank.localeCompare(b.rank) || a.due.localeCompare(b.due));
  return [fresh, tasks, tasks.some(({ due }) => due <= today)];
}

// Her visits of which something could not be read: what it was stands in her own part of the family.
function unread() {
  const families = [...app.caseload.families.values()].filter(({ left }) => !left);
  return families.flatMap((family) => (family.dates ?? []).filter((past) => past.left_out).map((past) => ({ family, past })));
}

function unreadRow({ family, past }) {
  const texts = { when: shortDay(past.date), how: "", name: childrenNames(family), meta: say(`visit.${past.visit}`), place: say("today.unread") };
  return row("news", { of: family.id, unread: past.id }, texts);
}

function taskRow({ family, n, due }) {
  const late = due < dayOf(app.now());
  const texts = {
    when: shortDay(due), how: say("today.deadline"), name: childrenNames(family), meta: say("today.actions", { n }),
    deadline: late ? say("today.was", { day: shortDay(due) }) : "",
  };
  const item = row("news", { of: family.id, tasks: n }, texts);
  if (late) one(".deadline", item).classList.add("late");
  return item;
}

function decisionRow({ family, decision }) {
  const texts = {
    when: shortMoment(new Date(decision.at), dayOf(app.now())), how: "", name: childrenNames(family),
    meta: decision.by ?? "", place: say(`decision.${decision.decision}`),
  };
  return row("news", { decision: decision.id, of: family.id }, texts);
}

// ── search ──

/** The families in which every word typed stands somewhere in a child's or parent's name. */
export function matching(families, text) {
  const asked = words(text);
  return families.filter((family) => asked.every((word) => namesOf(family).includes(word)));
}

const foldedNames = new WeakMap(); // goes with the families themselves

function namesOf(family) {
  if (!foldedNames.has(family)) foldedNames.set(family, folded([...family.children, ...family.parents].map(({ name }) => name).join(" ")));
  return foldedNames.get(family);
}

function find(text) {
  typed = text;
  const looking = words(text).length > 0;
  one("[data-lists]", root).hidden = looking;
  const found = one("[data-found]", root);
  found.hidden = !looking;
  found.replaceChildren();
  if (!looking) return;
  const families = new Set(matching(everyone.map(({ family }) => family), text));
  const rows = everyone.filter(({ family }) => families.has(family));
  const title = rows.length ? say("today.found", { n: rows.length }) : say("today.notFound");
  const section = fill(clone("today-group"), { title, count: "" });
  one("ul", section).replaceChildren(...rows.slice(0, MOST_FOUND).map(familyRow));
  found.replaceChildren(section);
  if (rows.length > MOST_FOUND) found.append(fill(clone("today-nothing"), { nothing: say("today.many", { n: MOST_FOUND }) }));
  announce(title);
}

// ── what waits, how old the list is, what is damaged, a new version ──

async function showStrip() {
  const mine = root;
  const [mineSent, outbox] = await Promise.all([app.vault.sent(), app.vault.outbox()]); // also what others made here
  if (mine !== root || !mine) return;
  const notes = new Set(mineSent.filter(({ kind }) => kind !== "visit").map(({ id }) => id));
  const count = (wanted) => outbox.filter(({ state }) => state === wanted).length;
  const [offline, received, aside] = [count("waiting"), count("received"), count("quarantined")];
  const words = outbox.some(({ id, state }) => notes.has(id) && !OVER.has(state)) ? "today.things" : "today.waiting";
  const open = offline + received + aside;
  const strip = one("[data-action=waiting]", mine);
  strip.hidden = !mineSent.length && !open;
  strip.classList.toggle("calm", !open);
  fill(strip, {
    waiting: open ? say(words, { n: open }) : say(count("opened") ? "today.allOpened" : "today.home"),
    "offline-count": offline ? say("today.offlineCount", { n: offline }) : "",
    "received-count": received ? say("today.receivedCount", { n: received }) : "",
    "aside-count": aside ? say("today.asideCount", { n: aside }) : "",
  });
  one("[data-update]", mine).hidden = !app.update?.waiting();
  showAsOf();
}

function showAsOf() {
  const { asOf } = app.caseload;
  fill(root, { "as-of": asOf ? say("today.asOf", { time: moment(new Date(asOf), app.now()) }) : "" });
  one("[data-sign-in]", root).hidden = app.sync?.state().signedIn !== false;
}

async function showDamaged() {
  const mine = root;
  const found = await app.vault.problems();
  if (mine === root && mine) fill(mine, { damaged: found.length ? say("today.damaged", { n: found.length }) : "" });
}

// ── ways on ──

// Who searches wants the family; a row of the list is about a visit, of two homes in the one that it names.
const openFamily = ({ dataset: { family, home } }) => app.show("family", { family, home: typed ? null : home });
const openOwnPart = (button) => app.show("family", { family: button.dataset.of, own: true });

/** May a visit be kept here now? Says so if not. */
export async function mayKeep({ mayCapture, tell }) {
  const may = await mayCapture();
  if (!may) tell("family.notKept");
  return may;
}

async function resume(button) {
  if (!(await mayKeep(app))) return;
  const draft = await app.vault.draft(button.dataset.encounter);
  if (draft) await app.show("visit", { draft: draft.id, family: draft.family });
}
