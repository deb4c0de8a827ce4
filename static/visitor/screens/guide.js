// The action guide, without a connection: what is to be done about what was found, whom to call, and the texts for the
// child's record and for a notification, which leave the tablet only by hand. Its rows of actions are also those of
// the visitor's own part after a visit (assessment.js).

import { childrenNames, firstNames } from "../ages.js";
import * as course from "../course.js";
import { addDays, addMonths, between, dayOf, weekday } from "../days.js";
import { announce, clone, fill, focus, one, onAction, speaks } from "../dom.js";
import { plain, saver } from "../fields.js";
import { birthOf, calledOf } from "../names.js";
import { addWords, clock, fullDay, listed, say, shortDay, weekdayName } from "../words.js";

addWords({
  "act.now": ["nu", "now"],
  "act.today": ["i dag", "today"],
  "act.visitor": ["Dig", "You"],
  "act.lead": ["Teamleder", "Team lead"],
  "act.coordinator": ["Koordinator", "Coordinator"],
  "act.then.H03": ["Nyt besøg senest {day}", "Another visit by {day}"],
  "act.then.H07": ["Holdt senest {day}", "Held by {day}"],
  "act.then.H10": ["Følg op senest {day}", "Follow up by {day}"],
  "act.about": ["Gælder {who}.", "About {who}."],
  "guide.all": ["Alle handlinger, ordnet efter frist.", "All actions, by their time limit."],
  "guide.found": ["Det, der er fundet ved besøget hos {names}.", "What was found at the visit to {names}."],
  "guide.due": ["Handlinger", "Actions"],
  "guide.today": ["Med det samme og i dag", "At once and today"],
  "guide.days": ["Inden for få dage", "Within a few days"],
  "guide.weeks": ["Inden for nogle uger", "Within some weeks"],
  "guide.kept": ["Teksten gemmes på tabletten sammen med kladden.", "The text is kept on this tablet with the draft."],
  "guide.notKept": ["Teksten gemmes ikke her. Kopiér den, før du går.", "The text is not kept here. Copy it before you leave."],
  "guide.copied": ["Kopieret.", "Copied."],
  "guide.notCopied": ["Det kunne ikke kopieres. Teksten er markeret – kopiér den selv.", "It could not be copied. The text is selected – copy it yourself."],
  "note.title": ["UDKAST – {day}", "DRAFT – {day}"],
  "note.child": ["Barnet", "The child"],
  "note.born": ["{name}, født {day}. CPR-nummer: ____", "{name}, born {day}. CPR number: ____"],
  "note.parents": ["Forældrene", "The parents"],
  "note.address": ["Adresse: {address}. Telefon: ____", "Address: {address}. Phone: ____"],
  "note.protected": ["Adressen er beskyttet. Telefon: ____", "The address is protected. Phone: ____"],
  "note.interpreter": ["Tolk", "Interpreter"],
  "note.needed": ["Ja. Sprog: {languages}", "Yes. Languages: {languages}"],
  "note.notNeeded": ["Nej", "No"],
  "note.relation": ["Min relation til barnet", "My relation to the child"],
  "note.visited": ["Sundhedsplejerske. Besøg {day}.", "Health visitor. Visit {day}."],
  "note.concern": ["Det bekymrer mig", "My concern"],
  "note.assessed": ["Min faglige vurdering: {text}", "My professional assessment: {text}"],
  "note.other": ["Andet om barnets trivsel og udvikling", "Other knowledge of the child’s well-being and development"],
  "note.done": ["Det er gjort", "What has been done"],
  "note.contact": ["Kontakt med forældrene og deres reaktion", "Contact with the parents and their reaction"],
  "note.both": ["Begge er orienteret. Reaktion: ____", "Both have been told. Reaction: ____"],
  "note.one": ["Én er orienteret. Reaktion: ____", "One has been told. Reaction: ____"],
  "note.unsafe": ["De er ikke orienteret, fordi der er mistanke om overgreb eller fare.", "They have not been told, because abuse or danger is suspected."],
  "note.later": ["De er ikke orienteret endnu.", "They have not been told yet."],
  "note.from": ["Underretter", "Notifier"],
  "note.work": ["Navn: ____, sundhedsplejen, {municipality}. Arbejdsadresse og telefon på arbejdet: ____", "Name: ____, health visiting, {municipality}. Work address and work phone: ____"],
});

