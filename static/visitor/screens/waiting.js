// Visits on their way: four steps each, filled only by what a signed receipt says.

import { moment } from "../ages.js";
import { all, announce, clone, fill, one, onAction } from "../dom.js";
import { addWords, clock, listed, say } from "../words.js";

addWords({
  "waiting.offline": ["Alt er gemt på tabletten. Når der er net, bliver besøgene sendt af sig selv.", "Everything is saved on this tablet. When there is a connection the visits are sent by themselves."],
  "waiting.home": ["Alle besøg er i mål.", "All visits are home."],
  "waiting.allOpened": ["Alle besøg er læst ind.", "All visits have been read in."],
  "waiting.on": ["Alt er gemt på tabletten. Det, der er sendt, er på vej gennem kommunen.", "Everything is saved on this tablet. What was sent is on its way through the municipality."],
  "waiting.waits": ["{time} · venter på net", "{time} · waiting for a connection"],
  "waiting.received": ["Kommunen har besøget. Det bliver læst ind inden for få minutter.", "The municipality has the visit. It is read in within a few minutes."],
  "waiting.opened": [
    "Læst ind. Du kan se det på listen til midnat. Den låste kopi bliver her, til der er en sikkerhedskopi.",
    "Read in. You can see it on this list until midnight. The sealed copy stays here until there is a backup.",
  ],
  "waiting.safe": ["I mål. Slettes fra tabletten i aften.", "Home. It is deleted from this tablet tonight."],
  "waiting.asideHead": ["Lagt til side.", "Set aside."],
  "waiting.aside": [
    "Kommunen har besøget, men kunne ikke læse det ind. Teamlederen kan se det. Besøget bliver på tabletten, og du skal ikke gøre noget.",
    "The municipality has the visit but could not read it in. The team lead can see it. The visit stays on this tablet and you need not do anything.",
  ],
  "waiting.refusedHead": ["Ikke taget imod.", "Not accepted."],
  "waiting.refused": [
    "Kommunen kunne ikke tage imod besøget. Det bliver på tabletten. Vis det til din teamleder (kode: {reason}).",
    "The municipality could not accept the visit. It stays on this tablet. Show this to your team lead (code: {reason}).",
  ],
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
// What the server says no to before it keeps anything; everything else that is set aside it has.
const REFUSED = new Set([
  "unknown_author", "wrong_signature", "unknown_type", "wrong_number", "not_ours", "too_large", "too_short", "unknown_suite",
  "unknown_flags", "wrong_length", "wrong_time",
]);

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
  const [visits, outbox] = await Promise.all([app.vault.visits(), app.vault.outbox()]);
  if (mine !== root || !mine) return;
  const own = new Set(visits.map(({ id }) => id));
  const others = outbox.filter(({ id, state }) => !OVER.has(state) && !own.has(id)).length;
  one("[data-ways]", mine).replaceChildren(...visits.map(way));
  fill(mine, { summary: summary(outbox), others: others ? say("waiting.others", { n: others }) : "" });
  one("[data-explained]", mine).hidden = !visits.length;
  showTried();
  tellNews(outbox);
}

// Of all that lies on this tablet, whoever made it and whether or not she can still read it.
function summary(visits) {
  const open = visits.filter(({ state }) => !OVER.has(state));
  if (!open.length) return say(visits.some(({ state }) => state === "opened") ? "waiting.allOpened" : "waiting.home");
  return say(open.some(({ state }) => state === "waiting") ? "waiting.offline" : "waiting.on");
}

function way({ id, family, name, visit, finishedAt, state, reason }) {
  const item = clone("way");
  const time = moment(new Date(finishedAt), app.now());
  const refused = state === "quarantined" && REFUSED.has(reason);
  const words = note(state, reason, refused);
  Object.assign(item.dataset, { encounter: id, visit, syncState: state });
  one(".way-note", item).hidden = !words.note;
  fill(item, {
    name: shortName(app.caseload.families.get(family)?.children ?? name.split(", ").map((one) => ({ name: one }))),
    visit: say(`visit.${visit}`), at: state === "waiting" ? say("waiting.waits", { time }) : time, ...words,
  });
  const done = refused ? 1 : DONE[state];
  all("ol li", item).forEach((step, n) => {
    step.classList.toggle("done", n < done);
    fill(step, { done: `: ${say(n < done ? "waiting.done" : "waiting.notYet")}` });
  });
  return item;
}

function note(state, reason, refused) {
  if (state === "waiting") return {};
  if (refused) return { aside: say("waiting.refusedHead"), note: say("waiting.refused", { reason }) };
  return state === "quarantined" ? { aside: say("waiting.asideHead"), note: say("waiting.aside") } : { aside: "", note: say(`waiting.${state}`) };
}

/** "Nora L.", "Yusuf og Zahra D.": first names and an initial. */
export function shortName(children) {
  const names = children.map(({ name }) => name.trim().split(/\s+/));
  const initial = names[0].length > 1 ? ` ${names[0].at(-1)[0]}.` : "";
  return `${listed(names.map(([first]) => first))}${initial}`;
}

// What changed is said aloud once; the first look is the page itself.
function tellNews(visits) {
  const now = visits.map(({ id, state }) => `${id} ${state}`).join();
  if (said && said !== now) announce(summary(visits));
  said = now;
}

function showTried() {
  if (!root) return;
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
