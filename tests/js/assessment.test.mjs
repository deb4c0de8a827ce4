// The visitor's own part and the action guide, as far as they can be told without a page.

import assert from "node:assert/strict";
import test from "node:test";
import * as course from "../../static/visitor/course.js";
import { createInstrument } from "../../static/visitor/instrument.js";
import * as own from "../../static/visitor/screens/assessment.js";
import * as guide from "../../static/visitor/screens/guide.js";
import { bundle } from "./bundle.mjs";

const instrument = createInstrument(bundle());
const NOW = new Date("2026-11-23T10:00:00.000Z"); // a Monday
const TODAY = "2026-11-23";
const FAMILY = {
  id: "f", children: [{ name: "Nora Lindskov", birth: "2026-03-18" }], languages: ["dansk", "arabisk"], t20: {}, agreement: false,
  parents: [{ key: "parent1", name: "Sara Lindskov" }, { key: "parent2", name: "Jonas Lindskov" }],
  address: "Søndervang 14, 2. tv.", address_protected: false,
};
const QUIET = { k1: "0", k2: "0", k3: "0", k4: "0", k6: "0", k7: "0", k8: "0", k9: "0", k10: "1", k11: "no" };
const SAFE = { t1: "0", t2: "no", t3: "no", t4: "no", t5: "no", t6: "ok", t7: "no", t8: ["no"], t9: "no" };

function aDraft({ alone = null, conflict = QUIET, assessment = {} } = {}) {
  const draft = { ...course.begun("f", "8m", instrument.version, NOW), mode: "joint" };
  const say = (form, respondent, cells) => {
    for (const [linkId, value] of Object.entries(cells)) course.answer(draft, { form, respondent }, linkId, { value }, NOW);
  };
  say("A", "joint", { s1: "home", s2: ["p1", "p2"], s3: ["none"], s8: "true", s9: "yes" });
  say("B", "joint", conflict);
  if (alone) {
    draft.gates.parent1 = { at: NOW.toISOString(), seen: NOW.toISOString(), state: "open" };
    say("C", "parent1", alone);
  }
  say("D", "case", assessment);
  return draft;
}

const judged = (draft) => course.judgedNow(instrument, draft, FAMILY);
const action = (id) => instrument.actions({ actions: [id] })[0];
const missing = (draft) => {
  const result = judged(draft);
  const due = own.choosable(instrument.actions(result));
  return own.missing(instrument, course.answersOf(draft, "D", "case"), course.assessmentContext(instrument, draft, FAMILY), result, due);
};

test("every question of the assessment has its page", () => {
  const pages = instrument.items("D", "8m").map(({ linkId }) => own.pageOf(linkId));
  assert.deepEqual([...new Set(pages)].sort(), [1, 2, 3, 4]);
  assert.deepEqual(["o1", "o8", "v1"].map(own.pageOf), [1, 1, 1]);
  assert.deepEqual(["v6", "v8", "v2", "v7", "v9"].map(own.pageOf), [2, 2, 3, 3, 4]);
});

test("her judgement stands to the suggestion in one of six ways (5.5, 5.8.5)", () => {
  assert.equal(own.standing({ level: 2, floor: 2 }, "2"), "same");
  assert.equal(own.standing({ level: 2, floor: 2 }, "1"), "floor");
  assert.equal(own.standing({ level: 2, floor: null }, "1"), "apart");
  assert.equal(own.standing({ level: 3, floor: 1 }, "2"), "apart");
  assert.equal(own.standing({ level: 1, floor: 1 }, "3"), "apart");
  assert.equal(own.standing({ level: 2, floor: 2 }, "x"), "later");
  assert.equal(own.standing({ level: null, floor: null }, "1"), "none");
  assert.equal(own.standing({ level: null, floor: null }, "x"), "unknown");
});

test("what keeps the level up is the rule with the highest floor, told with the name of whom it is about", () => {
  const result = judged(aDraft({ alone: { ...SAFE, t2: "yes" }, assessment: { v1: "0" } }));
  assert.equal(own.holding(result), "R09");
  const [why] = instrument.reason("R09", "da", guide.whoOf(FAMILY, own.raisedBy(result, "R09")));
  assert.equal(why, "Sara har fortalt noget alene, som kræver en ny samtale");
});

test("a minimum rule is told with whose answers it fired in, and together with nobody's", () => {
  const result = judged(aDraft({ conflict: { ...QUIET, k2: "3" } }));
  assert.deepEqual(own.raisedBy(result, "M2"), ["joint"]);
  assert.equal(guide.whoOf(FAMILY, ["joint"]), "");
  assert.equal(guide.whoOf(FAMILY, ["case"]), "");
});

