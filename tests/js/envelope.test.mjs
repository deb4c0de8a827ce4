// The envelope as the tablet makes it, on the same files as the server's tests.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { FIRST, lowered, parse, seal, sha256, verify } from "../../static/visitor/envelope.js";
import { opened, unbase64 } from "./opening.mjs";

const read = (name) => JSON.parse(readFileSync(new URL(`../vectors/envelope/${name}`, import.meta.url), "utf8"));
const keys = read("keys-1.json");
const good = read("good-1.json");
const bad = read("bad-1.json");
const smallest = unbase64(good[0].envelope);

const raw = ({ x, y }) => new Uint8Array([4, ...Buffer.from(x, "base64url"), ...Buffer.from(y, "base64url")]);
const author = raw(keys.author);
const municipality = raw(keys.municipality);
const signing = await crypto.subtle.importKey("jwk", keys.author, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
const header = (more = {}) => ({
  type: 1, id: "019ab000-0000-7000-8000-000000000001", tablet: "0c6d4bb0-5b5c-4f0e-9d0f-3a52f0a1b2c3",
  author: "0198c3f0-7c00-7a00-8a00-000000000001", seq: 7, previous: FIRST, claimedAt: 1_795_426_320_345, schema: 1,
  questionnaire: 1, version: "1.2.0", ...more,
});
const refused = (bytes) => assert.rejects(opened(bytes, keys, author));

for (const { name, envelope, type, seq, payload } of good) {
  test(`opened: ${name}`, async () => {
    const bytes = unbase64(envelope);
    const { kid, claimedAt, version, ...rest } = parse(bytes);
    assert.deepEqual([kid, rest.type, rest.seq, version], [keys.kid, type, seq, 100]);
    assert.equal(new Date(claimedAt).toISOString(), "2026-11-23T09:12:00.345Z");
    assert.deepEqual(await opened(bytes, keys, author), payload);
  });
}

for (const { name, envelope } of bad) {
  test(`refused: ${name}`, () => refused(unbase64(envelope)));
}

test("every byte of the header is bound", async () => {
  for (let at = 0; at < 124; at += 1) {
    const changed = smallest.slice();
    changed[at] ^= 1;
    await refused(changed);
  }
});

test("an envelope cut off anywhere is refused", () => {
  for (let length = 0; length < smallest.length; length += 1) assert.throws(() => parse(smallest.subarray(0, length)));
});

test("the header says what was given, and no more", async () => {
  const bytes = await seal(header({ type: 2, previous: "ab".repeat(32) }), { a: 1 }, municipality, signing);
  const { kid, ...said } = parse(bytes);
  const { version, ...given } = header({ type: 2, previous: "ab".repeat(32) });
  assert.equal(version, "1.2.0");
  assert.deepEqual(said, { ...given, version: 102, tenant: 0 });
  assert.equal(kid, keys.kid);
  assert.ok(await verify(bytes, author));
});

test("the same visit sealed twice looks different throughout", async () => {
  const [one, two] = await Promise.all([1, 2].map(() => seal(header(), { a: 1 }, municipality, signing)));
  assert.notEqual(await sha256(one), await sha256(two));
  const same = one.subarray(124, -64).filter((byte, n) => byte === two[124 + n]).length;
  assert.ok(same < 100, `${same} bytes alike`);
});

test("of the two signatures that hold the lower is sent", async () => {
  const [lower, higher] = read("signatures-1.json").map((one) => unbase64(one.envelope));
  for (const bytes of [lower, higher]) {
    assert.ok(await verify(bytes, author), "what was kept before stays readable");
    assert.deepEqual(lowered(bytes.slice(-64)), lower.slice(-64));
  }
  assert.notDeepEqual(lower, higher);
});

test("what would be larger than the server takes is not made", async () => {
  const words = Array.from({ length: 400_000 }, () => Math.random().toString(36).slice(2));
  await assert.rejects(seal(header(), { words }, municipality, signing), /too_large/);
});

test("a view into a larger buffer is read as itself", async () => {
  const whole = new Uint8Array([9, 9, ...smallest, 9]);
  assert.equal(parse(whole.subarray(2, -1)).seq, 1);
  assert.ok(await verify(whole.subarray(2, -1), author));
});
