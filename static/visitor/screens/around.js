// Everything about a visit that is not the visit: when it is, why it came to nothing, who the parents are, and a family
// that is not on the list yet. Each becomes a note, sealed and sent like a visit, and counts on this tablet at once.

import { childrenNames } from "../ages.js";
import { homeOf, uuid7 } from "../course.js";
import { addDays, addMonths, between, dayOf, isClock, isDay } from "../days.js";
import { all, announce, clone, fill, focus, one, onAction } from "../dom.js";
import { plain } from "../fields.js";
import { folded } from "../folding.js";
import { clean } from "../signs.js";
import { addWords, clock, longDay, say } from "../words.js";
import { heldVisits, nextVisit } from "./today.js";

addWords({
  "around.plan": ["Aftale om besøget", "Appointment"],
  "around.missed": ["Besøget blev ikke til noget", "The visit did not take place"],
  "around.parents": ["Forældre og hjem", "Parents and home"],
  "around.new": ["Ny familie", "New family"],
  "around.same": ["Uændret", "Unchanged"],
  "around.window": ["Kan holdes fra {from} til {to}.", "May be held from {from} until {to}."],
  "around.again": [
    "Det er mindst andet forsøg på dette besøg. Teamlederen får det at se.",
    "This is at least the second attempt at this visit. The team lead will see it.",
  ],
  "around.kept": ["Gemt på tabletten. Det sendes, når der er net.", "Saved on this tablet. It is sent when there is a connection."],
  "around.notKept": ["Ikke gemt – det står her endnu. Prøv igen.", "Not saved – it is still here. Try again."],
  "around.wrong.one": ["Der mangler noget ét sted.", "Something is missing in one place."],
  "around.wrong": ["Der mangler noget {n} steder.", "Something is missing in {n} places."],
  "wrong.choose": ["Vælg, hvad der passer.", "Choose what fits."],
  "wrong.name": ["Skriv navnet.", "Write the name."],
  "wrong.day": ["Vælg en dato.", "Choose a date."],
  "wrong.time": ["Vælg et klokkeslæt.", "Choose a time."],
  "wrong.date": ["Den dato findes ikke. Skriv dag, måned og år, året med fire cifre.", "There is no such date. Write day, month and year, the year with four digits."],
  "wrong.clock": ["Det klokkeslæt findes ikke. Skriv det som 09.00.", "There is no such time. Write it like 09:00."],
  "wrong.past": ["Dagen er forbi. Vælg i dag eller en senere dag.", "That day is over. Choose today or a later day."],
  "wrong.far": ["Dagen ligger mere end et år ude i fremtiden.", "That day is more than a year ahead."],
  "wrong.future": ["Det tidspunkt er ikke kommet endnu.", "That time has not come yet."],
  "wrong.answered": [
    "En forælder har svaret i et besøg, der ikke er afsluttet. Afslut det først, og ret så forældrene.",
    "A parent has answered in a visit that is not finished. Finish it first, then change the parents.",
  ],
  "wrong.unborn": ["Fødselsdatoen ligger i fremtiden.", "The date of birth is in the future."],
  "wrong.old": ["Barnet er over tre år. Tjek årstallet.", "The child is more than three years old. Look at the year."],
});

const YEARS = 3; // an older child is a slip of the year
const AHEAD = 365;
const MOST_CHILDREN = 6;
const MOST_LANGUAGES = 8;
const OWN = "family"; // the name these pages carry on the body
const WITHOUT = new Set(["declined", "not_offered", "moved"]); // after these there is no appointment
const RULES = { "2m": { from_days: 56, to_days: 70 }, "8m": { from_months: 8, before_months: 11 } };

let open = null; // {app, root, page, family, id} of the page that stands

// ── what notes mean on this tablet until the next list ──

