// `node judge.mjs MODULE…` reads {bundle, visits, judged, opening, gates} from stdin and prints what each copy of
// the tablet's instrument.js makes of them, null where the copy breaks.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { bundle, visits, judged, opening, gates } = JSON.parse(readFileSync(0, "utf8"));

async function results(path) {
  const { createInstrument } = await import(pathToFileURL(resolve(path)));
  const instrument = createInstrument(bundle);
  return {
    visits: visits.map((visit) => instrument.evaluate(visit)),
    judged: judged.map(({ responses, context }) => instrument.judged(responses, context)),
    opening: opening.map(({ form, answers, context }) => ({
      shown: instrument.enabled(form, answers, context),
      missing: instrument.missing(form, answers, context),
    })),
    gates: gates.map(({ answers }) => instrument.gate(answers)),
  };
}

const found = [];
for (const path of process.argv.slice(2)) found.push(await results(path).catch(() => null));
process.stdout.write(JSON.stringify(found));
