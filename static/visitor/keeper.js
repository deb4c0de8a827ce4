// The keeper: a worker that holds one person's key while she is unlocked, and does everything that needs it.
// The page never sees the key; ending the worker is forgetting it. One request at a time, in the order they came.

import * as database from "./database.js";
import { dayOf } from "./days.js";
import { natural } from "./names.js";
import { FIRST, TYPES, parse, seal, sha256, verify } from "./envelope.js";
import { all, commit, emptyVault, forget, live, notKept, openVault, readAgain, refusal } from "./records.js";
import { rehearsed } from "./rehearsal.js";
import * as sealing from "./sealing.js";
import { base64, newAuthor, own, pinOf, rootSigned, sign, trustedFacts, unbase64 } from "./tablet.js";

const ECDSA = { name: "ECDSA", hash: "SHA-256" };
const P256 = { name: "ECDSA", namedCurve: "P-256" };
const TRIES = 5;
const QUESTIONNAIRE = 1; // the number of "conflict" in an envelope's header
const OVER = new Set(["opened", "safe"]);
const NAMED = ["visit", "preliminary", "note"]; // what was sent from here and can be named to her
const utf8 = new TextEncoder();

let fresh = null; // keys that were made and not yet accepted by the server
let open = null; // the open vault, as openVault makes it; `relocked` while the code has to come first

// ── new keys ──

/** The keys of a person new on this tablet. */
async function begin(given) {
  if (await database.get("people", given.person)) throw refusal("AlreadyHere", "vault.alreadyHere");
  return newKeys(given);
}

/** Make a person's keys and try them out. Nothing of them is on disk yet. */
async function newKeys({ person, tablet, transportKey }) {
  const author = await newAuthor();
  fresh = { person, author, uk: sealing.random(32), vault: sealing.randomId(), phrase: sealing.newPhrase() };
  await selfTest();
  const proof = utf8.encode(`screening enrol 1\n${tablet}\n${transportKey}\n${person}`);
  const signature = base64(await crypto.subtle.sign(ECDSA, await signing(author), proof));
  return { vault: fresh.vault, phrase: fresh.phrase, authorKey: author.publicKey, proof: signature };
}

const signing = ({ privateKey }) => crypto.subtle.importKey("pkcs8", unbase64(privateKey), P256, false, ["sign"]);

/** Write, read back and use what a visit will need, before any answer is taken. */
async function selfTest() {
  try {
    const ring = await sealing.keyring(fresh.uk, fresh.vault);
    const recipient = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", recipient.publicKey));
    const good = [await canStore(ring), await canCarry(), await canSeal(publicKey, fresh.author)];
    if (good.includes(false)) throw new Error("something else was read");
  } catch (error) {
    throw refusal("SelfTest", "vault.selftest", { cause: error });
  }
}

// A record goes to the disk, comes back, opens, and is gone.
async function canStore(ring) {
  const id = sealing.randomId();
  try {
    const record = { id, vault: "test", kind: "test", rev: 1, value: { written: id } };
    await database.write({ put: { records: [await sealing.sealRecord(ring, record)] } });
    const { value } = await sealing.openRecord(ring, await database.get("records", id), "test");
    return value.written === id;
  } finally {
    await database.write({ drop: { records: [id] } }).catch(() => {});
  }
}

// The tablet signs with its own key, read from the disk.
async function canCarry() {
  const message = utf8.encode("test");
  const key = await crypto.subtle.importKey("raw", (await own()).publicKey, P256, false, ["verify"]);
  return crypto.subtle.verify(ECDSA, key, await sign(message), message);
}

// An envelope of nothing, to this recipient.
async function canSeal(publicKey, author) {
  const id = crypto.randomUUID();
  const header = { type: TYPES.note, id, tablet: id, author: id, seq: 1, previous: FIRST, version: "0.0.0" };
  const rest = { claimedAt: Date.now(), schema: 1, questionnaire: 0 };
  const bytes = await seal({ ...header, ...rest }, {}, publicKey, await signing(author));
  return parse(bytes).id === id && verify(bytes, unbase64(author.publicKey));
}

