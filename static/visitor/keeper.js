// The keeper: a worker that holds one person's key while she is unlocked, and does everything that needs it.
// The page never sees the key; ending the worker is forgetting it. One request at a time, in the order they came.

import * as database from "./database.js";
import { dayOf } from "./days.js";
import { FIRST, TYPES, parse, seal, sha256, verify } from "./envelope.js";
import { all, commit, emptyVault, live, notKept, openVault, refusal } from "./records.js";
import * as sealing from "./sealing.js";
import { base64, pinOf, rootSigned, sign, trustedFacts, unbase64 } from "./tablet.js";

const ECDSA = { name: "ECDSA", hash: "SHA-256" };
const P256 = { name: "ECDSA", namedCurve: "P-256" };
const TRIES = 5;
const QUESTIONNAIRE = 1; // the number of "conflict" in an envelope's header
const OVER = new Set(["opened", "safe"]);
const utf8 = new TextEncoder();

let fresh = null; // keys that were made and not yet accepted by the server
let open = null; // the open vault, as openVault makes it

// ── new keys ──

/** The keys of a person new on this tablet. */
async function begin(given) {
  if (await database.get("people", given.person)) throw refusal("AlreadyHere", "vault.alreadyHere");
  return newKeys(given);
}

/** Make a person's keys and try them out. Nothing of them is on disk yet. */
async function newKeys({ person, tablet, transportKey }) {
  const pair = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const author = {
    privateKey: base64(await crypto.subtle.exportKey("pkcs8", pair.privateKey)),
    publicKey: base64(await crypto.subtle.exportKey("raw", pair.publicKey)),
  };
  fresh = { person, author, uk: sealing.random(32), vault: sealing.randomId(), phrase: sealing.newPhrase() };
  await selfTest(pair);
  const proof = utf8.encode(`screening enrol 1\n${tablet}\n${transportKey}\n${person}`);
  const signature = base64(await crypto.subtle.sign(ECDSA, pair.privateKey, proof));
  return { vault: fresh.vault, phrase: fresh.phrase, authorKey: author.publicKey, proof: signature };
}

