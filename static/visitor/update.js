// A new version of the app: fetched quietly, offered when no visit is open, changed to when she agrees.

import { trusted } from "./dom.js";

const HOUR = 3_600_000;
const QUIET = 60_000;

let app = null;
let registration = null;
let changing = false;

/** Register the service worker and listen for what it brings. */
export async function begin(theApp) {
  if (!navigator.serviceWorker) return;
  app = theApp;
  registration = await navigator.serviceWorker.register(trusted("/sw.js"), { updateViaCache: "none" });
  if (!registration) return; // a browser that was told to keep none
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", told));
  navigator.serviceWorker.addEventListener("controllerchange", () => changing && location.reload());
  setInterval(() => registration.update().catch(() => {}), HOUR); // offline is no fault; the next hour asks again
  setInterval(changeUnseen, QUIET);
  navigator.serviceWorker.controller?.postMessage("mend"); // what the browser has dropped of the app is fetched again
  told();
}

/** Is a new version waiting? The first one of all takes over by itself and is no news. */
export const waiting = () => Boolean(registration?.waiting && navigator.serviceWorker.controller);

const told = () => waiting() && document.dispatchEvent(new CustomEvent("update"));

/** She agreed: lock, let the new version take over, and start again with it. */
export async function change() {
  if (!waiting()) return;
  await app.lock();
  changing = true;
  registration.waiting.postMessage("activate");
}

// On the unlock screen, nobody looking and nothing half typed: nothing is open, so nothing can be disturbed.
function changeUnseen() {
  const { locked, screen } = document.body.dataset;
  const typed = document.querySelector("[name=passphrase]")?.value;
  if (waiting() && locked === "full" && screen === "unlock" && document.visibilityState === "hidden" && !typed) change();
}
