// The sealed envelope that carries a visit to the server (screening/store/envelope.md). Made here, signed here,
// and never opened here: only the municipality can. Touches neither page nor storage.

const MAGIC = 0x53434531; // "SCE1"
const SUITE = 1;
const BUCKET = 4096;
const HEADER = 124;
const ENC = 65;
const TAG = 16;
const SIGNATURE = 64;
const LARGEST = 256 * 1024;
const LAST_MOMENT = 253_402_300_799_999n; // the end of the year 9999

export const TYPES = { visit: 1, amendment: 2, draft: 3, preliminary: 4, note: 5 };
export const FIRST = "0".repeat(64); // what stands for the envelope before the first

const ECDSA = { name: "ECDSA", hash: "SHA-256" };
const P256 = { name: "ECDSA", namedCurve: "P-256" };
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n; // n of P-256 (SEC 2, 2.4.2)
const utf8 = new TextEncoder();
const INFO = utf8.encode("screening envelope 1");
const SIGNED = utf8.encode("screening signature 1");

let suite = null;

/** HPKE base mode, P-256, HKDF-SHA-256, AES-256-GCM; fetched when the first envelope is sealed. */
async function hpke() {
  if (suite) return suite;
  const { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } = await import("../vendor/hpke-core.js");
  suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  return suite;
}

/**
 * Seal and sign.
 * header: {type, id, tablet, author, seq, previous, claimedAt, schema, questionnaire, version, tenant}; ids are UUID
 * text, previous is hex, claimedAt milliseconds, questionnaire a number, version "1.0.0".
 * publicKey: the municipality's key, 65 bytes. authorKey: CryptoKey to sign with. Gives the envelope's bytes.
 */
export async function seal(header, payload, publicKey, authorKey) {
  const padded = pad(await deflated(utf8.encode(JSON.stringify(payload))));
  const head = await headerBytes(header, publicKey, ENC + padded.length + TAG);
  if (head.length + ENC + padded.length + TAG + SIGNATURE > LARGEST) throw new RangeError("too_large");
  const engine = await hpke();
  const recipientPublicKey = await engine.kem.deserializePublicKey(publicKey);
  const { enc, ct } = await engine.seal({ recipientPublicKey, info: joined(INFO, head) }, padded);
  const sealed = joined(enc, ct);
  const signature = await crypto.subtle.sign(ECDSA, authorKey, await toSign(head, sealed));
  return joined(head, sealed, lowered(new Uint8Array(signature)));
}

/** A signature with the lower of its two s (s or n - s): the server takes no other, so that no envelope has a twin. */
export function lowered(signature) {
  const s = BigInt(`0x${hex(signature.subarray(32))}`);
  if (2n * s < ORDER) return signature;
  return joined(signature.subarray(0, 32), unhex((ORDER - s).toString(16).padStart(64, "0")));
}

/** What stands outside the seal, for reading back. Throws an Error named by the codes in envelope.md. */
export function parse(bytes) {
  if (bytes.length > LARGEST) throw new Error("too_large");
  if (bytes.length < 4 || view(bytes).getUint32(0) !== MAGIC) throw new Error("not_ours");
  if (bytes.length < HEADER + ENC + BUCKET + TAG + SIGNATURE) throw new Error("too_short");
  const at = view(bytes);
  if (at.getUint8(4) !== SUITE) throw new Error("unknown_suite");
  if (!Object.values(TYPES).includes(at.getUint8(15))) throw new Error("unknown_type");
  if (at.getUint16(118)) throw new Error("unknown_flags");
  const padded = at.getUint32(120) - ENC - TAG;
  if (HEADER + at.getUint32(120) + SIGNATURE !== bytes.length || padded % BUCKET) throw new Error("wrong_length");
  if (at.getBigUint64(64) > 2n ** 53n) throw new Error("wrong_number");
  if (at.getBigUint64(104) > LAST_MOMENT) throw new Error("wrong_time");
  return {
    kid: hex(bytes.subarray(5, 13)), tenant: at.getUint16(13), type: at.getUint8(15),
    id: uuid(bytes.subarray(16, 32)), tablet: uuid(bytes.subarray(32, 48)), author: uuid(bytes.subarray(48, 64)),
    seq: Number(at.getBigUint64(64)), previous: hex(bytes.subarray(72, 104)), claimedAt: Number(at.getBigUint64(104)),
    schema: at.getUint16(112), questionnaire: at.getUint16(114), version: at.getUint16(116),
  };
}

/** Did the holder of this author key (65 bytes) sign exactly these bytes? Throws what parse throws. */
export async function verify(bytes, authorPublic) {
  parse(bytes);
  const key = await crypto.subtle.importKey("raw", authorPublic, P256, false, ["verify"]);
  const end = bytes.length - SIGNATURE;
  const signed = await toSign(bytes.subarray(0, HEADER), bytes.subarray(HEADER, end));
  return crypto.subtle.verify(ECDSA, key, bytes.subarray(end), signed);
}

/** SHA-256 as hex. */
export const sha256 = async (bytes) => hex(await digest(bytes));

/** The short name of a municipality key: the first 8 bytes of its SHA-256. */
export const kidOf = async (publicKey) => (await sha256(publicKey)).slice(0, 16);

async function headerBytes(header, publicKey, length) {
  const bytes = new Uint8Array(HEADER);
  const at = view(bytes);
  const [major, minor] = header.version.split(".").map(Number);
  at.setUint32(0, MAGIC);
  at.setUint8(4, SUITE);
  bytes.set(unhex(await kidOf(publicKey)), 5);
  at.setUint16(13, header.tenant ?? 0);
  at.setUint8(15, header.type);
  [header.id, header.tablet, header.author].forEach((id, n) => bytes.set(unhex(id.replaceAll("-", "")), 16 + 16 * n));
  at.setBigUint64(64, BigInt(header.seq));
  bytes.set(unhex(header.previous), 72);
  at.setBigUint64(104, BigInt(header.claimedAt));
  [header.schema, header.questionnaire, major * 100 + minor, 0].forEach((n, place) => at.setUint16(112 + 2 * place, n));
  at.setUint32(120, length);
  return bytes;
}

async function deflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Length in front, zeros behind, to a whole number of buckets: the size tells next to nothing.
function pad(bytes) {
  const padded = new Uint8Array(Math.ceil((4 + bytes.length) / BUCKET) * BUCKET);
  view(padded).setUint32(0, bytes.length);
  padded.set(bytes, 4);
  return padded;
}

const toSign = async (head, sealed) => joined(SIGNED, head, await digest(sealed));
const digest = (bytes) => crypto.subtle.digest("SHA-256", bytes);
const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Several byte arrays as one. */
export function joined(...parts) {
  const arrays = parts.map((part) => new Uint8Array(part.buffer ?? part, part.byteOffset ?? 0, part.byteLength));
  const whole = new Uint8Array(arrays.reduce((length, { length: more }) => length + more, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}

/** Bytes (or an ArrayBuffer) as hex, and back. */
export const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const uuid = (bytes) => hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