/**
 * Would a visit go well here now, without a connection? {ok, problems}: of keys (hers open), storage (what is written
 * is read back), server (its keys are pinned and signed), recipient (can be sealed to), transport (the tablet signs).
 */
async function selfCheck() {
  const { ring, row, server } = open;
  const checks = {
    keys: async () => Boolean(await sealing.openRecord(ring, await database.get("records", row.index), "index")),
    storage: async () => canStore(ring),
    server: async () => Boolean(await trustedFacts(server)) && !open.damaged.some(({ kind }) => kind === "server"),
    recipient: async () => canSeal(unbase64(server.keys[0].public), live(open, "author")),
    transport: canCarry,
  };
  const problems = [];
  for (const [name, check] of Object.entries(checks)) if (!(await check().catch(told))) problems.push(name);
  return { ok: !problems.length, problems };
}

// What is only told: it must neither keep her out nor stop what comes after it.
function told(error) {
  console.error(error);
  return false;
}

/** The server's answer: keep everything, sealed, in one transaction; then see that it opens again. */
async function accept({ answer, code, passkey }) {
  if (!fresh || answer.person.id !== fresh.person) throw refusal("NotAsked", "vault.selftest");
  const facts = await trustedFacts(answer).catch((error) => {
    throw refusal("Untrusted", "vault.untrusted", { cause: error });
  });
  const { uk, vault, phrase, author } = fresh;
  const pin = await pinOf(facts.root);
  const slots = [await sealing.passSlot(uk, pin, phrase, vault)];
  if (passkey) slots.push(await sealing.prfSlot(uk, pin, passkey.secret, passkey.credential, vault));
  const { id, initials, language } = answer.person;
  const older = await areasBefore(id, vault);
  const row = { id, initials, language, passkey: slots.length > 1, vault, index: sealing.randomId(), slots, ...older };
  const keep = [
    { kind: "author", value: { ...author, id: answer.author } },
    { kind: "server", value: facts },
    { kind: "code", value: await sealing.codeVerifier(code) },
  ];
  open = await emptyVault(row, uk);
  await commit(open, { keep, put: { people: [row], settings: [{ name: "server", value: facts }] } }).catch((error) => {
    open = null;
    throw error;
  });
  fresh = null;
  await unlock({ person: id, secret: phrase });
  return shown(row);
}

/**
 * Who had keys here before keeps what lies under them: {older: [{vault, index, slots}]}, newest first, or {}. It is
 * neither read nor written; whoever finds the old passphrase opens it, drafts, signing key and all, as it was left.
 */
async function areasBefore(id, vault) {
  const before = await database.get("people", id);
  if (!before) return {};
  const areas = [before, ...(before.older ?? [])].filter((area) => area.vault !== vault); // accepted a second time
  return { older: areas.map(({ vault: place, index, slots }) => ({ vault: place, index, slots })) };
}

const shown = ({ id, initials, language, passkey }) => ({ id, initials, language, passkey });

// ── opening ──

/**
 * Open a person's vault by her passphrase (text) or by what her passkey gave (bytes). A passphrase from before she
 * got new keys opens what was kept under it, marked `older`; the two never mix.
 */
async function unlock({ person, secret }) {
  const row = await database.get("people", person);
  const { area, uk, pin } = await fitting(row, secret);
  open = { ...(await openVault(area, uk)), person, pin, finished: new Set(), left: TRIES };
  uk.fill(0);
  await settled();
  return area === row ? shown(row) : { ...shown(row), passkey: false, older: true };
}

// The area whose slot opens, newest first, with what is in the slot: {area, uk, pin}.
async function fitting(row, secret) {
  const type = typeof secret === "string" ? "pass" : "prf";
  for (const area of row ? [row, ...(row.older ?? [])] : []) {
    const slot = area.slots.find((one) => one.type === type);
    const found = slot && (await sealing.openSlot(slot, secret, area.vault).catch(() => null));
    if (found) return { area, ...found };
  }
  throw refusal(type === "pass" ? "WrongPassphrase" : "NoPasskey");
}

