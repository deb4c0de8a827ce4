// Opening the tablet: who you are, then passkey or passphrase; after a re-lock the code. What waits to be
// sent goes without opening anything.

import { all, announce, clone, fill, focus, one, onAction, speak, speaks } from "../dom.js";
import { addWords, capital, clock, say } from "../words.js";

addWords({
  "unlock.wrong": ["Adgangssætningen passer ikke. Prøv igen.", "The passphrase does not fit. Try again."],
  "unlock.empty": ["Skriv de syv stavelser på dit kort.", "Type the seven syllables on your card."],
  "unlock.wait.one": ["Vent 1 sekund, før du prøver igen.", "Wait 1 second before you try again."],
  "unlock.wait": ["Vent {n} sekunder, før du prøver igen.", "Wait {n} seconds before you try again."],
  "unlock.busy": ["Låser op …", "Unlocking …"],
  "unlock.noPasskey": [
    "Adgangsnøglen virkede ikke her. Brug adgangssætningen eller koden.",
    "The passkey did not work here. Use the passphrase or the code.",
  ],
  "unlock.signIn": [
    "Log ind som sundhedsplejerske, mens der er net. Så gør vi tabletten klar sammen.",
    "Sign in as a health visitor while there is a connection. Then the tablet can be set up.",
  ],
  "unlock.needsNet": [
    "Der skal være net den første gang. Find et sted med forbindelse, og åbn Besøg igen.",
    "The first time needs a connection. Find a place with one and open Besøg again.",
  ],
  "unlock.notVisitor": [
    "Du er logget ind med en rolle, der ikke holder besøg. Log ind som sundhedsplejerske for at gøre tabletten klar.",
    "You are signed in with a role that makes no visits. Sign in as a health visitor to set up the tablet.",
  ],
  "unlock.lost.one": [
    "Det, der lå på tabletten, er væk: browseren har slettet det. {time} ventede 1 besøg på at blive sendt. Sig det til din leder.",
    "What lay on this tablet is gone: the browser has deleted it. {time} 1 visit was waiting to be sent. Tell your lead.",
  ],
  "unlock.lost": [
    "Det, der lå på tabletten, er væk: browseren har slettet det. {time} ventede {n} besøg på at blive sendt. Sig det til din leder.",
    "What lay on this tablet is gone: the browser has deleted it. {time} {n} visits were waiting to be sent. Tell your lead.",
  ],
  "unlock.enrolHere": ["Gør tabletten klar til {initials}", "Set up this tablet for {initials}"],
  "unlock.forgotten": [
    "Færdige besøg, der venter, bliver sendt alligevel; ufærdige kladder bliver på tabletten, låst, og kan ikke åbnes uden den gamle adgangssætning; en ny får du ved at logge ind, mens der er net{code}.",
    "Finished visits that wait are sent anyway; unfinished drafts stay on this tablet, locked, and cannot be opened without the old passphrase; you get a new one by signing in while there is a connection{code}.",
  ],
  "unlock.forgottenCode": [", med en aktiveringskode fra jeres administrator", ", with an activation code from your administrator"],
  "unlock.renewNeedsNet": [
    "Der skal være net for at få en ny adgangssætning. Alt på tabletten bliver liggende. Prøv igen, når der er forbindelse.",
    "A new passphrase needs a connection. Everything on this tablet stays. Try again when there is one.",
  ],
  "unlock.older": [
    "Det er en af dine tidligere adgangssætninger. Her ligger det, du skrev, mens den gjaldt. Gør kladderne færdige her, og lås så op med den nye.",
    "This is one of your earlier passphrases. Here is what you wrote while it was in use. Finish the drafts here, then unlock with the new one.",
  ],
  "unlock.rehearsed": ["Øvelsen er slut, og alt fra den er væk. Lås op for at se din egen liste.", "The rehearsal is over and everything from it is gone. Unlock to see your own list."],
  "unlock.waiting.one": ["1 besøg eller besked venter på net", "1 visit or message is waiting for a connection"],
  "unlock.waiting": ["{n} besøg og beskeder venter på net", "{n} visits and messages are waiting for a connection"],
  "unlock.sending": ["Sender …", "Sending …"],
  "unlock.sent.one": ["1 er modtaget {time}.", "1 was received at {time}."],
  "unlock.sent": ["{n} er modtaget {time}.", "{n} were received at {time}."],
  "unlock.stillOffline": ["Stadig uden net {time}. De bliver sendt, når der er forbindelse.", "Still offline at {time}. They are sent when there is a connection."],
  "unlock.notSent": ["Ikke sendt {time}. Tabletten prøver igen af sig selv.", "Not sent at {time}. The tablet tries again by itself."],
  "code.easy": ["Den kode er for let at gætte. Vælg en uden ens tal eller tal i rækkefølge.", "That code is too easy to guess. Choose one without equal digits or digits in a row."],
  "code.form": ["Koden er 4–6 tal.", "The code is 4–6 digits."],
  "code.wrong.one": ["Koden passer ikke. Du har 1 forsøg tilbage.", "The code does not fit. You have 1 try left."],
  "code.wrong": ["Koden passer ikke. Du har {n} forsøg tilbage.", "The code does not fit. You have {n} tries left."],
  "code.used": [
    "Koden var forkert fem gange, så tabletten er helt låst. Brug adgangssætningen.",
    "The code was wrong five times, so the tablet is fully locked. Use the passphrase.",
  ],
  "lock.kept": ["Det, du har skrevet, er gemt.", "What you have written is saved."],
  "lock.notKept": [
    "Det sidste, du skrev i besøget, kunne ikke gemmes og er gået tabt. Se kladden igennem, når du har låst op.",
    "What you wrote last in the visit could not be saved and is lost. Look through the draft after unlocking.",
  ],
  "lock.wouldLose": [
    "Det sidste, du skrev i besøget, er ikke gemt. Tryk Lås igen, hvis du vil låse alligevel; så går det tabt.",
    "What you wrote last in the visit is not saved. Press Lock again to lock anyway; it is lost then.",
  ],
});

