// Sealing at rest: records under the person's key, and the slots that hold that key under a passphrase or a
// passkey. Touches neither page nor storage; runs where the key is, in keeper.js.

import { hex, joined, unhex } from "./envelope.js";

export const ROUNDS = 1_200_000; // PBKDF2-SHA-256

const MAGIC = new Uint8Array([0x53, 0x43, 0x52, 0x31]); // "SCR1"
const NONCE = 12;
const BUCKETS = { caseload: 16384 }; // the others 4096: the length must tell nothing of what was said
const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { fatal: true });

/** A sealed record or slot that does not open: damaged, moved, of an older state, or under another key. */
export class Damaged extends Error {
  name = "Damaged";
}

export const random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));
export const randomId = () => hex(random(16));

// ── records ──

/** What seals and opens the records of one vault with its key (32 bytes). Each record has a key of its own. */
export async function keyring(uk, vault) {
  const root = await crypto.subtle.importKey("raw", uk, "HKDF", false, ["deriveKey"]);
  const keys = new Map();
  return (id) => {
    if (!keys.has(id)) keys.set(id, derived(root, utf8.encode(vault), `screening record 1\n${id}`));
    return keys.get(id);
  };
}

/** Seal a named JSON value as a record {id, vault, rev, bytes}. Bound to its kind, its place and its revision. */
export async function sealRecord(ring, { id, vault, kind, rev, name = "", value }) {
  const nonce = random(NONCE);
  const plain = padded(utf8.encode(JSON.stringify({ name, value })), BUCKETS[kind] ?? 4096);
  const sealed = await crypto.subtle.encrypt(gcm(nonce, bound({ id, vault, kind, rev })), await ring(id), plain);
  return { id, vault, rev, bytes: joined(MAGIC, nonce, sealed) };
}

/** What was sealed, {name, value}. Throws Damaged. */
export async function openRecord(ring, { id, vault, rev, bytes }, kind) {
  try {
    if (hex(bytes.subarray(0, 4)) !== hex(MAGIC)) throw new Damaged("not a record");
    const nonce = bytes.subarray(4, 4 + NONCE);
    const parameters = gcm(nonce, bound({ id, vault, kind, rev }));
    const plain = await crypto.subtle.decrypt(parameters, await ring(id), bytes.subarray(4 + NONCE));
    return JSON.parse(text.decode(unpadded(new Uint8Array(plain))));
  } catch (error) {
    throw new Damaged(kind, { cause: error });
  }
}

const bound = ({ id, vault, kind, rev }) => framed("screening record 1", kind, id, vault, String(rev));
const gcm = (iv, additionalData) => ({ name: "AES-GCM", iv, additionalData });

// Each part with its length in front, so that no two lists of parts look alike.
const framed = (...parts) =>
  joined(
    ...parts.flatMap((part) => {
      const bytes = utf8.encode(part);
      return [new Uint8Array([bytes.length >> 8, bytes.length & 255]), bytes];
    }),
  );

function padded(bytes, bucket) {
  const whole = new Uint8Array(Math.ceil((4 + bytes.length) / bucket) * bucket);
  new DataView(whole.buffer).setUint32(0, bytes.length);
  whole.set(bytes, 4);
  return whole;
}

const unpadded = (whole) => whole.subarray(4, 4 + new DataView(whole.buffer).getUint32(0));