// The server as sealed under her own key; a newer list of its keys counts when her root signed it.
async function trustServer(vault, pin) {
  const plain = (await database.get("settings", "server"))?.value;
  const own = live(vault, "server");
  const mine = own ?? (plain && (await pinOf(plain.root)) === pin ? plain : null);
  if (!mine) return; // what is here can be read; finishing says that it cannot seal
  const newer = plain && plain.keys_signature !== mine.keys_signature;
  const signed = newer && (await rootSigned(mine.root, plain.keys, plain.keys_signature));
  if (newer && !signed) vault.damaged.push({ id: "server", kind: "server" });
  vault.server = signed ? { ...mine, keys: plain.keys, keys_signature: plain.keys_signature } : mine;
}

// The chain goes on from the newest envelope that is here, whatever the list says: no number is given out twice.
async function findHead(vault) {
  for (const { id, seq, sha256: hash } of await posted(vault)) {
    vault.finished.add(id);
    if (seq > vault.index.seq) Object.assign(vault.index, { seq, previous: hash });
  }
}

const posted = async (vault) => (await database.all("outbox")).filter(({ author }) => author === live(vault, "author")?.id);

/** After opening: what is due to go goes, and the ballast is there again. */
async function tidy() {
  const past = await readLongEnough();
  const drop = [...past, ...(await finishedDrafts())];
  const known = live(open, "server")?.keys_signature === open.server?.keys_signature;
  const keep = known ? [] : [{ kind: "server", value: open.server }];
  if (past.length) keep.push({ kind: "caseload", value: { ...caseload(), held: [...(caseload().held ?? []), ...heldOf(past)] } });
  const put = open.relisted ? { people: [await listedAnew(open)] } : {};
  if (drop.length || keep.length || open.relisted) {
    await commit(open, { keep, drop: drop.map(({ kind, name }) => [kind, name]), put }).catch(told);
  }
  await database.keepBallast().catch(told);
}

// The person's row, with the new list's id in the area that was opened and everything else as it is.
async function listedAnew({ person, row: { vault, index } }) {
  const row = await database.get("people", person);
  const anew = (area) => (area.vault === vault ? { ...area, index } : area);
  return { ...anew(row), ...(row.older && { older: row.older.map(anew) }) };
}

// Drafts that became a visit which is really here: as long as its envelope is not good, the draft is all there is.
async function finishedDrafts() {
  const rows = (await posted(open)).filter(({ id }) => draft(id));
  const good = await Promise.all(rows.map(goodEnvelope));
  for (const { id } of rows.filter((_, n) => !good[n])) open.finished.delete(id);
  return all(open, "draft").filter(({ name }) => open.finished.has(name));
}

// Her readable copies of what the server opened before today; a note that no newer list knows of is still needed.
async function readLongEnough() {
  const today = dayOf(Date.now());
  const past = (await database.all("outbox")).filter(({ state, openedAt }) => OVER.has(state) && dayOf(openedAt) < today);
  const ids = new Set(past.map(({ id }) => id));
  const needed = ({ kind, value }) => kind === "note" && value.payload;
  return named().filter((one) => ids.has(one.name) && !needed(one));
}

const named = () => NAMED.flatMap((kind) => all(open, kind));

// ── rehearsal ──

/** From here on invented families under keys of their own: {id, initials, language, passkey, rehearsal}. Her key is let go first. */
async function rehearse({ person, ...given }) {
  const code = live(open, "code");
  open = null;
  open = { ...(await rehearsed({ code, ...given })), finished: new Set(), left: TRIES };
  return { ...person, passkey: false, older: false, rehearsal: true };
}

const outbox = async () => (await database.all("outbox")).map(({ id, sha256: hash, state, reason, size }) => ({ id, sha256: hash, state, reason, size }));

// ── the code ──

/**
 * From here on the code comes first: until then only it and what is half done are taken (`whileLocked`), and what was
 * opened is let go. Only the key stays, so that what is half done can be kept.
 */
function relock() {
  open.relocked = true;
  forget(open, { but: "code" });
}

async function checkCode(code) {
  const fits = live(open, "code") ? await sealing.codeFits(live(open, "code"), code) : false;
  open.left = fits ? TRIES : live(open, "code") ? open.left - 1 : 0;
  const { left } = open;
  if (!left) open = null; // five wrong: the key goes, whatever the page does
  if (fits && open.relocked) await openAgain();
  return { ok: fits, left };
}