const OLD = 180; // days after which a number counts as unchecked
// Numbers that are the same in the whole country: the product's own to check, not the municipality's.
const NATIONAL = new Set(["emergency", "police", "hotline"]);
// A second date in an action's text: days, and whether only working days count.
const THEN = { H03: [1, true], H07: [7, false], H10: [5, true] };
const LONGEST_IN_WORKING_DAYS = 10; // as the tasks that follow from them are counted (screening/duties.py)
const AT_AGE = { H27: [4, 15] }; // months and days
const NEXT_TIME = new Set(["H24"]); // no day of its own: the next contact's
const JOURNAL = { da: "Familiens trivsel og samarbejde er drøftet efter kommunens retningslinje.", en: "The family’s well-being and cooperation were discussed according to the municipality’s guideline." };
// Actions that are for one parent: it is told for whom. Elsewhere a name would only label somebody.
const PERSONAL = new Set(["H03", "H05", "H07", "H10", "H11", "H18"]);
const COUPLE = "family_centre"; // where couples are offered something together
const OFFER = "H14"; // what couples are offered together
const PHONE = "(max-width: 37.5em)";

// ── what can be said without a page ──

/** So many days later; working days are Monday to Friday without the municipality's closing days. */
export function later(day, days, working, closed = []) {
  if (!working) return addDays(day, days);
  let found = day;
  for (let left = days; left > 0; left -= isWorking(found, closed) ? 1 : 0) found = addDays(found, 1);
  while (!isWorking(found, closed)) found = addDays(found, 1);
  return found;
}

const isWorking = (day, closed) => ![0, 6].includes(weekday(day)) && !closed.includes(day);
/** A day, or the last working day before it. */
export const noLater = (day, closed = []) => (isWorking(day, closed) ? day : noLater(addDays(day, -1), closed));

/**
 * Until when an action is to be done, and its second date: {day, then}, each "YYYY-MM-DD" or null; `day` is today's for
 * what is done today. Up to ten days are working days, what is longer ends on a working day. When office hours are
 * `over`, the same working day is the next one. `next`: the day of the next contact, where that is agreed.
 */
export function due({ id, within_hours: hours, deadline }, { today, birth = null, next = null, closed = [], over = false }) {
  const working = deadline.da.includes("arbejds");
  const then = THEN[id] ? later(today, ...THEN[id], closed) : null;
  if (NEXT_TIME.has(id)) return { day: next, then };
  if (AT_AGE[id] && birth) return { day: addDays(addMonths(birth, AT_AGE[id][0]), AT_AGE[id][1]), then };
  const days = Math.floor(hours / 24) || (working && over ? 1 : 0);
  if (days > LONGEST_IN_WORKING_DAYS) return { day: noLater(addDays(today, days), closed), then };
  return { day: later(today, days, working || days > 0, closed), then };
}

/** Is this number one that nobody has checked lately? */
export function isUnchecked(id, { phone, verified_on: verified }, today) {
  return Boolean(phone) && !NATIONAL.has(id) && !(verified && between(verified, today) <= OLD);
}

/** Whom an action is for: the parents who raised one of its rules, or of whom it is not known whether they are safe. */
export function concerned({ id, when }, { whose, safety }) {
  if (!PERSONAL.has(id)) return [];
  const found = new Set();
  const look = (part) => {
    for (const inner of part.any ?? part.all ?? part.of ?? []) look(inner);
    for (const who of whose[part.rule] ?? []) found.add(who);
    if (part.item === "safety") for (const [who, status] of Object.entries(safety)) if (part.in.includes(status)) found.add(who);
  };
  look(when);
  return ["parent1", "parent2"].filter((who) => found.has(who));
}

