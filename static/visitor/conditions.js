// When a question opens, a rule fires or an action is due. The same as screening/conditions.py, which explains and
// checks the few kinds of condition there are.

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
