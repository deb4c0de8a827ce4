// What follows from the answers: index, levels, rules that fire, safety, reasons and actions. The same as
// screening/evaluation.py over the same rules; the server judges again, and what it says is the record.

const RESPONDENTS = ["joint", "parent1", "parent2"];
const PARENTS = ["parent1", "parent2"];
// Worst first: a family is only as clear as the parent of whom least is known.
const STATUSES = ["not_clarified", "declined", "partly", "clarified"];
// Judging asks what answers mean, not whether a question might be opened: what stood behind a gate was open then.
const OPEN = { alone: "true", requested: "true" };
const UNJUDGED = [undefined, "x"];

/** Functions that judge by one published version. */
export function createEvaluation({ forms, rules, actions }) {
  const items = Object.fromEntries(Object.values(forms).flat().map((item) => [item.linkId, item]));
  const scoring = rules.scoring;

  /** What a visit's responses mean. `context`: visit, mode, prior, parents, now; what it gives is explained in Python. */
  function judged(responses, context) {
    const { persons, own } = told(responses, context);
    const { found, scopes } = assessed(persons, own);
    const safety = safetyOf(responses, context.parents?.length ? context.parents : PARENTS);
    const judgement = own.v1;
    Object.assign(found, {
      respondents: persons.map((person) => person.who),
      profile: persons.map(profile),
      final: final(judgement, found.level, found.floor),
      preliminary: UNJUDGED.includes(judgement),
      safety,
      badge: STATUSES.find((status) => Object.values(safety).includes(status)),
    });
    const fired = { ...Object.fromEntries(Object.keys(found.whose).map((id) => [id, 0])), ...found.flags };
    for (const scope of scopes) {
      // A rule looks within one person; what is to be done looks at the whole visit.
      scope.fired = fired;
      Object.assign(scope.values, facts({ ...context, ...found }));
      Object.assign(scope.levels, { suggested: found.level, final: found.final });
      scope.prior = context.prior ?? {};
    }
    found.gates = Object.keys(rules.gates).filter((name) => name !== "alone" && anywhere(rules.gates[name], scopes));
    found.reasons = reasons(found, judgement);
    found.actions = due(scopes);
    return found;
  }

  /** What a visit in the plain form of the worked examples means (`screening evaluate`). */
  function evaluate(visit) {
    const persons = (visit.persons ?? []).map(({ mode, k, t, kept }, number) => {
      const values = { ...plain(k), ...plain(t) };
      const around = { ...OPEN, mode };
      const prior = { t20: true, agreement: true };
      const count = (form) => counting(forms[form], values, new Set(kept ?? []), around, prior);
      return { who: String(number), mode, values: { ...count("B"), ...count("C") } };
    });
    const { found } = assessed(persons, { ...plain(visit.observations), ...plain(visit.assessment) });
    const { index, klevels, minrules, flags, level, discrepant } = found;
    return { index, klevels, minrules, flags, level, discrepant };
  }

  /** Codes as the questions take them: text, and a list where several may be chosen. */
  function plain(given) {
    const found = {};
    for (const [name, value] of Object.entries(given ?? {})) {
      const codes = [value ?? []].flat().map(String);
      if (codes.length) found[name] = items[name].type === "multi" ? codes : codes[0];
    }
    return found;
  }

  /** The persons who answered B or C, and what the visitor wrote in D; only answers that count. */
  function told(responses, context) {
    const persons = new Map();
    const own = {};
    for (const { form, respondent, answers } of [...responses].sort((one, other) => one.form.localeCompare(other.form))) {
      const values = valuesOf(answers);
      if (form === "B" || form === "C") {
        const mode = modeOf(respondent, context.mode);
        if (!persons.has(respondent)) persons.set(respondent, { who: respondent, mode, values: {} });
        const around = { ...OPEN, mode, visit: context.visit };
        const count = counting(itemsOf(form, context.visit), values, keptOf(answers), around, context.prior ?? {});
        Object.assign(persons.get(respondent).values, count);
      } else if (form === "D") {
        for (const name in values) if (items[name].options) own[name] = values[name];
      }
    }
    return { persons: RESPONDENTS.filter((who) => persons.has(who)).map((who) => persons.get(who)), own };
  }

  /** The questions of a form that may have been asked at a visit; a later talk may take up any. */
  const itemsOf = (form, visit) => forms[form].filter((item) => visit === "talk" || item.visits.includes(visit));

  /** The answers whose questions are asked under the other answers that count, or are kept though they are not. */
  function counting(asked, values, kept, around, prior) {
    const scope = scopeOf({ ...around }, { prior });
    const left = {};
    for (const { linkId, when } of asked) {
      if (!(linkId in values)) continue;
      if (!when || kept.has(linkId) || holds(when, scope)) left[linkId] = scope.values[linkId] = values[linkId];
    }
    return left;
  }

  /** Index, levels, rules and floor of what counts; and the scopes they were found in: the case, then each person. */
  function assessed(persons, own) {
    const scored = persons.map((person) => conflict(person.values));
    const highest = highestOf(scored.map((row) => row.level));
    const scopes = [scopeOf({ ...own }), ...persons.map((person) => scopeOf({ ...own, ...person.values }))];
    for (const scope of scopes) {
      scope.levels.conflict = highest;
      fire(scope);
    }
    const { flags, blocks } = raised(scopes);
    const floor = highestOf(Object.values(flags).filter((one) => one > 0));
    const found = {
      index: scored.map((row) => row.index),
      klevels: scored.map((row) => row.level),
      minrules: scored.map((row) => row.fired),
      flags,
      whose: whose(scopes, persons),
      blocks,
      floor,
      level: highestOf([highest, floor]),
      discrepant: discrepant(persons, scored),
    };
    return { found, scopes };
  }

  /** One respondent's index 0-100, level 0-3 and the minimum rules that fired. */
  function conflict(values) {
    const index = indexOf(values);
    const scope = scopeOf(values);
    const fired = rules.minimum_rules.filter((rule) => rule.on && holds(rule.when, scope));
    const band = index === null ? null : bandOf(index);
    return { index, level: highestOf([...fired.map((rule) => rule.level), band]), fired: fired.map((rule) => rule.id) };
  }

  const bandOf = (index) => scoring.thresholds.filter((limit) => index >= limit).length;

  /** The weighted mean of the scored answers as 0-100, rounded half up; null when too little was answered. */
  function indexOf(values) {
    let [total, weights, answered] = [0, 0, 0];
    for (const [name, weight] of Object.entries(scoring.weights)) {
      const score = scoreOf(name, values);
      if (score === null) continue;
      [total, weights, answered] = [total + weight * score, weights + weight, answered + 1];
    }
    const known = (name) => scoreOf(name, values) !== null;
    const enough = answered >= scoring.min_answered && scoring.requires.every((names) => names.some(known));
    return enough ? Math.floor((200 * total + 3 * weights) / (6 * weights)) : null;
  }

  const scoreOf = (name, values) => items[name].options.find((option) => option.code === values[name])?.score ?? null;

  /** Try the hard rules in their order; a later one sees which earlier ones fired, and at what floor. */
  function fire(scope) {
    for (const rule of rules.rules) {
      const step = rule.floors.find((one) => holds(one.when, scope));
      if (step) scope.fired[rule.id] = step.floor;
    }
  }

  /** The highest floor of each rule over all scopes, and the rules that close the couple gate. */
  function raised(scopes) {
    const flags = {};
    const blocks = [];
    for (const rule of rules.rules) {
      const floor = Math.max(...scopes.map((scope) => scope.fired[rule.id] ?? -1));
      if (floor >= 0 && rule.flag !== false) flags[rule.id] = floor;
      if (rule.block !== null && floor >= rule.block) blocks.push(rule.id);
    }
    return { flags, blocks };
  }

  /** Rule -> who raised it: case for what the visitor saw, and each person whose own answers say more than that. */
  function whose([first, ...others], persons) {
    const found = {};
    for (const rule in first.fired) found[rule] = ["case"];
    others.forEach((scope, number) => {
      for (const [rule, floor] of Object.entries(scope.fired)) {
        if (floor > (first.fired[rule] ?? -1)) (found[rule] ??= []).push(persons[number].who);
      }
    });
    return found;
  }

  /** Whether two who answered for themselves are far apart; what is not known is not compared. */
  function discrepant(persons, scored) {
    const limits = scoring.discrepant;
    const own = scored.filter((row, number) => persons[number].mode !== "joint");
    return own.some((one, number) =>
      own.slice(number + 1).some((other) =>
        apart(one.index, other.index) >= limits.index || apart(one.level, other.level) >= limits.level));
  }

  /** Domain -> mean of its answered scores, 0-3; null where nothing was answered. */
  function profile({ values }) {
    return Object.fromEntries(rules.domains.map((domain) => {
      const known = domain.items.map((name) => scoreOf(name, values)).filter((score) => score !== null);
      return [domain.id, known.length ? known.reduce((sum, score) => sum + score) / known.length : null];
    }));
  }

  /** Parent -> how clear it is whether she is safe. Not asked is not no: who was never asked is not clarified. */
  function safetyOf(responses, parents) {
    const answersOf = (who) => responses.findLast((one) => one.form === "C" && one.respondent === who)?.answers ?? {};
    return Object.fromEntries(parents.map((parent) => [parent, statusOf(valuesOf(answersOf(parent)))]));
  }

  /** One parent's answers to the questions that everybody is asked alone. */
  function statusOf(values) {
    const asked = rules.safety.items;
    const declined = asked.filter((name) => String(values[name]) === "na");
    const said = asked.filter((name) => name in values && !declined.includes(name));
    if (declined.length === asked.length) return "declined";
    if (!said.length) return "not_clarified";
    const fine = (name) => said.includes(name) || (declined.includes(name) && rules.safety.na_is_an_answer.includes(name));
    return asked.every(fine) ? "clarified" : "partly";
  }

  /** Why the visit stands where it does, most serious first: hard rules, minimum rules, index, then the rest. */
  function reasons(found, judgement) {
    const floorOf = (id) => found.flags[id] ?? 0;
    const hard = rules.rules.map((rule) => rule.id).filter((id) => id in found.whose);
    const fired = new Set(found.minrules.flat());
    const soft = rules.minimum_rules.filter((rule) => fired.has(rule.id));
    const band = Math.max(0, ...found.index.filter((index) => index !== null).map(bandOf));
    const lower = !UNJUDGED.includes(judgement) && found.level !== null && Number(judgement) < found.level;
    const rest = {
      [`index${band}`]: band > 0,
      discrepant: found.discrepant,
      lower,
      preliminary: found.preliminary,
      unknown: found.level === null,
      [found.badge]: found.badge !== "clarified",
    };
    return [
      ...hard.sort((one, other) => floorOf(other) - floorOf(one)),
      ...soft.sort((one, other) => other.level - one.level).map((rule) => rule.id),
      ...Object.keys(rest).filter((name) => rest[name]),
    ];
  }

  /** The actions whose condition holds for somebody, the shortest time first. */
  const due = (scopes) =>
    actions
      .filter((row) => anywhere(row.when, scopes))
      .sort((one, other) => one.within_hours - other.within_hours)
      .map((row) => row.id);

  return { judged, evaluate };
}