/** Is the couple gate closed: by what was told now, or at any earlier visit? */
export const isBlocked = (family, result) => Boolean(family?.couple_block || result?.blocks.length);

/** Actions without what is offered to both together, while the couple gate is closed (FR20). */
export const allowed = (ids, blocked) => ids.filter((id) => !(blocked && id === OFFER));

/** Whom to call about an action: while the couple gate is closed (FR20), nobody who offers something to both together. */
export const contactsOf = (action, blocked) => action.contacts.filter((id) => !(blocked && id === COUPLE));

/** The first names of those whom a reason is about, or "" where it is the case, or both together. */
export const whoOf = (family, keys = []) =>
  listed(family.parents.filter(({ key }) => keys.includes(key)).map(({ key }) => calledOf(family.parents, key)));

/** The text of a notification in the order it is wanted (domain guide 2.1). What was told alone is never in it. */
export function notification({ draft, family, municipality, today }) {
  const responses = draft?.responses ?? [];
  const cell = (linkId) => course.answersOf({ responses }, "D", "case")[linkId]?.value;
  const interpreter = responses.some(({ form, answers }) => form === "A" && answers.s3?.value?.includes("interp"));
  const day = draft ? dayOf(new Date(draft.startedAt)) : null;
  const assessed = cell("v4");
  const parts = [
    ["note.child", family.children.map(({ name, birth }) => say("note.born", { name, day: fullDay(birth) })).join("\n")],
    ["note.parents", [...family.parents.map(({ name }) => name), addressOf(family, draft?.household)].join("\n")],
    ["note.interpreter", interpreter ? say("note.needed", { languages: listed(family.languages ?? []) || "____" }) : draft ? say("note.notNeeded") : "____"],
    ["note.relation", say("note.visited", { day: day ? fullDay(day) : "____" })],
    ["note.concern", [cell("v3") ?? "____", assessed && say("note.assessed", { text: assessed })].filter(Boolean).join("\n\n")],
    ["note.other", "____"],
    ["note.done", cell("v5a") ?? "____"],
    ["note.contact", cell("v7") ? say(`note.${cell("v7")}`) : "____"],
    ["note.from", say("note.work", { municipality: municipality || "____" })],
  ];
  return [say("note.title", { day: fullDay(today) }), ...parts.map(([key, text]) => `${say(key)}\n${text}`)].join("\n\n");
}

// Where parents live apart it is the address of the home that was visited, never the other's (FR24).
function addressOf({ parents, address: shared, address_protected: hidden }, household) {
  const address = parents.find(({ key }) => key === household)?.address ?? shared;
  return hidden ? say("note.protected") : say("note.address", { address: address?.replace(/\.$/, "") || "____" });
}

// ── rows, also for the visitor's own part ──

/** "ons. 25. nov." / "Wed 25 Nov" */
export const dayWords = (day) => `${weekdayName(day)} ${shortDay(day)}`;

/**
 * An action's row. Until when: a day where there is a result, and the guide's own words elsewhere. `around`: {app, instrument, family, result, next}; without a result it is shown without days.
 * `choosing`: with its tick box.
 */
