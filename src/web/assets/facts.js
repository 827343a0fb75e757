/** What was heard (事实) as chips: each can be confirmed or put right with a click. */
import { call } from "./api.js";
import { byId, el } from "./dom.js";

const SOURCE = { stated: "已核对", read: "从原话听出", denied: "原话里否认", derived: "由别的情况推出" };
const NUMBERS = new Set(["integer", "number", "money", "months", "days", "rate"]);
const known = new Map();

/** What a fact may be, asked for once. */
export async function definition(fact) {
  if (!known.has(fact)) known.set(fact, (await call("GET", `/v1/vocabulary/${encodeURIComponent(fact)}`)).body);
  return known.get(fact);
}

/** What was said stands in the open; what merely follows from it is folded away. */
export function chips(facts, hands) {
  const said = facts.filter(({ source }) => source !== "derived");
  const derived = facts.filter(({ source }) => source === "derived");
  return [
    list(said, hands),
    derived.length > 0 && el("li", { class: "folded" }, el("details", { "data-key": "derived" }, el("summary", {}, `由此推出的 ${derived.length} 项`), el("ul", { class: "chips" }, list(derived, hands)))),
  ];
}

/** What the clerk said nobody spoke of, each to be taken back. */
export function removed(unsaid, restore) {
  return Object.entries(unsaid).map(([fact, zh]) => el("li", { class: "unsaid" }, el("button", { type: "button", "data-key": `unsaid-${fact}`, onclick: () => restore(fact) }, el("s", {}, zh), " 恢复")));
}

function list(facts, { open, look }) {
  return facts.map((fact) => {
    const heard = fact.evidence.map(({ text }) => `“${text}”`).join("");
    return el("li", { class: fact.source }, el("button", {
      type: "button", "data-key": `fact-${fact.fact}`, title: `${SOURCE[fact.source] ?? ""}${heard}`,
      onclick: () => open(fact), onfocus: () => look(fact), onblur: () => look(null), onmouseenter: () => look(fact), onmouseleave: () => look(null),
    }, `${fact.zh}：${fact.shown}`, fact.source === "stated" && el("span", { class: "unseen" }, "（已核对）")));
  });
}

/** The value a field holds, as the API takes it; undefined when it says nothing. */
function value(kind, text) {
  const plain = text.trim();
  if (plain === "") return undefined;
  if (NUMBERS.has(kind)) return Number.isNaN(Number(plain)) ? plain : Number(plain);
  if (kind === "materials" || kind === "choices") return plain.split(/[、，,；;\s]+/).filter(Boolean);
  return plain;
}

/** The buttons or the field that take an answer. */
export function answers(options, asked, tell) {
  const buttons = options.map(({ value: option, label }, i) =>
    el("button", { type: "button", "data-key": `answer-${i}`, onclick: () => tell(option) }, i < 9 && el("kbd", {}, String(i + 1)), " ", label));
  if (options.length > 0) return buttons;
  const field = el("input", { list: asked.kind === "item" && "items", "aria-label": asked.ask ?? asked.question, "data-key": "answer-field", autocomplete: "off", inputmode: NUMBERS.has(asked.kind) ? "decimal" : false });
  const done = () => {
    const told = value(asked.kind, field.value);
    if (told !== undefined) tell(told);
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      done();
    }
  });
  return [field, asked.unit && el("span", {}, asked.unit), el("button", { type: "button", onclick: done }, "就是这个")];
}

/** Opens the editor of one fact under the chips. */
export async function edit(fact, isStated, { tell, forget, unsay }) {
  const box = byId("editor");
  const close = () => box.replaceChildren();
  let asked;
  try {
    asked = await definition(fact.fact);
  } catch (error) {
    box.replaceChildren(el("p", { class: "notice bad", role: "alert" }, error.message));
    return;
  }
  const several = asked.kind === "choices";
  const chosen = new Set(Array.isArray(fact.value) ? fact.value : []);
  const taken = (told) => {
    close();
    tell(told);
  };
  const body = several
    ? [asked.options.map(({ value: option, label }) => el("label", {}, el("input", { type: "checkbox", checked: chosen.has(option), onchange: (event) => (event.target.checked ? chosen.add(option) : chosen.delete(option)) }), ` ${label} `)),
      el("button", { type: "button", onclick: () => taken([...chosen]) }, "就是这些")]
    : answers(asked.options, asked, taken);
  const panel = el("div", { class: "editor", role: "group", "aria-label": `改：${fact.zh}` },
    el("p", {}, el("b", {}, asked.ask)),
    el("div", { class: "answers" }, body),
    el("div", { class: "buttons" },
      fact.source !== "stated" && el("button", { type: "button", onclick: () => taken(fact.value) }, `没错，是“${fact.shown}”`),
      fact.source !== "stated" && fact.source !== "derived" && el("button", { type: "button", onclick: () => { close(); unsay(); } }, "没说过这个，去掉"),
      isStated && el("button", { type: "button", onclick: () => { close(); forget(); } }, "撤销改动，按原话听"),
      el("button", { type: "button", onclick: () => { close(); document.querySelector(`[data-key="fact-${CSS.escape(fact.fact)}"]`)?.focus(); } }, "不改了")));
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      panel.querySelector(".buttons button:last-child").click();
    }
  });
  box.replaceChildren(panel);
  panel.scrollIntoView({ block: "nearest" });
  panel.querySelector("button, input")?.focus();
}
