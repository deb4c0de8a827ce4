// Besøg: starts the app, shows one screen at a time and empties the page when nobody may look.
//
// A screen is a module in screens/ with
//   show(app, args)      builds its element and gives it to app.mount(); args live in memory only
//   suspend(app, why)    optional, before the page is emptied ("cover", "now", "re", "full"): reads half-typed text
//                        before its first await, keeps it through app.vault, gives the args that bring the same
//                        place back; they return to show() together with `resumed: why`
//   back(app)            optional: what the back gesture does here instead of covering
//   leave(app)           optional: another screen takes over
// The screen gets its own `app`: once another screen or a lock has come in between, its mount() does nothing.

import { all, announce, fill, focus, one, onAction, speak } from "./dom.js";
import * as unlockScreen from "./screens/unlock.js";
import * as vault from "./vault.js";
import { clock, say } from "./words.js";

const KEPT_IN_TIME = 3000; // a full lock waits this long for half-typed text to be sealed
const ANSWER_IN_TIME = 5000;
const CLOCK_WRONG = 10 * 60_000;

const modules = { unlock: unlockScreen, elsewhere: { show: unlockScreen.showElsewhere } };
const instruments = new Map();

let current = null; // {name, args, module} of the open screen
let aside = null; // {name, why, args: Promise} of a screen that was emptied and comes back
let lists = 0; // counts the times the list was forgotten, so that a late one does not come back
let turn = 0; // counts screens, so that a late one cannot mount itself
let asking = null; // the question who is signed in, while it is on its way
let clockTold = false;
let insisted = false; // she was told that locking would lose something
let watch = null; // covers and locks; loaded with the first unlocking

const app = {
  show, mark, back, setAside, bringBack, forgetList, tell, say, vault, net, instrument,
  openNow: () => watch?.openNow(), handOver: () => watch?.relock(), enter, passed, lock, forget, signedIn, readCaseload, mayCapture, visiting, moment, newest, lostWork: vault.lost,
  sync: null, update: null, person: null, family: null, caseload: { families: new Map(), asOf: null }, config: {}, who: null,
  now: () => new Date(),
};

async function start() {
  if (location.pathname !== "/visit") history.replaceState(null, "", "/visit");
  const [place] = await Promise.all([vault.setting("place"), onlyWriter()]);
  showPlace(place ?? {});
  onAction(document.body, {
    cover: () => watch?.cover(), uncover: () => watch?.uncover(), now: () => watch?.openNow(), lock: lockByHand, hush,
  });
  onAction(one("#now"), { back: () => watch?.closeNow() });
  await show("unlock");
  requestAnimationFrame(() => setTimeout(afterFirstPaint));
}

/** One tab writes. A second one says so, and takes over by itself when the first is closed. */
function onlyWriter() {
  if (!navigator.locks) return Promise.resolve();
  return new Promise((mine) => {
    let waited = false;
    const patience = setTimeout(() => {
      waited = true;
      show("elsewhere");
    }, 300);
    navigator.locks.request("visit-writer", () => {
      clearTimeout(patience);
      if (waited) location.reload(); // the other window may have changed everything that was read here
      else mine();
      return new Promise(() => {}); // held as long as the page lives
    });
  });
}

async function afterFirstPaint() {
  document.addEventListener("sync", heard);
  app.update = await import("./update.js");
  app.update.begin(app);
  await Promise.all([(await vault.isUnused()) || net(), signedIn()]);
  showNet();
}

// What came with a synchronisation: the list is read again, and whoever shows it hears of it.
async function heard({ detail }) {
  showNet();
  if (!detail?.caseload || !app.person) return;
  await readCaseload();
  watch?.prepare();
  document.dispatchEvent(new CustomEvent("caseload"));
}

/** sync.js, loaded and begun after the first paint; on a tablet with nothing to send, when it is asked for. */
async function net() {
  const sync = await import("./sync.js");
  if (app.sync) return sync;
  app.sync = sync;
  sync.start().then(showNet);
  return sync;
}