export function actionRow(action, around, choosing) {
  const { app, family, result, next } = around;
  const { closes = "16:00", closing_days: closed } = app.config;
  const today = dayOf(app.now());
  const over = clock(app.now()).replace(".", ":") >= closes;
  const { day, then } = due(action, { today, birth: birthOf(family), next, closed, over });
  const about = result && whoOf(family, concerned(action, result));
  const when = result && dayOr(action, day, today);
  const deadline = action.deadline[speaks()];
  const row = fill(clone("action"), {
    label: action.label[speaks()], text: action.text[speaks()], deadline: when ? "" : deadline,
    about: about && say("act.about", { who: about }),
    day: when,
    then: result && then && say(`act.then.${action.id}`, { day: dayWords(then) }),
    responsible: listed(action.responsible.map((one, n) => (n ? say(`act.${one}`).toLowerCase() : say(`act.${one}`)))),
  });
  row.dataset.actionId = action.id;
  mark(row, action, choosing);
  one("[data-contacts]", row).replaceChildren(...contactsOf(action, isBlocked(family, result)).map((id) => contactRow(id, around)));
  return row;
}

function dayOr({ within_hours: hours, deadline }, day, today) {
  if (!hours) return say("act.now");
  if (day === null) return null;
  return day === today && !deadline.da.includes("arbejds") ? say("act.today") : dayWords(day);
}

// Her own actions have a tick box, what happens by itself a plain tick, what is only read neither.
function mark(row, { id, automatic }, choosing) {
  const input = one("input", row);
  input.value = id;
  if (!choosing || automatic) {
    input.remove();
    one(".box", row).remove();
  }
  if (!choosing || !automatic) one(".pick .icon", row).remove();
}

/** Whom to call, with a number that can be pressed on a phone, and whether somebody has checked it. */
export function contactRow(id, { app, instrument }) {
  const language = speaks();
  const known = app.config.contacts?.[id];
  const clinic = id === "clinic" ? app.config[`clinic_${language}`] : "";
  const row = clone("contact");
  fill(row, {
    name: known?.[`name_${language}`] ?? (clinic || instrument.contacts[id]?.[language] || id),
    phone: known?.phone, hours: known?.phone ? known[`hours_${language}`] : "",
  });
  if (!isUnchecked(id, known ?? {}, dayOf(app.now()))) one(".unchecked", row).remove();
  if (known?.phone && matchMedia(PHONE).matches) one("a", row).href = `tel:${known.phone.replaceAll(" ", "")}`;
  row.dataset.contact = id;
  return row;
}

// ── the screen ──

let open = null; // {app, root, family, draft, instrument, saver, args}

/** args: family (an id), home (whose, on the way back), draft (an id), actions (ids), part: where to begin (notification), text: what was typed when there is no draft to keep it. */
export async function show(app, args) {
  const draft = args.unsaved ?? (args.draft ? await app.vault.draft(args.draft) : null);
  const family = app.caseload.families.get(draft?.family ?? args.family) ?? null;
  const instrument = await app.instrument(draft?.instrument);
  if (!app.isCurrent()) return;
  const root = clone("guide");
  open = { app, root, family, draft, instrument, args, typed: args.text ?? null, saver: null };
  if (draft) open.saver = saver({ app, draft, root });
  fillIn();
  onAction(root, {
    back, "keep-again": () => open.saver?.keep(),
    "copy-journal": () => copy("journal", one("[data-slot=journal]", root)),
    "copy-notification": () => copy("notification", one("textarea", root)),
  });
  root.addEventListener("input", ({ target }) => typing(target));
  if (!app.mount(root)) open = null;
  else if (args.unsaved) open.saver.keep();
  if (open && args.part) goTo(one(`[data-${args.part}] h2`, root));
}

function goTo(heading) {
  heading.scrollIntoView();
  focus(heading);
}

/** What is half typed is kept with the draft; without one only in memory, until the full lock. */
export async function suspend(app, why) {
  if (!open) return {};
  const { draft, typed, saver: keeping } = open;
  open = null;
  if (!draft) return { text: why === "full" ? undefined : typed };
  const kept = await keeping.end();
  return { draft: draft.id, unsaved: kept ? undefined : draft };
}

export function leave() {
  if (open?.saver && !open.saver.isKept()) open.saver.end();
  open = null;
}

