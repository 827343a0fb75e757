/** The ways out (出路) as cards: what may be promised, what must be asked first, and what nearly would do. */
import { byId, el } from "./dom.js";

const SIGN = { met: "✓", unknown: "?", unmet: "✗" };
const SIGN_ZH = { met: "符合", unknown: "还不知道", unmet: "不符合" };
const VERDICT = { applicable: "✓ 符合条件", "needs-confirmation": "? 要先确认", "ruled-out": "✗ 走不通" };
const STATUS = { "in-force": "有效", "needs-local-text": "原文未得，要核实", expired: "已到期" };
const SHOWN_REASONS = 4;
const OPEN_CARDS = 1;
/** How many conditions are told as the reason. */
const TOLD = 3;
/** The longest list of what lacks that is one sentence still. */
const LONGEST = 50;

const order = { unmet: 0, unknown: 1, met: 2 };

export const verdict = (id) => el("span", { class: `verdict ${id}` }, VERDICT[id] ?? id);

/** The words something was heard in, without those that stand inside others. */
const widest = (evidence) => evidence.filter((one, i) => !evidence.some((other, j) => i !== j && other.start <= one.start && one.end <= other.end && (other.end - other.start > one.end - one.start || j < i)));

function reason({ condition, outcome, evidence }) {
  const heard = widest(evidence).map(({ text }) => `“${text}”`).join("");
  return el("li", { class: outcome }, el("span", { title: SIGN_ZH[outcome] }, el("span", { class: "unseen" }, SIGN_ZH[outcome]),
    el("span", { "aria-hidden": "true" }, SIGN[outcome])), el("span", {}, condition, heard && el("span", { class: "hint" }, ` ${heard}`)));
}

function reasons(all, key) {
  const sorted = [...all].sort((a, b) => order[a.outcome] - order[b.outcome]);
  const head = sorted.slice(0, SHOWN_REASONS);
  const rest = sorted.slice(SHOWN_REASONS);
  return [
    el("ul", { class: "reasons" }, head.map(reason)),
    rest.length > 0 && el("details", { "data-key": `reasons-${key}` }, el("summary", {}, `其余 ${rest.length} 条条件`), el("ul", { class: "reasons" }, rest.map(reason))),
  ];
}

const amount = (one, of) => (one[of] === null ? "本地标准还没有录入" : `${one[of]}${one.unit}`);

function gives(given) {
  const rows = [
    ["怎样办", given.do],
    ["要带", given.bring.join("、")],
    ["要用的文书", given.papers.join("、")],
    ["谁来办", given.department],
    ["这条路的期限", given.within && amount(given.within, "days")],
    ["金额", given.amount && amount(given.amount, "value")],
    ["之后", given.after],
  ].filter(([, what]) => what);
  return rows.length > 0 && el("dl", { class: "facts-of" }, rows.map(([name, what]) => [el("dt", {}, name), el("dd", {}, what)]));
}

const citation = ({ title, number, clause, status }) =>
  `《${title}》${number ?? ""}${clause ? ` ${clause}` : ""}（${STATUS[status] ?? status}）`;

/** One sentence on why: the caveat or the open question first, else what was met. */
function because(route) {
  const unknown = route.reasons.find(({ outcome }) => outcome === "unknown");
  const met = route.reasons.filter(({ outcome, evidence }) => outcome === "met" && evidence.length > 0).slice(0, TOLD);
  if (route.verdict === "applicable") return met.length > 0 ? `因为${met.map(({ condition }) => condition).join("；")}` : "条件都符合";
  const lacks = route.opens?.steps.map(({ say }) => say).join("；") ?? "";
  if (lacks !== "" && lacks.length <= LONGEST) return `还差：${lacks}`;
  if (route.asks.length > 0) return `还要问清 ${route.asks.length} 件事，先问：${route.asks[0].question}`;
  return unknown?.condition ?? route.caveats[0] ?? "";
}

/** What the catalogue, the papers and the figures call a route. */
const named = (id) => byId("routes").querySelector(`[value="${CSS.escape(id)}"]`)?.label ?? id;

function card(route, index, draft, choose) {
  const id = route.rule;
  const taken = draft.taken.includes(id);
  const declined = draft.declined.includes(id);
  const title = el("h3", { id: `way-${route.rank}`, tabindex: "-1" }, `${route.rank}. ${route.title}`);
  const body = [
    el("p", {}, because(route)),
    reasons(route.reasons, id),
    el("blockquote", { class: "say" }, route.say),
    route.note && el("p", { class: "hint" }, `提示：${route.note}`),
    gives(route.gives),
    route.caveats.length > 0 && el("ul", { class: "reasons" }, route.caveats.map((caveat) => el("li", { class: "unknown" }, el("span", { "aria-hidden": "true" }, "!"), el("span", {}, caveat)))),
    el("p", { class: "source" }, route.policies.map((one, i) => [i > 0 && "；", citation(one)])),
  ];
  return el("article", { class: `way ${route.verdict}${taken ? " taken" : ""}${declined ? " declined" : ""}`, "aria-labelledby": `way-${route.rank}`, "data-route": route.route },
    el("header", {}, title, verdict(route.verdict)),
    named(route.route) !== route.title && el("p", { class: "hint" }, `出路：${named(route.route)}`),
    index < OPEN_CARDS ? body : [body[0], el("details", { "data-key": `way-${id}` }, el("summary", {}, "条件、怎么说、要带什么、依据"), body.slice(1))],
    el("div", { class: "buttons" },
      el("button", { type: "button", "aria-pressed": String(taken), "data-key": `take-${id}`, onclick: () => choose(id, "taken") }, taken ? "✓ 已采用" : "采用", " ", route.rank < 10 && el("kbd", {}, `Alt+${route.rank}`)),
      el("button", { type: "button", "aria-pressed": String(declined), "data-key": `decline-${id}`, onclick: () => choose(id, "declined") }, declined ? "✗ 不合适" : "不合适")));
}

function near({ title, opens, because: why }) {
  const lacks = opens.steps.map(({ say }) => say).join("；");
  return el("li", {}, el("b", {}, title), `：${lacks}，就${opens.then === "applicable" ? "符合条件" : "值得再问"}。`, el("span", { class: "hint" }, why.map(({ condition }) => condition).join("；")));
}

const ruledOut = ({ title, because: why }) => el("li", {}, el("b", {}, title), "：", why.map(({ condition }) => condition).join("；") || "条件不符合");

export function ways(decision, draft, choose) {
  const closed = decision.ruled_out;
  const almost = closed.filter(({ opens }) => opens);
  const out = closed.filter(({ opens }) => !opens);
  const together = decision.together.map(({ say }) => el("li", {}, say));
  return [
    decision.routes.length === 0 && el("p", { class: "empty" }, "按已经听到的，还没有对得上的出路。再问问：办什么事、在哪里、缺什么、对方怎么说的；也可以先登记，由窗口首席研判。"),
    // What did not suit sinks below what may.
    [...decision.routes].sort((a, b) => draft.declined.includes(a.rule) - draft.declined.includes(b.rule)).map((route, index) => card(route, index, draft, choose)),
    together.length > 0 && el("section", {}, el("h3", {}, "怎样搭配"), el("ul", { class: "beside" }, together)),
    almost.length > 0 && el("details", { open: true, "data-key": "almost" }, el("summary", {}, `差一点的（${almost.length}）`), el("ul", { class: "beside" }, almost.map(near))),
    out.length > 0 && el("details", { "data-key": "out" }, el("summary", {}, `为什么没有……（${out.length}）`), el("ul", { class: "beside" }, out.map(ruledOut))),
  ];
}
