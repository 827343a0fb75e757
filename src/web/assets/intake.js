/** The intake screen: the words go in, the ways come out while they are being said, and one key makes a ticket of it. */
import { Offline, Trouble, call } from "./api.js";
import { byId, el, fill, isComposing, takesText } from "./dom.js";
import { afresh, load, save } from "./draft.js";
import { answers, chips, definition, edit, removed } from "./facts.js";
import { judged, slip, similar } from "./slip.js";
import { ways } from "./ways.js";
import { follow, marked } from "./words.js";

/** How long the typing must rest before it is read. */
const REST = 120;
/** How long to wait before somebody who did not answer is asked again. */
const AGAIN = 3000;

const box = byId("text");
let draft = load();
let decision = null;
let latest = 0;
let asking = null;
let timer = 0;
let registering = false;

const evidence = () => decision?.facts.flatMap((fact) => fact.evidence) ?? [];
const look = (fact) => marked(byId("mirror"), box.value, evidence(), fact?.evidence ?? []);
const keep = () => save(draft);

function line(said, isOff) {
  byId("line").textContent = said;
  byId("line").classList.toggle("off", isOff);
}

function trouble(said) {
  byId("trouble").textContent = said;
  byId("trouble").hidden = said === "";
}

function request() {
  const body = { text: draft.text, facts: draft.facts };
  if (draft.region) body.region = draft.region;
  return body;
}

/** Asks for the ways; only the answer to the last question counts. */
async function ask() {
  clearTimeout(timer);
  const turn = ++latest;
  asking?.abort();
  asking = new AbortController();
  if (draft.text.trim() === "") {
    decision = null;
    show();
    return;
  }
  try {
    const { body } = await call("POST", "/v1/match", { body: request(), signal: asking.signal });
    if (turn !== latest) return;
    decision = body;
    trouble("");
    line("已连接", false);
    performance.mark("youlu-shown");
    show();
    alike(turn);
  } catch (error) {
    if (error.name === "AbortError" || turn !== latest) return;
    if (error instanceof Offline) {
      line("连不上服务器。已写的都留着，正在重试……", true);
      timer = setTimeout(ask, AGAIN);
    } else if (error instanceof Trouble) {
      trouble([error.message, ...error.errors.map((one) => one.hint ?? "")].filter(Boolean).join(" "));
    } else {
      throw error;
    }
  }
}

async function alike(turn) {
  try {
    const { body } = await call("POST", "/v1/similar", { body: { ...request(), limit: 5 } });
    if (turn === latest) fill(byId("similar"), similar(body.items));
  } catch {
    // What resembles it is a help, not a condition.
    if (turn === latest) fill(byId("similar"));
  }
}

function state(fact, told) {
  draft.facts = { ...draft.facts, [fact]: told };
  keep();
  ask();
}

function forget(fact) {
  const without = (all) => Object.fromEntries(Object.entries(all).filter(([name]) => name !== fact));
  draft.facts = without(draft.facts);
  draft.unsaid = without(draft.unsaid);
  keep();
  ask();
}

/** Which chip has the focus once the facts are read again. */
let wanted = "";

/** Nobody spoke of it, whatever the words sound like. */
function unsay(fact) {
  wanted = `unsaid-${fact.fact}`;
  draft.unsaid = { ...draft.unsaid, [fact.fact]: fact.zh };
  state(fact.fact, null);
}

/** A way is taken or declined as it is done here: by its rule, for one route may be done in many ways. */
function choose(rule, list) {
  const other = list === "taken" ? "declined" : "taken";
  const has = draft[list].includes(rule);
  draft[list] = has ? draft[list].filter((one) => one !== rule) : [...draft[list], rule];
  draft[other] = draft[other].filter((one) => one !== rule);
  draft.titles = { ...draft.titles, [rule]: decision?.routes.find((one) => one.rule === rule)?.title };
  keep();
  showWays();
  showSlip();
}

/** How many of the ways at the head a question must bear on to be worth a person's time. */
const HEAD = 4;

