// The published questions on the tablet: which are asked now, what is missing, which part may open, what follows.
// Touches neither page nor storage. The bundle comes from screening/instrument.py; both judge by the same data.

import { createEvaluation, facts, final, holds, keptOf, scopeOf, valuesOf } from "./evaluation.js";

/**
 * The instrument of one version.
 *
 * Answers are cells by link id: `{value}` with a code, a list of codes or a text, or `{declined: true}`; skipped is
 * absent. `context` holds visit (2m, 8m, talk), mode (each, joint, one), respondent (joint, parent1, parent2, case),
 * alone, requested, now, prior ({t20, agreement}), parents (the keys of those the family has) and, for form D,
 * level (the suggested one), flags, badge and blocks as `judged` gave them.
 */
export function createInstrument(bundle) {
  const { forms, rules, actions: guide } = bundle;
  const { judged, evaluate } = createEvaluation(bundle);
  const byId = Object.fromEntries(Object.values(forms).flat().map((item) => [item.linkId, item]));
  const perVisit = new Map();

  const item = (linkId) => byId[linkId];

  /** The questions of a form in order, without their words; a later talk takes up what is asked at every age. */
  function items(form, visit) {
    const key = form + visit;
    if (!perVisit.has(key)) perVisit.set(key, forms[form].filter((one) => askedAt(one, visit)).map(whole));
    return perVisit.get(key);
  }

  /** The link ids that are asked now, in order. */
  const enabled = (form, answers, context) => opening(form, answers, context).asked;

  function opening(form, answers, context) {
    const values = valuesOf(answers);
    const kept = keptOf(answers);
    const scope = scopeOf(facts(context), {
      fired: context.flags ?? {},
      prior: context.prior ?? {},
      levels: levels(context, values),
    });
    const asked = [];
    for (const { linkId, when } of items(form, context.visit)) {
      const opens = !when || holds(when, scope);
      if (opens) asked.push(linkId);
      if (linkId in values && (opens || kept.has(linkId))) scope.values[linkId] = values[linkId];
    }
    return { asked, scope };
  }

  /** The link ids that must be answered, are asked now and are not answered. */
  function missing(form, answers, context) {
    const { asked, scope } = opening(form, answers, context);
    const must = ({ required, requiredWhen }) => required || (requiredWhen && holds(requiredWhen, scope));
    return asked.filter((linkId) => !(linkId in answers) && must(byId[linkId]));
  }

  /** Whether this respondent may be asked alone now, by the answers to form A. Not answered closes it. */
  const gate = (answers) => holds(rules.gates.alone, scopeOf(valuesOf(answers)));

  /** The chosen codes after one was tapped, in the questionnaire's order; an exclusive one stands alone. */
  function toggled(linkId, chosen, code) {
    const alone = rules.exclusive[linkId] ?? [];
    let left = [...chosen.filter((one) => !alone.includes(one)), code];
    if (alone.includes(code)) left = [code];
    if (chosen.includes(code)) left = chosen.filter((one) => one !== code);
    return byId[linkId].options.map((option) => option.code).filter((one) => left.includes(one));
  }

  /** Answers that were a yes to one of the gravest questions and are hidden by a change: ask once whether they count. */
  function hiddenYes(form, answers, context) {
    const asked = new Set(enabled(form, answers, context));
    const { items: grave, answer } = rules.keep;
    return grave.filter((linkId) => answers[linkId]?.value === answer && !answers[linkId].kept && !asked.has(linkId));
  }

  /** The actions of a result in full, the shortest time first. */
  const actions = (result) => result.actions.map((id) => guide.find((row) => row.id === id));

  /** Why, in plain words: `[headline, one more line]`. `who` is the parent as the reader knows her. */
  function reason(id, language, who) {
    const found = [...rules.rules, ...rules.minimum_rules].find((rule) => rule.id === id) ?? rules.reasons[id];
    return [found.reason[language].replaceAll("{who}", who || rules.who[language]), found.second[language]];
  }

  return {
    version: bundle.version, template: bundle.template, contacts: bundle.contacts, rules,
    item, items, enabled, missing, gate, toggled, hiddenYes, judged, evaluate, actions, reason,
  };
}

const askedAt = ({ visits }, visit) => (visit === "talk" ? visits.length > 1 : visits.includes(visit));

// What the bundle leaves out because it is empty.
function whole(item) {
  const options = (item.options ?? []).map(({ code, score = null }) => ({ code, score }));
  return { ...item, options, required: item.required ?? false, maxLength: item.maxLength ?? null };
}

/** The levels that form D's questions look at, while it is being filled in. */
function levels({ level, flags }, { v1 }) {
  const floor = Math.max(0, ...Object.values(flags ?? {}));
  return { suggested: level ?? null, final: final(v1, level ?? null, floor) };
}