/** The families with what this visitor's own notes say of them, oldest note first. Gives new rows; changes none. */
export function overlaid(families, notes, config, today) {
  const rows = new Map([...families].map((family) => [family.id, family]));
  for (const note of [...notes].sort((a, b) => a.noted_at.localeCompare(b.noted_at))) {
    const before = rows.get(note.family);
    if (note.kind === "new_family") {
      if (!before) rows.set(note.family, newcomer(note, config, today));
    } else if (before && MEANS[note.kind]) rows.set(note.family, MEANS[note.kind](before, note));
  }
  return [...rows.values()];
}

const MEANS = {
  planned: (family, { visit, data }) => onVisit(family, visit, { planned: data.planned, place: data.place ?? "home", outcome: null }),
  postponed: (family, { visit, data, noted_at: at }) =>
    onVisit(family, visit, { planned: data.planned ?? null, outcome: data.planned ? null : { kind: "postponed", at } }),
  not_home: (family, { visit, data }) => ({
    ...onVisit(family, visit, { outcome: { kind: "not_home", at: data.tried_at } }),
    attempts: { ...family.attempts, [visit]: (family.attempts?.[visit] ?? 0) + 1 },
  }),
  declined: gone,
  not_offered: gone,
  moved: (family, note) => ({ ...family, visits: family.visits.map((visit) => withOutcome(visit, note)) }),
  parents: household,
  task_done: (family, { data }) => ({ ...family, tasks: family.tasks.filter(({ id }) => id !== data.task) }),
};

const onVisit = (family, which, change) => ({
  ...family, visits: family.visits.map((visit) => (visit.visit === which ? { ...visit, ...change } : visit)),
});

const withOutcome = (visit, { kind, noted_at: at }) => ({ ...visit, planned: null, outcome: { kind, at } });

function gone(family, note) {
  return { ...family, visits: family.visits.map((visit) => (visit.visit === note.visit ? withOutcome(visit, note) : visit)) };
}

// The same two in the other order keep the places they have: what each has told stays hers (FR9).
function inPlace(family, given) {
  const turned = given.map((parent, n) => ({ ...parent, key: given.at(n - 1).key })).reverse();
  const isKnown = ({ key, name }) => family.parents.some((one) => one.key === key && one.name === name);
  return given.length === 2 && turned.every(isKnown) ? turned : given;
}

// Who the parents are now. Nothing of a former one goes to somebody of another name: until the next list also where the
// server's parents.py knows them for the same person, spelt otherwise. Of two who live apart each has her own address and
// the family none (FR24).
function household(family, { data: { parents: given, separated, unknown, others } }) {
  const parents = inPlace(family, given);
  const before = parents.map((parent) => family.parents.find(({ key, name }) => key === parent.key && name === parent.name));
  const isSame = (key) => before.some((one) => one?.key === key);
  const kept = (known, none) => Object.fromEntries(["parent1", "parent2"].map((key) => [key, isSame(key) ? known?.[key] : none]));
  return {
    ...family, separated, unknown, others: others ?? null,
    parents: parents.map((parent, n) => ({ ...before[n], ...(separated && before[n] && { address: addressOf(family, parent) }), ...parent })),
    address: separated ? null : family.address ?? before[0]?.address ?? null,
    t20: kept(family.t20, false), agreed_in: kept(family.agreed_in, ""), last_in: kept(family.last_in, {}),
    changed: family.changed?.filter(({ respondent }) => respondent === "joint" || isSame(respondent)),
  };
}

const addressOf = (family, { key }) => homeOf({ ...family, separated: true }, key).address;

/** Did it end without a visit to come? */
export const isOff = (visit) => WITHOUT.has(visit?.outcome?.kind);

// A family as its row would look: the visits it is due, of which one that is over is not asked for.
function newcomer({ family: id, data }, config, today) {
  const birth = data.children.map((child) => child.birth).sort().at(-1);
  const due = Object.entries(config?.windows ?? RULES).map(([visit, rule]) => ({
    visit, ...dueDays(birth, rule), planned: null, place: "home", state: "open",
  }));
  const visits = due.filter(({ closes }, n) => closes >= today || !due.slice(n + 1).some(({ opens }) => opens <= today));
  return {
    address: null, address_protected: false, languages: [], separated: false, ...data, id, visits, provisional: true,
    decisions: [], tasks: [], dates: [], agreed: null, agreement: false, t20: {}, attempts: {}, changed: [], last: {},
  };
}

