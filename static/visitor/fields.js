// The fields of a visit that is under way: filled from the draft, heard, kept and at last posted through the vault.
// Whatever screen a part of the visit is on, the page says at the same place and in the same words what is kept and when.

import { isDay } from "./days.js";
import { all, announce, clone, fill, one, speaks } from "./dom.js";
import { addWords, clock, fullDay, listed, say } from "./words.js";

addWords({
  "save.kept": ["Gemt på tabletten {time}", "Saved on this tablet {time}"],
  "save.short": [" · gemt {time}", " · saved {time}"],
  "discard.sure": ["Ja, kassér den", "Yes, discard it"],
  "date.wrong": ["Den dato findes ikke. Skriv dag, måned og år, året med fire cifre.", "There is no such date. Write day, month and year, the year with four digits."],
  "save.not": ["Ikke gemt – svaret står her endnu", "Not saved – the answer is still here"],
});

const PATIENCE = 2000; // so long may a save take before she is told
const TYPING = 150; // so long text that is being typed waits to be kept
const AGAIN = 15_000;

/** Is this a field that is typed into? */
export const isTyped = (input) => input.matches("textarea,[type=text],[type=date]");

/** Show an answer in the fields of its question; `{}` empties them. */
export function put(field, cell) {
  if (!field) return;
  const chosen = [cell.value ?? []].flat();
  for (const input of all("input,textarea", field)) {
    if (isTyped(input)) input.value = cell.value ?? "";
    else input.checked = chosen.includes(input.value);
  }
}

/** A form of an instrument's version as an element: in the reader's language, and in the words of this kind of visit. */
export function formOf(version, form, visit) {
  const whole = clone(`form-${form}-${version}`);
  for (const line of all("[data-visits]", whole)) if (!line.dataset.visits.split(" ").includes(visit)) line.remove();
  for (const word of all(".line > [lang]", whole)) if (word.lang !== speaks()) word.remove();
  return whole;
}

/** The fields in it by link id. */
export const fieldsIn = (whole) => new Map(all("[data-link-id]", whole).map((node) => [node.dataset.linkId, node]));

/** A question in its own words. */
export const questionOf = (field) => one("legend .line, legend.line", field).textContent.trim();

/** An answer that was given in its question's own words. */
export function answerOf(field, cell) {
  put(field, cell);
  const chosen = all("input:checked", field).map((input) => one(".words, .word", input.closest("label")).textContent.trim());
  return listed(chosen) || (one("[type=date]", field) && isDay(cell.value) ? fullDay(cell.value) : cell.value);
}

/** Does a question's field hold a date that the server would not take? What the browser cannot read it gives as empty. */
export function holdsWrongDate(field) {
  const input = one("[type=date]", field);
  return Boolean(input) && (input.validity.badInput || (input.value !== "" && !isDay(input.value)));
}

/** Say at a question's field that its date cannot be, or no more. */
export function sayOfDate(field) {
  const input = one("[type=date]", field);
  const is = holdsWrongDate(field);
  let line = one(".error", field);
  if (is && !line) field.append((line = Object.assign(document.createElement("p"), { className: "error", id: `wrong-${input.name}`, textContent: say("date.wrong") })));
  if (!line) return;
  line.hidden = !is;
  for (const [name, value] of [["aria-invalid", "true"], ["aria-describedby", line.id]]) {
    if (is) input.setAttribute(name, value);
    else input.removeAttribute(name);
  }
}

/** Hear what is chosen and typed on a screen, while it is the one that is open. */
export function hear(root, isOpen, { choose, typing, keepTyped }) {
  const heard = (act) => ({ target }) => isOpen() && target.name && act(target);
  root.addEventListener("change", heard((input) => (isTyped(input) ? keepTyped(input) : choose(input))));
  root.addEventListener("input", heard((input) => isTyped(input) && typing(input)));
  // A year that is being typed is wrong until it is whole: that it is wrong is said when she goes on.
  root.addEventListener("focusout", heard((input) => input.type === "date" && sayOfDate(input.closest("[data-link-id]"))));
}

