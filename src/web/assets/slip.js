/** The ticket to be (工单): what it will say, by when, which ways were taken, and what resembles it. */
import { call } from "./api.js";
import { byId, el } from "./dom.js";

/** So many working days from this very moment: after closing, today no longer counts as today. */
const deadline = async (count) => (await call("GET", `/v1/calendar/deadline?working_days=${count}`)).body;

const spoken = (day) => `${Number(day.slice(5, 7))}月${Number(day.slice(8, 10))}日`;

function counted({ from, due_on: due, counted: all, skipped, provisional }, verb) {
  const last = all.at(-1);
  const weekday = last?.weekday ?? "今天";
  const list = [`${spoken(from)}收件，不计`, ...all.map((day, i) => `${spoken(day.date)} ${day.weekday}${day.kind === "make-up-workday" ? "（补班）" : ""} 第${i + 1}天`)];
  return [
    el("p", { class: "due" }, `${spoken(due)} ${weekday} 下班前${verb}`),
    provisional && el("p", { class: "notice" }, "暂定：来年放假安排还没有公布"),
    all.length > 0 && el("details", { "data-key": "days" }, el("summary", {}, "怎样算出来的"), el("ol", { class: "days" }, list.map((day) => el("li", {}, day)), skipped.length > 0 && el("li", {}, `跳过 ${skipped.length} 个休息日`))),
  ];
}

/** Puts what the program thinks where the clerk may say otherwise. */
function suggest(id, zh, hint, chosen) {
  byId(id).options[0].textContent = zh;
  byId(`${id}-hint`).textContent = chosen === "" ? hint : "您改的，登记时写进工单";
}

export function judged(decision, draft) {
  const [cause] = decision?.block_causes ?? [];
  suggest("cause", cause ? cause.zh : "还听不出来", cause ? `听出来的（${cause.attitude}），不对就改` : "", draft.cause);
  suggest("complexity", decision ? decision.complexity.zh : "由系统判断", decision?.complexity.because ?? "", draft.complexity);
}

/** A way that was taken, and what has become of it since. */
function way(id, decision, draft) {
  const now = decision.routes.find(({ rule }) => rule === id);
  return el("li", { class: now ? false : "alarm" }, `${now ? "✓" : "⚠"} ${draft.titles[id] ?? now?.title ?? id}`,
    !now && el("span", {}, " 按现在听到的已经不在出路里，登记时不写"));
}

export async function slip(decision, draft) {
  const id = draft.complexity || decision.complexity.id;
  const option = [...byId("complexity").options].find(({ value }) => value === id);
  const due = counted(await deadline(Number(option?.dataset.days ?? decision.complexity.working_days ?? 0)), id === "out-of-jurisdiction" ? "转交" : "");
  return [
    el("dl", {}, el("dt", {}, "最迟"), el("dd", {}, due),
      el("dt", {}, "采用的出路"), el("dd", {}, draft.taken.length > 0 ? el("ul", {}, draft.taken.map((one) => way(one, decision, draft))) : el("span", { class: "hint" }, "还没有采用"))),
  ];
}

/** Earlier tickets of what seems the same trouble. */
export function similar(items) {
  if (items.length === 0) return [];
  return [
    el("h3", {}, `以前有过相像的（${items.length}）`),
    el("ul", { class: "beside" }, items.map(({ ticket, alike, because }) => el("li", {},
      el("a", { href: `/tickets/${ticket.number}`, target: "_blank", rel: "noopener" }, ticket.number), ` ${ticket.title ?? ""} ${ticket.status_title} `,
      el("span", { class: "hint" }, `${alike}% 像：${because.join("、")}`)))),
  ];
}
