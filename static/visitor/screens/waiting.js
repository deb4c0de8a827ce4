// Visits on their way: four steps each, filled only by what a signed receipt says.

import { moment } from "../ages.js";
import { all, announce, clone, fill, one, onAction } from "../dom.js";
import { first, initial, isolated, subjects } from "../names.js";
import { addWords, clock, listed, say } from "../words.js";

addWords({
  "waiting.offline": ["Alt er gemt på tabletten. Når der er net, bliver besøgene sendt af sig selv.", "Everything is saved on this tablet. When there is a connection the visits are sent by themselves."],
  "waiting.home": ["Alle besøg er i mål.", "All visits are home."],
  "waiting.allOpened": ["Alle besøg er læst ind.", "All visits have been read in."],
  "waiting.on": ["Alt er gemt på tabletten. Det, der er sendt, er på vej gennem kommunen.", "Everything is saved on this tablet. What was sent is on its way through the municipality."],
  "waiting.waits": ["{time} · venter på net", "{time} · waiting for a connection"],
  "waiting.received": ["Kommunen har det. Det bliver læst ind inden for få minutter.", "The municipality has it. It is read in within a few minutes."],
  "waiting.opened": [
    "Læst ind. Du kan se det på listen til midnat. Den låste kopi bliver her, til der er en sikkerhedskopi.",
    "Read in. You can see it on this list until midnight. The sealed copy stays here until there is a backup.",
  ],
  "waiting.safe": ["I mål. Slettes fra tabletten i aften.", "Home. It is deleted from this tablet tonight."],
  "waiting.asideHead": ["Lagt til side.", "Set aside."],
  "waiting.aside": [
    "Kommunen har det, men kunne ikke læse det ind. Teamlederen kan se det. Det bliver på tabletten, og du skal ikke gøre noget.",
    "The municipality has it but could not read it in. The team lead can see it. It stays on this tablet and you need not do anything.",
  ],
  "waiting.refusedHead": ["Ikke taget imod.", "Not accepted."],
  "waiting.refused": [
    "Kommunen kunne ikke tage imod det. Det bliver på tabletten. Vis det til din teamleder (kode: {reason}).",
    "The municipality could not accept it. It stays on this tablet. Show this to your team lead (code: {reason}).",
  ],
  "waiting.preliminary": ["Sendt til lederen, før besøget er afsluttet", "Sent to the lead before the visit is finished"],
  "waiting.note": ["Besked", "Message"],
  "waiting.correction": ["Rettelse", "Correction"],
  "waiting.corrected": ["Rettet senere", "Corrected later"],
  "waiting.rehearsal": ["Øvelse: intet bliver sendt, og alt er væk, når øvelsen slutter.", "Rehearsal: nothing is sent, and everything is gone when it ends."],
  "waiting.others.one": ["Desuden er 1 besøg fra en kollega eller en tidligere dag ikke læst ind endnu.", "One more visit of a colleague or an earlier day has not been read in yet."],
  "waiting.others": ["Desuden er {n} besøg fra kolleger eller tidligere dage ikke læst ind endnu.", "{n} more visits of colleagues or earlier days have not been read in yet."],
  "waiting.done": ["sket", "done"],
  "waiting.notYet": ["ikke endnu", "not yet"],
  "waiting.trying": ["Prøver nu …", "Trying now …"],
  "waiting.tried": ["Sidst i forbindelse {time}. Prøver igen om lidt.", "Last connected at {time}. Tries again shortly."],
  "waiting.failed": ["{error} Prøver igen om lidt.", "{error} Tries again shortly."],
  "waiting.never": ["Prøver igen om lidt.", "Tries again shortly."],
});

const OVER = new Set(["opened", "safe"]);
const DONE = { waiting: 1, received: 2, quarantined: 2, opened: 3, safe: 4 };

let app = null;
let root = null;
let trying = false;
let said = ""; // the states as last told aloud

export async function show(theApp) {
  app = theApp;
  app.visiting(null);
  root = clone("waiting");
  said = "";
  onAction(root, { back: () => app.show("today"), "send-now": sendNow });
  await build();
  app.mount(root);
}