/** Text as the server takes it: no half characters and no control characters but the end of a line and tabs. */
export const plain = (text) => whole(text).replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "");
const whole = (text) => text.toWellFormed?.() ?? text.replace(/\p{Surrogate}/gu, "\ufffd");

/**
 * Keeps the draft of a visit: one save at a time, the newest state after it. While it saves the old time stays; when
 * it has not worked after two seconds, or cannot, that is said with a button to try again.
 */
export function saver(mine) {
  const { app, draft, root } = mine;
  let running = null;
  let again = false;
  let late = 0;
  let typed = 0;
  let retry = 0;
  let ended = false;
  let kept = true;

  function keep() {
    clearTimeout(typed);
    typed = 0;
    mark("no");
    if (ended) return running;
    again = true;
    if (!late) late = setTimeout(failed, PATIENCE, "save.not");
    return (running ??= work().finally(() => {
      running = null;
    }));
  }

  async function work() {
    while (again) {
      again = false;
      try {
        const at = await app.vault.keepDraft(draft);
        kept = true;
        if (!again) was(at);
      } catch (error) {
        kept = false;
        if (error.name === "Locked") return;
        if (error.name !== "NotKept") throw error;
        failed("save.not");
      }
    }
  }

  function soon() {
    mark("no");
    typed ||= setTimeout(keep, TYPING);
  }

  function was(at) {
    calm();
    mark("yes");
    const time = clock(at);
    const told = one("[data-unsaved]", root);
    if (!told.hidden) announce(say("save.kept", { time }));
    told.hidden = true;
    fill(root, { unsaved: "", saved: say("save.kept", { time }), "saved-short": say("save.short", { time }) });
  }

  function failed(key) {
    calm();
    if (!root.isConnected) return;
    const told = one("[data-unsaved]", root);
    if (told.hidden) announce(say(key));
    fill(root, { unsaved: say(key), saved: "", "saved-short": "" });
    told.hidden = false;
    retry = setTimeout(keep, AGAIN);
  }

  function calm() {
    clearTimeout(late);
    clearTimeout(retry);
    late = retry = 0;
  }

  const mark = (saved) => {
    one("[data-saved]", root).dataset.saved = saved;
  };

  /** Save what is there, and what comes meanwhile. Resolves with whether everything is kept. */
  async function keptAll() {
    do await keep();
    while (kept && typed);
    return kept;
  }

  const isKept = () => one("[data-saved]", root).dataset.saved === "yes";

  /** No more saves after this one. Resolves with whether everything is kept. */
  async function end() {
    const latest = ended ? running : keep();
    ended = true;
    await latest;
    calm();
    clearTimeout(typed);
    return kept;
  }

  return { keep, soon, was, failed, keptAll, isKept, end };
}

/**
 * Seal and post what was made of a draft, once. Resolves with whether it is on its way; when it could not be kept, the
 * page says so by `told`, a key of words, and everything stays there.
 */
export async function posted(mine, payload, told) {
  if (mine.posting) return false;
  mine.posting = true;
  try {
    await mine.saver.end();
    await mine.app.vault.finish(mine.draft.id, payload());
    return true;
  } catch (error) {
    mine.posting = false;
    mine.saver = saver(mine);
    mine.saver.failed(told);
    if (error.name !== "NotKept") throw error;
    return false;
  }
}

/** One tap more before what cannot be undone: whether it was pressed before. `words`: what the button says then. */
export function isSure(button, words) {
  const is = Boolean(button.dataset.sure);
  button.dataset.sure = "yes";
  button.textContent = words;
  return is;
}

/** Give a correction up, when she is sure: the visit stays as it was sent. */
export async function discard({ app, draft, saver: { end } }, button) {
  if (!isSure(button, say("discard.sure"))) return;
  await end();
  await app.vault.dropDraft(draft.id);
  await app.show("family", { family: draft.family, own: true, home: draft.household });
}

/** To what is on its way, and on with it. */
export async function sendOff(app) {
  await app.show("waiting");
  const sync = await app.net();
  await sync.sendNow();
}