const DELAYS = [0, 0, 0, 5, 15, 60];

let app = null;
let root = null;
let people = [];
let chosen = null;
let tries = {}; // wrong passphrases in a row, by person

/** Seconds to wait before the next passphrase after so many wrong ones: a courtesy, not a protection. */
export const delayAfter = (wrong) => DELAYS[Math.min(wrong, DELAYS.length - 1)];

/**
 * args.again: only the page was emptied, the code is enough. args.reason: why it locked, as a key of words, and
 * args.kept: whether what was half done then is kept.
 */
export async function show(theApp, { again = false, reason = null, kept = true } = {}) {
  app = theApp;
  if (again) return showCode();
  document.body.dataset.locked = "full";
  const { vault } = app;
  const [everyone, last, counted] = await Promise.all([vault.people(), vault.setting("lastPerson"), vault.setting("tries")]);
  [people, tries] = [everyone, counted ?? {}];
  if (!people.length) return showNobody();
  if (cameFromSignIn() && ((await wantsNewKeys()) || (await newHere()))) return app.show("enrol");
  showPeople(people.find((person) => person.id === last) ?? people[0]);
  if (reason === "unlock.rehearsed") problem(say(reason));
  else if (reason || !kept) problem([reason && say(reason), say(kept ? "lock.kept" : "lock.notKept")].filter(Boolean).join(" "));
}

export function leave() {
  clearInterval(waiting);
  drop();
}

// The page goes, and nothing that was typed stays behind in it.
function drop() {
  if (root) for (const input of all("[name=passphrase],[name=pin]", root)) input.value = "";
  root = null;
}

/** A second tab or window: only one may write, so this one waits. */
export function showElsewhere(theApp) {
  theApp.mount(clone("elsewhere"), { screen: "elsewhere" });
}

const cameFromSignIn = () => document.referrer.startsWith(`${location.origin}/account/`);

/** Is a visitor signed in at the server who has no keys on this tablet? */
async function newHere() {
  const who = await app.signedIn();
  return Boolean(who?.signed_in) && who.person.role === "visitor" && !people.some(({ id }) => id === who.person.id);
}

/** Did she go to sign in from here because her passphrase is forgotten, and is it she who comes back? */
async function wantsNewKeys() {
  const forgotten = await app.vault.setting("forgotten");
  if (!forgotten) return false;
  await app.vault.keepSetting("forgotten", null); // another sign-in on another day must not lead there
  return (await app.signedIn())?.person?.id === forgotten;
}

// ── a tablet without keys ──

