// The vault: the only place where anything is kept on the tablet. This is its face to the screens. The key is in a
// worker (keeper.js); what needs no key is in database.js and tablet.js, fetched when first needed, so that the
// first screen has little to load.

import { trusted } from "./dom.js";

const MARK = "visit"; // in localStorage: how many visits waited here when last counted (AT-01)
const REHEARSAL = "visit-rehearsal"; // a database of its own

let worker = null;
let calls = new Map();
let counted = 0;
let person = null;
let made = null; // {vault, phrase, passkey} between making keys and having them accepted
let empty = false; // nobody has keys here
let relocked = false; // the code comes first

const database = () => import("./database.js");
const tablet = () => import("./tablet.js");

// ── plain facts: who, and settings; never anything of a family ──

/** A setting's value, or undefined. */
export const setting = async (name) => (await glance("settings", name))?.value;

/** Keep a setting: plain on the disk, so never personal. */
export async function keepSetting(name, value) {
  await (await database()).write({ put: { settings: [{ name, value }] } });
}

/** Who has keys here: [{id, initials, language, passkey}]. */
export async function people() {
  const rows = await glance("people");
  empty = !rows.length;
  return rows.map(({ id, initials, language, passkey }) => ({ id, initials, language, passkey }));
}

/** Is there nobody's vault here, and nothing to send? */
export const isUnused = async () => !(await people()).length && !(await glance("outbox")).length;