// As after unlocking: everything is read from the disk.
async function openAgain() {
  await readAgain(open);
  if (!open.rehearsal) await settled();
  open.relocked = false;
}

async function settled() {
  await trustServer(open, open.pin);
  await findHead(open);
  await tidy();
}

// ── families, drafts, visits ──

const caseload = () => live(open, "caseload") ?? { families: [], asOf: null, config: null, cursor: null };

/** What changed since the last time. A family that left stays while something of it is unsent (AT-07). */
async function keepCaseload({ families = [], gone = [], config, cursor, asOf }) {
  if (open.rehearsal) throw refusal("Locked"); // a list that was on its way when the rehearsal began
  const before = caseload();
  const changed = new Map(before.families.map((family) => [family.id, family]));
  for (const id of gone) if (changed.has(id)) changed.set(id, { ...changed.get(id), left: true });
  for (const family of families) changed.set(family.id, family);
  const busy = await busyFamilies();
  const kept = [...changed.values()].filter(({ id, left }) => !left || busy.has(id));
  const said = { asOf: asOf ?? before.asOf, config: config ?? before.config, cursor: cursor ?? before.cursor };
  const keep = [{ kind: "caseload", value: { families: kept, ...said, held: [] } }, ...(await knownNotes())];
  await commit(open, { keep });
}

// Notes that the server has opened stand in a list that comes after that: only their line is kept.
async function knownNotes() {
  const over = await idsOf(({ state }) => OVER.has(state));
  const known = all(open, "note").filter(({ name, value }) => value.payload && over.has(name));
  return known.map(({ kind, name, value }) => ({ kind, name, value: { ...value, payload: null } }));
}

const idsOf = async (wanted) => new Set((await database.all("outbox")).filter(wanted).map(({ id }) => id));

/**
 * Visits that she made and that the list may not know of yet, [{family, visit, household}]: those she can still read, and those
 * whose copy went at midnight. The next list that is taken in knows of the latter, for they had been opened before.
 */
const held = () => [...(caseload().held ?? []), ...heldOf(all(open, "visit"))];

// A corrected visit is held by its correction; what was sent before the end of a visit is not held at all.
const heldOf = (copies) =>
  copies
    .filter(({ kind, value }) => kind === "visit" && !value.corrected)
    .map(({ value: { family, visit, household } }) => ({ family, visit, ...(household && { household }) }));

async function busyFamilies() {
  const unsent = await idsOf(({ state }) => !OVER.has(state));
  const busy = [...all(open, "draft"), ...named().filter(({ name }) => unsent.has(name))];
  return new Set(busy.map(({ value }) => value.family));
}

const drafts = () => all(open, "draft").map(({ value }) => summary(value));
const summary = ({ id, family, visit, startedAt, savedAt, place, replaces, partial }) =>
  ({ id, family, visit, startedAt, savedAt, place, replaces, partial });

const draft = (id) => live(open, "draft", id) ?? null;

/** Keep a draft. Resolves with the time when it is on disk and was read back. */
async function keepDraft(value) {
  if (open.finished.has(value.id)) throw notKept("Finished");
  const savedAt = new Date();
  await commit(open, { keep: [{ kind: "draft", name: value.id, value: { ...value, savedAt: savedAt.toISOString() } }] });
  if (open.relocked) forget(open, { but: "code" });
  return savedAt;
}

const dropDraft = (id) => commit(open, { drop: [["draft", id]] });

/**
 * A draft becomes a visit, or the correction of one: kept with her own readable copy, and no draft any more. Its id is
 * the draft's, so that finishing twice is finishing once.
 */
async function finish({ id, payload }) {
  const visit = { ...payload, encounter: id };
  const before = live(open, "visit", visit.replaces ?? "");
  const copies = [{ ...copyOf(visit, visit.finished_at), payload: laidOver(before?.payload, visit) }];
  // Its line stays until it is home.
  if (before) copies.push({ ...before, corrected: id, payload: null, partial: before.payload?.partial });
  const keep = copies.map((value) => ({ kind: "visit", name: value.id, value }));
  return post(visit.replaces ? "amendment" : "visit", visit, { keep, drop: [["draft", id]] });
}