async function showNobody() {
  const who = await app.signedIn();
  if (who?.signed_in && who.person.role === "visitor") return app.show("enrol");
  speak(navigator.language?.startsWith("en") ? "en" : "da");
  root = clone("nobody");
  const lost = app.lostWork();
  fill(root, {
    lost: lost?.unsent ? say("unlock.lost", { n: lost.unsent, time: capital(await app.moment(lost.at)) }) : "",
    nobody: say(who?.signed_in ? "unlock.notVisitor" : who ? "unlock.signIn" : "unlock.needsNet"),
  });
  one("[data-sign-in]", root).hidden = Boolean(who?.signed_in);
  app.mount(root);
}

// ── who you are ──

function showPeople(person) {
  speak(person.language);
  drop();
  root = dotted(clone("unlock"));
  const list = one("[data-people]", root);
  list.replaceChildren(...people.map((each) => personChoice(each, person)));
  list.addEventListener("change", (event) => choose(people.find(({ id }) => id === event.target.value)));
  one("form", root).addEventListener("submit", (event) => {
    event.preventDefault();
    tryPhrase();
  });
  onAction(root, { passkey: tryPasskey, reveal, forgotten, renew, "send-now": sendNow, "enrol-here": () => app.show("enrol") });
  app.mount(root);
  choose(person);
  showWaiting();
  offerEnrolment();
  app.vault.forgetRehearsal();
}

function personChoice(person, selected) {
  const choice = clone("unlock-person");
  const radio = one("input", choice);
  radio.value = person.id;
  radio.checked = person === selected;
  return fill(choice, { initials: person.initials });
}

function choose(person) {
  if (person.language !== speaks()) {
    showPeople(person);
    focus(one("input:checked", root));
    return;
  }
  chosen = person;
  one("[data-passkey]", root).hidden = !person.passkey;
  one("[data-action=unlock]", root).classList.toggle("primary", !person.passkey);
  problem("");
  holdBack();
}

async function offerEnrolment() {
  const offer = one("[data-enrol-here]", root);
  if (await newHere()) {
    fill(offer, { enrol: say("unlock.enrolHere", { initials: app.who.person.initials }) });
    offer.hidden = false;
  }
}

// ── passphrase and passkey ──

async function tryPhrase() {
  const field = one("[name=passphrase]", root);
  if (isBusy()) return;
  if (!field.value.trim()) return problem(say("unlock.empty"), field);
  const person = chosen;
  await opening(person, () => app.vault.unlock(person.id, field.value), field);
}

async function tryPasskey() {
  const person = chosen;
  if (!isBusy()) await opening(person, () => app.vault.unlockPasskey(person.id), one("[data-action=passkey]", root));
}

async function opening(person, unlock, field) {
  busy(true);
  problem("");
  try {
    const opened = await unlock();
    await remember(person, 0);
    await app.vault.keepSetting("lastPerson", person.id);
    await app.vault.keepSetting("forgotten", null);
    await app.enter(opened);
    if (opened.older) app.tell("unlock.older");
  } catch (error) {
    busy(false);
    await refused(error, person, field);
  }
}

async function refused(error, person, field) {
  if (error.name === "WrongPassphrase") {
    await remember(person, (tries[person.id]?.wrong ?? 0) + 1);
    problem(say("unlock.wrong"), field);
    holdBack();
  } else if (error.name === "Cancelled") focus(field);
  else if (error.name === "NoPasskey") problem(say("unlock.noPasskey"), one("[name=passphrase]", root));
  else throw error;
}

async function remember(person, wrong) {
  tries = { ...tries, [person.id]: { wrong, at: Date.now() } };
  await app.vault.keepSetting("tries", tries);
}

let waiting = 0;

// Counts down in words at the field; the button stays where it is.
function holdBack() {
  clearInterval(waiting);
  const { wrong = 0, at = 0 } = tries[chosen.id] ?? {};
  const until = at + delayAfter(wrong) * 1000;
  const tick = () => {
    const left = Math.min(Math.ceil((until - Date.now()) / 1000), delayAfter(wrong));
    fill(root, { wait: left > 0 ? say("unlock.wait", { n: left }) : "" });
    off(one("[data-action=unlock]", root), left > 0);
    if (left <= 0) clearInterval(waiting);
  };
  waiting = setInterval(tick, 500);
  tick();
}

const off = (button, is) => (is ? button.setAttribute("aria-disabled", "true") : button.removeAttribute("aria-disabled"));
const isBusy = () => one("[data-action=unlock]", root).getAttribute("aria-disabled") === "true";

