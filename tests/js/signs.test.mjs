// What is typed is cleaned on the tablet as the server cleans it: both are held to the same vectors.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { clean } from "../../static/visitor/signs.js";

const { texts } = JSON.parse(readFileSync(new URL("../vectors/signs.json", import.meta.url), "utf8"));

test("a text is cleaned as the vectors say, and once is enough", () => {
  for (const [text, cleaned] of texts) {
    assert.equal(clean(text), cleaned, JSON.stringify(text));
    assert.equal(clean(cleaned), cleaned, JSON.stringify(text));
  }
});
