/** What an edit would change (改了会怎样): changed files in, the check's problems and the tickets' changes out. Nothing is kept. */
import { Offline, Trouble, call } from "./api.js";
import { byId, el } from "./dom.js";

const SHOWN = 50;
const known = [...byId("paths").options].map(({ value }) => value);
const kinds = [...byId("kinds").children].map((one) => ({ id: one.dataset.kind, zh: one.textContent, danger: "danger" in one.dataset }));
const kind = (id) => kinds.find((one) => one.id === id) ?? { id, zh: id, danger: false };
const order = (id) => kinds.findIndex((one) => one.id === id);

/** Every file put in: where it belongs and its text. */
const files = [];
let serial = 0;

/** Where a file of that name belongs, when there is only one such place. */
function home(name) {
  const places = known.filter((path) => path.endsWith(`/${name}`));
  return places.length === 1 ? places[0] : "";
}

function add(name, text, open) {
  serial += 1;
  const file = { name, path: home(name), text };
  const id = `file-${serial}`;
  const twice = known.filter((path) => path.endsWith(`/${name}`));
  const hint = name === "" ? "" : twice.length > 1 ? `有 ${twice.length} 个叫 ${name} 的文件，请选是哪一个：${twice.join("、")}` : file.path === "" ? `现在没有叫 ${name} 的文件，当作新文件，请写放在哪里` : "";
  const path = el("input", { id, list: "paths", value: file.path, required: true, spellcheck: "false", placeholder: "例如 rules/service/home-visit.yaml", pattern: "(rules|policies)/.+\\.ya?ml", "aria-describedby": `${id}-hint`, title: "以 rules/ 或 policies/ 开头，以 .yaml 结尾", oninput: (event) => { file.path = event.target.value.trim(); } });
  const box = el("textarea", { id: `${id}-text`, rows: "8", spellcheck: "false", "aria-label": name === "" ? "文件的全文" : `${name} 的全文`, oninput: (event) => { file.text = event.target.value; } });
  box.value = text;
  const away = () => {
    files.splice(files.indexOf(file), 1);
    item.remove();
    byId("paste").focus();
  };
  const item = el("li", {},
    el("label", { for: id }, name === "" ? "这份文件放在哪里" : `${name} 放在哪里`), path,
    el("p", { id: `${id}-hint`, class: "hint" }, hint),
    el("details", { open }, el("summary", {}, "全文"), box),
    el("div", { class: "buttons" }, el("button", { type: "button", onclick: away }, name === "" ? "拿掉这一份" : `拿掉 ${name}`)));
  files.push(file);
  byId("files").append(item);
  return path;
}

const say = (text) => { byId("state").textContent = text; };

function wrong(error) {
  const trouble = byId("trouble");
  const more = error.errors?.map((one) => el("li", {}, [one.detail, one.hint].filter(Boolean).join("。"))) ?? [];
  trouble.replaceChildren(error instanceof Offline ? "连不上服务器，什么也没有变。请过一会儿再试。" : error.message, more.length > 1 ? el("ul", {}, more) : "");
  trouble.hidden = false;
  trouble.scrollIntoView({ block: "nearest" });
}

function problem({ file, line, column, end_column: end, severity, message, hint, fix, code }) {
  const source = files.find((one) => one.path === file)?.text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/)[line - 1];
  const letters = source === undefined ? [] : Array.from(source);
  const piece = (from, to) => letters.slice(from, to).join("");
  const grave = severity === "error";
  return el("li", { class: "card" },
    el("h3", {}, el("code", {}, `${file}:${line}:${column}`)),
    el("p", {}, el("span", { class: `mark-of${grave ? " grave" : ""}` }, grave ? "! 错误" : "· 提醒"), " ", message),
    letters.length > 0 && el("ol", { class: "yaml", role: "list", "aria-label": `第 ${line} 行` }, el("li", {}, el("span", { class: "at", "aria-hidden": "true" }, String(line)), el("code", {}, piece(0, column - 1), el("mark", {}, piece(column - 1, end - 1)), piece(end - 1)))),
    hint && el("p", {}, el("b", {}, "怎样改："), hint),
    fix && el("p", {}, "把标出的换成 ", el("code", {}, fix)),
    el("p", { class: "hint" }, code));
}