/** The first and the last day of a visit by the municipality's rule: days after birth, or whole months. */
export function dueDays(birth, rule) {
  if ("from_days" in rule) return { opens: addDays(birth, rule.from_days), closes: addDays(birth, rule.to_days) };
  return { opens: addMonths(birth, rule.from_months), closes: addDays(addMonths(birth, rule.before_months), -1) };
}

/** Lay the notes over the families in memory. `base` is the list as it came, so that nothing counts twice. */
export async function withNotes(app) {
  const { caseload, config } = app;
  const notes = await app.vault.notes();
  caseload.base ??= caseload.families;
  const rows = overlaid(caseload.base.values(), notes, config, dayOf(app.now()));
  caseload.families = new Map(rows.map((family) => [family.id, family]));
}

/** Seal a note, count it here at once and send it when there is a connection. Throws NotKept. */
export async function note(app, { family, kind, visit, data, id = uuid7(app.now()) }) {
  const release = document.body.dataset.release ?? "";
  const whole = { schema: 1, note: id, family, kind, noted_at: app.now().toISOString(), release, ...(visit ? { visit } : {}), data };
  await app.vault.note(whole);
  await withNotes(app);
  app.net().then((sync) => sync.sendNow());
}

/** A moment in Copenhagen as UTC text; the hour that is skipped in spring counts as winter time. */
export function utcOf(day, time) {
  const wall = Date.parse(`${day}T${time}:00Z`);
  const fits = (date) => dayOf(date) === day && clock(date).replace(".", ":") === time;
  const [summer, winter] = [2, 1].map((hours) => new Date(wall - hours * 3_600_000));
  return (fits(summer) ? summer : winter).toISOString();
}

// ── the pages ──

/**
 * args: page (plan, missed, parents, new); family (an id, not for new), home: as family.js has them; typed: what stood on
 * the page before it was emptied.
 */
export async function show(app, { page, family: id, home, typed }) {
  const [held] = await Promise.all([heldVisits(app), withNotes(app)]);
  const family = app.caseload.families.get(id);
  if (!family && page !== "new") return app.show("today");
  const root = clone("around");
  const due = family?.visits.filter(({ visit, state }) => state === "open" && !held.has(`${id} ${visit}`));
  const next = family && nextVisit(family, dayOf(app.now()), held)?.visit;
  const mine = { app, root, page, family, home, due, next, id: family?.id ?? uuid7(app.now()), note: uuid7(app.now()), changed: Boolean(typed) };
  open = mine;
  one("form", root).append(clone(`around-${page}`));
  fill(root, { title: say(`around.${page}`), of: family ? childrenNames(family) : "" });
  prepare[page](mine);
  if (typed) put(mine, typed);
  refresh(mine);
  onAction(root, {
    back: () => away(mine), note: () => keep(mine),
    "one-more": () => (addChild(root), focus(all("[name=child]", root).at(-1))),
    unplan: () => seal(mine, { kind: "planned", visit: visitOf(mine).visit, data: { planned: null, place: chosen(root, "place") ?? "home" } }),
  });
  root.addEventListener("input", (event) => heard(mine, event));
  root.addEventListener("submit", (event) => (event.preventDefault(), keep(mine)));
  app.mount(root, { screen: OWN });
}

/** Before the page is emptied: what stands in its fields goes along, in memory only. */
export async function suspend() {
  if (!open) return {};
  const { root, changed } = open;
  const typed = { children: all("[data-child]", root).length, values: inputs(root).map((input) => (isTick(input) ? input.checked : input.value)) };
  open = null;
  return changed ? { typed, unsaved: true } : {};
}

export function leave() {
  open = null;
}

export const back = () => open && away(open);

const isTick = ({ type }) => type === "radio" || type === "checkbox";
const inputs = (root) => all("input,textarea", root);