/** Show a screen by its name in screens/. Nothing of it reaches the address, the title or the history. */
async function show(name, args = {}) {
  const mine = ++turn;
  insisted = false;
  const isCurrent = () => mine === turn;
  const here = Object.assign(Object.create(app), { isCurrent, mount: (root, options) => isCurrent() && put(name, root, options) });
  try {
    if (args.family) visiting(args.family);
    const module = (modules[name] ??= await import(`./screens/${name}.js`));
    if (!isCurrent()) return;
    current?.module.leave?.(app);
    current = { name, args, module };
    await module.show(here, args);
  } catch (error) {
    if (isCurrent()) failed(error, "error.screen");
  }
}

function put(name, root, { screen = name, heading = one("h1", root) } = {}) {
  one("#screen").replaceChildren(root);
  mark(screen);
  if (one("#notice").dataset.stays === undefined) hush();
  fill(root, { municipality: document.body.dataset.municipality });
  showNet();
  focus(heading);
  return true;
}

/** The name on body[data-screen], for a screen that has several (visit, assessment, guide). */
function mark(screen) {
  document.body.dataset.screen = screen;
}

/** What the back gesture does: uncover nothing, give nothing away; the screen's own way back, else the cover. */
function back() {
  if (!app.person || document.body.dataset.locked) return;
  if (document.body.dataset.covered === undefined && current?.module.back) current.module.back(app);
  else watch?.cover();
}

/** The family that is visited now: her row, or its id. Prepares the cover and the Nu card for it. */
function visiting(family) {
  app.family = typeof family === "string" ? app.caseload.families.get(family) ?? null : family;
  watch?.prepare();
}

/** Empty the page, and remember how to come back. The screen seals what is half typed. */
function setAside(why) {
  turn += 1;
  one("#announcer").replaceChildren(); // what was said aloud goes with the page
  if (!aside && current) {
    const { name, args, module } = current;
    const kept = suspended(module, why);
    aside = { name, why, args: kept.then((more) => ({ ...args, ...more })) };
  }
  if (aside) aside.why = why;
  one("#screen").replaceChildren();
}

async function suspended(module, why) {
  try {
    return await module.suspend?.(app, why);
  } catch (error) {
    failed(error, "error.unexpected");
    return {};
  }
}

/** Show again what was set aside. */
async function bringBack() {
  if (!aside) return show("today");
  const { name, why, args } = aside;
  aside = null;
  return show(name, { ...(await args), resumed: why });
}

/** The re-lock code or the passkey was right: what was forgotten is read again. */
async function passed() {
  await readCaseload();
  watch?.passed();
}

/** Re-lock: the keeper takes only the code and what is half done, and the list is out of memory. Cover and Nu card stay as they were built. */
function forgetList() {
  lists += 1;
  app.caseload = { families: new Map(), asOf: null };
  vault.relock().catch((error) => failed(error, "error.unexpected"));
}

/** After a full unlocking: read the list, keep watch, and show it. */
async function enter(person) {
  app.person = person;
  speak(person.language);
  watch ??= await import("./watch.js");
  await readCaseload();
  watch.begin(app);
  delete document.body.dataset.locked;
  current?.module.leave?.(app);
  aside = current = null;
  await show("today");
  const sync = await net();
  await sync.pull();
}

/** Read the sealed list of families into memory, with what was noted here since and the server may not know yet. */
async function readCaseload() {
  const mine = lists;
  const [{ families, asOf, config }, { withNotes }] = await Promise.all([vault.caseload(), import("./screens/around.js")]);
  if (mine !== lists) return; // locked meanwhile
  app.caseload = { families: new Map(families.map((family) => [family.id, family])), asOf };
  app.config = config ?? {};
  showPlace(app.config);
  await withNotes(app);
}

/** Full lock: what is half typed is sealed, the page is empty, the key is gone. `reason` is a key of words. */
async function lock(reason = null) {
  if (!app.person) return;
  setAside("full");
  watch.end();
  document.body.dataset.locked = "full";
  const kept = await isKept();
  forget();
  await show("unlock", { reason, kept });
}

// Whether all that was set aside is on the disk; what has not got there in time is not.
async function isKept() {
  const late = new Promise((done) => setTimeout(done, KEPT_IN_TIME, { unsaved: true }));
  const args = await Promise.race([aside?.args, late]);
  return !args?.unsaved;
}

// The lock button. What could not be kept is lost with the key, so that is said first; pressed again, it locks.
async function lockByHand() {
  if (!app.person) return;
  setAside("full");
  if (insisted || (await isKept())) return lock();
  await (document.body.dataset.locked ? show("unlock", { again: true }) : bringBack());
  insisted = true;
  tell("lock.wouldLose", {}, { stays: true });
}

