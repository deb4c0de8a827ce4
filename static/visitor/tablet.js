// What this tablet has of its own: its transport key, with which it carries sealed post, the server's keys that it was
// set up with, and its passkeys. Nothing here opens anything.

import * as database from "./database.js";
import { kidOf, sha256 } from "./envelope.js";

const ECDSA = { name: "ECDSA", hash: "SHA-256" };
const P256 = { name: "ECDSA", namedCurve: "P-256" };
const ALGORITHMS = [-7, -257]; // ES256, RS256; a passkey's signature itself is not used
const PLAIN = /^[\x21-\x7e]+$/; // no space, no line break: a receipt's line can only be read in one way
const utf8 = new TextEncoder();

/** Bytes as base64 text, and back. Neither is meant for more than a few hundred bytes. */
export const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
export const unbase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

const urlBase64 = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const setting = async (name) => (await database.get("settings", name))?.value;

/**
 * This tablet's id and transport key, {id, key, publicKey}; made the first time. The key cannot be exported, but its
 * bytes lie on the disk: whoever takes them can bring sealed envelopes and read nothing.
 */
export async function own() {
  const known = await setting("tablet");
  if (known) return known;
  const pair = await crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const made = { id: crypto.randomUUID(), key: pair.privateKey, publicKey };
  await database.write({ put: { settings: [{ name: "tablet", value: made }] } });
  return setting("tablet");
}

/** A new key that signs as an author: {privateKey, publicKey} as base64 text. */
export async function newAuthor() {
  const pair = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.exportKey("pkcs8", pair.privateKey), crypto.subtle.exportKey("raw", pair.publicKey),
  ]);
  return { privateKey: base64(privateKey), publicKey: base64(publicKey) };
}

/** Sign bytes with the transport key: r and s, 64 bytes. */
export const sign = async (bytes) => crypto.subtle.sign(ECDSA, (await own()).key, bytes);

/** The headers that say who carries a request; the nonce is needed again for `verified`. */
export async function signed(method, path, body) {
  const { id } = await own();
  const nonce = urlBase64(crypto.getRandomValues(new Uint8Array(16)));
  const message = `screening request 1\n${method}\n${path}\n${id}\n${nonce}\n${await sha256(body)}`;
  return { "X-Tablet": id, "X-Nonce": nonce, "X-Signature": base64(await sign(utf8.encode(message))) };
}

/** Is this answer, to the request with this nonce, signed by the server that the tablet was set up with? */
export async function verified(kind, answer, nonce) {
  const [{ id }, facts] = await Promise.all([own(), setting("server")]);
  const list = kind === "outbox" ? answer?.results : answer?.states;
  if (!facts || !Array.isArray(list)) return false;
  const lines = list.map((one) => [one?.id, one?.sha256, one?.result ?? one?.state, one?.reason ?? "-"]);
  const words = [...lines.flat(), answer.epoch, String(answer.safe_seq)];
  if (!words.every((word) => typeof word === "string" && PLAIN.test(word))) return false;
  const head = `screening receipt 1\n${kind}\n${id}\n${nonce}\n${answer.epoch}\n${answer.safe_seq}\n`;
  const message = head + lines.map((line) => `${line.join(" ")}\n`).join("");
  return signedBy(unbase64(facts.receipt_key), answer.signature, utf8.encode(message));
}

async function signedBy(publicKey, signature, message) {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, P256, false, ["verify"]);
    return await crypto.subtle.verify(ECDSA, key, unbase64(signature), message);
  } catch {
    return false; // not base64, not a key: no signature
  }
}

/**
 * The facts about the server in its answer to an enrolment, when they hold together: every key has its short name
 * and the list is signed by the root key that the answer names. Throws otherwise.
 */
export async function trustedFacts({ root, keys, keys_signature, receipt_key, epoch, tablet }) {
  const names = await Promise.all(keys.map(({ public: key }) => kidOf(unbase64(key))));
  if (!keys.length || keys.some(({ kid }, n) => kid !== names[n])) throw new Error("a key does not bear its own name");
  if (!(await rootSigned(root, keys, keys_signature))) throw new Error("the keys are not signed by the root");
  return { root, keys, keys_signature, receipt_key, epoch, tablet };
}

/** SHA-256 of the root key: what a person's own slots pin the server by. */
export const pinOf = async (root) => sha256(unbase64(root));

/** Did the root key (base64, Ed25519) sign this list of keys? */
export async function rootSigned(root, keys, signature) {
  try {
    const key = await crypto.subtle.importKey("raw", unbase64(root), "Ed25519", false, ["verify"]);
    const message = `screening keys 1\n${keys.map(({ kid, public: text }) => `${kid} ${text}\n`).join("")}`;
    return await crypto.subtle.verify("Ed25519", key, unbase64(signature), utf8.encode(message));
  } catch {
    return false;
  }
}

/** Take over a newer list of the municipality's keys, if the pinned root signed it. Says whether it did. */
export async function acceptKeys({ keys, keys_signature }) {
  const facts = await setting("server");
  if (!facts || !(await rootSigned(facts.root, keys, keys_signature))) return false;
  await database.write({ put: { settings: [{ name: "server", value: { ...facts, keys, keys_signature } }] } });
  return true;
}

/** What is pinned of the server, with a fingerprint of its root to read out: {epoch, kid, root, tablet} or null. */
export async function server() {
  const facts = await setting("server");
  if (!facts) return null;
  const { epoch, keys, root, tablet } = facts;
  return { epoch, kid: keys[0].kid, root: await pinOf(root), tablet };
}

// ── a passkey of this tablet, asked for its PRF: the same secret each time, given out only after finger, face or the
// tablet's own code. Nothing is sent to a server. ──

/** What the authenticator derives the secret from: other for each vault. */
const saltOf = async (vault) => new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(`screening prf 1\n${vault}`)));

/** Can this tablet make one? */
export async function hasPasskeys() {
  return Boolean(await globalThis.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable?.());
}

/** A new passkey for a vault, {credential, secret}, or null when she declines or the tablet has no PRF. */
export async function newPasskey(vault, initials) {
  try {
    const first = await saltOf(vault);
    const made = await navigator.credentials.create({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        rp: { name: "Besøg" },
        user: { id: utf8.encode(vault), name: initials, displayName: initials },
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { authenticatorAttachment: "platform", residentKey: "preferred", userVerification: "required" },
        extensions: { prf: { eval: { first } } },
      },
    });
    const { prf } = made.getClientExtensionResults();
    if (!prf?.enabled) return null;
    const credential = new Uint8Array(made.rawId);
    return { credential, secret: prf.results?.first ? new Uint8Array(prf.results.first) : await passkeySecret(vault, credential) };
  } catch (error) {
    if (error instanceof DOMException || error.name === "NoPasskey") return null; // the passphrase is there
    throw error;
  }
}

/** The secret of a vault's passkey, 32 bytes. Throws an error named NoPasskey, or a DOMException when she declines. */
export async function passkeySecret(vault, credential) {
  const found = await navigator.credentials.get({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      allowCredentials: [{ type: "public-key", id: credential }],
      userVerification: "required",
      extensions: { prf: { eval: { first: await saltOf(vault) } } },
    },
  });
  const first = found?.getClientExtensionResults().prf?.results?.first;
  if (!first) throw Object.assign(new Error("the passkey gave no secret"), { name: "NoPasskey" });
  return new Uint8Array(first);
}