function put({ root }, { children, values }) {
  while (all("[data-child]", root).length < children) addChild(root);
  inputs(root).forEach((input, n) => {
    if (isTick(input)) input.checked = values[n];
    else input.value = values[n];
  });
}

function away({ app, family, home }) {
  return family ? app.show("family", { family: family.id, own: true, home }) : app.show("today");
}

// ── what stands on each page at first ──

const prepare = {
  plan(mine) {
    visitChoice(mine);
    one("[name=day]", mine.root).min = dayOf(mine.app.now());
    appointment(mine);
  },
  missed(mine) {
    visitChoice(mine);
    const { root, app, due } = mine;
    for (const input of all("[name=outcome]", root)) input.closest("label").hidden = !due.length && input.value !== "moved";
    Object.assign(one("[name=tried-day]", root), { value: dayOf(app.now()), max: dayOf(app.now()) });
    one("[name=tried-time]", root).value = clock(app.now()).replace(".", ":");
    one("[name=day]", root).min = dayOf(app.now());
  },
  parents({ root, family: { parents, separated, unknown, others } }) {
    one("[data-parents]", root).replaceWith(clone("around-who"));
    const alone = unknown ? "unknown" : "one";
    tick(root, "home", separated ? "apart" : parents.length > 1 ? "together" : alone);
    for (const { key, name, custody } of parents) {
      one(`[name=${key}]`, root).value = name;
      one(`[name=${key}-custody]`, root).checked = custody !== false;
    }
    one("[name=others]", root).value = others ?? "";
  },
  new({ root, app }) {
    one("[data-parents]", root).replaceWith(clone("around-who"));
    tick(root, "home", "together");
    for (const custody of all("[name$=custody]", root)) custody.checked = true;
    addChild(root);
    one("[name=birth]", root).max = dayOf(app.now());
  },
};

// An address that is known and stays is said to, and not shown: here both homes are on one page (FR24).
function addresses({ root, family }) {
  for (const { key, name } of family.parents) {
    const stays = value(root, key) === name && addressOf(family, { key });
    one(`[name=${key}-address]`, root).placeholder = stays ? say("around.same") : "";
  }
}

function tick(root, name, value) {
  const input = one(`[name=${name}][value="${value}"]`, root);
  if (input) input.checked = true;
}

function addChild(root) {
  one("[data-children]", root).append(clone("around-child"));
  one("[data-action=one-more]", root).hidden = all("[data-child]", root).length >= MOST_CHILDREN;
}

// Which visit it is about is asked where more than one is open; the one that comes next is meant first.
function visitChoice({ root, due, next }) {
  const field = one("[data-field=visit]", root);
  for (const input of all("input", field)) {
    const label = input.closest("label");
    label.hidden = input.disabled = !due.some(({ visit }) => visit === input.value);
  }
  tick(root, "visit", next);
  field.hidden = due.length < 2;
}

// The appointment of the visit that is chosen, as it stands.
function appointment(mine) {
  const { root } = mine;
  const { planned, place } = visitOf(mine) ?? {};
  one("[name=day]", root).value = planned?.slice(0, 10) ?? "";
  one("[name=time]", root).value = planned?.slice(11, 16) ?? "";
  tick(root, "place", place ?? "home");
}

const visitOf = ({ root, due }) => due?.find(({ visit }) => visit === chosen(root, "visit"));
const chosen = (root, name) => one(`[name=${name}]:checked`, root)?.value ?? null;
const value = (root, name) => cleaned(one(`[name=${name}]`, root)?.value ?? "");
const cleaned = (text) => clean(plain(text)).trim();

function heard(mine, { target }) {
  mine.changed = true;
  clear(target);
  if (target.name === "visit" && mine.page === "plan") appointment(mine);
  if (isTick(target) || mine.page === "parents") refresh(mine);
}