test("a lower judgement than the suggestion must say why, a higher one may (5.8.11)", () => {
  const alone = { ...SAFE, t2: "yes" };
  assert.ok(missing(aDraft({ alone, assessment: { v1: "1" } })).must.includes("v6"));
  assert.ok(!missing(aDraft({ alone, assessment: { v1: "2" } })).must.includes("v6"));
  assert.ok(!missing(aDraft({ alone, assessment: { v1: "3" } })).must.includes("v6"));
});

test("FR19: where a rule asks for the decision she may leave without it, elsewhere it is one of what is missing", () => {
  const grave = missing(aDraft({ alone: { ...SAFE, t7: "yes" }, assessment: { v1: "3" } }));
  assert.deepEqual(grave.undecided, ["v2", "v7"]);
  assert.ok(!grave.must.includes("v2"));
  const calm = missing(aDraft({ alone: SAFE, assessment: { v1: "0" } }));
  assert.deepEqual(calm.undecided, []);
  assert.ok(calm.must.includes("v2"));
});

test("FR19 is asked for R07 and R08 only from floor 2 (5.8.2)", () => {
  const asks = (alone) => judged(aDraft({ alone: { ...SAFE, ...alone } })).gates.includes("notification");
  assert.ok(!asks({ t5: "past", t10: ["ex"] }));
  assert.ok(asks({ t5: "past", t10: ["partner"] }));
  assert.ok(asks({ t6: "forced" }));
});

test("an action must be chosen, but never when there is none to choose", () => {
  const draft = aDraft({ alone: SAFE, assessment: { v1: "0" } });
  assert.ok(missing(draft).must.includes("v8"));
  const context = course.assessmentContext(instrument, draft, FAMILY);
  assert.ok(!own.missing(instrument, {}, context, judged(draft), []).must.includes("v8"));
  assert.deepEqual(own.choosable([action("H12"), action("H16")]).map(({ id }) => id), ["H16"]);
});

test("the date of the next contact is asked for when she could not judge yet (5.5.8)", () => {
  assert.ok(missing(aDraft({ alone: SAFE, assessment: { v1: "x" } })).must.includes("v9"));
});

test("what waits for the office is counted in working days, what is hers in days", () => {
  const due = (id, more) => guide.due(action(id), { today: TODAY, ...more });
  assert.equal(due("H13").day, "2026-11-25");
  assert.equal(due("H13", { today: "2026-11-27" }).day, "2026-12-01");
  assert.equal(due("H13", { closed: ["2026-11-24"] }).day, "2026-11-26");
  assert.equal(due("H15").day, "2026-12-07");
  assert.deepEqual(due("H07", { today: "2026-11-27" }), { day: "2026-12-01", then: "2026-12-04" });
  assert.equal(due("H18", { today: "2026-11-28" }).day, "2026-12-11", "what is longer ends on the working day before");
  assert.equal(due("H18").day, "2026-12-07");
  assert.equal(due("H16").day, "2026-12-23");
});

test("what is for the same day is for today; after hours the office's same day is the next working day", () => {
  const due = (id, more) => guide.due(action(id), { today: "2026-11-27", ...more });
  for (const id of ["H01", "H02", "H05", "H19"]) assert.equal(due(id, { over: true }).day, "2026-11-27");
  assert.equal(due("H12").day, "2026-11-27");
  assert.equal(due("H12", { over: true }).day, "2026-11-30");
  assert.equal(due("H12", { today: "2026-11-28" }).day, "2026-11-30");
  assert.equal(due("H03").then, "2026-11-30");
});

test("some actions wait for the child's age or for the next contact", () => {
  assert.equal(guide.due(action("H27"), { today: TODAY, birth: "2026-09-20" }).day, "2027-02-04");
  assert.equal(guide.due(action("H24"), { today: TODAY }).day, null);
  assert.equal(guide.due(action("H24"), { today: TODAY, next: "2026-12-01" }).day, "2026-12-01");
});

test("a number is unchecked without a day and after 180 days; the national ones are ours to check", () => {
  const checked = (verified) => !guide.isUnchecked("family_centre", { phone: "00 00 00 31", verified_on: verified }, TODAY);
  assert.ok(checked("2026-05-27"));
  assert.ok(!checked("2026-05-26"));
  assert.ok(!checked(undefined));
  assert.ok(!guide.isUnchecked("emergency", { phone: "112" }, TODAY));
  assert.ok(!guide.isUnchecked("gp", {}, TODAY));
});

