// `node tests/js/evaluate.mjs FILE.json` prints what `screening evaluate FILE.json` prints, from the tablet's code.
// Whatever is not known is refused with one line and exit status 2, as screening/worked.py does.

import { readFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createInstrument } from "../../static/visitor/instrument.js";
import { bundle } from "./bundle.mjs";

const KEYS = { visit: ["persons", "observations", "assessment", "name", "expect"], person: ["mode", "k", "t", "kept"] };
const MODES = ["each", "joint", "one"];
const numbered = (letter, count) => Array.from({ length: count }, (_, number) => `${letter}${number + 1}`);
const [K, T, O, V] = [numbered("k", 10), numbered("t", 20), numbered("o", 8), numbered("v", 2)];

function refuse(problem) {
  throw new Error(problem);
}

const isTable = (given) => typeof given === "object" && given !== null && !Array.isArray(given);

const shown = (value) => {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
};

function table(where, given, names) {
  if (given === null || given === undefined) return {};
  if (!isTable(given)) refuse(`${where} must be an object, not ${shown(given)}`);
  const strange = Object.keys(given).find((key) => !names.includes(key));
  if (strange !== undefined) refuse(`${where}: the key ${shown(strange)} is not known; known are ${names.join(", ")}`);
  return given;
}

/** Checks of one visit against the codes of an instrument; throws an error with one line. */
function checked(instrument, visit) {
  const codesOf = (name) => instrument.item(name).options.map((option) => option.code);
  if (!isTable(visit)) refuse(`the visit must be an object, not ${shown(visit)}`);
  table("the visit", visit, KEYS.visit);
  if (!Array.isArray(visit.persons)) refuse("persons must be a list");
  visit.persons.forEach((person, place) => {
    const where = `person ${place + 1}`;
    table(where, person, KEYS.person);
    const { mode, k, t, kept } = person ?? {};
    if (!MODES.includes(mode)) refuse(`${where}: mode must be one of ${MODES.join(", ")}, not ${shown(mode ?? null)}`);
    for (const [name, value] of Object.entries(table(`${where}, k`, k, K))) {
      const known = value === null || value === "na" || (Number.isInteger(value) && codesOf(name).includes(String(value)));
      if (!known) refuse(`${where}, k: ${name} has no answer ${shown(value)}`);
    }
    answers(`${where}, t`, t, T);
    const fine = kept === undefined || kept === null || (Array.isArray(kept) && kept.every((name) => [...K, ...T].includes(name)));
    if (!fine) refuse(`${where}: kept must be a list of link ids among k1-k10 and t1-t20, not ${shown(kept)}`);
  });
  answers("observations", visit.observations, O);
  answers("assessment", visit.assessment, V);
  return visit;

  function answers(where, given, names) {
    for (const [name, value] of Object.entries(table(where, given, names))) {
      const codes = Array.isArray(value) ? value : [value ?? []].flat();
      for (const code of codes) {
        const known = typeof code === "string" && [...codesOf(name), "na"].includes(code);
        if (!known) refuse(`${where}: ${name} has no answer ${shown(code)}`);
      }
      if (new Set(codes).size > 1 && instrument.item(name).type !== "multi") {
        refuse(`${where}: ${name} takes one answer, not ${shown(value)}`);
      }
    }
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;

/** The first key of a JSON text that stands twice in one object; JSON.parse keeps the last and says nothing. */
function doubled(text) {
  const open = [];
  for (const [token, colon] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (colon) {
      const key = JSON.parse(token.slice(0, -colon.length));
      if (open.at(-1).has(key)) return key;
      open.at(-1).add(key);
    }
  }
}

function parsed(text, name) {
  let found;
  try {
    found = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    refuse(`${name} cannot be read as JSON: ${error.message.replace(/\s+/g, " ")}`);
  }
  const twice = doubled(text);
  if (twice !== undefined) refuse(`the key ${shown(twice)} stands there twice`);
  if (!isTable(found) && !Array.isArray(found)) refuse("the file must hold a visit or a list of visits");
  return found;
}

/** The results of a text's visits: an object for an object, a list for a list. Throws an error with one line. */
function evaluated(instrument, text, name) {
  const found = parsed(text, name);
  const judge = (visit) => instrument.evaluate(checked(instrument, visit));
  if (!Array.isArray(found)) return judge(found);
  return found.map((visit, number) => {
    try {
      return judge(visit);
    } catch (error) {
      throw new Error(`visit ${number + 1}: ${error.message}`, { cause: error });
    }
  });
}

/** Print for each text why it is refused, null where it is not. */
export function refusals(texts) {
  const instrument = createInstrument(bundle());
  const refusal = (text) => {
    try {
      evaluated(instrument, text, "the text");
      return null;
    } catch (error) {
      return error.message;
    }
  };
  process.stdout.write(JSON.stringify(texts.map(refusal)));
}

function main([path, ...more]) {
  if (!path || more.length) refuse("usage: node tests/js/evaluate.mjs FILE.json");
  let text;
  try {
    text = readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    refuse(`${path} cannot be read as JSON: ${error.message}`);
  }
  process.stdout.write(`${JSON.stringify(evaluated(createInstrument(bundle()), text, path), null, 2)}\n`);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`Error: ${error.message}\n`);
    process.exitCode = 2;
  }
}