/** What the matter is comes first: nothing is sure before it is known. */
const MATTER = { fact: "item", question: "您要办的是哪一件事？", options: [], decides: [] };

/** The question whose answer decides most of the ways that are still wanted, of those nobody has said "不清楚" to. */
function question() {
  if (decision === null) return null;
  const fits = ({ fact }) => !draft.skipped.includes(fact);
  if (nameless() && fits(MATTER)) return MATTER;
  const head = decision.routes.filter(({ rule }) => !draft.declined.includes(rule)).slice(0, HEAD).map(({ route }) => route);
  return decision.ask_next.find((one) => fits(one) && one.decides.some((route) => head.includes(route))) ?? null;
}

/** Whether enough was said, and not what the matter is. */
const nameless = () => draft.text.trim().length >= 8 && !decision.facts.some(({ fact }) => fact === "item") && !("item" in draft.unsaid);

function skip(fact) {
  draft.skipped = [...draft.skipped, fact];
  keep();
  show();
}

async function showAsk() {
  const panel = byId("ask");
  const next = question();
  panel.hidden = next === null;
  if (next === null) return fill(panel);
  const asked = next.options.length > 0 ? next : { ...next, ...(await definition(next.fact).catch(() => ({}))) };
  if (question()?.fact !== next.fact) return undefined;
  const titles = next.decides.map((id) => decision.routes.find(({ route }) => route === id)?.title).filter(Boolean);
  return fill(panel,
    el("h3", {}, "还差一问", el("span", { class: "hint" }, titles.length > 0 ? `能定下：${titles.slice(0, 2).join("、")}${titles.length > 2 ? "等" : ""}` : "")),
    el("p", { class: "question" }, next.question),
    el("div", { class: "answers" }, answers(next.options, asked, (told) => state(next.fact, told)),
      el("button", { type: "button", "data-key": "answer-none", onclick: () => skip(next.fact) }, asked.options.length > 0 && el("kbd", {}, "0"), " 不清楚")));
}

const showWays = () => decision && fill(byId("ways"), ways(decision, draft, choose));

function showSlip() {
  judged(decision, draft);
  byId("reach").hidden = decision === null || Boolean(draft.contact.phone || draft.contact.other);
  if (decision === null) return fill(byId("slip"), el("p", { class: "empty" }, "登记以后编号，算好到期日。"));
  const shown = decision;
  return slip(decision, draft).then((parts) => shown === decision && fill(byId("slip"), parts), (error) => fill(byId("slip"), el("p", { class: "empty" }, error.message)));
}

function showFacts() {
  const open = (fact) => edit(fact, fact.fact in draft.facts, { tell: (told) => { wanted = `fact-${fact.fact}`; state(fact.fact, told); }, forget: () => forget(fact.fact), unsay: () => unsay(fact) });
  const heard = decision.facts.length > 0 ? chips(decision.facts, { open, look }) : el("li", { class: "empty" }, "还没有听出来");
  fill(byId("facts"), heard, removed(draft.unsaid, forget));
  if (wanted) document.querySelector(`[data-key="${CSS.escape(wanted)}"]`)?.focus({ preventScroll: true });
  wanted = "";
}

function show() {
  marked(byId("mirror"), box.value, evidence());
  showSlip();
  if (decision === null) {
    fill(byId("facts"), el("li", { class: "empty" }, "还没有"));
    fill(byId("ways"), el("p", { class: "empty" }, "记下来人的话，这里就列出还走得通的路。"));
    fill(byId("similar"));
    byId("ask").hidden = true;
    byId("ways-state").textContent = "";
    return;
  }
  showFacts();
  showWays();
  byId("ways-state").textContent = decision.routes.length > 0 ? `${decision.routes.length} 条` : "还没有对得上的";
  showAsk();
}

