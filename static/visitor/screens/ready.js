// "Klar til i morgen?": what the tablet needs in homes without a connection, each thing tried out and said in words; and
// the way into a rehearsal with invented families. Works without a connection.

import { moment } from "../ages.js";
import { dayOf } from "../days.js";
import { announce, clone, fill, one, onAction } from "../dom.js";
import { addWords, clock, say } from "../words.js";

addWords({
  "ready.looking": ["Ser efter …", "Looking …"],
  "ready.all": ["Ja. Du kan tage af sted uden net.", "Yes. You can set out without a connection."],
  "ready.some.one": ["Næsten. Der er én ting at gøre.", "Almost. There is one thing to do."],
  "ready.some": ["Næsten. Der er {n} ting at gøre.", "Almost. There are {n} things to do."],
  "ready.unsure": ["Ja, så vidt det kan ses uden net.", "Yes, as far as can be seen without a connection."],
  "ready.ok": ["I orden", "All right"],
  "ready.act": ["Gør noget", "To do"],
  "ready.unknown": ["Ikke kontrolleret", "Not checked"],
  "shell.ok": ["Hele appen og spørgsmålene ligger på tabletten.", "The whole app and the questions are on this tablet."],
  "shell.act": ["Noget af appen mangler. Hold tabletten på nettet et øjeblik, og prøv igen.", "Part of the app is missing. Keep the tablet online for a moment and try again."],
  "shell.unknown": ["Kan kun ses efter i appens egen liste med net.", "The app’s own list can only be looked up with a connection."],
  "list.ok": ["Familierne er hentet {time}.", "The families were fetched {time}."],
  "list.act": ["Listen er fra {time}. Find et sted med net, og prøv igen.", "The list is from {time}. Find a place with a connection and try again."],
  "list.signIn": ["Listen er fra {time}. Log ind for at hente nyt.", "The list is from {time}. Sign in to fetch what is new."],
  "list.never": ["Der er ikke hentet nogen familier endnu. Find et sted med net, og prøv igen.", "No families have been fetched yet. Find a place with a connection and try again."],
  "storage.ok": ["Tabletten har lovet ikke at rydde op i det, du gemmer.", "The tablet has promised not to clear what you save."],
  "storage.act": ["Tabletten kan selv rydde op. Læg Besøg på startskærmen som app, og åbn den derfra.", "The tablet may clear it by itself. Put Besøg on the home screen as an app and open it from there."],
  "clock.ok": ["Uret går som serverens, {here}.", "The clock agrees with the server’s, {here}."],
  "clock.act": ["Uret viser {here}, serverens {there}. Stil det i tablettens indstillinger.", "The clock says {here}, the server’s {there}. Set it in the tablet’s settings."],
  "clock.unknown": ["Uret viser {here}. Det kan kun sammenlignes med net.", "The clock says {here}. It can only be compared with a connection."],
  "sent.ok": ["Alt, du har gemt, er sendt.", "Everything you have saved is sent."],
  "sent.act.one": ["1 venter på net. Det sendes af sig selv; hold appen åben et øjeblik.", "1 waits for a connection. It is sent by itself; keep the app open for a moment."],
  "sent.act": ["{n} venter på net. De sendes af sig selv; hold appen åben et øjeblik.", "{n} wait for a connection. They are sent by themselves; keep the app open for a moment."],
  "drafts.ok": ["Ingen påbegyndte besøg.", "No unfinished visits."],
  "drafts.act.one": ["1 besøg er ikke afsluttet. Det står øverst i I dag.", "1 visit is not finished. It stands first in Today."],
  "drafts.act": ["{n} besøg er ikke afsluttet. De står øverst i I dag.", "{n} visits are not finished. They stand first in Today."],
  "unlock.ok": ["Din adgangssætning åbner det, der ligger her, også uden net.", "Your passphrase opens what is kept here, also without a connection."],
  "unlock.act": ["Noget på tabletten kan ikke læses. Det er bevaret. Sig det til din leder, før du tager af sted.", "Something on this tablet cannot be read. It is kept. Tell your lead before you set out."],
});

const PATIENCE = 5000;
const CLOCK_APART = 10 * 60_000; // as app.js tells it
const LINES = { shell, list, storage, clock: theClock, drafts, sent, unlock };

let app = null;
let root = null;

