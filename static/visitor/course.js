// The course of a visit: which page comes when, who is asked, what is missing, and what is sent at the end. Touches
// neither page nor storage. A draft is what vault.js keeps of an unfinished visit:
//   id, family, visit (2m, 8m, talk), instrument, startedAt, place, responses: [{form, respondent, authored_at, answers}]
//   mode      joint, each or one: how form B is answered; one: who answers then
//   who       whose turn it is, parent1 or parent2; done: {parent: true} once a turn has ended
//   gates     {parent: {at, seen, state, room}}: when she was last known to be alone. state: open, shut, or ask: to be said
//             again; room: the cells that were said of the room before, until it is said anew
//   requested {parent: true} who wishes the questions about safe contact; kept: {"parent1 t11": bool} what was asked once
//   self      {form, respondent, at} while a parent holds the tablet, `at` the place of her question when it was closed,
//             or where she stopped; noContact: {parent: true} where form B is irrelevant
//   fix       end or D while one question is seen to from the list before the end, and where that list is
//   parents   [{key, name}]: who they are in this visit
//   household of which of two separated parents; second; completes, replaces, preliminary: ids of other visits
//   left      the question to both from which she went to each of them
//   now       the Nu card was opened; danger: false when she has said that there was none
//   revealed  {at, v1}: the judgement before the suggestion was shown; notNoted; nuFirst: a Nu card that waits (FR11, FR22)
//   shown     {respondent: [link ids]}: which questions of form B have been shown; what was not was not skipped. null in a
//             draft that was begun before this was noted: all counts as shown
//   partial   a correction of single questions (changes, below), `held`: the day of the visit; its mode may be none

// The visitor's own pages, several questions each; what a later version adds comes last.
const PAGES = [["s1", "s2", "s3", "s4"], ["s0", "s8"]];
const TALK = ["s1", "s2", "s8"]; // a later talk has been agreed on: what is asked is only how it is held
const WILLING = new Set(["yes", "part"]);
const REFUSED = new Set(["no", "later"]);
const MODE = "s9"; // how the answers are given is chosen on the page that asks whether they are
const AROUND = ["s3", "s4", "s5", "s6"]; // asked of each parent again before she is asked alone (5.8.18)
const SAID_ANEW = ["s3", "s5", "s6"]; // who hears, where the other is, and that they are alone: all of it before she goes on (FR3)
const PLAN = ["s7"]; // made on a page of hers when the talk is over: who looks on reads nothing of a talk without him
const ALONE = new Set(["s5", "s6", "s7"]); // about one parent: asked together only when they answer together
const ASKED_ALONE = "k5"; // of form B
const PRIVATE = new Set(["C", "told"]);
const SAYS_ALONE = "s6";
const NOT_NOW = new Date(0).toISOString(); // she was known to be alone, and is not any more
const AWAY = 10 * 60_000; // so long out of the private part, and whether she is alone is asked again (FR3)

/** A new draft. Its id becomes the visit's. `more`: completes, household. */
export const begun = (family, visit, instrument, now, more = {}) =>
  whole({ id: uuid7(now), family, visit, instrument, startedAt: now.toISOString(), shown: {}, ...more });

/** A draft with everything a draft has, also one that was begun before some of it existed. */
export const whole = (draft) => ({
  mode: null, one: null, who: null, done: {}, gates: {}, requested: {}, kept: {}, noContact: {}, shown: null, second: {}, self: null,
  after: null, fix: null, left: null, now: false, danger: null, place: null, responses: [], ...draft,
});

