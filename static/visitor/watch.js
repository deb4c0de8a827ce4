// Keeps watch while somebody is unlocked: covers the page, shows the Nu card, locks by locks.js.
// The page holds either the screen, the Nu card or the cover; what is not looked at is not in the page.

import { coverPage, nowCard } from "./cover.js";
import { focus, one } from "./dom.js";
import { begun, due, seen } from "./locks.js";

const LOOK = 1000;

let app = null;
let state = null; // as in locks.js, null while nobody is unlocked
let nowOpen = false;
let lent = false; // a parent holds the tablet, and has gone to the Nu card from her questions
let timer = 0;
let ready = { cover: null, now: null };
let away = null; // the Nu card while nobody can look at the page

/** Begin after a full unlocking. */
export function begin(theApp) {
  app = theApp;
  state = begun(Date.now());
  nowOpen = false;
  document.body.toggleAttribute("data-rehearsal", Boolean(app.person.rehearsal));
  prepare();
  clearInterval(timer);
  timer = setInterval(look, LOOK);
  guardTheWayBack();
}

/** Stop watching: the key is about to go. */
export function end() {
  clearInterval(timer);
  state = away = null;
  nowOpen = lent = false;
  ready = { cover: null, now: null };
  delete document.body.dataset.rehearsal;
  one("#cover").replaceChildren();
  one("#now").replaceChildren();
  reveal();
}

/** Build cover and Nu card for the family that is visited, so that showing them is one insertion. */
export function prepare() {
  if (!state) return;
  ready = { cover: coverPage(app), now: nowCard(app) };
}

const covered = () => document.body.dataset.covered !== undefined;
const isLent = () => Boolean(one("#screen [data-self]"));

/** The neutral page, at once. When a parent held the tablet, the way back from it asks who is there (FR10, FR22). */
export function cover() {
  if (!state || covered() || (state.locked && !nowOpen)) return;
  const mustLock = lent || isLent();
  app.setAside(state.locked ? "re" : "cover"); // under a Nu card that outlasted the lock it is still the lock that counts
  state.coveredAt = Date.now();
  one("#cover").replaceChildren(ready.cover);
  document.body.dataset.covered = "";
  reveal();
  focus(one("#cover h1"));
  if (mustLock) relock();
}

/** Back from the cover; after ten seconds the code comes first. */
export function uncover() {
  if (!state || !covered()) return;
  look();
  if (!state) return;
  delete document.body.dataset.covered;
  state.coveredAt = null;
  one("#cover").replaceChildren();
  goOn();
}

/** The Nu card: what to do in danger. It stays through a re-lock. */
export function openNow() {
  if (!state || state.locked || nowOpen) return;
  lent = isLent();
  app.setAside("now");
  nowOpen = true;
  goOn();
}

/** Back from the Nu card to where she was. */
export function closeNow() {
  if (!state) return;
  nowOpen = lent = false;
  goOn();
}

/** The code (or the passkey) was right. */
export function passed() {
  if (!state?.locked) return;
  Object.assign(state, { locked: false, touchedAt: Date.now(), hidden: document.visibilityState === "hidden" });
  delete document.body.dataset.locked;
  goOn();
}

// Show what should stand now: the code before anything else, then the Nu card, then the screen.
function goOn() {
  const askCode = state.locked && !covered();
  one("#now").replaceChildren(...(nowOpen && !askCode ? [ready.now] : []));
  reveal();
  if (covered()) return;
  if (askCode) app.show("unlock", { again: true });
  else if (nowOpen) focus(one("#now h1"));
  else app.bringBack();
}

function reveal() {
  const page = document.body.dataset;
  if (!state) delete page.covered;
  one("#cover").hidden = !covered();
  one("#now").hidden = covered() || !nowOpen || !one("#now").firstChild;
  one("#screen").hidden = covered() || !one("#now").hidden;
}

/** Lock what is due by the wall clock. */
function look() {
  if (!state) return;
  const now = Date.now();
  state = seen(state, now);
  const lock = due(state, now);
  if (lock === "full") app.lock();
  else if (lock === "re") relock();
}

/** The page is emptied, the keeper closed and the list forgotten, and the code opens it again: when it is due, or when the tablet is handed back. */
export function relock() {
  if (!state || state.locked) return;
  state.locked = true;
  document.body.dataset.locked = "re";
  app.setAside("re");
  app.forgetList();
  if (!covered() && !nowOpen) app.show("unlock", { again: true });
}

function touched() {
  if (state && !state.locked) {
    look();
    if (state && !state.locked) state.touchedAt = Date.now();
  }
}

for (const event of ["pointerdown", "keydown", "input"]) document.addEventListener(event, touched, { capture: true, passive: true });

document.addEventListener("touchstart", (event) => event.touches.length > 1 && cover(), { capture: true, passive: true });
document.addEventListener("keydown", (event) => event.key === "Escape" && cover(), { capture: true });

// Nobody looks at the page: it is emptied before the system takes its picture of it. An open Nu card comes back.
document.addEventListener("visibilitychange", () => {
  if (!state) return;
  state.hidden = document.visibilityState === "hidden";
  look();
  if (!state || covered()) return;
  if (state.hidden) away = one("#now").firstChild;
  one("#now").replaceChildren(...(away && !state.hidden ? [away] : []));
  if (!state.hidden) away = null;
  reveal();
});

// The page goes, or is put away by the browser: the key goes with it.
window.addEventListener("pagehide", () => {
  if (!state) return;
  one("#screen").replaceChildren();
  end();
  app.forget();
});
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

// The back gesture needs an entry to go back from. It carries nothing: same address, same title, no state.
let guarded = false;

function guardTheWayBack() {
  if (guarded) return;
  guarded = true;
  history.pushState(null, "", "/visit");
  window.addEventListener("popstate", () => {
    history.pushState(null, "", "/visit");
    app.back();
  });
}