/** args: practice: only the way into a rehearsal. */
export async function show(theApp, { practice = false } = {}) {
  app = theApp;
  app.visiting(null);
  root = clone(practice ? "practice" : "ready");
  one("[data-practice]", root)?.toggleAttribute("hidden", Boolean(app.person.rehearsal));
  onAction(root, { back: () => app.show("today"), "check-again": () => check(), rehearse: practise });
  app.mount(root, { screen: "today" });
  if (!practice) await check();
}

export function leave() {
  root = null;
}

export const suspend = leave;

/** Try everything, first fetching and sending what can be. */
async function check() {
  const mine = root;
  fill(mine, { summary: say("ready.looking") });
  const sync = await app.net();
  await Promise.race([sync.pull(), new Promise((done) => setTimeout(done, PATIENCE))]);
  const found = await Promise.all(Object.entries(LINES).map(async ([name, look]) => ({ name, ...(await look()) })));
  if (mine !== root || !mine) return;
  one("[data-checks]", mine).replaceChildren(...found.map(line));
  const wrong = found.filter(({ state }) => state === "act").length;
  const unsure = found.some(({ state }) => state === "unknown");
  const words = wrong ? say("ready.some", { n: wrong }) : say(unsure ? "ready.unsure" : "ready.all");
  fill(mine, { summary: words });
  announce(words);
}

function line({ name, state, words = `${name}.${state}`, values }) {
  const item = fill(clone("ready-line"), { state: say(`ready.${state}`), what: say(words, values) });
  Object.assign(item.dataset, { check: name, state });
  one("b", item).append(clone(`ready-${name}`));
  return item;
}

// ── what is looked at: {state: ok | act | unknown, words, values} ──

// Every file of this release that the service worker's list names lies in its cache.
async function shell() {
  const release = document.body.dataset.release;
  const addresses = await listed(release);
  if (!addresses) return { state: "unknown" };
  const name = `visit ${release}`;
  const kept = (await caches.has(name)) ? await (await caches.open(name)).keys() : [];
  const there = new Set(kept.map(({ url }) => new URL(url).pathname));
  const isWhole = Boolean(navigator.serviceWorker?.controller) && addresses.every((address) => there.has(address));
  if (!isWhole) navigator.serviceWorker?.controller?.postMessage("mend");
  return { state: isWhole ? "ok" : "act" };
}

async function listed(release) {
  await remember(app.vault);
  const known = await app.vault.setting("shell");
  return known?.release === release ? known.addresses : null;
}

/**
 * The list of the app's own files stands at the head of the service worker. It is remembered while there is a
 * connection, once for each release, for looking without one.
 */
export async function remember(vault) {
  const { release } = document.body.dataset;
  if ((await vault.setting("shell"))?.release === release) return;
  try {
    const answer = await fetch("/sw.js", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    const { release: newest, shell: entries } = JSON.parse(/^self\.visit = (.*);$/m.exec(await answer.text())[1]);
    if (newest === release) await vault.keepSetting("shell", { release, addresses: entries.map(([address]) => address) });
  } catch {
    // no connection, or something else than our server answers: another time
  }
}

function list() {
  const { asOf } = app.caseload;
  if (!asOf) return { state: "act", words: "list.never" };
  const values = { time: moment(new Date(asOf), app.now()) };
  if (dayOf(new Date(asOf)) === dayOf(app.now())) return { state: "ok", values };
  return { state: "act", words: app.sync?.state().signedIn === false ? "list.signIn" : "list.act", values };
}

async function storage() {
  return { state: (await app.vault.persisted()) ? "ok" : "act" };
}

async function theClock() {
  const here = clock(app.now());
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    const there = new Date(answer.headers.get("Date"));
    const isRight = Math.abs(there - app.now()) <= CLOCK_APART;
    return { state: isRight ? "ok" : "act", values: { here, there: clock(there) } };
  } catch {
    return { state: "unknown", values: { here } };
  }
}

async function sent() {
  const n = (await app.vault.outbox()).filter(({ state }) => state === "waiting").length;
  return { state: n ? "act" : "ok", values: { n } };
}

async function drafts() {
  const { length: n } = await app.vault.drafts();
  return { state: n ? "act" : "ok", values: { n } };
}

async function unlock() {
  const { ok } = await app.vault.selfCheck();
  return { state: ok ? "ok" : "act" };
}

// ── rehearsal ──

/** From here on invented families under keys that go with them; nothing of it is sent. */
async function practise() {
  await app.enter(await app.vault.rehearse(undefined, app.config));
}
