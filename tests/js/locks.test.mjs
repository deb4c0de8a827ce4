// When the tablet locks itself: by the wall clock, whatever the network does (AT-78).

import assert from "node:assert/strict";
import test from "node:test";
import { LIMITS, begun, due, seen } from "../../static/visitor/locks.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NINE = Date.parse("2026-11-23T08:00:00Z"); // 09.00 in Copenhagen
const at = (later, more = {}) => due({ ...begun(NINE), ...more }, NINE + later);

test("right after unlocking nothing is due", () => assert.equal(at(0), null));

test("five quiet minutes ask for the code, one second less does not", () => {
  assert.equal(at(5 * MINUTE), "re");
  assert.equal(at(5 * MINUTE - 1000), null);
  assert.equal(at(5 * MINUTE, { touchedAt: NINE + MINUTE }), null);
});

test("a hidden page asks for the code at once", () => assert.equal(at(1, { hidden: true }), "re"));

test("ten seconds under the cover ask for the code, a glance does not", () => {
  assert.equal(at(12_000, { coveredAt: NINE + 3000 }), null);
  assert.equal(at(13_000, { coveredAt: NINE + 3000 }), "re");
});

test("four hours end in the full lock, however busy she was", () => {
  assert.equal(at(4 * HOUR, { touchedAt: NINE + 4 * HOUR }), "full");
  assert.equal(at(4 * HOUR - 1, { touchedAt: NINE + 4 * HOUR - 1 }), null);
});

test("midnight in Copenhagen ends in the full lock", () => {
  const evening = Date.parse("2026-11-23T22:50:00Z"); // 23.50
  const watch = { ...begun(evening), touchedAt: evening + 9 * MINUTE };
  assert.equal(due(watch, evening + 9 * MINUTE), null);
  assert.equal(due({ ...watch, touchedAt: evening + 10 * MINUTE }, evening + 10 * MINUTE), "full");
});

test("what is locked by the code is only locked further by the full lock", () => {
  assert.equal(at(30 * MINUTE, { locked: true }), null);
  assert.equal(at(4 * HOUR, { locked: true }), "full");
});

test("a clock that is set back buys no time", () => {
  const before = { ...begun(NINE), seenAt: NINE + 4 * MINUTE };
  const back = NINE - 2 * HOUR;
  const moved = seen(before, back);
  assert.equal(moved.seenAt, back);
  assert.equal(due(moved, back), null);
  assert.equal(due(moved, back + MINUTE), "re");
  assert.equal(due({ ...moved, touchedAt: back + 4 * HOUR - 4 * MINUTE }, back + 4 * HOUR - 4 * MINUTE), "full");
});

test("a look without a step back changes only when it was", () => {
  const watch = begun(NINE);
  assert.deepEqual(seen(watch, NINE + 500), { ...watch, seenAt: NINE + 500 });
});

test("the limits are those of the design", () => {
  assert.deepEqual(LIMITS, { covered: 10_000, idle: 5 * MINUTE, whole: 4 * HOUR });
});