async function back() {
  const mine = open;
  const { app, draft, family } = mine;
  if (draft && !(await mine.saver.keptAll())) return;
  if (mine !== open) return;
  if (draft) await app.show("assessment", { draft: draft.id, family: draft.family });
  else if (family) await app.show("family", { family: family.id, own: true, home: mine.args.home });
  else await app.show("today");
}

function typing(input) {
  const { draft } = open;
  open.typed = plain(input.value);
  if (!draft) return;
  draft.notification = open.typed;
  open.saver.soon();
}

function fillIn() {
  const { app, root, family, draft, instrument, args } = open;
  // Before her own judgement is kept nothing that was computed is shown (FR18).
  const result = draft?.revealed ? course.judgedNow(instrument, draft, family ?? { parents: [] }) : null;
  const found = result?.actions ?? args.actions;
  const around = { app, family, instrument, result, next: null };
  fill(root, { about: found && family ? say("guide.found", { names: firstNames(family) }) : say("guide.all") });
  one("[data-groups]", root).replaceChildren(...groups(found, around));
  one("[data-first]", root).hidden = !result?.gates.includes("parents_later");
  fillContacts(around);
  fillPlan();
  fillTexts();
  one("[data-saved]", root).hidden = !draft;
  if (draft?.savedAt) open.saver.was(new Date(draft.savedAt));
}

function groups(found, around) {
  const { family, instrument, result } = around;
  const ids = found ?? instrument.item("v8").options.map(({ code }) => code);
  const rows = instrument.actions({ actions: allowed(ids, isBlocked(family, result)) });
  const by = found ? [["due", rows]] : Object.entries(byTime(rows));
  return by.filter(([, some]) => some.length).map(([name, some]) => {
    const group = fill(clone("guide-group"), { title: say(`guide.${name}`) });
    one("[data-actions]", group).replaceChildren(...some.map((action) => actionRow(action, around, false)));
    return group;
  });
}

function byTime(rows) {
  const within = (from, to) => rows.filter(({ within_hours: hours }) => hours >= from && hours < to);
  return { today: within(0, 24), days: within(24, 240), weeks: within(240, Infinity) };
}

// In the published order, then what the municipality has added.
function fillContacts(around) {
  const contacts = around.app.config.contacts ?? {};
  const ids = new Set([...Object.keys(around.instrument.contacts), ...Object.keys(contacts)]);
  const rows = [...ids].filter((id) => contacts[id]?.phone).map((id) => contactRow(id, around));
  one("[data-all-contacts]", open.root).replaceChildren(...rows);
}

function fillPlan() {
  const { url, ...texts } = open.app.config.plan ?? {};
  const text = texts[`text_${speaks()}`];
  const link = one("[data-link]", open.root);
  one("[data-plan]", open.root).hidden = !text && !url;
  fill(open.root, { plan: text });
  link.hidden = !/^https:\/\//.test(url ?? "");
  if (!link.hidden) link.href = link.textContent = url;
}

function fillTexts() {
  const { app, root, family, draft, typed } = open;
  const journal = app.config.journal?.da ? app.config.journal : JOURNAL;
  fill(root, {
    journal: journal.da, translated: speaks() === "en" ? journal.en : "", kept: say(draft ? "guide.kept" : "guide.notKept"),
    "copied-journal": "", "copied-notification": "",
  });
  one("[data-notification]", root).hidden = !family;
  if (!family) return;
  const made = () => notification({ draft, family, municipality: document.body.dataset.municipality, today: dayOf(app.now()) });
  one("textarea", root).value = draft?.notification ?? typed ?? made();
}

async function copy(what, source) {
  const { root } = open;
  let key = "guide.copied";
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
  } catch {
    key = "guide.notCopied";
    select(source);
  }
  fill(root, { [`copied-${what}`]: say(key) });
  announce(say(key));
}

function select(source) {
  if (source.select) source.select();
  else getSelection().selectAllChildren(source);
}