/** Makes a ticket of it. The key of the draft makes a repeated attempt the same one. */
async function register() {
  if (registering) return;
  if (draft.text.trim() === "") {
    trouble("先记下来人的话，再登记。");
    box.focus();
    return;
  }
  registering = true;
  byId("register").disabled = true;
  line("正在登记……", false);
  const contact = Object.fromEntries(Object.entries(draft.contact).filter(([, told]) => told.trim() !== ""));
  const body = request();
  if (draft.kind) body.kind = draft.kind;
  if (draft.visits !== "") body.visits = Number(draft.visits);
  if (Object.keys(contact).length > 0) body.contact = contact;
  try {
    const { body: taken, etag } = await call("POST", "/v1/cases", { body, headers: { "idempotency-key": draft.key } });
    const { number } = taken.ticket;
    const lost = await note(number, etag, taken.decision);
    if (lost !== "") sessionStorage.setItem(`youlu.told./v1/tickets/${number}`, lost);
    if (taken.public_code) sessionStorage.setItem(`youlu.code.${number}`, taken.public_code);
    draft = afresh();
    location.assign(`/tickets/${number}/papers/receipt#print`);
  } catch (error) {
    registering = false;
    byId("register").disabled = false;
    if (error instanceof Offline) {
      line("连不上服务器，还没有登记。已写的都留着，稍后再按一次，不会重复。", true);
    } else {
      line("没有登记成", true);
      trouble([error.message, ...(error.errors ?? []).map(({ detail, hint }) => hint ?? detail ?? "")].join(" "));
    }
  }
}

/** What the clerk chose goes into the ticket's history: the ways, why it is blocked, how hard it is. What could not be written, in words. */
async function note(number, etag, taken) {
  const by = localStorage.getItem("youlu.clerk")?.trim() || "办不成事窗口";
  const chosen = taken.routes.filter(({ rule }) => draft.taken.includes(rule));
  const ways = { taken: chosen.map(({ route }) => route), declined: draft.declined, ...(chosen.length > 0 && { reason: `做法：${chosen.map(({ title }) => title).join("；")}` }) };
  const judgement = { ...(draft.cause && { cause: draft.cause }), ...(draft.complexity && { complexity: draft.complexity, reason: "受理时由窗口判断" }) };
  const moves = [
    ["采用的出路", "adoptions", ways, ways.taken.length + ways.declined.length > 0],
    ["原因、复杂程度", "classifications", judgement, Object.keys(judgement).length > 0],
  ];
  const lost = [];
  let seen = etag;
  for (const [what, noun, body, wanted] of moves.filter(([, , , is]) => is)) {
    try {
      seen = (await call("POST", `/v1/tickets/${number}/${noun}`, { body: { by, ...body }, headers: { "if-match": seen } })).etag ?? seen;
    } catch (error) {
      lost.push(`${what}没有写进工单：${error.message}`);
    }
  }
  return lost.join("；");
}

function bind(id, read, write) {
  const field = byId(id);
  write(field);
  field.addEventListener("input", () => {
    read(field);
    keep();
    if (id === "region") ask();
    else if (id === "cause" || id === "complexity" || id.startsWith("contact-")) showSlip();
  });
}

function fields() {
  bind("kind", (field) => { draft.kind = field.value; }, (field) => { field.value = draft.kind; });
  bind("cause", (field) => { draft.cause = field.value; }, (field) => { field.value = draft.cause; });
  bind("complexity", (field) => { draft.complexity = field.value; }, (field) => { field.value = draft.complexity; });
  bind("region", (field) => { draft.region = field.value; }, (field) => { field.value = draft.region; });
  bind("visits", (field) => { draft.visits = field.value; }, (field) => { field.value = draft.visits; });
  for (const name of ["name", "phone", "other"]) {
    bind(`contact-${name}`, (field) => { draft.contact = { ...draft.contact, [name]: field.value }; }, (field) => { field.value = draft.contact[name] ?? ""; });
  }
  byId("more").open = draft.kind !== "" || draft.visits !== "" || Object.values(draft.contact).some(Boolean);
}

