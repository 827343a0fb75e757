/** The ticket to be (工单): what it will say, by when, and what resembles it. */
import { call } from "./api.js";
import { el } from "./dom.js";

/** So many working days from this very moment: after closing, today no longer counts as today. */
const deadline = async (count) => (await call("GET", `/v1/calendar/deadline?working_days=${count}`)).body;

const spoken = (day) => `${Number(day.slice(5, 7))}月${Number(day.slice(8, 10))}日`;

function counted({ from, due_on: due, counted: all, skipped, provisional }) {
  const last = all.at(-1);
  const weekday = last?.weekday ?? "今天";
  const list = [`${spoken(from)}收件，不计`, ...all.map((day, i) => `${spoken(day.date)} ${day.weekday}${day.kind === "make-up-workday" ? "（补班）" : ""} 第${i + 1}天`)];
  return [
    el("p", { class: "due" }, `${spoken(due)} ${weekday} 下班前`),
    provisional && el("p", { class: "notice" }, "暂定：来年放假安排还没有公布"),
    all.length > 0 && el("details", { "data-key": "days" }, el("summary", {}, "怎样算出来的"), el("ol", { class: "days" }, list.map((day) => el("li", {}, day)), skipped.length > 0 && el("li", {}, `跳过 ${skipped.length} 个休息日`))),
  ];
}

export async function slip(decision) {
  const { complexity, block_causes: causes } = decision;
  const rows = [
    ["卡在哪里", causes.length > 0 ? `${causes[0].zh}（${causes[0].attitude}）` : "还听不出来"],
    ["复杂程度", complexity.zh],
    ["为什么", complexity.because],
  ];
  const due = complexity.working_days === null ? [el("p", { class: "due" }, "及时转交")] : counted(await deadline(complexity.working_days));
  return [
    el("dl", {}, rows.map(([name, what]) => [el("dt", {}, name), el("dd", {}, what)]), el("dt", {}, "最迟"), el("dd", {}, due)),
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