/** What follows from what is chosen: which fields stand on the page, and what is said of them. */
function refresh(mine) {
  const { root, page, family } = mine;
  for (const part of all("[data-when]", root)) part.hidden = !part.dataset.when.split(" ").includes(chosen(root, part.dataset.of));
  for (const input of all("label[hidden] input:checked", root)) input.checked = false;
  if (page === "parents") addresses(mine);
  const visit = visitOf(mine);
  one("[data-action=unplan]", root).hidden = page !== "plan" || !visit?.planned;
  if (!visit) return;
  fill(root, {
    of: `${childrenNames(family)} · ${say(`visit.${visit.visit}`)}`,
    window: say("around.window", { from: longDay(visit.opens), to: longDay(visit.closes) }),
    again: family.attempts?.[visit.visit] ? say("around.again") : "",
  });
}

// ── what she wrote, and what is wrong with it ──

async function keep(mine) {
  const found = { wrong: [], root: mine.root, today: dayOf(mine.app.now()), mine };
  for (const input of inputs(mine.root)) clear(input);
  const made = read[mine.page](found);
  if (mine.page === "parents" && !found.wrong.length) await unmoved(found, made);
  if (mine !== open) return; // covered or locked meanwhile
  if (!found.wrong.length) return seal(mine, made);
  for (const [input, key] of found.wrong) tell(input, key);
  announce(say("around.wrong", { n: found.wrong.length }));
  one("[aria-invalid]", mine.root).focus();
}

const read = {
  plan: (found) => ({
    kind: "planned", visit: which(found), data: { planned: when(found, "day", "time"), place: must(found, "place") },
  }),
  missed(found) {
    const { root } = found;
    const kind = must(found, "outcome");
    if (!kind) return null;
    const words = written(root, "text");
    if (kind === "moved") return { kind, data: words };
    const visit = which(found);
    if (kind === "not_home") return { kind, visit, data: { tried_at: tried(found), ...words } };
    const data = { reason: must(found, "reason"), ...words };
    if (kind === "postponed" && !["day", "time"].every((name) => isEmpty(one(`[name=${name}]`, root)))) data.planned = when(found, "day", "time");
    return { kind, visit, data };
  },
  parents: (found) => ({ kind: "parents", data: atHome(found) }),
  new(found) {
    const { root } = found;
    const children = all("[data-child]", root).map((block) => child(found, block)).filter(Boolean);
    const home = atHome(found);
    const languages = value(root, "languages").split(/[,;]/).map((one) => one.trim().toLowerCase()).filter(Boolean);
    return {
      kind: "new_family",
      data: {
        ...home, children, ...(home.separated ? {} : written(root, "address")), address_protected: one("[name=protected]", root).checked,
        languages: languages.length ? languages.slice(0, MOST_LANGUAGES) : ["dansk"],
      },
    };
  },
};

const isShown = (input) => !input.closest("[hidden]");

function must(found, name) {
  const is = chosen(found.root, name);
  const first = one(`[name=${name}]:not(:disabled)`, found.root);
  if (!is && first && isShown(first)) found.wrong.push([first, "wrong.choose"]);
  return is;
}

const which = (found) => must(found, "visit");

function needed(found, input, key) {
  const text = cleaned(input.value);
  if (!text) found.wrong.push([input, key]);
  return text;
}

// A day or a time as the server takes it. What the browser itself cannot read it gives as empty.
function fitting(found, input, isRight, missing, wrong) {
  if (input.validity.badInput) found.wrong.push([input, wrong]);
  else if (isRight(needed(found, input, missing))) return input.value;
  else if (input.value) found.wrong.push([input, wrong]);
  return null;
}

const dayIn = (found, input) => fitting(found, input, isDay, "wrong.day", "wrong.date");
const timeIn = (found, input) => fitting(found, input, isClock, "wrong.time", "wrong.clock");

// A day and a time to come, as the list has them.
function when(found, dayName, timeName) {
  const [dayField, timeField] = [dayName, timeName].map((name) => one(`[name=${name}]`, found.root));
  const day = dayIn(found, dayField);
  const time = timeIn(found, timeField);
  if (day && day < found.today) found.wrong.push([dayField, "wrong.past"]);
  else if (day && between(found.today, day) > AHEAD) found.wrong.push([dayField, "wrong.far"]);
  return `${day}T${time}`;
}