/** What was said so far goes to the lead at once; the draft goes on, and no readable copy of this is kept. */
async function preliminary(payload) {
  if (draft(payload.encounter)) throw new Error("a preliminary visit has an id of its own");
  const value = copyOf(payload, payload.finished_at);
  return post("preliminary", payload, { keep: [{ kind: "preliminary", name: value.id, value }] });
}

/** What is no visit and must reach the server all the same. Her own copy stays until a newer list knows of it. */
async function note(payload) {
  const value = { ...copyOf(payload, payload.noted_at), note: payload.kind, payload };
  return post("note", payload, { keep: [{ kind: "note", name: value.id, value }] });
}

const idOf = ({ encounter, note }) => encounter ?? note;

function copyOf(payload, at) {
  const { family, visit = null, household } = payload;
  const finishedAt = at ?? new Date().toISOString();
  return { id: idOf(payload), family, name: nameOf(family, payload), visit, finishedAt, ...(household && { household }) };
}

// The list names a family; one that is not on it yet is named by the note that told of it.
function nameOf(family, payload) {
  const told = [payload, ...all(open, "note").map(({ value }) => value.payload)];
  const made = told.find((one) => one?.kind === "new_family" && one.family === family)?.data;
  const { children = [] } = caseload().families.find(({ id }) => id === family) ?? made ?? {};
  return children.map(({ name }) => natural(name)).join(", ");
}

// What stands after a correction of a few questions: the visit before it, with those answered anew.
function laidOver(before, { partial, ...visit }) {
  if (!partial || !before) return partial ? { ...visit, partial } : visit;
  const same = (one) => (other) => one.form === other.form && one.respondent === other.respondent;
  const changed = before.responses.map((old) => answeredAnew(old, visit.responses.find(same(old))));
  const responses = [...changed, ...visit.responses.filter((one) => !before.responses.some(same(one)))];
  const count = responses.reduce((sum, { answers }) => sum + Object.keys(answers).length, 0);
  return { ...before, ...visit, responses, count };
}

function answeredAnew(old, anew) {
  if (!anew) return old;
  const changed = { ...anew.answers, ...anew.unanswered };
  const rest = (cells) => Object.fromEntries(Object.entries(cells).filter(([linkId]) => !(linkId in changed)));
  const answers = { ...rest(old.answers), ...anew.answers };
  return { ...old, ...anew, answers, unanswered: { ...rest(old.unanswered), ...anew.unanswered } };
}

/**
 * Seal to the municipality, sign, chain to the one before and put in the outbox, together with what else is kept and
 * dropped, in one transaction. The same id again gives what was sealed the first time.
 */
async function post(type, payload, { keep, drop = [] }) {
  const id = idOf(payload);
  const before = await database.get("outbox", id);
  if (before && (before.state !== "waiting" || (await goodEnvelope(before)))) return { id, sha256: before.sha256 };
  const bytes = await sealed(type, payload).catch((error) => {
    throw notKept(error.message, error);
  });
  const { seq } = parse(bytes);
  const hash = await sha256(bytes);
  const author = live(open, "author").id;
  const row = { id, sha256: hash, state: "waiting", reason: null, size: bytes.length, author, seq, openedAt: null };
  const asBefore = undoing(id, [...keep.map(({ kind, name }) => [kind, name]), ...drop]);
  const written = commit(open, { keep, drop, head: { seq, previous: hash }, put: { envelopes: [{ id, bytes }], outbox: [row] } });
  // Her own copy may be read back wrong while what goes to the server is right: then it counts all the same.
  await written.catch((error) => {
    if (error.reason !== "ReadBack") throw error;
  });
  if (!(await goodEnvelope(row))) return undo(asBefore);
  open.finished.add(id);
  return { id, sha256: hash };
}

async function sealed(type, payload) {
  const { server, index } = open;
  const author = live(open, "author");
  if (!author || !server) throw new Error("a key is damaged");
  const { public: publicKey } = server.keys[0];
  const asked = type === "note" ? { questionnaire: 0, version: "0.0.0" } : { questionnaire: QUESTIONNAIRE, version: payload.instrument };
  const header = {
    type: TYPES[type], id: idOf(payload), tablet: server.tablet, author: author.id, seq: index.seq + 1,
    previous: index.previous, claimedAt: Date.now(), schema: payload.schema ?? 1, ...asked,
  };
  return seal(header, payload, unbase64(publicKey), await signing(author));
}