const anywhere = (when, scopes) => scopes.some((scope) => holds(when, scope));

const apart = (one, other) => (one === null || other === null ? 0 : Math.abs(one - other));

const highestOf = (numbers) => {
  const known = numbers.filter((one) => one !== null);
  return known.length ? Math.max(...known) : null;
};

/** The level that stands: the visitor's own judgement, not below the floor; without one, the suggestion. */
export const final = (own, suggested, floor) =>
  UNJUDGED.includes(own) ? suggested : Math.max(Number(own), floor ?? 0);

/** How one respondent answered: joint, one or each. */
export function modeOf(respondent, mode) {
  if (respondent === "joint") return "joint";
  return mode === "one" ? "one" : "each";
}

/** The visit's own facts as conditions name them. */
export function facts({ visit, mode, respondent, alone, requested, now, badge, blocks, prior }) {
  return {
    visit,
    mode: respondent ? modeOf(respondent, mode) : mode,
    alone: String(Boolean(alone)),
    requested: String(Boolean(requested)),
    now: String(Boolean(now)),
    safety: badge,
    // What closed the couple gate at an earlier visit keeps it closed (screening/couple_gate.py).
    block: String(Boolean(blocks?.length || prior?.couple_block)),
  };
}

/** What was answered, without the marks: declined texts and empty choices are not there. */
export function valuesOf(answers) {
  const said = Object.entries(answers).filter(([, { value }]) => value !== undefined && value !== null && value.length);
  return Object.fromEntries(said.map(([name, { value }]) => [name, value]));
}

/** The link ids of answers that are kept though their question is no longer asked. */
export const keptOf = (answers) => new Set(Object.keys(answers).filter((name) => answers[name].kept));

// ── conditions: when a question opens, a rule fires or an action is due; screening/conditions.py explains and checks them ──

/** What a condition may look at. `prior` is an object whose true names were known before the visit. */
export const scopeOf = (values, more = {}) => ({ values, fired: {}, levels: {}, prior: {}, ...more });

/** Whether a checked condition is true of what was said. Not answered is never true of `in` and `contains`. */
export function holds(condition, scope) {
  const within = (part) => holds(part, scope);
  if (condition.in) return condition.in.includes(scope.values[condition.item]);
  if (condition.contains) return (scope.values[condition.item] ?? []).includes(condition.contains);
  if (condition.any) return condition.any.some(within);
  if (condition.all) return condition.all.every(within);
  if (condition.not) return !within(condition.not);
  if (condition.of) return condition.of.filter(within).length >= condition.at_least;
  if (condition.rule) return (scope.fired[condition.rule] ?? -1) >= condition.at_least;
  if (condition.level) return (scope.levels[condition.level] ?? -1) >= condition.at_least;
  return scope.prior[condition.prior] === true;
}