function busy(is) {
  if (!root) return; // opened, and something later went wrong
  off(one("[data-action=unlock]", root), is);
  one("form", root).toggleAttribute("aria-busy", is);
  fill(root, { busy: is ? say("unlock.busy") : "" });
  if (is) announce(say("unlock.busy"));
}

function problem(text, field) {
  if (!root) return;
  fill(root, { problem: text });
  const input = one("[name=passphrase],[name=pin]", root);
  input.toggleAttribute("aria-invalid", Boolean(text));
  if (!text) return;
  announce(text);
  focus(field);
}

function reveal() {
  const field = one("[name=passphrase]", root);
  readable(field, field.dataset.masked !== undefined);
  field.focus();
}

// Text fields whose signs are drawn as dots: a password field's content is offered to password managers, which may
// keep it on the disk or send it away. Where signs cannot be drawn as dots they are password fields all the same.
const drawsDots = () => CSS.supports("-webkit-text-security", "disc");

function dotted(screen) {
  if (!drawsDots()) for (const field of all("[data-masked]", screen)) field.type = "password";
  return screen;
}

function readable(field, is) {
  field.toggleAttribute("data-masked", !is);
  if (!drawsDots()) field.type = is ? "text" : "password";
  one("[data-action=reveal]", root).setAttribute("aria-pressed", String(is));
}

document.addEventListener("visibilitychange", () => {
  const field = root && document.visibilityState === "hidden" && one("[name=passphrase]", root);
  if (field) readable(field, false);
});

// ── the passphrase is forgotten: new keys, and what lies under the old ones stays there ──

function forgotten(button) {
  const place = one("#forgotten", root);
  const code = document.body.dataset.demo === undefined ? say("unlock.forgottenCode") : "";
  place.hidden = !place.hidden;
  button.setAttribute("aria-expanded", String(!place.hidden));
  fill(root, { forgotten: say("unlock.forgotten", { code }), renewing: "" });
}

async function renew() {
  const person = chosen;
  const who = await app.signedIn();
  if (who?.person?.id === person.id) return app.show("enrol");
  if (who) {
    await app.vault.keepSetting("forgotten", person.id);
    return location.assign("/account/sign-in");
  }
  if (!root) return;
  fill(root, { renewing: say("unlock.renewNeedsNet") });
  announce(say("unlock.renewNeedsNet"));
}

// ── what waits on this tablet, whoever made it ──

async function showWaiting() {
  const mine = root;
  const count = (await app.vault.outbox()).filter(({ state }) => state === "waiting").length;
  if (mine !== root || !mine) return;
  const strip = one("[data-outbox]", mine);
  strip.hidden = !count;
  fill(strip, { count: say("unlock.waiting", { n: count }) });
}

async function sendNow(button) {
  off(button, true);
  fill(root, { sending: say("unlock.sending") });
  const sync = await app.net();
  const { offline, sent, error } = await sync.sendNow();
  await showWaiting();
  if (!button.isConnected) return;
  const told = offline ? "unlock.stillOffline" : error ? "unlock.notSent" : "unlock.sent";
  fill(root, { sending: say(told, { n: sent, time: clock(new Date()) }) });
  announce(say(told, { n: sent, time: clock(new Date()) }));
  off(button, false);
}

document.addEventListener("sync", () => root?.isConnected && one("[data-outbox]", root) && showWaiting());

// ── only the page was emptied ──

function showCode() {
  speak(app.person.language);
  root = dotted(clone("code"));
  fill(root, { initials: app.person.initials });
  one("[data-passkey]", root).hidden = !app.person.passkey;
  one("form", root).addEventListener("submit", (event) => {
    event.preventDefault();
    tryCode();
  });
  onAction(root, { passkey: passkeyAgain });
  app.mount(root);
}

async function tryCode() {
  const field = one("[name=pin]", root);
  if (isBusy()) return;
  if (!/^\d{4,6}$/.test(field.value)) return problem(say("code.form"), field);
  const button = one("[data-action=unlock]", root);
  off(button, true);
  const { ok, left } = await app.vault.checkCode(field.value);
  field.value = "";
  if (ok) return app.passed();
  off(button, false);
  if (left <= 0) await app.lock("code.used");
  else problem(say("code.wrong", { n: left }), field);
}

async function passkeyAgain() {
  try {
    await app.vault.unlockPasskey(app.person.id);
    await app.passed();
  } catch (error) {
    if (!["Cancelled", "NoPasskey"].includes(error.name)) throw error;
    problem(say("unlock.noPasskey"), one("[name=pin]", root));
  }
}