function checked(check) {
  const list = (title, some, open) => some.length > 0 && el("details", { open }, el("summary", {}, `${title}（${some.length}）`), el("ol", { class: "flaws" }, some.map(problem)));
  const errors = check.problems.filter(({ severity }) => severity === "error");
  const ours = check.problems.filter(({ severity, file }) => severity !== "error" && files.some(({ path }) => path === file));
  const others = check.problems.filter(({ severity, file }) => severity !== "error" && !files.some(({ path }) => path === file));
  return el("section", { class: "card", "aria-labelledby": "checked" },
    el("h2", { id: "checked" }, "写得对不对"),
    check.usable
      ? el("p", { class: "notice good" }, `✓ 能用。换上以后规则库是 ${check.rulebook}。`, check.warnings > 0 ? `另有 ${check.warnings} 处提醒。` : "")
      : el("p", { class: "notice bad" }, `✗ 不能用：有 ${check.errors} 处错误。先改好，再来比。`),
    list("错误", errors, true), list("这些文件里的提醒", ours, false), list("别的文件里原来就有的提醒", others, false));
}

function change({ kind: id, route, from, to }, routes) {
  const { zh, danger } = kind(id);
  return el("p", { class: `change${danger ? " danger" : ""}` },
    el("span", { class: `mark-of${danger ? " grave" : ""}` }, danger ? "! " : "· ", zh), " ",
    route && el("b", {}, routes[route] ?? route, " "),
    (from || to) && el("span", {}, from || "（没有）", " → ", to || "（没有）"));
}

const worst = ({ changes }) => Math.min(...changes.map((one) => order(one.kind)));

function one({ id, text, changes }, routes, ticket) {
  const sorted = [...changes].sort((a, b) => order(a.kind) - order(b.kind));
  const head = sorted.filter((each) => kind(each.kind).danger);
  const rest = sorted.filter((each) => !kind(each.kind).danger);
  const shown = head.length > 0 ? head : rest.slice(0, 1);
  const more = head.length > 0 ? rest : rest.slice(1);
  return el("li", {},
    el("p", {}, ticket ? el("a", { href: `/tickets/${encodeURIComponent(id)}`, target: "_blank", rel: "noopener" }, `工单 ${id}`) : el("b", {}, `第 ${id} 段：${text ?? ""}`)),
    shown.map((each) => change(each, routes)),
    more.length > 0 && el("details", {}, el("summary", {}, `另外 ${more.length} 处变化`), more.map((each) => change(each, routes))));
}

function compared(title, comparison, ticket) {
  const { cases, changed, kinds: counts, routes } = comparison;
  const what = ticket ? "张工单" : "段话";
  const rows = kinds.filter(({ id }) => counts[id] > 0);
  const sorted = [...changed].sort((a, b) => worst(a) - worst(b));
  const dangers = sorted.filter(({ changes }) => changes.some((each) => kind(each.kind).danger));
  return el("section", { class: "card", "aria-label": title },
    el("h2", {}, title),
    cases === 0 ? el("p", { class: "empty" }, ticket ? "这些工单受理时用的就是这一套规则，答复不会变。" : "没有可以比的话。")
      : changed.length === 0 ? el("p", { class: "notice good" }, `✓ 比了 ${cases} ${what}，答复都没有变。`)
        : [
          el("p", { class: `notice ${dangers.length > 0 ? "bad" : ""}` }, `比了 ${cases} ${what}，${changed.length} ${what.charAt(0)}的答复变了。`,
            dangers.length > 0 ? el("b", {}, `其中 ${dangers.length} ${what.charAt(0)}多了承诺或者少了出路，请逐件看。`) : `没有新的承诺，也没有撤掉的出路；变的是：${rows.map(({ id, zh }) => `${zh} ${counts[id]}`).join("、")}。`),
          el("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": `${title}：变了什么` },
            el("table", {}, el("caption", {}, "变了什么"),
              el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "哪一种"), el("th", { scope: "col", class: "number" }, `几${what.charAt(0)}`), el("th", { scope: "col" }, "在哪些出路"))),
              el("tbody", {}, rows.map(({ id, zh, danger }) => el("tr", {},
                el("th", { scope: "row" }, el("span", { class: `mark-of${danger ? " grave" : ""}` }, danger ? "! " : "· ", zh)),
                el("td", { class: "number" }, String(counts[id])),
                el("td", {}, Object.entries(comparison.per_route).filter(([, each]) => each[id] > 0).map(([route, each]) => `${routes[route] ?? route} ${each[id]}`).join("、"))))))),
          el("h3", { class: "part" }, "逐件看"),
          el("ol", { class: "changed" }, sorted.slice(0, SHOWN).map((each) => one(each, routes, ticket))),
          sorted.length > SHOWN && el("p", { class: "hint" }, `只列出最要紧的 ${SHOWN} ${what.charAt(0)}，还有 ${sorted.length - SHOWN} ${what.charAt(0)}。`),
        ]);
}

