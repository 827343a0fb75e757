/** A paper on screen: printed at a press, or at once when the page was opened to print (`#print`). */
import { byId } from "./dom.js";

const article = document.querySelector(".paper[data-number]");
const code = sessionStorage.getItem(`youlu.code.${article?.dataset.number}`);
if (code) for (const place of document.querySelectorAll("[data-code]")) place.textContent = code;

const told = article && `youlu.told./v1/tickets/${article.dataset.number}`;
if (told && sessionStorage.getItem(told)) {
  byId("lost").textContent = sessionStorage.getItem(told);
  byId("lost").hidden = false;
  sessionStorage.removeItem(told);
}

const button = byId("print");
button.hidden = false;
button.addEventListener("click", () => window.print());
// Printed: one Enter away from the next person.
window.addEventListener("afterprint", () => byId("next").focus());

if (location.hash === "#print") {
  // A reload shows the paper and does not print it again.
  history.replaceState(null, "", location.pathname + location.search);
  button.focus();
  if (!navigator.webdriver) document.fonts.ready.then(() => window.print());
}
