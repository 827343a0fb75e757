/** Two texts set against each other, letter by letter: what was struck out and what was added, in words as well as in colour. */
import { el } from "./dom.js";

/** Longer texts are not compared letter by letter: the table would grow with both lengths. */
const LONGEST = 2000;

/** The pieces of an edit: "same", "gone" or "new", each with its text. */
export function pieces(before, after) {
  const [a, b] = [Array.from(before), Array.from(after)];
  if (a.length > LONGEST || b.length > LONGEST) return [["gone", before], ["new", after]];
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = a[i] === b[j] ? longest[(i + 1) * width + j + 1] + 1 : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  const all = [];
  const add = (what, letter) => {
    if (all.at(-1)?.[0] === what) all.at(-1)[1] += letter;
    else all.push([what, letter]);
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add("same", a[i]);
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
      add("gone", a[i]);
      i += 1;
    } else {
      add("new", b[j]);
      j += 1;
    }
  }
  return all;
}

/** The same as elements that are read aloud, too. */
export const differences = (before, after) => pieces(before, after).map(([what, text]) =>
  what === "same" ? text : el(what === "gone" ? "del" : "ins", {}, text));
