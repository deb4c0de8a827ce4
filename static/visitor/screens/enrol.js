// Making the tablet ready for who is signed in: keys, the card with the passphrase, the code for re-locks.

import { all, announce, clone, fill, focus, one, onAction, speak } from "../dom.js";
import { addWords, say } from "../words.js";

addWords({
  "enrol.heading": ["Gør tabletten klar til {name}", "Set up this tablet for {name}"],
  "enrol.headingAgain": ["Ny adgangssætning til {name}", "A new passphrase for {name}"],
  "enrol.again": [
    "Du har allerede nøgler på tabletten. Nu får du nye, en ny adgangssætning og en ny kode. Færdige besøg, der venter, bliver stadig sendt. Kladder, du ikke har gjort færdige, slettes ikke, men kan kun åbnes med den gamle adgangssætning. Den virker stadig, så sig det til din leder, hvis kortet kan være i andres hænder.",
    "You already have keys on this tablet. Now you get new ones, a new passphrase and a new code. Finished visits that wait are still sent. Drafts you have not finished are not deleted, but only the old passphrase opens them. It still works, so tell your lead if somebody else may have the card.",
  ],
  "enrol.busy": ["Laver nøgler …", "Making keys …"],
  "enrol.keeping": ["Gemmer …", "Saving …"],
  "enrol.needsNet": [
    "Der skal være net for at gøre tabletten klar. Prøv igen, når der er forbindelse.",
    "Setting up needs a connection. Try again when there is one.",
  ],
  "enrol.signedOut": ["Du er ikke logget ind længere. Log ind, og prøv igen.", "You are no longer signed in. Sign in and try again."],
  "enrol.noCode": ["Skriv aktiveringskoden fra jeres administrator.", "Type the activation code from your administrator."],
  "enrol.noPasskey": [
    "Tabletten kunne ikke lave en adgangsnøgle. Brug adgangssætningen på kortet.",
    "This tablet could not make a passkey. Use the passphrase on the card.",
  ],
  "vault.selftest": [
    "Browseren kan ikke gemme sikkert her (privat vindue eller låst tilstand?). Åbn Besøg som app eller i et almindeligt vindue.",
    "The browser cannot store safely here (private window or lockdown mode?). Open Besøg as an app or in an ordinary window.",
  ],
  "vault.alreadyHere": [
    "Tabletten er allerede klar til dig. Gå tilbage, og lås op med din adgangssætning.",
    "This tablet is already set up for you. Go back and unlock with your passphrase.",
  ],
  "vault.untrusted": [
    "Svaret fra serveren hænger ikke sammen. Intet er gemt. Prøv igen, og sig det til din leder, hvis det sker igen.",
    "The server’s answer does not hold together. Nothing was saved. Try again, and tell your lead if it happens again.",
  ],
  "save.not": ["Ikke gemt. Der er ikke plads på tabletten, eller browseren sagde nej. Prøv igen.", "Not saved. The tablet is full or the browser refused. Try again."],
});

let app = null;
let root = null;
let answer = null; // what the server said, until the code is chosen
let wanted = false; // a passkey was asked for
let again = false; // she has keys here and has forgotten what opens them

export async function show(theApp) {
  app = theApp;
  answer = null;
  const who = await app.signedIn();
  if (who?.person?.role !== "visitor") return app.show("unlock");
  speak(who.person.language);
  root = clone("enrol");
  const people = await app.vault.people();
  again = people.some(({ id }) => id === who.person.id);
  const heading = say(again ? "enrol.headingAgain" : "enrol.heading", { name: who.person.name });
  fill(root, { heading, again: again ? say("enrol.again") : "" });
  one("[data-activation]", root).hidden = !who.activation;
  one("[data-others]", root).hidden = !people.length;
  const mine = root;
  one("[data-passkey]", mine).hidden = !(await canHavePasskey());
  if (mine !== root) return;
  submits(() => begin(who));
  onAction(root, { back: () => app.show("unlock") });
  app.mount(root);
}

export function leave() {
  answer = null;
  if (root) emptied(root);
  root = null;
}

// The card is in no picture of a page that nobody looks at.
document.addEventListener("visibilitychange", () => {
  if (root) root.hidden = document.visibilityState === "hidden";
});

// Nothing that opens the tablet stays in a page that is gone.
function emptied(page) {
  for (const input of all("input", page)) input.value = "";
  for (const phrase of all("[data-passphrase]", page)) phrase.replaceChildren();
}

async function canHavePasskey() {
  const { hasPasskeys } = await import("../tablet.js");
  return hasPasskeys().catch(() => false);
}

function submits(act) {
  one("form", root).addEventListener("submit", (event) => {
    event.preventDefault();
    if (one("[type=submit]", root).getAttribute("aria-disabled") !== "true") act();
  });
}

function busy(words) {
  if (!root) return;
  const button = one("[type=submit]", root);
  if (words) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
  fill(root, { busy: words });
  if (words) {
    fill(root, { problem: "" });
    announce(words);
  }
}

function problem(text, field = root && one("[type=submit]", root)) {
  if (!root) return;
  busy("");
  fill(root, { problem: text });
  announce(text);
  focus(field);
}

// ── keys ──

async function begin(who) {
  const code = one("[name=activation]", root).value.trim();
  if (who.activation && !code) return problem(say("enrol.noCode"), one("[name=activation]", root));
  wanted = one("[name=passkey]", root).checked && !one("[data-passkey]", root).hidden;
  busy(say("enrol.busy"));
  try {
    const make = again ? app.vault.renewKeys : app.vault.makeKeys;
    const { request } = await make(who.person, { passkey: wanted });
    const said = await ask({ ...request, ...(who.activation ? { activation: code } : {}) });
    if (!root) return; // she went back meanwhile
    if (said.problem) return problem(said.problem, one("[data-activation]:not([hidden]) input", root) ?? undefined);
    answer = said;
    await showCard();
  } catch (error) {
    busy("");
    if (!error.key) throw error;
    problem(say(error.key));
  }
}

// The server's answer, or {problem: a sentence}.
async function ask(request) {
  const who = await app.signedIn(); // the token belongs to the sign-in of this moment
  if (!who) return { problem: say("enrol.needsNet") };
  if (!who.signed_in) return { problem: say("enrol.signedOut") };
  try {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": who.csrf };
    const reply = await fetch("/visit/enrol", { method: "POST", headers, body: JSON.stringify(request), cache: "no-store", redirect: "error" });
    const body = await reply.json();
    return reply.ok ? body : { problem: body.error ?? say("enrol.signedOut") };
  } catch {
    return { problem: say("enrol.needsNet") };
  }
}

// ── the card and the code ──

async function showCard() {
  emptied(root);
  root = clone("enrol-card");
  one("[data-passphrase]", root).textContent = app.vault.passphrase();
  one("[data-not-persisted]", root).hidden = await app.vault.persisted();
  submits(accept);
  app.mount(root);
}

async function accept() {
  const field = one("[name=pin]", root);
  if (!/^\d{4,6}$/.test(field.value)) return problem(say("code.form"), field);
  busy(say("enrol.keeping"));
  try {
    const person = await app.vault.acceptEnrolment(answer, field.value);
    answer = null;
    await app.vault.keepSetting("lastPerson", person.id);
    await app.enter(person);
    if (wanted && !person.passkey) app.tell("enrol.noPasskey");
  } catch (error) {
    busy("");
    if (!error.key) throw error;
    problem(say(error.key), field);
  }
}
