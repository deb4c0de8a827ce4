// What people are called, and which children a visit is about. The same as screening/names.py, by tests/vectors/names.json.

const BIRTH = 7 * 86_400_000; // children of one birth can be born on two days
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const [OPEN, CLOSE] = ["\u2068", "\u2069"];

/** A name in the order in which it is said: "Lindskov, Nora" is Nora Lindskov. */
export function natural(name) {
  const [last, ...rest] = name.split(",").map((part) => part.trim().replace(/\s+/g, " ")).filter(Boolean);
  return [...rest, last ?? ""].join(" ");
}

const wordsOf = (name) => natural(name).split(" ");

/** The first name: "Nora". */
export const first = (name) => isolated(wordsOf(name)[0]);

/** The first letter of the last name, "L", or "" where there is no other word than the first. */
export const initial = (name) => (wordsOf(name).length > 1 ? [...wordsOf(name).at(-1)][0] : "");

/**
 * What each of several people is called beside the others, in their order: the first name; with an initial where two share
 * it, then the whole name, then a number.
 */
export function called(names) {
  const ways = [first, withInitial, (name) => isolated(natural(name))];
  return names.map((name, n) => {
    if (!name) return "";
    const isOwn = (way) => names.every((other, m) => n === m || !other || way(other).toLowerCase() !== way(name).toLowerCase());
    const way = ways.find(isOwn);
    return way ? way(name) : `${isolated(natural(name))} (${n + 1})`;
  });
}

const withInitial = (name) => isolated([wordsOf(name)[0], initial(name) && `${initial(name)}.`].filter(Boolean).join(" "));

/** What a parent is called beside the other, by key; "" for nobody, or for whom no name is known. */
export const calledOf = (people, key) => called(people.map(({ name }) => name))[people.findIndex((one) => one.key === key)] ?? "";

/** The children that a visit is about: the youngest, and who was born with it. */
export function subjects(children) {
  const born = (child) => Date.parse(child.birth) || 0;
  const last = Math.max(...children.map(born));
  return children.filter((child) => last - born(child) <= BIRTH);
}

/** The birth date that a family's visits, ages and dates go by: the youngest child's; undefined without any child. */
export const birthOf = (family) => subjects(family?.children ?? []).map(({ birth }) => birth).sort().at(-1);

/**
 * A name as it stands in a sentence: what is written from right to left is closed in, so that the words and numbers
 * around it keep their places. Any other name stays as it is: nothing stands in the text that nobody sees.
 */
export function isolated(text) {
  return RIGHT_TO_LEFT.test(text) && !text.startsWith(OPEN) ? `${OPEN}${text}${CLOSE}` : text;
}
