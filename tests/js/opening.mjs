// What only the municipality can do, here for the tests: open an envelope, as strictly as the server does.

import { inflateRawSync } from "node:zlib";

import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "../../static/vendor/hpke-core.js";
import { joined, parse, verify } from "../../static/visitor/envelope.js";

const HEADER = 124;
const SIGNATURE = 64;
const LARGEST_PAYLOAD = 1024 * 1024;
const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

export const unbase64 = (text) => new Uint8Array(Buffer.from(text, "base64"));

/** The payload of a signed envelope, or an Error. `keys`: {municipality: JWK, kid}, `author`: 65 bytes. */
export async function opened(bytes, keys, author) {
  const { kid } = parse(bytes);
  if (!(await verify(bytes, author))) throw new Error("signature");
  if (kid !== keys.kid) throw new Error("wrong_key");
  const ct = bytes.subarray(HEADER, bytes.length - SIGNATURE);
  const info = joined(new TextEncoder().encode("screening envelope 1"), bytes.subarray(0, HEADER));
  const recipientKey = await suite.kem.importKey("jwk", keys.municipality, false);
  const padded = new Uint8Array(await suite.open({ recipientKey, enc: ct.slice(0, 65), info }, ct.slice(65)));
  return strict(inflated(unpadded(padded)));
}

function unpadded(padded) {
  const length = new DataView(padded.buffer).getUint32(0);
  if (4 + length > padded.length || padded.subarray(4 + length).some(Boolean)) throw new Error("bad_padding");
  return padded.subarray(4, 4 + length);
}

function inflated(bytes) {
  const { buffer, engine } = inflateRawSync(bytes, { maxOutputLength: LARGEST_PAYLOAD, info: true });
  if (engine.bytesWritten !== bytes.length) throw new Error("bad_compression");
  return buffer;
}

// What the tablet writes is what JSON.stringify writes. Anything that reads back differently (a name twice, NaN, a
// number that is rounded) was not written by it.
function strict(bytes) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const value = JSON.parse(text);
  if (JSON.stringify(value) !== text || !text.startsWith("{") || depth(value) > 32) throw new Error("bad_json");
  if (/\\ud[89a-f]/i.test(text)) throw new Error("bad_json");
  return value;
}

const depth = (value) => (value && typeof value === "object" ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0);
