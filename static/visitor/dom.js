// The page in a few functions: templates in the person's language, text, focus, what is said aloud.
// Text only ever goes in as text. This module knows no screen, no vault and no network.

const LANGUAGES = ["da", "en"];
const SCRIPTS = new Set(["/sw.js", "/static/visitor/keeper.js"]);

const prototypes = new Map();
let language = "da";

const policy = globalThis.trustedTypes?.createPolicy("visit", { createScriptURL: allowed });

function allowed(url) {
  if (SCRIPTS.has(url)) return url;
  throw new TypeError(`${url} is not one of this app's workers`);
}

/** The two worker scripts, as the page's policy wants them. Any other address throws. */
export const trusted = (url) => (policy ? policy.createScriptURL(url) : allowed(url));

/** The language of the page now: "da" or "en". */
export const speaks = () => language;

/** Change the language of everything that is cloned from now on. */
export function speak(code) {
  language = LANGUAGES.includes(code) ? code : "da";
  document.documentElement.lang = language;
}

/** A new copy of the first element inside `<template id=…>`, in the person's language. */
export function clone(id) {
  return prototype(id).cloneNode(true);
}

function prototype(id) {
  const name = `${id} ${language}`;
  if (!prototypes.has(name)) {
    const template = document.getElementById(id);
    if (!template) throw new Error(`no template ${id}`);
    prototypes.set(name, localise(template.content.firstElementChild.cloneNode(true)));
  }
  return prototypes.get(name);
}

/**
 * Keep one language of an element that carries both. Removes `lang="da|en"` parts of the other
 * language and applies `data-da-…`/`data-en-…` attributes. What stands inside `data-languages="own"`
 * is left as it is: it shows another language on purpose.
 */
export function localise(root) {
  for (const other of LANGUAGES.filter((code) => code !== language)) {
    for (const part of root.querySelectorAll(`[lang="${other}"]`)) {
      if (!part.closest('[data-languages="own"]')) part.remove();
    }
  }
  for (const node of [root, ...root.querySelectorAll("*")]) ownAttributes(node);
  return root;
}

function ownAttributes(node) {
  for (const { name, value } of [...node.attributes]) {
    const found = /^data-(da|en)-(.+)$/.exec(name);
    if (!found) continue;
    if (found[1] === language) node.setAttribute(found[2], value);
    node.removeAttribute(name);
  }
}

export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Put texts into `[data-slot=name]`; a text that is empty or missing hides its place. */
export function fill(root, texts) {
  for (const [name, text] of Object.entries(texts)) {
    const places = all(`[data-slot="${name}"]`, root);
    if (root.dataset?.slot === name) places.push(root);
    for (const place of places) {
      place.textContent = text ?? "";
      place.hidden = text === null || text === undefined || text === "";
    }
  }
  return root;
}

const SAID = 5000; // after so long what was said is old, and must not be come upon later
let silence = 0;

/** Let a screen reader say this politely, also when the same words come twice. */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (!region) return;
  clearTimeout(silence);
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = text;
  });
  silence = setTimeout(() => region.replaceChildren(), SAID);
}

/** Move focus to an element that is not a control, such as a heading. */
export function focus(node) {
  if (!node) return;
  if (!node.matches("a[href],button,input,select,textarea,summary,[tabindex]")) node.tabIndex = -1;
  node.focus({ preventScroll: true });
}

/** Call `act[name](element, event)` for a press on `[data-action=name]` anywhere below root. */
export function onAction(root, act) {
  root.addEventListener("click", (event) => {
    const pressed = event.target.closest?.("[data-action]");
    if (!pressed || !root.contains(pressed) || isOff(pressed)) return;
    act[pressed.dataset.action]?.(pressed, event);
  });
}

const isOff = (node) => node.disabled || node.getAttribute("aria-disabled") === "true";