/** Write, read back and use what a visit will need, before any answer is taken. */
async function selfTest(author) {
  const id = sealing.randomId();
  try {
    const ring = await sealing.keyring(fresh.uk, fresh.vault);
    const record = { id, vault: "test", kind: "test", rev: 1, value: { written: id } };
    await database.write({ put: { records: [await sealing.sealRecord(ring, record)] } });
    const { value } = await sealing.openRecord(ring, await database.get("records", id), "test");
    await sign(utf8.encode(id)); // with the tablet's own key, read from the disk
    const recipient = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", recipient.publicKey));
    const uuid = crypto.randomUUID();
    const header = { type: TYPES.visit, id: uuid, tablet: uuid, author: uuid, seq: 1, previous: FIRST, version: "1.0.0" };
    const rest = { claimedAt: Date.now(), schema: 1, questionnaire: QUESTIONNAIRE };
    const bytes = await seal({ ...header, ...rest }, value, publicKey, author.privateKey);
    const signed = await verify(bytes, unbase64(fresh.author.publicKey));
    if (value.written !== id || !signed || parse(bytes).id !== uuid) throw new Error("something else was read");
  } catch (error) {
    throw refusal("SelfTest", "vault.selftest", { cause: error });
  } finally {
    await database.write({ drop: { records: [id] } }).catch(() => {});
  }
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
  open = { ...(await openVault(area, uk)), person, finished: new Set(), left: TRIES };
  uk.fill(0);
  await trustServer(open, pin);
  await findHead(open);
  await tidy();
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
  if (past.length) keep.push({ kind: "caseload", value: { ...caseload(), held: heldOf([...(caseload().held ?? []), ...past.map(({ value }) => value)]) } });
  const put = open.relisted ? { people: [await listedAnew(open)] } : {};
  if (drop.length || keep.length || open.relisted) {
    await commit(open, { keep, drop: drop.map(({ kind, name }) => [kind, name]), put }).catch(grumble);
  }
  await database.keepBallast().catch(grumble);
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

// Her readable copies of visits that the server opened before today.
async function readLongEnough() {
  const today = dayOf(Date.now());
  const past = (await database.all("outbox")).filter(({ state, openedAt }) => OVER.has(state) && dayOf(openedAt) < today);
  const ids = new Set(past.map(({ id }) => id));
  return all(open, "visit").filter(({ name }) => ids.has(name));
}

// Tidying is tried again at the next opening; it must not keep her out.
const grumble = (error) => console.error(error);

// ── the code ──

async function checkCode(code) {
  const fits = live(open, "code") ? await sealing.codeFits(live(open, "code"), code) : false;
  open.left = fits ? TRIES : live(open, "code") ? open.left - 1 : 0;
  const { left } = open;
  if (!left) open = null; // five wrong: the key goes, whatever the page does
  return { ok: fits, left };
}

// ── families, drafts, visits ──

const caseload = () => live(open, "caseload") ?? { families: [], asOf: null, config: null, cursor: null };

/** What changed since the last time. A family that left stays while something of it is unsent (AT-07). */
async function keepCaseload({ families = [], gone = [], config, cursor, asOf }) {
  const before = caseload();
  const changed = new Map(before.families.map((family) => [family.id, family]));
  for (const id of gone) if (changed.has(id)) changed.set(id, { ...changed.get(id), left: true });
  for (const family of families) changed.set(family.id, family);
  const busy = await busyFamilies();
  const kept = [...changed.values()].filter(({ id, left }) => !left || busy.has(id));
  const said = { asOf: asOf ?? before.asOf, config: config ?? before.config, cursor: cursor ?? before.cursor };
  await commit(open, { keep: [{ kind: "caseload", value: { families: kept, ...said, held: [] } }] });
}

/**
 * Visits that she made and that the list may not know of yet, [{family, visit}]: those she can still read, and those
 * whose copy went at midnight. The next list that is taken in knows of the latter, for they had been opened before.
 */
const held = () => heldOf([...(caseload().held ?? []), ...all(open, "visit").map(({ value }) => value)]);

const heldOf = (visits) => visits.map(({ family, visit }) => ({ family, visit }));

async function busyFamilies() {
  const unsent = new Set((await database.all("outbox")).filter(({ state }) => !OVER.has(state)).map(({ id }) => id));
  const busy = [...all(open, "draft"), ...all(open, "visit").filter(({ name }) => unsent.has(name))];
  return new Set(busy.map(({ value }) => value.family));
}

const drafts = () => all(open, "draft").map(({ value }) => summary(value));
const summary = ({ id, family, visit, startedAt, savedAt, place }) => ({ id, family, visit, startedAt, savedAt, place });

const draft = (id) => live(open, "draft", id) ?? null;

/** Keep a draft. Resolves with the time when it is on disk and was read back. */
async function keepDraft(value) {
  if (open.finished.has(value.id)) throw notKept("Finished");
  const savedAt = new Date();
  await commit(open, { keep: [{ kind: "draft", name: value.id, value: { ...value, savedAt: savedAt.toISOString() } }] });
  return savedAt;
}

const dropDraft = (id) => commit(open, { drop: [["draft", id]] });

/**
 * A draft becomes a visit: sealed to the municipality, signed, chained to the one before, kept with her own readable
 * copy, and no draft any more, in one transaction. Its id is the draft's, so that finishing twice is finishing once.
 */
async function finish({ id, payload }) {
  const before = await database.get("outbox", id);
  if (before && (before.state !== "waiting" || (await goodEnvelope(before)))) return { id, sha256: before.sha256 };
  const visit = { ...payload, encounter: id };
  const bytes = await sealed(visit).catch((error) => {
    throw notKept(error.message, error);
  });
  const { seq } = parse(bytes);
  const hash = await sha256(bytes);
  const author = live(open, "author").id;
  const row = { id, sha256: hash, state: "waiting", reason: null, size: bytes.length, author, seq, openedAt: null };
  const unfinished = draft(id);
  const { seq: last, previous } = open.index;
  const written = commit(open, {
    keep: [{ kind: "visit", name: id, value: ownCopy(visit) }],
    drop: [["draft", id]],
    head: { seq, previous: hash },
    put: { envelopes: [{ id, bytes }], outbox: [row] },
  });
  // Her own copy may be read back wrong while what goes to the server is right: then the visit is finished all the same.
  await written.catch((error) => {
    if (error.reason !== "ReadBack") throw error;
  });
  if (!(await goodEnvelope(row))) return undo(id, unfinished, { seq: last, previous });
  open.finished.add(id);
  return { id, sha256: hash };
}

async function sealed(visit) {
  const { server, index } = open;
  const author = live(open, "author");
  if (!author || !server) throw new Error("a key is damaged");
  const { public: publicKey } = server.keys[0];
  const key = await crypto.subtle.importKey("pkcs8", unbase64(author.privateKey), P256, false, ["sign"]);
  const header = {
    type: visit.replaces ? TYPES.amendment : TYPES.visit, id: visit.encounter, tablet: server.tablet, author: author.id,
    seq: index.seq + 1, previous: index.previous, claimedAt: Date.now(), schema: visit.schema ?? 1,
    questionnaire: QUESTIONNAIRE, version: visit.instrument,
  };
  return seal(header, visit, unbase64(publicKey), key);
}

const ownCopy = (visit) => ({
  id: visit.encounter, family: visit.family, name: nameOf(visit.family), visit: visit.visit,
  finishedAt: visit.finished_at ?? new Date().toISOString(), payload: visit,
});

function nameOf(family) {
  const { children = [] } = caseload().families.find(({ id }) => id === family) ?? {};
  return children.map(({ name }) => name).join(", ");
}

// Read from the disk: the right bytes, signed by her.
async function goodEnvelope({ id, sha256: hash }) {
  const found = await database.get("envelopes", id).catch(() => null);
  if (!found || (await sha256(found.bytes)) !== hash) return false;
  return verify(found.bytes, unbase64(live(open, "author").publicKey)).catch(() => false);
}

// What was read back is not what was sealed: it is a draft again, and she is told.
async function undo(id, unfinished, head) {
  const keep = unfinished ? [{ kind: "draft", name: id, value: unfinished }] : [];
  const forgotten = () => commit(open, { keep, drop: [["visit", id]], head, take: { envelopes: [id], outbox: [id] } });
  await forgotten().catch(forgotten);
  throw notKept("ReadBack");
}

/** Her own finished visits that she can still read, newest first. */
async function visits() {
  const rows = new Map((await database.all("outbox")).map((row) => [row.id, row]));
  return all(open, "visit")
    .map(({ value: { id, family, name, visit, finishedAt } }) => {
      const { state = "waiting", reason = null } = rows.get(id) ?? {};
      return { id, family, name, visit, finishedAt, state, reason };
    })
    .sort((a, b) => b.finishedAt.localeCompare(a.finishedAt));
}

const visit = (id) => live(open, "visit", id)?.payload ?? null;

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
const withKey = {
  checkCode, caseload, keepCaseload, held, drafts, draft, keepDraft, dropDraft, finish, visits, visit, problems,
};

let latest = Promise.resolve();

globalThis.onmessage = ({ data: { n, what, given } }) => {
  latest = latest.then(() => answer(n, what, given));
};

async function answer(n, what, given) {
  try {
    if (!withoutKey[what] && !open) throw refusal("Locked");
    globalThis.postMessage({ n, value: await (withoutKey[what] ?? withKey[what])(given) });
  } catch (error) {
    const { name, message, key, reason, cause } = error;
    globalThis.postMessage({ n, error: { name, message: cause ? `${message}: ${cause}` : message, key, reason } });
  }
}
