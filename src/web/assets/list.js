/** The list by keyboard: J and K move along the rows, Enter follows the link that has the focus. */
import { isComposing, takesText } from "./dom.js";

const links = [...document.querySelectorAll("#tickets tbody th a")];

document.addEventListener("keydown", (event) => {
  if (isComposing(event) || event.ctrlKey || event.altKey || event.metaKey || takesText(event.target)) return;
  if (localStorage.getItem("youlu.single-keys") === "no") return;
  const step = { j: 1, k: -1 }[event.key.toLowerCase()];
  if (!step || links.length === 0) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1);
  links[next].focus();
  event.preventDefault();
});
