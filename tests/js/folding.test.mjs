// A name is found however it is typed, on the tablet as at the lead's: both fold by the same vectors.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { folded, words } from "../../static/visitor/folding.js";

const vectors = JSON.parse(readFileSync(new URL("../vectors/folding.json", import.meta.url), "utf8"));

test("a text is folded as the vectors say", () => {
  for (const [text, plain] of vectors.folded) assert.equal(folded(text), plain, text);
});

test("a name is found as the vectors say", () => {
  for (const [asked, found] of vectors.finds) {
    const isFound = (name) => words(asked).every((word) => folded(name).includes(word));
    assert.deepEqual(vectors.names.filter(isFound), found, asked);
  }
});
