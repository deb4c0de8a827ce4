// A rehearsal: the real app on invented families, under keys that are made for it and never kept. Nothing of it can
// become a visit: its author and tablet are known to no server, and nobody has the key it is sealed to. Runs in keeper.js.

import * as database from "./database.js";
import { addDays, addMonths, dayOf } from "./days.js";
import { hex } from "./envelope.js";
import { commit, emptyVault } from "./records.js";
import * as sealing from "./sealing.js";
import { base64, newAuthor } from "./tablet.js";

/** An open vault in the database `place`, emptied first. `code`: the verifier of the re-lock code, which goes on to open. */
export async function rehearsed({ place, code, families, config }) {
  await database.moveTo(place);
  const author = await newAuthor();
  const recipient = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  const key = base64(await crypto.subtle.exportKey("raw", recipient.publicKey));
  const server = { keys: [{ kid: hex(sealing.random(8)), public: key }], tablet: crypto.randomUUID() };
  const asOf = new Date();
  const caseload = {
    families: families ?? invented(dayOf(asOf)), asOf: asOf.toISOString(), config: { ...config, ready: { ok: true, missing: [] } },
    cursor: null,
  };
  const keep = [
    { kind: "author", value: { ...author, id: crypto.randomUUID() } },
    { kind: "caseload", value: caseload },
    ...(code ? [{ kind: "code", value: code }] : []),
  ];
  const vault = await emptyVault({ vault: sealing.randomId(), index: sealing.randomId() }, sealing.random(32));
  await commit(vault, { keep });
  return { ...vault, server, rehearsal: true };
}

// ── a few families with what happens in real ones; every surname says that they are invented ──

function invented(today) {
  const at = (days, clock) => `${addDays(today, days)}T${clock}`;
  const told = new Date(Date.now() - 86_400_000).toISOString();
  const yearOld = addDays(addMonths(today, -11), -3);
  return [
    family(["Alma"], addDays(today, -60), ["Sara", "Jonas"], { planned: { "2m": at(0, "09:00") } }),
    family(["Bo", "Ida"], addDays(today, -64), ["Amina"], { languages: ["dansk", "arabisk"], address_protected: true }),
    family(["Emil"], addDays(addMonths(today, -8), -9), ["Maria", "Ali"], {
      planned: { "8m": at(0, "13:00") }, t20: { parent1: true, parent2: false }, agreement: true, held: true,
      agreed: "Tage en pause hver aften",
      tasks: [{ id: crypto.randomUUID(), text: "Ring og hør, hvordan det går", due: today, responsible: "Øvelse" }],
      decisions: [{ id: crypto.randomUUID(), at: told, decision: "plan", level: 1, note: "Tal om aftalen igen", by: "Øvelse", visit: "2m" }],
    }),
    family(["Nora"], yearOld, ["Pia", "Tom"], { separated: true, held: true }),
  ];
}

function family(children, birth, parents, { planned = {}, held = false, ...more }) {
  const visit = (name, opens, closes) => ({
    visit: name, opens, closes, planned: planned[name] ?? null, place: "home", state: held && name === "2m" ? "done" : "open",
  });
  const address = "Øvevej 1, 0000 Øveby";
  const named = (name) => `${name} Øvelse`;
  return {
    id: crypto.randomUUID(), children: children.map((name) => ({ name: named(name), birth })),
    parents: parents.map((name, n) => ({
      key: `parent${n + 1}`, name: named(name), custody: true, ...(more.separated && { address: `Øvevej ${n + 1}, 0000 Øveby` }),
    })),
    address, address_protected: false, languages: ["dansk"], separated: false, others: null, attempts: {}, changed: [], last: {},
    visits: [
      visit("2m", addDays(birth, 56), addDays(birth, 70)),
      visit("8m", addMonths(birth, 8), addDays(addMonths(birth, 11), -1)),
    ],
    decisions: [], tasks: [], agreed: null, t20: { parent1: false, parent2: false }, agreement: false,
    dates: held ? [{ visit: "2m", date: addDays(birth, 60), id: crypto.randomUUID(), instrument: "1.0.0", mode: "each" }] : [], ...more,
  };
}
