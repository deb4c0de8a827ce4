// When a lead's page has stood too long, by the clock on the wall.

import assert from "node:assert/strict";
import test from "node:test";
import { isOver } from "../../static/lead/idle.js";

const MINUTE = 60_000;

test("a page is over when it has stood as long as a sign-in lasts without a press", () => {
  assert.ok(!isOver(0, 29 * MINUTE, 30));
  assert.ok(isOver(0, 30 * MINUTE, 30));
  assert.ok(isOver(0, 9 * 60 * MINUTE, 30), "after a night asleep");
});

test("a clock that was set back does not keep a page open", () => {
  assert.ok(!isOver(10 * MINUTE, 10 * MINUTE - 1000, 30), "a second is nothing");
  assert.ok(isOver(60 * MINUTE, 10 * MINUTE, 30));
});

test("a page that is nobody's is never over", () => {
  assert.ok(!isOver(0, 99 * 60 * MINUTE, 0));
  assert.ok(!isOver(0, 99 * 60 * MINUTE, NaN));
});