export function leave() {
  root = null;
}

export const suspend = leave;

document.addEventListener("sync", () => root?.isConnected && build());

async function build() {
  const mine = root;
  const [sent, outbox] = await Promise.all([app.vault.sent(), app.vault.outbox()]);
  if (mine !== root || !mine) return;
  const own = new Set(sent.map(({ id }) => id));
  const others = outbox.filter(({ id, state }) => !OVER.has(state) && !own.has(id)).length;
  one("[data-ways]", mine).replaceChildren(...sent.map(way));
  fill(mine, { summary: summary(outbox), others: others ? say("waiting.others", { n: others }) : "" });
  one("[data-explained]", mine).hidden = !sent.length;
  showTried();
  tellNews(outbox);
}

// Of all that lies on this tablet, whoever made it and whether or not she can still read it.
function summary(outbox) {
  if (app.person?.rehearsal) return say("waiting.rehearsal");
  const open = outbox.filter(({ state }) => !OVER.has(state));
  if (!open.length) return say(outbox.some(({ state }) => state === "opened") ? "waiting.allOpened" : "waiting.home");
  return say(open.some(({ state }) => state === "waiting") ? "waiting.offline" : "waiting.on");
}

function way(sent) {
  const { id, kind, family, name, visit, finishedAt, state, reason, refused } = sent;
  const item = clone("way");
  const time = moment(new Date(finishedAt), app.now());
  const words = note(state, reason, refused);
  Object.assign(item.dataset, { [kind === "note" ? "note" : "encounter"]: id, syncState: state, ...(visit && { visit }) });
  one(".way-note", item).hidden = !words.note;
  fill(item, {
    name: shortName(app.caseload.families.get(family)?.children ?? name.split(", ").map((each) => ({ name: each }))),
    visit: visit ? say(`visit.${visit}`) : "", kind: kindOf(sent),
    at: state === "waiting" && !app.person.rehearsal ? say("waiting.waits", { time }) : time, ...words,
  });
  const done = refused ? 1 : DONE[state];
  all("ol li", item).forEach((step, n) => {
    step.classList.toggle("done", n < done);
    fill(step, { done: `: ${say(n < done ? "waiting.done" : "waiting.notYet")}` });
  });
  return item;
}

function kindOf({ kind, replaces, corrected }) {
  if (kind !== "visit") return say(`waiting.${kind}`);
  return [replaces && say("waiting.correction"), corrected && say("waiting.corrected")].filter(Boolean).join(" · ");
}

function note(state, reason, refused) {
  if (state === "waiting") return {};
  if (refused) return { aside: say("waiting.refusedHead"), note: say("waiting.refused", { reason }) };
  return state === "quarantined" ? { aside: say("waiting.asideHead"), note: say("waiting.aside") } : { aside: "", note: say(`waiting.${state}`) };
}

/** "Nora L.", "Yusuf og Zahra D.": first names and an initial. */
export function shortName(children) {
  const about = subjects(children).map(({ name }) => name);
  const letter = initial(about[0]);
  return isolated(`${listed(about.map(first))}${letter && ` ${letter}.`}`);
}

// What changed is said aloud once; the first look is the page itself.
function tellNews(outbox) {
  const now = outbox.map(({ id, state }) => `${id} ${state}`).join();
  if (said && said !== now) announce(summary(outbox));
  said = now;
}

function showTried() {
  if (!root || app.person?.rehearsal) return;
  const { lastSync, error } = app.sync?.state() ?? {};
  const time = lastSync && clock(new Date(lastSync));
  const words = error ? say("waiting.failed", { error: say(error) }) : say(time ? "waiting.tried" : "waiting.never", { time });
  fill(root, { tried: trying ? say("waiting.trying") : words });
}

async function sendNow() {
  if (trying) return;
  trying = true;
  showTried();
  announce(say("waiting.trying"));
  const sync = await app.net();
  await sync.sendNow().finally(() => {
    trying = false;
  });
  showTried();
}
