// The course of a visit: which page comes when, what is missing, and what is sent at the end. Touches neither page
// nor storage. A draft is what vault.js keeps of an unfinished visit:
//   {id, family, visit, instrument, startedAt, mode, second, now, place, responses: [{form, respondent, authored_at, answers}]}

// The visitor's own pages, several questions each; what a later version adds comes last.
const PAGES = [["s1", "s2", "s3", "s4"], ["s0", "s8"]];
const WILLING = new Set(["yes", "part"]);
const MODE = "s9"; // how the answers are given is chosen on the page that asks whether they are

/** A new draft. Its id becomes the visit's. */
export function begun(family, visit, instrument, now) {
  const startedAt = now.toISOString();
  return { id: uuid7(now), family, visit, instrument, startedAt, mode: null, second: {}, now: false, place: null, responses: [] };
}

/** A UUID whose first part is the time (RFC 9562, version 7). */
export function uuid7(now, random = crypto.getRandomValues(new Uint8Array(10))) {
  const time = now.getTime().toString(16).padStart(12, "0");
  const rest = [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const variant = ((random[2] & 0x3f) | 0x80).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(1, 4)}-${variant}${rest.slice(6, 8)}-${rest.slice(8)}`;
}

/** A respondent's answers to a form: cells by link id. */
export const answersOf = (draft, form, respondent) => responseOf(draft, form, respondent)?.answers ?? {};

const responseOf = (draft, form, respondent) =>
  draft.responses.find((one) => one.form === form && one.respondent === respondent);

/** Put an answer in its place, or take it away when `cell` is null. */
export function answer(draft, { form, respondent }, linkId, cell, now) {
  let response = responseOf(draft, form, respondent);
  if (!response) draft.responses.push((response = { form, respondent, authored_at: null, answers: {} }));
  response.authored_at = now.toISOString();
  if (cell) response.answers[linkId] = cell;
  else delete response.answers[linkId];
}

/** Under which circumstances a respondent is asked, as instrument.js wants to know it. */
export function contextOf(draft, family, respondent) {
  const told = family.t20 ?? {};
  const t20 = respondent === "joint" ? Boolean(told.parent1 || told.parent2) : Boolean(told[respondent]);
  return {
    visit: draft.visit, mode: draft.mode ?? "joint", respondent, now: draft.now,
    prior: { t20, agreement: Boolean(family.agreement) }, parents: family.parents.map(({ key }) => key),
  };
}

/** Who answers form B, each for themselves: in the order in which they are asked. */
export function respondents(draft, family) {
  const taking = answersOf(draft, "A", "joint").s2?.value ?? [];
  const present = family.parents.map(({ key }) => key).filter((key) => taking.includes(key.replace("parent", "p")));
  const by = { joint: ["joint"], each: family.parents.map(({ key }) => key), one: present.slice(0, 1) };
  return by[draft.mode] ?? [];
}

/** Are the questions of form B asked at all? What was answered once stays part of the visit. */
export function isAsked(draft) {
  const said = draft.responses.some(({ form, answers }) => form === "B" && Object.keys(answers).length);
  return said || WILLING.has(answersOf(draft, "A", "joint").s9?.value);
}

/** Must the way of answering still be chosen on this page? */
export const needsMode = (draft, step) => Boolean(step.choosesMode) && isAsked(draft) && !draft.mode;

/**
 * The pages in order: {form, respondent, items, at, of}, and last {form: "end"}. Pages of A hold several questions
 * (of which some may be closed), each page of B one; `at` and `of` count what is counted on screen, 0 what is read aloud.
 */
export function steps(instrument, draft, family) {
  const asked = isAsked(draft) ? respondents(draft, family).flatMap((who) => conflict(instrument, draft, family, who)) : [];
  return [...setting(instrument, draft), ...asked, { form: "end", items: [], at: 1, of: 1 }];
}

function setting(instrument, draft) {
  const all = instrument.items("A", draft.visit).map(({ linkId }) => linkId);
  const placed = new Set(PAGES.flat());
  const pages = [...PAGES.map((page) => page.filter((id) => all.includes(id))), all.filter((id) => !placed.has(id))];
  const filled = pages.filter((page) => page.length).map((page) => (page.includes(MODE) ? modeFirst(page) : page));
  return filled.map((items, n) => ({
    form: "A", respondent: "joint", items, at: n + 1, of: filled.length, choosesMode: items.includes(MODE),
  }));
}

// Whether they want to answer, and why not, stand together at the top.
const modeFirst = (page) => [...page].sort((a, b) => rank(a) - rank(b));
const rank = (linkId) => ([MODE, "s10"].includes(linkId) ? 0 : 1);

function conflict(instrument, draft, family, respondent) {
  const context = contextOf(draft, family, respondent);
  const open = instrument.enabled("B", answersOf(draft, "B", respondent), context);
  const asked = open.filter((linkId) => instrument.item(linkId).type !== "display");
  return open.map((linkId) => ({ form: "B", respondent, items: [linkId], at: asked.indexOf(linkId) + 1, of: asked.length }));
}

/** Which of the steps a remembered place is; the first where it is not there any more. */
export function stepAt(all, place) {
  const same = (step) => step.form === place?.form && (step.form === "end" || (step.respondent === place.respondent && step.items[0] === place.item));
  return Math.max(0, all.findIndex(same));
}

/** A step as a draft remembers it, with what the list of drafts says about it. */
export const placeOf = ({ form, respondent = null, items, at, of }) => ({ form, respondent, item: items[0] ?? null, at, of });

/** What is asked on a step now and not answered: link ids. */
export function open(instrument, draft, family, step) {
  const answers = answersOf(draft, step.form, step.respondent);
  const asked = new Set(instrument.enabled(step.form, answers, contextOf(draft, family, step.respondent)));
  const unanswered = (linkId) => asked.has(linkId) && instrument.item(linkId).type !== "display" && !(linkId in answers);
  return step.items.filter(unanswered);
}

/** May she go on? One of B wants its answer (or is skipped), a page of A something, and the way of answering. */
export function mayGoOn(instrument, draft, family, step) {
  if (needsMode(draft, step)) return false;
  const questions = step.items.filter((linkId) => instrument.item(linkId).type !== "display");
  return !questions.length || open(instrument, draft, family, step).length < openable(instrument, draft, family, step);
}

function openable(instrument, draft, family, { form, respondent, items }) {
  const asked = instrument.enabled(form, answersOf(draft, form, respondent), contextOf(draft, family, respondent));
  return items.filter((linkId) => asked.includes(linkId) && instrument.item(linkId).type !== "display").length;
}

/** What stands between her and the end: {must: [link ids of A], mode}, and what was passed over: {form, respondent, linkId}. */
export function overview(instrument, draft, family) {
  const all = steps(instrument, draft, family);
  const must = instrument.missing("A", answersOf(draft, "A", "joint"), contextOf(draft, family, "joint"));
  const asked = all.filter(({ form, at }) => form === "B" && at);
  const passed = asked.filter((step) => open(instrument, draft, family, step).length);
  const declined = asked.filter(({ respondent, items: [linkId] }) => isDeclined(answersOf(draft, "B", respondent)[linkId]));
  return { must, mode: isAsked(draft) && !draft.mode, asked: asked.length, passed, declined: declined.length };
}

/** Was the wish not to answer noted? */
export const isDeclined = (cell) => Boolean(cell?.declined) || cell?.value === "na" || cell?.value?.[0] === "na";

/** The wish not to answer, as a question of this type keeps it. */
export function declined(type) {
  if (type === "multi") return { value: ["na"] };
  return type === "choice" ? { value: "na" } : { declined: true };
}

/** What is sent: each question answered, skipped or not asked; nothing that a closed question once held. */
export function payload(instrument, draft, family, now, release) {
  const who = isAsked(draft) ? respondents(draft, family) : [];
  const given = [["A", "joint"], ...who.map((respondent) => ["B", respondent])];
  const responses = given.map(([form, respondent]) => response(instrument, draft, family, form, respondent, now));
  const mode = who.length ? draft.mode : "none";
  return {
    schema: 1, encounter: draft.id, family: draft.family, visit: draft.visit, instrument: draft.instrument, mode,
    replaces: null, completes: null, started_at: draft.startedAt, finished_at: now.toISOString(), release,
    ...(draft.now ? { now: true } : {}),
    responses,
    count: responses.reduce((sum, { answers }) => sum + Object.keys(answers).length, 0),
    result: instrument.judged(responses, { ...contextOf(draft, family, "joint"), mode }),
  };
}

function response(instrument, draft, family, form, respondent, now) {
  const { answers: said, authored_at } = responseOf(draft, form, respondent) ?? { answers: {}, authored_at: now.toISOString() };
  const asked = new Set(instrument.enabled(form, said, contextOf(draft, family, respondent)));
  const answers = {};
  const unanswered = {};
  for (const { linkId, type } of instrument.items(form, draft.visit)) {
    const counts = asked.has(linkId) || said[linkId]?.kept;
    if (type === "display") continue;
    if (counts && linkId in said) answers[linkId] = said[linkId];
    else unanswered[linkId] = asked.has(linkId) ? "skipped" : "hidden";
  }
  return { form, respondent, authored_at, answers, unanswered };
}
