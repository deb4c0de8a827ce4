// The instrument as a tablet gets it, made from the published files by the server's own code.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAKE = "import json; from screening import instrument; print(json.dumps(instrument.load().bundle()))";
const PYTHONS = [process.env.PYTHON, `${ROOT}.venv/bin/python`, "python3", "python"];

/** The bundle of the published version. Throws when there is no Python to make it. */
export function bundle() {
  let problem = "no Python found";
  for (const python of PYTHONS.filter((path) => path && (!path.includes("/") || existsSync(path)))) {
    const made = spawnSync(python, ["-c", MAKE], { cwd: ROOT, encoding: "utf8", maxBuffer: 2 ** 26 });
    if (made.status === 0) return JSON.parse(made.stdout);
    problem = made.stderr?.trim().split("\n").at(-1) || problem;
  }
  throw new Error(`the instrument could not be read: ${problem}`);
}