async function derived(root, salt, info) {
  const hkdf = { name: "HKDF", hash: "SHA-256", salt, info: utf8.encode(info) };
  return crypto.subtle.deriveKey(hkdf, root, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

// ── slots: the key under a passphrase or a passkey ──

/** A slot that the passphrase opens. `pin` is the SHA-256 of the server's root key, kept inside the seal. */
export async function passSlot(uk, pin, phrase, vault, rounds = ROUNDS) {
  const slot = { id: randomId(), type: "pass", salt: random(16), rounds };
  return filled(slot, uk, pin, await stretched(phrase, slot), vault);
}

/** A slot that the passkey opens; `secret` is what the authenticator's PRF gave. */
export async function prfSlot(uk, pin, secret, credential, vault) {
  return filled({ id: randomId(), type: "prf", salt: random(32), rounds: 0, credential }, uk, pin, secret, vault);
}

/** The key and the pin in a slot, {uk, pin}, opened by a passphrase or a PRF secret. Throws Damaged. */
export async function openSlot(slot, secret, vault) {
  const ikm = slot.type === "pass" ? await stretched(secret, slot) : secret;
  try {
    const key = await slotKey(slot, ikm, vault);
    const plain = new Uint8Array(await crypto.subtle.decrypt(gcm(slot.nonce, slotBound(slot, vault)), key, slot.sealed));
    return { uk: plain.slice(0, 32), pin: hex(plain.subarray(32)) };
  } catch (error) {
    throw new Damaged("slot", { cause: error });
  }
}

async function filled(slot, uk, pin, ikm, vault) {
  const nonce = random(NONCE);
  const key = await slotKey(slot, ikm, vault);
  const sealed = await crypto.subtle.encrypt(gcm(nonce, slotBound(slot, vault)), key, joined(uk, unhex(pin)));
  return { ...slot, nonce, sealed: new Uint8Array(sealed) };
}

async function slotKey(slot, ikm, vault) {
  const root = await crypto.subtle.importKey("raw", ikm, "HKDF", false, ["deriveKey"]);
  return derived(root, slot.salt, `screening slot 1\n${vault}\n${slot.id}\n${slot.type}`);
}

const slotBound = ({ id, type, rounds, credential = [] }, vault) =>
  framed("screening slot 1", id, type, vault, String(rounds), hex(credential));

async function stretched(phrase, { salt, rounds }) {
  const key = await crypto.subtle.importKey("raw", utf8.encode(plainPhrase(phrase)), "PBKDF2", false, ["deriveBits"]);
  return crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, key, 256);
}

// ── the passphrase: seven syllables of 1,024, 70 bits ──

const ONSETS = "b d f g h j k l m n p r s t v bl br dr fl fr gl gr kl kr pl pr sk sl sm sn sp st sv tr".split(" ");
const VOWELS = [..."aeio"];
const CODAS = [..."lmnrstfv"];
// Words that nobody wants on a card in her pocket, Danish and English.
const AVOIDED = new Set(
  ("dril fan far fis fat fit gal gas gris grim hat hel hiv hom hor hit kil klam klan krim lam mis mor nar nas pat pis " +
    "prat rat rot sin sel skam skil skit slam slav slem slet slim slit snot sos spas stof svin svir tis tit tos trist").split(" "),
);

/** Consonant(s), vowel, consonant: strung together they can only be read in one way. */
export const SYLLABLES = ONSETS.flatMap((onset) => VOWELS.flatMap((vowel) => CODAS.map((coda) => onset + vowel + coda)))
  .filter((syllable) => !AVOIDED.has(syllable))
  .slice(0, 1024);

/** A new passphrase, its seven syllables joined by hyphens. */
export function newPhrase() {
  const draws = crypto.getRandomValues(new Uint16Array(7)); // 65,536 is a multiple of 1,024: every syllable alike
  return [...draws].map((draw) => SYLLABLES[draw & 1023]).join("-");
}

/** What counts of a typed passphrase: its letters. Case, spaces and hyphens do not. */
export const plainPhrase = (typed) => typed.normalize("NFKC").toLowerCase().replace(/[^a-z]/g, "");

// ── the code that opens again after a re-lock ──

/** What is kept, under seal, to check a code by. */
export async function codeVerifier(code) {
  const salt = random(32);
  return { salt: hex(salt), mac: await codeMac(salt, code) };
}

export const codeFits = async ({ salt, mac }, code) => (await codeMac(unhex(salt), code)) === mac;

async function codeMac(salt, code) {
  const key = await crypto.subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return hex(await crypto.subtle.sign("HMAC", key, utf8.encode(code)));
}