/** A UUID whose first part is the time (RFC 9562, version 7). */
export function uuid7(now, random = crypto.getRandomValues(new Uint8Array(10))) {
  const time = now.getTime().toString(16).padStart(12, "0");
  const rest = [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const variant = ((random[2] & 0x3f) | 0x80).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(1, 4)}-${variant}${rest.slice(6, 8)}-${rest.slice(8)}`;
}

// ── homes ──

/** Do the parents live apart, each with a home of their own? */
export const livesApart = (family) => Boolean(family.separated) && family.parents.length > 1;

/**
 * The row as it is in one of two homes: that parent, that address and what was agreed there, nothing of the other's
 * (FR24). Without separated parents, or without a home, the row as it is.
 */
export function homeOf(family, household) {
  if (!household || !livesApart(family)) return family;
  const parents = family.parents.filter(({ key }) => key === household);
  const address = parents[0]?.address ?? (household === "parent1" && !family.parents.some((one) => one.address) ? family.address : null);
  const own = family.agreed_in?.[household];
  const agreed = own ?? family.agreed;
  const dates = (family.dates ?? []).filter(({ household: where }) => !where || where === household);
  return {
    ...family, parents, address, agreed, dates, agreement: Boolean(agreed), agreed_in: own ? { [household]: own } : {},
    visits: visitsIn(family, dates), last: family.last_in?.[household] ?? family.last,
  };
}

// A visit that was made in the other's home only is still to be made in this one, until a later one has been. In whose
// home an appointment is, is not known: it stands on her own list, and on no page of a home.
function visitsIn({ visits = [], dates = [] }, here) {
  const made = (list, kind) => list.some(({ visit }) => visit === kind);
  const isToMake = ({ visit }, n) => made(dates, visit) && !visits.slice(n).some((later) => made(here, later.visit));
  return visits.map((one, n) => ({ ...one, planned: null, ...(one.state === "done" && isToMake(one, n) ? { state: "open", outcome: null } : {}) }));
}

// ── answers ──

/** A respondent's answers to a form: cells by link id. */
export const answersOf = (draft, form, respondent) => responseOf(draft, form, respondent)?.answers ?? {};

const responseOf = (draft, form, respondent) =>
  draft.responses.find((one) => one.form === form && one.respondent === respondent);

/**
 * Put an answer in its place, or take it away when `cell` is null. A new answer is asked about anew, should a change
 * hide it (5.8.9).
 */
export function answer(draft, { form, respondent }, linkId, cell, now) {
  let response = responseOf(draft, form, respondent);
  if (!response) draft.responses.push((response = { form, respondent, authored_at: null, answers: {} }));
  response.authored_at = now.toISOString();
  if (cell) response.answers[linkId] = cell;
  else delete response.answers[linkId];
  if (form === "C") delete draft.kept?.[`${respondent} ${linkId}`];
}

/** Was the wish not to answer noted? */
export const isDeclined = (cell) => Boolean(cell?.declined) || cell?.value === "na" || cell?.value?.[0] === "na";

/** The wish not to answer, as a question of this type keeps it. */
export function declined(type) {
  if (type === "multi") return { value: ["na"] };
  return type === "choice" ? { value: "na" } : { declined: true };
}

/** Is nothing noted yet? Such a visit was begun by mistake, and is none when she leaves it. */
export const isEmpty = ({ responses, mode, now, replaces }) =>
  !mode && !now && !replaces && responses.every(({ answers }) => !Object.keys(answers).length);

// ── who is asked ──

/** The parents this visit is about: all the family has, or the one whose home it is where they live apart. */
export const parentsOf = (draft, family) => family.parents.filter(({ key }) => !draft.household || key === draft.household);

/**
 * The row with the parents as this visit knows them: who has answered something stays who she was, whatever the list has
 * come to say since. The draft remembers them.
 */
export function withParents(draft, row) {
  const found = ["parent1", "parent2"].map((key) => {
    const then = draft.parents?.find((one) => one.key === key);
    const now = row.parents.find((one) => one.key === key);
    if (!draft.responses.some((one) => one.respondent === key && Object.keys(one.answers).length)) return now;
    return then && then.name !== now?.name ? then : now ?? { key, name: "" };
  });
  const parents = found.filter(Boolean);
  draft.parents = parents.map(({ key, name }) => ({ key, name }));
  return { ...row, parents };
}

/** Has this respondent answered anything in this form? */
export const hasSaid = (draft, form, who) => Object.keys(answersOf(draft, form, who)).length > 0;

/** Under which circumstances a respondent is asked, as instrument.js wants to know it. */
export function contextOf(draft, family, respondent) {
  const told = family.t20 ?? {};
  const t20 = respondent === "joint" ? Boolean(told.parent1 || told.parent2) : Boolean(told[respondent]);
  // What was asked at a visit is asked when it is corrected too, whatever the list says by then.
  const own = draft.responses.filter((one) => one.respondent === respondent);
  const answered = (...ids) => own.some(({ answers }) => ids.some((linkId) => linkId in answers));
  const had = (...ids) => Boolean(draft.replaces) && answered(...ids);
  return {
    visit: draft.visit, mode: draft.mode ?? "joint", respondent, now: wasDanger(draft),
    // What was answered while she was alone counts, also when somebody has come in since (5.8.13).
    alone: isAlone(draft, respondent) || answered("k5"),
    requested: Boolean(draft.requested?.[respondent]) || had("c1", "c2", "c3", "c4"),
    prior: { t20: t20 || had("t20"), agreement: Boolean(family.agreement) || had("f1"), couple_block: Boolean(family.couple_block) },
    parents: parentsOf(draft, family).map(({ key }) => key),
  };
}

/** Was there danger? An opened Nu card says so, until she has said that it was opened without (H01). */
export const wasDanger = ({ now, danger }) => Boolean(now) && danger !== false;

/** Is it still to be said whether there was danger? */
export const isNuOpen = ({ now, danger }) => Boolean(now) && danger === null;

/** Who answers form B, each for themselves: in the order in which they are asked. */
export function respondents(draft, family) {
  const keys = parentsOf(draft, family).map(({ key }) => key);
  const by = { joint: ["joint"], each: keys, one: keys.filter((key) => key === oneOf(draft, keys)) };
  return by[draft.mode] ?? [];
}

// In mode one it is who has answered, or was chosen, else the only one who takes part.
function oneOf(draft, keys) {
  const answered = keys.filter((key) => hasSaid(draft, "B", key));
  if (answered.length) return answered.includes(draft.one) ? draft.one : answered[0];
  const taking = answersOf(draft, "A", "joint").s2?.value ?? [];
  const present = keys.filter((key) => taking.includes(key.replace("parent", "p")));
  return draft.one ?? (present.length === 1 ? present[0] : keys.length === 1 ? keys[0] : null);
}

/** Whose answers to form B would not count if they were given in this way: joint, parent1, parent2. */
export function leftOut(draft, family, mode) {
  const then = respondents({ ...draft, mode }, family);
  return begunBy(draft, family).filter((who) => hasSaid(draft, "B", who) && !then.includes(who));
}

/** May this parent become the one who answers? Until somebody has. */
export const mayBeOne = (draft, family) => draft.mode === "one" && !parentsOf(draft, family).some(({ key }) => hasSaid(draft, "B", key));

/** Are the questions of form B asked at all? What was answered once stays part of the visit. */
export function isAsked(draft) {
  if (draft.visit === "talk") return Boolean(draft.mode);
  const said = draft.responses.some(({ form, answers }) => form === "B" && Object.keys(answers).length);
  return said || WILLING.has(answersOf(draft, "A", "joint").s9?.value);
}

/** Must the way of answering still be chosen on this page? */
export const needsMode = (draft, step) => Boolean(step.choosesMode) && draft.visit !== "talk" && isAsked(draft) && !draft.mode;

/** The ways of answering that can be chosen: nobody answers together with herself, and two are not one. */
export function modes(draft, family) {
  if (draft.visit === "talk") return ["each"];
  const keys = parentsOf(draft, family).map(({ key }) => key);
  if (keys.length < 2) return ["one"];
  return keys.every((key) => hasSaid(draft, "B", key)) ? ["joint", "each"] : ["joint", "each", "one"];
}

// ── whether a parent is alone ──

/** May this parent be asked alone now, by what was said of the room? (FR1) */
export const gateHolds = (instrument, draft, who) =>
  instrument.gate({ s1: answersOf(draft, "A", "joint").s1 ?? {}, ...answersOf(draft, "A", who) });

/**
 * Is the private part open for this parent now? `family.ready`: municipality and visitor are (FR21). A correction is made
 * from the visitor's own part, with nobody there: it opens what was open at the visit.
 */
export const isOpen = (draft, family, who) =>
  (draft.replaces && Boolean(responseOf(draft, "C", who))) || (draft.gates[who]?.state === "open" && family.ready === true);

// Is she alone now, as far as is known? Not after the tablet was covered or put away, until it has been said again (FR3).
const isAlone = ({ gates, replaces }, who) =>
  replaces ? Boolean(gates?.[who]) : gates?.[who]?.state === "open" && gates[who].seen !== NOT_NOW;

/** Must she say again that they are alone? */
export const isAskedAgain = (draft, who) => draft.gates[who]?.state === "ask" && !draft.replaces;

/**
 * Somebody may have come in: before the private part goes on, she says again how the room is (FR3, FR4). What was said of
 * it counts no more: neither for the gate, nor for whoever reads the page now.
 */
export function askAgain(draft, who) {
  if (draft.replaces) return;
  const gate = (draft.gates[who] ??= { at: null, seen: NOT_NOW });
  gate.state = "ask";
  const answers = answersOf(draft, "A", who);
  const said = SAID_ANEW.filter((linkId) => linkId in answers);
  gate.room = { ...gate.room, ...Object.fromEntries(said.map((linkId) => [linkId, answers[linkId]])) };
  for (const linkId of said) delete answers[linkId];
}

/** Her turn ends: of what was not said anew, what was said last stays part of the visit (5.8.18). */
export function roomAsBefore(draft, who) {
  const { room } = draft.gates[who] ?? {};
  if (!room) return;
  const answers = answersOf(draft, "A", who);
  Object.assign(answers, { ...room, ...answers });
  delete draft.gates[who].room;
}

/** Has she been away from the private part for so long that it must be asked again? */
export const isAway = (draft, who, now) => draft.gates[who]?.state === "open" && now - new Date(draft.gates[who].seen) > AWAY;

/** Locked, or another app was there, before the private part has begun: its beginning waits for the room (FR3). */
export function interrupted(draft, who) {
  if (draft.gates[who]) draft.gates[who].seen = NOT_NOW;
}

/** She has said how the room is: the private part opens, or it does not exist. */
export function settleGate(instrument, draft, who, now) {
  const at = now.toISOString();
  const before = draft.gates[who];
  if (gateHolds(instrument, draft, who)) draft.gates[who] = { at, seen: at, state: "open" };
  else if (before) draft.gates[who] = { at: before.at, seen: before.seen, state: "shut" };
}

/** She is in the private part now. */
export function seenIn(draft, who, now) {
  if (draft.gates[who]?.state === "open") draft.gates[who].seen = now.toISOString();
}

// ── the pages ──

/**
 * The pages in order: {form, respondent, items, at, of}. Forms A and D hold several questions a page, B and C one;
 * `at` and `of` count what is counted on screen, 0 what is not. Between them stand pages without questions: hub, where
 * it is chosen whose turn it is; told, after the private part; back, where a parent gives the tablet back; lend, where she
 * gets it; bye and end; and first in a correction parts, where it is chosen what is corrected.
 * While it is a parent's turn hers are the last pages: the way on leads to the hub, never past the other's answers (FR10).
 */
export function steps(instrument, draft, family) {
  if (draft.self) return selfSteps(instrument, draft, family);
  const together = draft.mode === "joint" && isAsked(draft) ? conflict(instrument, draft, family, "joint") : [];
  const before = [...(draft.replaces ? [page("parts")] : []), ...setting(instrument, draft), ...together];
  const closing = () => closingPages(instrument, draft, family);
  if (!isTalkedTo(draft)) return [...before, ...closing()];
  return [...before, page("hub"), ...(draft.who ? turn(instrument, draft, family, draft.who) : closing())];
}

// What is only for her comes after a page that anybody may see: nobody reads it by looking on (FR8, FR9).
const closingPages = (instrument, draft, family) =>
  [...(draft.replaces ? [] : [page("bye")]), ...plans(instrument, draft, family), page("end")];

// When and where each will be talked to alone, of whom she could not be today.
function plans(instrument, draft, family) {
  const whose = ["joint", ...parentsOf(draft, family).map(({ key }) => key)];
  const isToMake = (respondent) => PLAN.every((linkId) => asked(instrument, draft, family, "A", respondent).includes(linkId));
  return whose.filter(isToMake).map((respondent) => ({ form: "A", respondent, items: PLAN, at: 0, of: 0 }));
}

const page = (form, respondent = null) => ({ form, respondent, items: [], at: 0, of: 0 });

/**
 * Is anybody talked to by herself? Also when they did not want to answer together: the no of one is not the other's. Not
 * when it was better not to ask.
 */
export const isTalkedTo = (draft) =>
  draft.visit === "talk" || Boolean(draft.who) || (isAsked(draft) ? Boolean(draft.mode) : REFUSED.has(answersOf(draft, "A", "joint").s9?.value));

function setting(instrument, draft) {
  const all = instrument.items("A", draft.visit).map(({ linkId }) => linkId).filter((linkId) => !PLAN.includes(linkId));
  const pages = draft.visit === "talk" ? [TALK.filter((id) => all.includes(id))] : settingPages(all);
  return pages.map((items, n) => ({
    form: "A", respondent: "joint", items, at: n + 1, of: pages.length,
    choosesMode: items.includes(MODE) || draft.visit === "talk",
  }));
}

function settingPages(all) {
  const placed = new Set(PAGES.flat());
  const pages = [...PAGES.map((ids) => ids.filter((id) => all.includes(id))), all.filter((id) => !placed.has(id))];
  return pages.filter((ids) => ids.length).map((ids) => (ids.includes(MODE) ? modeFirst(ids) : ids));
}

// Whether they want to answer, and why not, stand together at the top.
const modeFirst = (ids) => [...ids].sort((a, b) => rank(a) - rank(b));
const rank = (linkId) => ([MODE, "s10"].includes(linkId) ? 0 : 1);

/** One parent's turn: how the room is, form B where each answers alone, and the private part when she is alone. */
function turn(instrument, draft, family, who) {
  const around = { form: "A", respondent: who, items: AROUND, at: 0, of: 0 };
  const asked = respondents(draft, family).includes(who) && isAsked(draft) && !isApart(draft, who);
  const own = asked ? conflict(instrument, draft, family, who) : [];
  return [around, ...own, ...(isOpen(draft, family, who) ? safety(instrument, draft, family, who) : [])];
}

// Without contact to the other parent, who is then not around at all, the common questions have no meaning (5.8.17).
const isApart = (draft, who) => Boolean(draft.noContact[who]) && answersOf(draft, "A", who).s5?.value === "none";

// What is asked only of one who is alone has no number of its own: a count that changes would tell.
function conflict(instrument, draft, family, respondent) {
  const open = asked(instrument, draft, family, "B", respondent);
  const counted = open.filter((linkId) => instrument.item(linkId).type !== "display" && linkId !== ASKED_ALONE);
  const before = (linkId) => counted.filter((one) => open.indexOf(one) <= open.indexOf(linkId)).length;
  const at = (linkId) => (instrument.item(linkId).type === "display" ? 0 : before(linkId));
  return open.map((linkId) => ({ form: "B", respondent, items: [linkId], at: at(linkId), of: counted.length }));
}

// No counter here: follow-ups come and go, and a count would tell.
function safety(instrument, draft, family, respondent) {
  const questions = asked(instrument, draft, family, "C", respondent);
  return [...questions.map((linkId) => ({ form: "C", respondent, items: [linkId], at: 0, of: 0 })), page("told", respondent)];
}

// A parent holds the tablet: nothing but her own questions, and at the end she gives it back (FR22).
function selfSteps(instrument, draft, family) {
  const { form, respondent } = draft.self;
  const own = form === "B" ? conflict(instrument, draft, family, respondent) : safety(instrument, draft, family, respondent);
  return [page("lend", respondent), ...own.filter((step) => step.items.length), page("back", respondent)];
}

/** The link ids of a form that are asked of a respondent now. */
export function asked(instrument, draft, family, form, respondent) {
  const open = instrument.enabled(form, answersOf(draft, form, respondent), contextOf(draft, family, respondent));
  if (form !== "A") return open;
  if (respondent !== "joint") return open.filter((linkId) => AROUND.includes(linkId) || PLAN.includes(linkId));
  const shown = draft.visit === "talk" ? new Set(TALK) : null;
  const isOver = answersOf(draft, "A", "joint").s9 && !isAsked(draft); // they did not want to: the plan is made with both
  const alone = draft.mode !== "joint" && !isOver;
  const made = parentsOf(draft, family).every(({ key }) => draft.gates?.[key]?.at); // with each alone: nothing is left to plan
  return open.filter((linkId) => (!shown || shown.has(linkId)) && !(alone && ALONE.has(linkId)) && !(made && PLAN.includes(linkId)));
}

/** Which of the steps a remembered place is; the first where it is not there any more. */
export function stepAt(all, place) {
  const same = (step) => step.form === place?.form && step.respondent === (place.respondent ?? null) && (step.items[0] ?? null) === (place.item ?? null);
  return Math.max(0, all.findIndex(same));
}

/** A step as a draft remembers it, with what the list of drafts says about it. */
export const placeOf = ({ form, respondent, items, at, of }) => ({ form, respondent, item: items[0] ?? null, at, of });

/** Is this page of the private part? */
export const isPrivate = (step) => PRIVATE.has(step?.form);

/** Does this page say how the room is for one parent? */
export const isAround = (step) => step.form === "A" && step.respondent !== "joint" && !isPlan(step);

/** Is this remembered place the page that says how the room is for one parent? */
export const isRoom = (place) => place?.form === "A" && place.respondent !== "joint" && place.item === AROUND[0];

/** Is this the page of the plan for a talk alone? */
export const isPlan = (step) => step.form === "A" && PLAN.includes(step.item ?? step.items[0]);

/** Does this page hold a single question, that may be skipped? */
export const isQuestion = (instrument, { form, items }) => (form === "B" || form === "C") && instrument.item(items[0]).type !== "display";

// ── what is missing ──

const isReal = (instrument) => (linkId) => instrument.item(linkId).type !== "display";

/** What is asked on a step now and not answered: link ids. */
export function open(instrument, draft, family, step) {
  const answers = answersOf(draft, step.form, step.respondent);
  return onPage(instrument, draft, family, step).filter((linkId) => !(linkId in answers));
}

const onPage = (instrument, draft, family, step) => {
  const now = new Set(step.items.length ? asked(instrument, draft, family, step.form, step.respondent) : []);
  return step.items.filter((linkId) => now.has(linkId)).filter(isReal(instrument));
};

/** May she go on? One of B or C wants its answer (or is skipped), a page of A something, and the way of answering. */
export function mayGoOn(instrument, draft, family, step) {
  const missing = open(instrument, draft, family, step);
  const isToSay = isAround(step) && isAskedAgain(draft, step.respondent) && missing.some((linkId) => SAID_ANEW.includes(linkId));
  if (needsMode(draft, step) || isToSay) return false;
  const questions = onPage(instrument, draft, family, step).length;
  return !questions || missing.length < questions;
}

/**
 * What stands between her and the end: {must: [link ids of A], mode}, and how form B went: {asked, answered, declined, passed and
 * unreached: [steps], who: [{respondent, asked, answered}] one by one where each answers alone}. `kept`: [{respondent,
 * linkId}] answers that are hidden by a change and grave enough to ask about (5.8.9).
 */
export function overview(instrument, draft, family) {
  const answers = answersOf(draft, "A", "joint");
  const now = new Set(asked(instrument, draft, family, "A", "joint"));
  const must = instrument.missing("A", answers, contextOf(draft, family, "joint")).filter((linkId) => now.has(linkId));
  const questions = (who) => conflict(instrument, draft, family, who).filter(({ at }) => at);
  const isOpen = (step) => open(instrument, draft, family, step).length > 0;
  const counts = (steps) => {
    const own = steps.filter(({ items }) => items[0] !== ASKED_ALONE); // a count that is another for one of them would tell
    return { asked: own.length, answered: own.filter((step) => !isOpen(step)).length };
  };
  const begun = begunBy(draft, family);
  const pages = begun.flatMap(questions);
  const declines = pages.filter(({ respondent, items: [linkId] }) => isDeclined(answersOf(draft, "B", respondent)[linkId]));
  const mode = draft.visit !== "talk" && isAsked(draft) && !draft.mode;
  const who = draft.mode === "each" ? respondents(draft, family).map((respondent) => {
    const own = begun.includes(respondent) ? questions(respondent) : [];
    return { respondent, ...counts(own) };
  }) : [];
  return {
    must, mode, ...counts(pages), declined: declines.length, who, kept: hiddenYes(instrument, draft, family),
    passed: pages.filter((step) => isOpen(step) && isShown(draft, step)),
    unreached: pages.filter((step) => isOpen(step) && !isShown(draft, step)),
  };
}

/** This page of form B stands before her now. */
export function see(draft, { form, respondent, items }) {
  if (form === "B" && draft.shown && !draft.shown[respondent]?.includes(items[0])) draft.shown[respondent] = [...(draft.shown[respondent] ?? []), items[0]];
}

const isShown = ({ shown }, { respondent, items: [linkId] }) => !shown || Boolean(shown[respondent]?.includes(linkId));

// Those whose questions were begun; answered together they always were.
const begunBy = (draft, family) =>
  isAsked(draft) ? respondents(draft, family).filter((who) => who === "joint" || responseOf(draft, "B", who)) : [];

function hiddenYes(instrument, draft, family) {
  return parentsOf(draft, family).flatMap(({ key }) =>
    instrument
      .hiddenYes("C", answersOf(draft, "C", key), contextOf(draft, family, key))
      .filter((linkId) => !(`${key} ${linkId}` in draft.kept))
      .map((linkId) => ({ respondent: key, linkId })),
  );
}

/** Her choice whether a hidden answer is taken along, asked once. */
export function keep(draft, { respondent, linkId }, is) {
  draft.kept[`${respondent} ${linkId}`] = is;
  const cell = answersOf(draft, "C", respondent)[linkId];
  if (is && cell) cell.kept = true;
}

/** Did this parent tell something with this answer? Then she is met before the next question comes (FR12). */
export function tells(instrument, linkId, cell) {
  const codes = instrument.rules.tells[linkId] ?? [];
  return [cell?.value ?? []].flat().some((code) => codes.includes(code));
}

/** Is it grave enough to be sent to the lead before the visit is finished? (a hard rule with floor 3) */
export const isGrave = (instrument, draft, family) => Object.values(judgedNow(instrument, draft, family).flags).includes(3);

// ── what is sent ──

/** The responses as they are sent: each question answered, skipped or not asked; nothing that a closed question once held. */
export function responsesNow(instrument, draft, family, now) {
  const there = (form) => parentsOf(draft, family).map(({ key }) => [form, key]).filter(([, key]) => responseOf(draft, form, key));
  const conflicts = begunBy(draft, family).map((who) => ["B", who]);
  const irrelevant = parentsOf(draft, family).filter(({ key }) => isApart(draft, key)).map(({ key }) => ["B", key]);
  const own = responseOf(draft, "D", "case") ? [["D", "case"]] : [];
  const given = [["A", "joint"], ...there("A"), ...conflicts, ...irrelevant.filter(([, key]) => !conflicts.some(([, who]) => who === key)), ...there("C")];
  const said = given.map(([form, who]) => response(instrument, draft, family, form, who, now));
  return own.length ? [...said, assessment(instrument, draft, family, said, now)] : said;
}

/** What the answers mean so far: as `judged` of evaluation.js. */
export function judgedNow(instrument, draft, family) {
  return judged(instrument, draft, family, responsesNow(instrument, draft, family, new Date(draft.startedAt)));
}

const judged = (instrument, draft, family, responses) =>
  instrument.judged(responses, { ...contextOf(draft, family, "joint"), mode: modeOf(draft, responses) });

const modeOf = (draft, responses) => (responses.some(({ form }) => form === "B") ? draft.mode ?? "one" : "none");

/** Under which circumstances the questions of form D are asked: what the answers suggest opens some of them. */
export function assessmentContext(instrument, draft, family) {
  return around(draft, family, judgedNow(instrument, draft, family));
}

const around = (draft, family, { level, flags, badge, blocks }) => ({ ...contextOf(draft, family, "case"), level, flags, badge, blocks });

/** What is sent when the visit is finished. */
export function payload(instrument, draft, family, now, release) {
  return message(instrument, draft, family, now, release, draft.id);
}

/** What is sent to the lead at once (5.5, FR19): the same without her own part, under an id of its own. */
export function preliminary(instrument, draft, family, now, release) {
  const without = { ...draft, responses: draft.responses.filter(({ form }) => form !== "D"), revealed: null };
  return { ...message(instrument, without, family, now, release, uuid7(now)), replaces: null };
}

function message(instrument, draft, family, now, release, encounter) {
  const responses = responsesNow(instrument, draft, family, now);
  return {
    ...about(draft, now, release), encounter, mode: modeOf(draft, responses),
    ...(wasDanger(draft) ? { now: true } : {}),
    ...(draft.preliminary ? { preliminary: draft.preliminary } : {}),
    ...(draft.revealed ? { revealed: draft.revealed } : {}),
    ...(draft.notNoted ? { not_noted: true } : {}),
    responses, count: counted(responses), result: judged(instrument, draft, family, responses),
  };
}

const about = (draft, now, release) => ({
  schema: 1, family: draft.family, visit: draft.visit, instrument: draft.instrument,
  replaces: draft.replaces ?? null, completes: draft.completes ?? null,
  started_at: draft.startedAt, finished_at: now.toISOString(), release,
  ...(draft.household ? { household: draft.household } : {}),
});

const counted = (responses) => responses.reduce((sum, { answers }) => sum + Object.keys(answers).length, 0);

/**
 * What is sent of a correction of single questions: those and nothing else, for the earlier answers are not here (5.8.21).
 * `{skipped: true}` stands for a question that was not asked or whose answer is taken back.
 */
export function changes(draft, now, release) {
  const responses = draft.responses.filter(({ answers }) => Object.keys(answers).length).map(changed);
  return { ...about(draft, now, release), encounter: draft.id, mode: draft.mode, partial: true, responses, count: counted(responses), result: {} };
}

function changed({ answers, ...response }) {
  const [skipped, given] = [true, false].map((is) => Object.entries(answers).filter(([, cell]) => Boolean(cell.skipped) === is));
  return { ...response, answers: Object.fromEntries(given), unanswered: Object.fromEntries(skipped.map(([linkId]) => [linkId, "skipped"])) };
}

function response(instrument, draft, family, form, respondent, now) {
  const open = asked(instrument, draft, family, form, respondent);
  const made = filled(instrument, draft, form, respondent, new Set(open), now);
  if (form !== "B" || !isApart(draft, respondent)) return made;
  const why = (linkId) => [linkId, made.unanswered[linkId] === "hidden" ? "hidden" : "irrelevant"];
  return { ...made, answers: {}, unanswered: Object.fromEntries(Object.keys({ ...made.answers, ...made.unanswered }).map(why)) };
}

// Her own part: what the other answers suggest decides what is asked in it.
function assessment(instrument, draft, family, said, now) {
  const first = filled(instrument, draft, "D", "case", null, now);
  const context = around(draft, family, judged(instrument, draft, family, [...said, first]));
  return filled(instrument, draft, "D", "case", new Set(instrument.enabled("D", answersOf(draft, "D", "case"), context)), now);
}

// Why a question that is asked has no answer: she passed it, or they did not come that far.
const whyOpen = (draft, form, respondent) => (linkId) =>
  form === "B" && !isShown(draft, { respondent, items: [linkId] }) ? "not_reached" : "skipped";

// What a closed question once held is not sent; of a grave answer it is, that she was asked and did not take it along (5.8.9).
const whyClosed = ({ kept }, respondent) => (linkId) => (kept?.[`${respondent} ${linkId}`] === false ? "not_kept" : "hidden");

function filled(instrument, draft, form, respondent, open, now) {
  const { answers: said, authored_at } = responseOf(draft, form, respondent) ?? { answers: {}, authored_at: now.toISOString() };
  const [why, shut] = [whyOpen(draft, form, respondent), whyClosed(draft, respondent)];
  const answers = {};
  const unanswered = {};
  for (const { linkId, type } of instrument.items(form, draft.visit)) {
    const isOpenNow = !open || open.has(linkId);
    if (type === "display") continue;
    if ((isOpenNow || said[linkId]?.kept) && linkId in said) answers[linkId] = said[linkId];
    else unanswered[linkId] = isOpenNow ? why(linkId) : shut(linkId);
  }
  return { form, respondent, authored_at, answers, unanswered };
}