// Read from the disk: the right bytes, signed by her.
async function goodEnvelope({ id, sha256: hash }) {
  const found = await database.get("envelopes", id).catch(() => null);
  if (!found || (await sha256(found.bytes)) !== hash) return false;
  return verify(found.bytes, unbase64(live(open, "author").publicKey)).catch(() => false);
}

// How everything stands now that is about to be changed: what commit() needs to bring it back.
function undoing(id, places) {
  const now = places.map(([kind, name]) => ({ kind, name, value: live(open, kind, name) }));
  const { seq, previous } = open.index;
  return {
    keep: now.filter(({ value }) => value), head: { seq, previous }, take: { envelopes: [id], outbox: [id] },
    drop: now.filter(({ value }) => !value).map(({ kind, name }) => [kind, name]),
  };
}

// What was read back is not what was sealed: a visit is a draft again, and she is told.
async function undo(asBefore) {
  const undone = () => commit(open, asBefore);
  await undone().catch(undone);
  throw notKept("ReadBack");
}

/** What she sent from here and can still be named, newest first; `kind` is visit, preliminary or note. */
async function sent() {
  const rows = new Map((await database.all("outbox")).map((row) => [row.id, row]));
  return named()
    .map(({ kind, value: { payload, ...copy } }) => {
      const { state = "waiting", reason = null, refused = false } = rows.get(copy.id) ?? {};
      const { replaces = null, partial = copy.partial ?? false } = payload ?? {};
      return { kind, corrected: null, ...copy, replaces, partial, state, reason, refused };
    })
    .sort((a, b) => b.finishedAt.localeCompare(a.finishedAt));
}

const visits = async () => (await sent()).filter(({ kind }) => kind === "visit");

const visit = (id) => live(open, "visit", id)?.payload ?? null;

/** What her notes say that the list does not know of yet, oldest first. */
const notes = () =>
  all(open, "note")
    .map(({ value }) => value)
    .filter(({ payload }) => payload)
    .sort((a, b) => a.finishedAt.localeCompare(b.finishedAt))
    .map(({ payload }) => payload);

/** What is damaged or missing here, {id, kind}: kept, named, never deleted. */
async function problems() {
  const mine = await posted(open);
  const needed = mine.filter(({ state }) => !OVER.has(state)); // what was opened lies safe with the server
  const good = await Promise.all(needed.map(goodEnvelope));
  const bad = needed.filter((_, n) => !good[n]).map(({ id }) => ({ id, kind: "envelope" }));
  const seen = new Set(mine.map(({ seq }) => seq));
  const lost = Array.from({ length: open.index.seq }, (_, n) => n + 1).filter((seq) => !seen.has(seq));
  return [...open.damaged, ...bad, ...lost.map((seq) => ({ id: String(seq), kind: "envelope" }))];
}

// ── requests, one after the other ──

const withoutKey = { begin, renew: newKeys, accept, unlock };
const whileLocked = { relock, checkCode, keepDraft, unlock };
const withKey = {
  relock, checkCode, caseload, keepCaseload, held, drafts, draft, keepDraft, dropDraft, finish, preliminary, note, sent, visits, visit,
  notes, problems, selfCheck, rehearse, outbox,
};

let latest = Promise.resolve();

globalThis.onmessage = ({ data: { n, what, given } }) => {
  latest = latest.then(() => answer(n, what, given));
};

function asked(what) {
  const answers = open?.relocked ? whileLocked : open ? { ...withoutKey, ...withKey } : withoutKey;
  if (!answers[what]) throw refusal("Locked");
  return answers[what];
}

async function answer(n, what, given) {
  try {
    globalThis.postMessage({ n, value: await asked(what)(given) });
  } catch (error) {
    const { name, message, key, reason, cause } = error;
    globalThis.postMessage({ n, error: { name, message: cause ? `${message}: ${cause}` : message, key, reason } });
  }
}
