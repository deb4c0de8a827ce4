// What stands before the visit leaves her hands: what she has decided on, and in a correction what she has changed.

import * as course from "../course.js";
import { isDay } from "../days.js";
import { clone, fill, one, speaks } from "../dom.js";
import { answerOf, fieldsIn, formOf, questionOf } from "../fields.js";
import { calledOf } from "../names.js";
import { addWords, capital, fullDay, listed, say } from "../words.js";
import { actionRow } from "./guide.js";

addWords({
  "after.level": ["Din vurdering", "Your judgement"],
  "after.levelApart": ["Din vurdering. Forslaget er {level}.", "Your judgement. The suggestion is {level}."],
  "after.notification": ["Underretning", "About a notification"],
  "after.notify": ["Underretning. Du skriver og sender den selv; Besøg sender den ikke.", "About a notification. You write and send it yourself; Besøg does not send it."],
  "after.contact": ["Næste kontakt", "Next contact"],
  "after.change": ["Før: {before}. Nu: {now}.", "Before: {before}. Now: {now}."],
  "after.noAnswer": ["ikke besvaret", "not answered"],
  "after.wish": ["ønsker ikke at svare", "prefers not to answer"],
  "after.now": ["Var der fare, da Nu-kortet blev åbnet?", "Was there danger when the Now card was opened?"],
  "after.notNoted": ["Ønskes ikke noteret", "Wish that it is not noted"],
  "after.yes": ["ja", "yes"],
  "after.no": ["nej", "no"],
  "after.gone": ["Det, der blev sendt, ligger ikke længere på tabletten, så ændringerne kan ikke vises her.", "What was sent is no longer on this tablet, so the changes cannot be shown here."],
  "after.chosenActions": ["Handlinger", "Actions"],
});

/** What she has decided on, in a few lines. `level`: a level's word. */
export function decided({ app, draft, family, instrument, result, actions, fields }, level) {
  const { v1, v2, v8, v9 } = course.answersOf(draft, "D", "case");
  const around = { app, family, instrument, result, next: isDay(v9?.value) ? v9.value : null };
  const said = (strong, second) => fill(clone("assessment-reason"), { reason: capital(strong), second });
  const isApart = result.level !== null && v1 && v1.value !== String(result.level);
  const doing = actions.filter(({ id }) => v8?.value.includes(id)).map((action) => {
    const row = actionRow(action, around, false);
    const text = (slot) => one(`[data-slot=${slot}]`, row).textContent;
    return said(text("label"), [text("day"), text("responsible")].filter(Boolean).join(" · "));
  });
  return [
    v1 && said(v1.value === "x" ? say("after.x") : level(v1.value), isApart ? say("after.levelApart", { level: level(result.level) }) : say("after.level")),
    ...doing,
    v2 && said(answerOf(fields.get("v2"), v2), say(v2.value === "yes" ? "after.notify" : "after.notification")),
    v9 && said(isDay(v9.value) ? fullDay(v9.value) : v9.value, say("after.contact")),
  ].filter(Boolean);
}

/** In a correction: each answer that is not the one that was sent. */
export function changed({ app, draft, family, instrument, sent }) {
  if (!sent) return draft.replaces ? [fill(clone("assessment-reason"), { reason: say("after.gone"), second: "" })] : [];
  const now = course.responsesNow(instrument, draft, family, app.now());
  const answers = differing(sent.responses, now).map((place) => {
    const field = fieldsIn(formOf(instrument.version, place.form, draft.visit)).get(place.linkId);
    const words = (responses) => (field ? inWords(field, cellAt(responses, place)) : actionWords(instrument, cellAt(responses, place)));
    const name = calledOf(family.parents, place.respondent);
    const question = field ? questionOf(field) : say("after.chosenActions");
    return changeRow(name ? `${name}: ${question}` : question, { before: words(sent.responses), now: words(now) });
  });
  return [...changedTicks(sent, draft), ...answers];
}

// What is no question and yet sent: whether there was danger, and the wish that it is not noted.
function changedTicks(sent, draft) {
  const ticks = [
    ["after.now", Boolean(sent.now), course.wasDanger(draft)],
    ["after.notNoted", Boolean(sent.not_noted), Boolean(draft.notNoted)],
  ].filter(([, before, is]) => before !== is);
  return ticks.map(([key, before, is]) => changeRow(say(key), { before: yesOrNo(before), now: yesOrNo(is) }));
}

// Where the answers are not the same: [{form, respondent, linkId}], each once.
function differing(before, now) {
  const places = [...before, ...now].flatMap(({ form, respondent, answers }) => Object.keys(answers).map((linkId) => ({ form, respondent, linkId })));
  const unlike = places.filter((place) => JSON.stringify(cellAt(before, place)) !== JSON.stringify(cellAt(now, place)));
  return [...new Map(unlike.map((place) => [Object.values(place).join(), place])).values()];
}

const cellAt = (responses, { form, respondent, linkId }) =>
  responses.find((one) => one.form === form && one.respondent === respondent)?.answers[linkId];
const changeRow = (reason, texts) => fill(clone("assessment-reason"), { reason, second: say("after.change", texts) });
const yesOrNo = (is) => say(is ? "after.yes" : "after.no");

function inWords(field, cell) {
  if (!cell) return say("after.noAnswer");
  return course.isDeclined(cell) ? say("after.wish") : answerOf(field, cell);
}

const actionWords = (instrument, cell) =>
  listed(instrument.actions({ actions: cell?.value ?? [] }).map(({ label }) => label[speaks()])) || say("after.noAnswer");