test("FR20: while a rule blocks, nobody is named who offers something to both together", () => {
  assert.ok(guide.contactsOf(action("H22"), false).includes("family_centre"));
  assert.deepEqual(guide.contactsOf(action("H22"), true), ["open_counselling"]);
  const result = judged(aDraft({ alone: { ...SAFE, t2: "yes" }, assessment: { v1: "2" } }));
  assert.ok(result.actions.includes("H15"));
  assert.ok(!result.actions.includes("H14"), "no course for couples while one is afraid (5.8.22)");
});

test("FR20: what closed the couple gate at an earlier visit keeps it closed, whatever is told now", () => {
  const draft = aDraft({ conflict: { ...QUIET, k1: "2", k2: "2", k5: "2", k6: "2", k7: "2" }, assessment: { v1: "2" } });
  const closed = { ...FAMILY, couple_block: true };
  assert.ok(judged(draft).actions.includes("H14"), "nothing is told: the course is offered");
  const result = course.judgedNow(instrument, draft, closed);
  assert.ok(!result.actions.includes("H14") && result.actions.includes("H15"));
  assert.deepEqual(result.blocks, [], "what the visit itself says stays what it says");
  assert.ok(guide.isBlocked(closed, result) && guide.isBlocked(closed, null));
  assert.ok(!guide.isBlocked(FAMILY, judged(draft)) && !guide.isBlocked(null, null));
  assert.deepEqual(guide.allowed(["H14", "H16"], true), ["H16"]);
  assert.deepEqual(guide.allowed(["H14", "H16"], false), ["H14", "H16"]);
});

test("an action says for whom it is, and never names anybody as the one something is about", () => {
  const result = judged(aDraft({ alone: { ...SAFE, t2: "yes", t7: "yes" } }));
  assert.deepEqual(guide.concerned(action("H07"), result), ["parent1"]);
  assert.deepEqual(guide.concerned(action("H18"), result), ["parent2"]);
  assert.deepEqual(guide.concerned(action("H02"), result), []);
});

// ── the notification ──

const WRITTEN = { v3: "Sara sagde: “Han råber.”", v4: "Jeg er bekymret.", v5a: "Nyt besøg fredag.", v5b: "Ring på arbejdet.", v7: "both" };
const text = (more = {}) =>
  guide.notification({ draft: aDraft({ assessment: WRITTEN }), family: FAMILY, municipality: "Fjordby Kommune", today: TODAY, ...more });

test("the notification's text stands in the order it is wanted (2.1)", () => {
  const wanted = [
    "Barnet\nNora Lindskov, født 18. marts 2026. CPR-nummer", "Forældrene\nSara Lindskov\nJonas Lindskov\nAdresse: Søndervang 14",
    "Tolk\nNej", "Min relation til barnet\nSundhedsplejerske. Besøg 23. november 2026", "Det bekymrer mig\nSara sagde",
    "Min faglige vurdering: Jeg er bekymret.", "Andet om barnets trivsel", "Det er gjort\nNyt besøg fredag.",
    "Kontakt med forældrene og deres reaktion\nBegge er orienteret", "Underretter\nNavn: ____, sundhedsplejen, Fjordby Kommune",
  ];
  const places = wanted.map((part) => text().indexOf(part));
  assert.ok(!places.includes(-1), `${wanted[places.indexOf(-1)]} is not in ${text()}`);
  assert.deepEqual(places, [...places].sort((a, b) => a - b));
});

test("what was told alone is never in the notification, and a protected address neither", () => {
  assert.ok(!text().includes("arbejdet."));
  const hidden = text({ family: { ...FAMILY, address_protected: true } });
  assert.ok(!hidden.includes("Søndervang"));
  assert.ok(hidden.includes("Adressen er beskyttet"));
});

test("without a visit at hand the notification has its places to fill in", () => {
  const empty = text({ draft: null });
  assert.ok(empty.includes("Det bekymrer mig\n____"));
  assert.ok(empty.includes("Besøg ____."));
});

test("an interpreter who was there is needed again", () => {
  const draft = aDraft();
  course.answer(draft, { form: "A", respondent: "joint" }, "s3", { value: ["interp"] }, NOW);
  assert.ok(text({ draft }).includes("Tolk\nJa. Sprog: dansk og arabisk"));
});
