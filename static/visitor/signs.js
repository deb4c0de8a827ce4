// Typed text as it is kept: two that look alike are alike. The server cleans alike (screening/untrusted.py, which
// explains it); tests/vectors/signs.json holds both together.

const HIDDEN =
  "\\x80-\\x84\\x86-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f" +
  "\\u2800\\u3164\\ufdd0-\\ufdef\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff" +
  "\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}";
// Scripts in which a joiner changes how a word is written.
const JOINED = "\\u0600-\\u08ff\\u0900-\\u0dff\\u0f00-\\u109f\\u1780-\\u18af\\ufb50-\\ufdcf\\ufdf0-\\ufdff\\ufe70-\\ufefc";
const DROPPED = new RegExp(`(?!(?<=[${JOINED}])[\\u200c\\u200d](?=[${JOINED}]))[${HIDDEN}]`, "gu");
const BLANK = /[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const LINE_END = /[\x85\u2028\u2029]/g;

/** A text without signs that nobody sees or that turn the direction of reading, with plain blanks, composed (NFC). */
export const clean = (text) => text.replace(BLANK, " ").replace(LINE_END, "\n").replace(DROPPED, "").normalize("NFC");