function restart() {
  const old = draft;
  byId("left").hidden = true;
  trouble("");
  draft = afresh();
  box.value = "";
  decision = null;
  latest += 1;
  fields();
  show();
  box.focus();
  const undo = el("button", { type: "button", onclick: () => { draft = old; save(draft); box.value = draft.text; fields(); ask(); line("已恢复", false); box.focus(); } }, "恢复");
  byId("line").replaceChildren("已清空 ", undo);
}

function toggleKeys() {
  const sheet = byId("keys");
  sheet.hidden = !sheet.hidden;
  if (sheet.hidden) box.focus();
  else byId("keys-close").focus();
}

const single = () => byId("single-keys").checked;

function answer(digit) {
  const panel = byId("ask");
  if (panel.hidden) return false;
  const field = panel.querySelector('[data-key="answer-field"]');
  if (field) {
    // The digit is the answer's first: it is typed where the focus goes.
    field.focus();
    return false;
  }
  const button = panel.querySelector(`[data-key="${digit === 0 ? "answer-none" : `answer-${digit - 1}`}"]`);
  button?.click();
  return button !== null;
}

document.addEventListener("keydown", (event) => {
  if (isComposing(event)) return;
  const { key, ctrlKey, altKey, metaKey, target } = event;
  const did = () => event.preventDefault();
  if ((ctrlKey || metaKey) && key === "Enter") { did(); register(); return; }
  if (altKey && /^[1-9]$/.test(key)) {
    const route = decision?.routes[Number(key) - 1];
    if (route) { did(); choose(route.rule, "taken"); }
    return;
  }
  if (ctrlKey || altKey || metaKey) return;
  if (key === "F2") { did(); box.focus(); return; }
  if (key === "F4") { did(); (byId("way-1") ?? byId("ways")).focus(); return; }
  if (key === "F8") { did(); byId("register").focus(); return; }
  if (key === "Escape") {
    did();
    if (!byId("keys").hidden) toggleKeys();
    else if (target === box) (byId("ask").hidden ? byId("ways") : byId("ask")).focus();
    else box.focus();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (step && target.closest?.("#ways h3, #ways")) {
    const heads = [...byId("ways").querySelectorAll(".way h3")];
    const at = heads.findIndex((head) => head.closest(".way").contains(target));
    const next = heads[Math.min(Math.max(at + step, 0), heads.length - 1)];
    if (next) { did(); next.focus(); next.closest(".way").scrollIntoView({ block: "nearest" }); }
    return;
  }
  if (takesText(target) || !single()) return;
  if (key === "?" || key === "？") { did(); toggleKeys(); return; }
  if (/^[0-9]$/.test(key) && answer(Number(key))) did();
});

box.addEventListener("input", () => {
  if (draft.text.trim() === "") draft.begun = new Date().toTimeString().slice(0, 5);
  draft.text = box.value;
  keep();
  trouble("");
  marked(byId("mirror"), box.value, evidence());
  clearTimeout(timer);
  performance.mark("youlu-typed");
  timer = setTimeout(ask, REST);
});
byId("register").addEventListener("click", register);
byId("afresh").addEventListener("click", restart);
byId("left-afresh").addEventListener("click", restart);
byId("reach-fill").addEventListener("click", () => {
  byId("more").open = true;
  byId("contact-phone").focus();
  byId("more").scrollIntoView({ block: "nearest" });
});
byId("more").addEventListener("toggle", () => byId("more").open && byId("more").scrollIntoView({ block: "nearest" }));
byId("keys-close").addEventListener("click", toggleKeys);
byId("single-keys").checked = localStorage.getItem("youlu.single-keys") !== "no";
byId("single-keys").addEventListener("change", (event) => localStorage.setItem("youlu.single-keys", event.target.checked ? "yes" : "no"));
window.addEventListener("pageshow", (event) => {
  if (event.persisted) { draft = load(); box.value = draft.text; registering = false; fields(); ask(); }
});
box.value = draft.text;
follow(box, byId("mirror"));
fields();
show();
if (draft.text.trim() !== "") {
  byId("left").hidden = false;
  byId("left-at").textContent = draft.begun;
  ask();
}
