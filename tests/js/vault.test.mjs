// Sealing at rest, the passphrase and the code: what sealing.js does, without a page or a database.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Damaged, SYLLABLES, codeFits, codeVerifier, keyring, newPhrase, openRecord, openSlot, passSlot, plainPhrase, prfSlot, random,
  randomId, sealRecord,
} from "../../static/visitor/sealing.js";

const FEW = 1000; // rounds in a test; the product's own number is looked at below
const PIN = "ab".repeat(32);
const uk = random(32);
const vault = randomId();
const ring = await keyring(uk, vault);
const place = { id: randomId(), vault, kind: "draft", rev: 3, name: "019ab000", value: { text: "Søster", list: [1, null] } };
const record = await sealRecord(ring, place);
const closed = (changed, kind = "draft", otherRing = ring) => assert.rejects(openRecord(otherRing, { ...record, ...changed }, kind), Damaged);

test("a record opens to what was sealed", async () => {
  assert.deepEqual(await openRecord(ring, record, "draft"), { name: place.name, value: place.value });
});

test("a record moved to another place, kind, vault or revision does not open", async () => {
  await closed({ rev: 2 });
  await closed({ rev: 4 });
  await closed({ id: randomId() });
  await closed({ vault: randomId() });
  await closed({}, "visit");
});

test("a record does not open under another's key, nor under another vault of the same key", async () => {
  await closed({}, "draft", await keyring(random(32), vault));
  await closed({}, "draft", await keyring(uk, randomId()));
});

test("a record with any byte changed, or cut off, does not open", async () => {
  for (let at = 0; at < record.bytes.length; at += at < 40 ? 1 : 97) {
    const bytes = record.bytes.slice();
    bytes[at] ^= 1;
    await closed({ bytes });
  }
  for (const length of [0, 3, 15, 16, 31, 2000]) await closed({ bytes: record.bytes.slice(0, length) });
});

test("the length of a record does not tell how much was written", async () => {
  const lengths = await Promise.all(
    ["", "a".repeat(500), "æ".repeat(1900)].map(async (text) => (await sealRecord(ring, { ...place, value: { text } })).bytes.length),
  );
  assert.equal(new Set(lengths).size, 1);
});

test("two records of the same words share no bytes", async () => {
  const other = await sealRecord(ring, { ...place, id: randomId() });
  const again = await sealRecord(ring, place);
  for (const one of [other, again]) {
    const same = one.bytes.subarray(16).filter((byte, n) => byte === record.bytes[16 + n]).length;
    assert.ok(same < 60, `${same} bytes alike`);
  }
});

test("there are 1,024 different syllables that can only be read in one way", () => {
  assert.equal(new Set(SYLLABLES).size, 1024);
  for (const syllable of SYLLABLES) assert.match(syllable, /^[b-df-hj-np-tv]{1,2}[aeio][lmnrstfv]$/);
});

test("a passphrase has seven syllables, each as likely as any other", () => {
  const counts = new Map();
  for (let n = 0; n < 4000; n += 1) {
    const syllables = newPhrase().split("-");
    assert.equal(syllables.length, 7);
    for (const syllable of syllables) counts.set(syllable, (counts.get(syllable) ?? 0) + 1);
  }
  assert.equal(counts.size, 1024);
  const expected = (4000 * 7) / 1024;
  const chiSquare = SYLLABLES.reduce((sum, syllable) => sum + (counts.get(syllable) - expected) ** 2 / expected, 0);
  assert.ok(chiSquare > 750 && chiSquare < 1320, `chi square ${chiSquare} of 1,023 degrees of freedom`);
});

test("a passphrase may be typed in capitals, with spaces, hyphens or nothing between", async () => {
  const slot = await passSlot(uk, PIN, "bal-bem-kos-dril-fon-gras-hev", vault, FEW);
  for (const typed of ["BAL BEM KOS DRIL FON GRAS HEV", "balbemkosdrilfongrashev", " Bal–bem, kos dril-fon gras  hev\n"]) {
    assert.deepEqual((await openSlot(slot, typed, vault)).uk, uk);
  }
  assert.equal(plainPhrase("ＢＡＬ-bem"), "balbem");
});

test("a slot opens for its secret only, in its own vault only, and gives the pin", async () => {
  const slot = await passSlot(uk, PIN, "bal-bem-kos-dril-fon-gras-hev", vault, FEW);
  assert.equal((await openSlot(slot, "bal-bem-kos-dril-fon-gras-hev", vault)).pin, PIN);
  await assert.rejects(openSlot(slot, "bal-bem-kos-dril-fon-gras-hel", vault), Damaged);
  await assert.rejects(openSlot(slot, "", vault), Damaged);
  await assert.rejects(openSlot(slot, "bal-bem-kos-dril-fon-gras-hev", randomId()), Damaged);
  await assert.rejects(openSlot({ ...slot, rounds: FEW - 1 }, "bal-bem-kos-dril-fon-gras-hev", vault), Damaged);
});

test("a passkey's slot opens for its secret only", async () => {
  const secret = random(32);
  const slot = await prfSlot(uk, PIN, secret, random(16), vault);
  assert.deepEqual((await openSlot(slot, secret, vault)).uk, uk);
  await assert.rejects(openSlot(slot, random(32), vault), Damaged);
  await assert.rejects(openSlot({ ...slot, credential: random(16) }, secret, vault), Damaged);
});

test("a slot says how it was stretched, at least as much as is asked for", async () => {
  const { ROUNDS } = await import("../../static/visitor/sealing.js");
  assert.ok(ROUNDS >= 1_200_000);
});

test("a code fits itself only, and two verifiers of one code differ", async () => {
  const [one, two] = await Promise.all([codeVerifier("2580"), codeVerifier("2580")]);
  assert.notEqual(one.mac, two.mac);
  assert.ok(await codeFits(one, "2580"));
  for (const wrong of ["2581", "258", "25800", "", "02580"]) assert.ok(!(await codeFits(one, wrong)));
});