function kept(replay) {
  const asides = [
    [replay.differing.length, "张用受理时的规则重新研判，和当时的答复不一样"],
    [replay.unkept, "张受理时用的规则和现在不同，没有重新核对当时的答复"],
    [replay.erased, "张的内容已经清除，不能比"],
    [replay.unreadable.length, "张存下的内容读不出来"],
  ].filter(([count]) => count > 0);
  return asides.length > 0 && el("p", { class: "hint" }, asides.map(([count, what]) => `${count} ${what}`).join("；"), "。");
}

/** Whether the rules still do what their own examples say. */
function examples({ tried, failed }) {
  return el("section", { class: "card", "aria-labelledby": "examples" },
    el("h2", { id: "examples" }, "规则自带的例子"),
    failed.length === 0
      ? el("p", { class: "notice good" }, `✓ ${tried} 个例子都对。`)
      : [el("p", { class: "notice bad" }, `✗ ${tried} 个例子里有 ${failed.length} 个和写的不一样。要么改错了，要么例子也该跟着改。`),
        el("ol", { class: "changed" }, failed.slice(0, SHOWN).map(({ rule, file, line, text, expected, found, because }) => el("li", {},
          el("p", {}, el("b", {}, text)),
          el("p", {}, `写的是“${expected}”，现在是“${found}”。`, because),
          el("p", { class: "hint" }, rule && el("code", {}, rule), " ", el("code", {}, `${file}:${line}`)))))]);
}

function shown({ check, examples: tried, cases, tickets }) {
  const parts = [checked(check)];
  if (tried) parts.push(examples(tried));
  if (tickets) parts.push(compared("以前的工单：换上以后会怎样", tickets.comparison, true), kept(tickets));
  if (cases) parts.push(compared("试的几段话：换上以后会怎样", cases, false));
  if (check.usable && !cases && !tickets) parts.push(el("p", { class: "notice" }, "台账里还没有工单，也没有写要试的话，没有比。"));
  byId("outcome").replaceChildren(...parts.filter(Boolean));
  byId("outcome").focus();
}

async function run() {
  const body = { files: files.map(({ path, text }) => ({ path, text })) };
  const cases = byId("cases").value.split("\n").map((text) => text.trim()).filter(Boolean).map((text) => ({ text }));
  say("正在检查……");
  const { body: check } = await call("POST", "/v1/rulebook/check", { body });
  if (!check.usable) {
    shown({ check });
    say("");
    return;
  }
  byId("outcome").replaceChildren(checked(check));
  say("写得对。正在试规则自带的例子、拿以前的工单比……");
  const { body: result } = await call("POST", "/v1/rulebook/backtest", { body: { ...body, cases, tickets: byId("tickets").valueAsNumber || 0 } });
  shown(result);
  say("比完了。");
}

byId("pick").addEventListener("change", async (event) => {
  for (const file of event.target.files) {
    const bytes = await file.arrayBuffer();
    let text;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      wrong(new Trouble(0, { detail: `${file.name} 不是 UTF-8 编码，没有放进来。请用编辑器另存为 UTF-8。` }));
      continue;
    }
    add(file.name, text, false);
  }
  event.target.value = "";
});
byId("paste").addEventListener("click", () => add("", "", true).focus());
byId("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("trouble").hidden = true;
  if (files.length === 0) {
    wrong(new Trouble(0, { detail: "还没有放进改过的文件。" }));
    return;
  }
  const button = byId("run");
  button.disabled = true;
  byId("outcome").replaceChildren();
  try {
    await run();
  } catch (error) {
    say("");
    wrong(error);
  } finally {
    button.disabled = false;
  }
});
