// What a search for a name does not tell apart: capitals, accents, spellings of a letter, punctuation. The lead's pages
// fold alike (screening/folding.py); tests/vectors/folding.json holds both together.

// Letters that no decomposition brings back to the plain one.
const LETTERS = { æ: "ae", ø: "o", œ: "oe", ß: "ss", ł: "l", đ: "d", ð: "d", þ: "th", ħ: "h", ı: "i", ς: "σ" };
// The same letter spelled with two, in this order.
const PAIRS = [["aa", "a"], ["ae", "a"], ["oe", "o"]];
// Both languages count these as gaps between words, whatever their own idea of a gap is.
const GAP = /[\s\ufeff\x1c-\x1f\x85]+/;
// Marks, punctuation, signs, modifier letters (one of them is an apostrophe) and invisible signs do not count.
const DROPPED = /[\p{M}\p{P}\p{S}\p{Lm}\p{Cf}\p{Cc}]/gu;

/** A text as a search compares it: words of plain small letters and digits, a blank between them. */
export const folded = (text) => words(text).join(" ");

/** The words of a text, each folded; a word of nothing but punctuation is none. */
export const words = (text) => text.split(GAP).map(foldedWord).filter(Boolean);

function foldedWord(word) {
  const plain = word.toLowerCase().normalize("NFD").replace(DROPPED, "");
  const letters = plain.replace(/[æøœßłđðþħıς]/g, (letter) => LETTERS[letter]);
  return PAIRS.reduce((text, [pair, letter]) => text.replaceAll(pair, letter), letters);
}
