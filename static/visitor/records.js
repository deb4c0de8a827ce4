// What one person keeps here, each thing sealed under her key: opened when she opens, written in strict transactions,
// read back before it counts. Runs in keeper.js, and knows no family and no visit.

import * as database from "./database.js";
import { FIRST } from "./envelope.js";
import * as sealing from "./sealing.js";

const KINDS = ["draft", "visit", "preliminary", "note", "caseload", "author", "server", "code"];

/** A refusal with a name that the screens know, and a key of words where there is one. */
export function refusal(name, key, more = {}) {
  return Object.assign(new Error(name), { name, key, ...more });
}

// ── opening ──

/**
 * A vault with nothing in it. `live` holds what was opened, by kind and name; `index` says what must be there, in which
 * revision, and how far the chain of envelopes has come; `damaged` names what does not open, {id, kind}.
 */
export async function emptyVault(row, uk) {
  const ring = await sealing.keyring(uk, row.vault);
  return {
    row, ring, live: new Map(), damaged: [], relisted: false, rev: 0,
    index: { seq: 0, previous: FIRST, rows: {} },
  };
}

/** A person's vault from the disk, with everything in it that opens. */
export const openVault = async (row, uk) => filled(await emptyVault(row, uk));

/** Everything of an open vault read from the disk again, after `forget`. */
export async function readAgain(vault) {
  const read = await filled({ ...vault, index: { ...vault.index }, live: new Map(), damaged: [], relisted: false });
  Object.assign(vault, read);
}

/** Let go what was opened, but for one kind of thing. What a place and a revision are is still known, so that it can be written to. */
export function forget(vault, { but }) {
  for (const one of vault.live.values()) if (one.kind !== but) delete one.value;
}

async function filled(vault) {
  const { row } = vault;
  const rows = new Map((await database.recordsOf(row.vault)).map((record) => [record.id, record]));
  const index = rows.get(row.index);
  try {
    vault.index = (await sealing.openRecord(vault.ring, index, "index")).value;
    vault.rev = index.rev;
    await openListed(vault, rows);
  } catch (error) {
    if (!(error instanceof sealing.Damaged) && index) throw error;
    await openUnlisted(vault, rows);
  }
  return vault;
}

// Everything on the list, in the revision it names. What is missing, older or damaged is named and stays where it is.
async function openListed(vault, rows) {
  const listed = Object.entries(vault.index.rows);
  await Promise.all(
    listed.map(async ([id, { kind, name, rev }]) => {
      const record = rows.get(id);
      if (!record || record.rev !== rev) return vault.damaged.push({ id: name || id, kind });
      return openOne(vault, record, kind, () => vault.damaged.push({ id: name || id, kind }));
    }),
  );
  const strange = [...rows.keys()].filter((id) => id !== vault.row.index && !vault.index.rows[id]);
  for (const id of strange) vault.damaged.push({ id, kind: "unknown" });
}

async function openOne(vault, record, kind, otherwise) {
  try {
    const { name, value } = await sealing.openRecord(vault.ring, record, kind);
    vault.live.set(`${kind} ${name}`, { id: record.id, kind, name, rev: record.rev, value });
  } catch (error) {
    if (!(error instanceof sealing.Damaged)) throw error;
    await otherwise();
  }
}

// The list itself is damaged: it is kept under its own id, and a new one is made of all that opens.
async function openUnlisted(vault, rows) {
  const damaged = vault.row.index;
  vault.row = { ...vault.row, index: sealing.randomId() };
  vault.index.rows = {};
  for (const [id, record] of rows) {
    const named = { id, kind: id === damaged ? "index" : "unknown" };
    const tryAll = async ([kind, ...others]) =>
      kind ? openOne(vault, record, kind, () => tryAll(others)) : vault.damaged.push(named);
    await tryAll(KINDS);
  }
  if (!rows.has(damaged)) vault.damaged.push({ id: damaged, kind: "index" });
  for (const { id, kind, name, rev } of vault.live.values()) vault.index.rows[id] = { kind, name, rev };
  vault.relisted = true;
}

// ── keeping ──

/** One thing's value, or undefined; all of a kind as [{name, value}]. */
export const live = (vault, kind, name = "") => vault.live.get(`${kind} ${name}`)?.value;
export const all = (vault, kind) => [...vault.live.values()].filter((one) => one.kind === kind);

/**
 * One strict transaction: seal and put what is to be kept, drop what is to go, and the list that names it all;
 * then read back what was written. `head` moves the chain, `put` and `take` add other stores' rows and keys.
 */
export async function commit(vault, { keep = [], drop = [], head = {}, put = {}, take = {} }) {
  const { ring, row } = vault;
  const index = { ...vault.index, ...head, rows: { ...vault.index.rows } };
  const kept = keep.map(({ kind, name = "", value }) => {
    const before = vault.live.get(`${kind} ${name}`);
    return { id: before?.id ?? sealing.randomId(), kind, name, value, rev: (before?.rev ?? 0) + 1 };
  });
  for (const { id, kind, name, rev } of kept) index.rows[id] = { kind, name, rev };
  const gone = drop.map(([kind, name]) => vault.live.get(`${kind} ${name}`)).filter(Boolean);
  for (const { id } of gone) delete index.rows[id];
  const list = { id: row.index, kind: "index", rev: vault.rev + 1, value: index };
  const sealed = [...kept, list].map((one) => sealing.sealRecord(ring, { ...one, vault: row.vault }));
  const records = await Promise.all(sealed);
  await stored({ put: { ...put, records }, drop: { ...take, records: gone.map(({ id }) => id) } });
  Object.assign(vault, { index, rev: list.rev }); // what was written counts from here, also when it is read back wrong
  for (const { kind, name } of gone) vault.live.delete(`${kind} ${name}`);
  for (const one of kept) vault.live.set(`${one.kind} ${one.name}`, one);
  await sameOnDisk(records);
}

async function stored(changes) {
  try {
    await database.write(changes);
  } catch (error) {
    throw notKept(error.name, error);
  }
}

async function sameOnDisk(records) {
  const found = await database.several("records", records.map(({ id }) => id));
  if (!records.every(({ bytes }, n) => found[n] && alike(bytes, found[n].bytes))) throw notKept("ReadBack");
}

const alike = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

/** It is not on the disk as it should be; what was there before still is. */
export const notKept = (reason, cause) => refusal("NotKept", "save.not", { reason, cause });
