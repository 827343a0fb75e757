/** The person's words in their box, with what was read marked behind them. Offsets count Unicode code points. */
import { el } from "./dom.js";

/** Spans that overlap become one; `strong` are those of the fact that is looked at. */
function pieces(text, evidence, strong) {
  const letters = Array.from(text);
  const level = new Uint8Array(letters.length);
  for (const { start, end } of evidence) level.fill(1, start, Math.min(end, letters.length));
  for (const { start, end } of strong) level.fill(2, start, Math.min(end, letters.length));
  const all = [];
  let from = 0;
  for (let at = 1; at <= letters.length; at += 1) {
    if (at < letters.length && level[at] === level[from]) continue;
    all.push([letters.slice(from, at).join(""), level[from]]);
    from = at;
  }
  return all;
}

export function marked(mirror, text, evidence, strong = []) {
  const nodes = pieces(text, evidence, strong).map(([piece, level]) =>
    level === 0 ? piece : el("mark", { class: level === 2 ? "strong" : false }, piece));
  // A last line break shows nothing without something behind it.
  mirror.replaceChildren(...nodes, "\n");
}

/** Keeps the marks behind the words while these are scrolled or resized. */
export function follow(box, mirror) {
  const sync = () => {
    mirror.scrollTop = box.scrollTop;
  };
  box.addEventListener("scroll", sync);
  new ResizeObserver(() => {
    mirror.style.height = `${box.offsetHeight}px`;
    sync();
  }).observe(box);
}