function tried(found) {
  const day = dayIn(found, one("[name=tried-day]", found.root));
  const timeField = one("[name=tried-time]", found.root);
  const time = timeIn(found, timeField);
  if (!day || !time) return null;
  const at = utcOf(day, time);
  if (new Date(at) > found.mine.app.now()) found.wrong.push([timeField, "wrong.future"]);
  return at;
}

// Who has answered in a visit that is under way keeps her place until it is finished: her answers go by it (FR9, FR10).
async function unmoved({ wrong, root, mine: { app, id, family } }, { data }) {
  const drafts = (await app.vault.drafts()).filter((draft) => draft.family === id);
  const whole = await Promise.all(drafts.map((draft) => app.vault.draft(draft.id)));
  const told = new Set(whole.filter(Boolean).flatMap(({ responses }) =>
    responses.filter(({ answers }) => Object.keys(answers).length).map(({ respondent }) => respondent)));
  const isElse = ({ key, name }) => folded(data.parents.find((one) => one.key === key)?.name ?? "") !== folded(name);
  const moved = family.parents.find((one) => told.has(one.key) && isElse(one));
  if (!moved) return;
  const isThere = data.parents.some(({ key }) => key === moved.key);
  wrong.push([one(isThere ? `[name=${moved.key}]` : "[name=home]", root), "wrong.answered"]);
}

const isEmpty = (input) => !input.value && !input.validity.badInput;

function child(found, block) {
  const [nameField, birthField] = ["child", "birth"].map((name) => one(`[name=${name}]`, block));
  const isSpare = all("[data-child]", found.root)[0] !== block && !nameField.value.trim() && isEmpty(birthField);
  if (isSpare) return null;
  const name = needed(found, nameField, "wrong.name");
  const birth = dayIn(found, birthField);
  if (birth && birth > found.today) found.wrong.push([birthField, "wrong.unborn"]);
  else if (birth && addMonths(birth, 12 * YEARS) < found.today) found.wrong.push([birthField, "wrong.old"]);
  return { name, birth };
}

function atHome(found) {
  const { root } = found;
  const home = must(found, "home");
  const keys = home === "together" || home === "apart" ? ["parent1", "parent2"] : ["parent1"];
  const parents = keys.map((key) => ({
    key, name: needed(found, one(`[name=${key}]`, root), "wrong.name"), custody: one(`[name=${key}-custody]`, root).checked,
    ...(home === "apart" ? written(root, `${key}-address`, "address") : {}),
  }));
  return { parents, separated: home === "apart", unknown: home === "unknown", ...written(root, "others") };
}

// What stands in a field that may be empty, under the name it has in the note.
function written(root, field, name = field) {
  const text = value(root, field);
  return text ? { [name]: text } : {};
}

// ── saying it at the field ──

const errorOf = (input) => one(".error", input.closest("[data-field]"));
let told = 0;

function tell(input, key) {
  const line = errorOf(input);
  line.id ||= `wrong-${(told += 1)}`;
  line.textContent = say(key);
  line.hidden = false;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", line.id);
}

function clear(input) {
  const line = errorOf(input);
  line.hidden = true;
  for (const one of all("[aria-invalid]", input.closest("[data-field]"))) one.removeAttribute("aria-invalid");
}

// ── keeping it ──

async function seal(mine, made) {
  const { app, id, page } = mine;
  if (mine.sealing) return;
  mine.sealing = true;
  try {
    await note(app, { family: id, id: mine.note, ...made });
  } catch (error) {
    mine.sealing = false;
    if (error.name !== "NotKept") throw error;
    return app.tell("around.notKept");
  }
  if (mine !== open) return; // covered or locked meanwhile; it is kept
  mine.changed = false;
  await app.show("family", { family: id, own: page !== "new", home: mine.home });
  app.tell("around.kept");
}