// One look into the database without making it; database.js does everything else.
async function glance(store, key) {
  const found = await existing();
  if (!found) return key === undefined ? [] : undefined;
  return new Promise((done, failed) => {
    const place = found.transaction(store).objectStore(store);
    const request = key === undefined ? place.getAll() : place.get(key);
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

let existed = null;

function existing() {
  return (existed ??= new Promise((done, failed) => {
    const request = indexedDB.open("visit");
    request.onupgradeneeded = () => request.transaction.abort(); // not there: a look makes nothing
    request.onerror = () => (request.error.name === "AbortError" ? done(null) : failed(request.error));
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      request.result.onclose = forgetGlance;
      done(request.result);
    };
  }).then((found) => {
    if (!found) forgetGlance();
    return found;
  }));
}

function forgetGlance() {
  existed = null;
}

// ── what was lost ──

/**
 * After `people`: the whole store is gone although this tablet kept visits once. {unsent, at} as last counted, else
 * null. What the server misses it finds itself, from the numbers that visits carry.
 */
export function lost() {
  return empty ? JSON.parse(localStorage.getItem(MARK)) : null;
}

async function mark() {
  try {
    const unsent = (await queue()).filter(({ state }) => state === "waiting").length;
    localStorage.setItem(MARK, JSON.stringify({ unsent, at: Date.now() }));
  } catch (error) {
    console.error(error); // only a count: what was to be kept has been kept
  }
}

// ── setting up ──

/** Has the browser promised not to clear this store by itself? */
export const persisted = async () => Boolean(await navigator.storage?.persisted?.());

/**
 * Make a person's keys, {request} for POST /visit/enrol. Tries everything out first; nothing of hers is on disk yet.
 * Throws errors with `key`: vault.selftest, vault.alreadyHere.
 */
export const makeKeys = (person, options) => keysBy("begin", person, options);

/**
 * The same for who has keys here and has forgotten her passphrase. What was kept under the old keys is neither opened
 * nor overwritten: the old passphrase, if it is found, opens it as it was left. Finished visits are sent meanwhile.
 */
export const renewKeys = (person, options) => keysBy("renew", person, options);

async function keysBy(way, { id, initials }, { passkey = false } = {}) {
  await navigator.storage?.persist?.();
  const { own, base64 } = await tablet();
  const { id: tabletId, publicKey } = await own();
  const transportKey = base64(publicKey);
  const keys = await ask(way, { person: id, tablet: tabletId, transportKey });
  made = { vault: keys.vault, phrase: keys.phrase, passkey: passkey ? await passkeyFor(keys.vault, initials) : null };
  return { request: { tablet: tabletId, transport_key: transportKey, author_key: keys.authorKey, proof: keys.proof } };
}

async function passkeyFor(vault, initials) {
  const { hasPasskeys, newPasskey } = await tablet();
  return (await hasPasskeys()) ? newPasskey(vault, initials) : null;
}

/** The passphrase for her card, until the code is chosen; else "". */
export const passphrase = () => made?.phrase ?? "";

/** A code that everybody tries first: one digit over and over, or digits in a row. */
export const isEasy = (code) => /^(.)\1*$/.test(code) || IN_A_ROW.some((row) => row.includes(code));

const IN_A_ROW = ["01234567890", "09876543210"];

/** Keep what the server answered, with the code for re-locks. She is unlocked then. Throws with key code.form or code.easy. */
export async function acceptEnrolment(answer, code) {
  if (!/^\d{4,6}$/.test(code)) throw Object.assign(new Error("code"), { name: "CodeForm", key: "code.form" });
  if (isEasy(code)) throw Object.assign(new Error("code"), { name: "CodeForm", key: "code.easy" });
  const before = lost();
  person = await ask("accept", { answer, code, passkey: made.passkey });
  made = null;
  empty = false;
  if (before) await keepSetting("lost", before);
  await mark();
  return person;
}

// ── opening and locking ──

/**
 * Open with the passphrase, typed with spaces, hyphens or neither; `older` in the answer when it is one from before
 * renewKeys. Throws WrongPassphrase.
 */
export const unlock = (id, phrase) => opened(id, phrase);

async function opened(id, secret) {
  person = await ask("unlock", { person: id, secret });
  relocked = false;
  return person;
}

/** Open with the passkey. Throws Cancelled or NoPasskey. */
export async function unlockPasskey(id) {
  const { vault, slots } = (await glance("people", id)) ?? { slots: [] };
  const slot = slots.find(({ type }) => type === "prf");
  if (!slot) throw Object.assign(new Error("no passkey here"), { name: "NoPasskey" });
  return opened(id, await secretOf(vault, slot.credential));
}

async function secretOf(vault, credential) {
  const { passkeySecret } = await tablet();
  try {
    return await passkeySecret(vault, credential);
  } catch (error) {
    if (error instanceof DOMException) throw Object.assign(new Error(error.message), { name: "Cancelled" });
    throw error;
  }
}

/** Re-lock: until the right code, or another unlocking, everything but keepDraft throws Locked. */
export async function relock() {
  relocked = Boolean(person);
  if (person) await ask("relock");
}

/** The code after a re-lock: {ok, left}. With none left the key is gone. */
export async function checkCode(code) {
  const { ok, left } = await sealed("checkCode", code);
  if (ok) relocked = false;
  if (!left) lock();
  return { ok, left };
}

/** Forget the key, at once, and a rehearsal with everything in it. */
export function lock() {
  worker?.terminate();
  ended(Object.assign(new Error("locked"), { name: "Locked" }));
  if (person?.rehearsal) forgetRehearsal();
  person = null;
  relocked = false;
}

/**
 * Who is unlocked: {id, initials, language, passkey, older}, another object at each unlocking, or null. Nobody during
 * a rehearsal or while the code comes first: nothing is fetched then.
 */
export const unlocked = () => (person?.rehearsal || relocked ? null : person);

// ── rehearsal ──

/**
 * Begin a rehearsal on invented families ({families}: rows as the list has them; without it a few of our own). Her own
 * vault is locked, and everything here goes to a database that is gone at the end. Gives the person with `rehearsal`
 * set. When it fails she is locked out, as by lock().
 */
export async function rehearse(families, config = {}) {
  try {
    person = await sealed("rehearse", { person, place: REHEARSAL, families, config });
    return person;
  } catch (error) {
    lock();
    throw error;
  }
}

/** End it: key and database are gone. */
export async function endRehearsal() {
  lock();
  await forgetRehearsal();
}

/** Remove what a rehearsal left behind when the page went: nobody has its key. */
export function forgetRehearsal() {
  return new Promise((done) => {
    const request = indexedDB.deleteDatabase(REHEARSAL);
    request.onsuccess = request.onerror = () => done();
  });
}

// ── sealed: needs the key ──

/** {families, asOf, config, cursor} as last fetched. */
export const caseload = () => sealed("caseload");

/** Take in what changed: {families, gone, config, cursor, asOf}. A family with unsent work stays until it is sent. */
export const keepCaseload = (news) => sealed("keepCaseload", news);

/** Her visits that the list may not know of yet, [{family, visit}], also those that can no longer be read here. */
export const held = () => sealed("held");

/** [{id, family, visit, startedAt, savedAt, place, replaces, partial}]; one whole, or null. */
export const drafts = () => sealed("drafts");
export const draft = (id) => sealed("draft", id);

/** Keep a draft under its id (a UUID, later the visit's). The time when it was really kept; else throws NotKept. */
export const keepDraft = (value) => sealed("keepDraft", value);
export const dropDraft = (id) => sealed("dropDraft", id);

/**
 * Finish a visit or, when the payload `replaces` one, a correction: {id, sha256}. Finished again, the same visit.
 * Throws NotKept; then it is still a draft.
 */
export const finish = (id, payload) => posted("finish", { id, payload });

/** Send a visit before it is finished, under an id of its own: {id, sha256}. The draft is not touched. Throws NotKept. */
export const preliminary = (payload) => posted("preliminary", payload);

/** Send what is no visit: {id, sha256}. Throws NotKept. */
export const note = (payload) => posted("note", payload);

async function posted(way, given) {
  const done = await sealed(way, given);
  await mark();
  return done;
}

/**
 * What she sent from here, newest first, [{id, kind, family, name, visit, finishedAt, state, reason, …}]. `kind`: visit
 * (with `replaces` and `corrected`, ids or null; `partial`: no more than single answers), preliminary, or note (with `note`, the kind of note).
 */
export const sent = () => sealed("sent");

/** The visits among them. One's payload, with its corrections laid over it; null when corrected or no longer here. */
export const visits = () => sealed("visits");
export const visit = (id) => sealed("visit", id);

/** The payloads of her notes that no list knows of yet, oldest first. */
export const notes = () => sealed("notes");

/** What is damaged or missing here: [{id, kind}]. */
export const problems = () => sealed("problems");

/** Would a visit go well here now, also without a connection? {ok, problems: [keys | storage | server | recipient | transport]}. */
export const selfCheck = () => sealed("selfCheck");

// ── without a key: post, receipts, the server ──

/** What lies here for the server, or would in a rehearsal: [{id, sha256, state, reason, size}], oldest first. */
export const outbox = () => (person?.rehearsal ? sealed("outbox") : queue());

/** What really lies here for the server, whoever made it. */
export async function queue() {
  const rows = await (await database()).all("outbox");
  return rows.map(({ id, sha256, state, reason, size }) => ({ id, sha256, state, reason, size }));
}

/** The sealed bytes: [{id, bytes}]. */
export async function envelopes(ids) {
  return (await (await database()).several("envelopes", ids)).filter(Boolean);
}

/**
 * Note what verified receipts say: [{id, sha256, state, reason, refused}]; what was refused the server has not kept.
 * What was opened is never merely received again.
 */
export async function record(results) {
  if (!results.length) return;
  const { several, write } = await database();
  const rows = await several("outbox", results.map(({ id }) => id));
  const changed = rows.flatMap((row, n) => (row?.sha256 === results[n].sha256 ? [moved(row, results[n])] : []));
  await write({ put: { outbox: changed } });
  await mark();
}

function moved(row, { state, reason = null, refused = false }) {
  const opened = state === "opened" || state === "safe";
  if (row.openedAt && state === "received") return row;
  return { ...row, state, reason, refused, openedAt: opened ? (row.openedAt ?? Date.now()) : null };
}

/** Headers that say which tablet carries this request. */
export const signed = async (method, path, body) => (await tablet()).signed(method, path, body);

/** Is an answer signed by our server, for the request with this nonce? kind is "outbox" or "status". */
export const verified = async (kind, answer, nonce) => (await tablet()).verified(kind, answer, nonce);

/** What is pinned of the server: {epoch, kid, root, tablet}, or null. */
export const server = async () => (await tablet()).server();

/** Newer keys of the municipality, when the pinned root signed them. */
export const acceptKeys = async (answer) => (await tablet()).acceptKeys(answer);

// ── the worker ──

async function sealed(what, given) {
  if (!person) throw Object.assign(new Error("locked"), { name: "Locked" });
  return ask(what, given);
}

function ask(what, given) {
  worker ??= started();
  return new Promise((done, failed) => {
    calls.set(++counted, { done, failed });
    worker.postMessage({ n: counted, what, given });
  });
}

function started() {
  const keeper = new Worker(trusted("/static/visitor/keeper.js"), { type: "module" });
  keeper.onmessage = ({ data: { n, value, error } }) => {
    const { done, failed } = calls.get(n);
    calls.delete(n);
    if (error) failed(Object.assign(new Error(error.message), error));
    else done(value);
  };
  keeper.onerror = (event) => ended(new Error(`the keeper did not start: ${event.message ?? ""}`));
  return keeper;
}

function ended(error) {
  const open = [...calls.values()];
  worker = null;
  calls = new Map();
  made = null;
  for (const { failed } of open) failed(error);
}