/** Drop the key and everything read with it. Also when the page goes. */
function forget() {
  vault.lock();
  aside = current = null;
  Object.assign(app, { person: null, family: null, caseload: { families: new Map(), asOf: null } });
}

/** The newest published version of the questions: what a new visit begins with; a draft goes on with its own. */
function newest() {
  return document.body.dataset.instrument;
}

/** The published questions, ready for instrument.js. A draft names the version it began with. */
function instrument(version = newest()) {
  if (!instruments.has(version)) instruments.set(version, fetchInstrument(version));
  return instruments.get(version);
}

async function fetchInstrument(version) {
  try {
    const [{ createInstrument }, answer] = await Promise.all([
      import("./instrument.js"),
      fetch(`/visit/instrument/${version}.json`),
    ]);
    if (!answer.ok) throw new Error(`instrument ${version}: ${answer.status}`);
    return createInstrument(await answer.json());
  } catch (error) {
    instruments.delete(version);
    throw Object.assign(error, { key: "error.instrument" });
  }
}

/** Who is signed in at the server, or null when it cannot be asked. Two askers share one answer. */
function signedIn() {
  asking ??= askWho().finally(() => {
    asking = null;
  });
  return asking;
}

async function askWho() {
  try {
    const answer = await fetch("/visit/who", { cache: "no-store", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(ANSWER_IN_TIME) });
    if (!answer.ok) return null;
    checkClock(answer.headers.get("Date"));
    const who = await answer.json();
    showPlace(who);
    await vault.keepSetting("place", { municipality: who.municipality, demo: who.demo });
    app.who = who;
    return who;
  } catch {
    return null; // no answer is what "offline" is; sync.js says since when
  }
}

// Told once: due dates and locks go by this clock.
function checkClock(serverSays) {
  const apart = Math.abs(Date.parse(serverSays) - Date.now());
  if (!(apart > CLOCK_WRONG) || clockTold) return;
  clockTold = true;
  tell("clock.wrong", { here: clock(new Date()), there: clock(new Date(serverSays)) }, { stays: true });
}

/** Without storage that really stays (D18) a visit is only begun while the server answers. */
async function mayCapture() {
  const isSafe = document.body.dataset.demo !== undefined || app.person?.rehearsal;
  if (isSafe || (await navigator.storage?.persisted?.())) return true;
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_IN_TIME) });
    return (await answer.json()).status === "ok"; // a page to sign in to the Wi-Fi is no server of ours
  } catch {
    return false;
  }
}

/** When something was, in words: "i dag 11.52". */
async function moment(at) {
  const ages = await import("./ages.js");
  return ages.moment(new Date(at), app.now());
}

/** A calm line above the bottom row, until it is closed or, unless it stays, another screen comes. */
function tell(key, values, { stays = false } = {}) {
  const notice = one("#notice");
  fill(notice, { notice: say(key, values) });
  notice.toggleAttribute("data-stays", stays);
  one("[data-action=hush]", notice).setAttribute("aria-label", say("close"));
  notice.hidden = false;
  announce(say(key, values));
}

function hush() {
  const notice = one("#notice");
  fill(notice, { notice: "" });
  notice.hidden = true;
  delete notice.dataset.stays;
}

function failed(error, key) {
  if (error?.name === "Locked") return; // asked just before the lock; what was asked for is not wanted any more
  console.error(error);
  tell(error?.key ?? key, error?.values);
}

/** The municipality's name and the DEMO mark, wherever the page has a place for them. */
function showPlace({ municipality, demo } = {}) {
  if (demo) document.body.dataset.demo = "";
  if (municipality) document.body.dataset.municipality = municipality;
  fill(document, { municipality: document.body.dataset.municipality });
}

/** "Uden net siden 08.12" in every top row that has a place for it. Being online needs no text. */
function showNet() {
  const since = app.sync?.state().offlineSince;
  for (const line of all("[data-net]")) {
    line.hidden = !since;
    if (since) fill(line, { net: say("offline", { time: clock(new Date(since)) }) });
  }
}

window.addEventListener("error", (event) => failed(event.error ?? event.message, "error.unexpected"));
window.addEventListener("unhandledrejection", (event) => failed(event.reason, "error.unexpected"));

start();
