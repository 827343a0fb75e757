/**
 * The moves of a ticket or of a record beside it: forms posted to the API with the version that is on the screen. When
 * somebody was faster, nothing is overwritten: what they did is shown beside what was about to be done, and a person decides.
 */
import { Offline, call } from "./api.js";
import { differences } from "./differences.js";
import { byId, el, isComposing, uuid } from "./dom.js";

const { base, history: past } = byId("record").dataset;
let version = Number(byId("record").dataset.version);
const by = byId("by");

by.value = localStorage.getItem("youlu.clerk") ?? "";
by.addEventListener("input", () => localStorage.setItem("youlu.clerk", by.value.trim()));

const names = (text) => text.split(/[、，,；;]/).map((one) => one.trim()).filter(Boolean);

/** What the form says, as the API takes it; what was left empty is left out. */
function read(form) {
  const body = { by: by.value.trim() };
  for (const field of form.querySelectorAll("[data-takes]")) {
    const { takes } = field.dataset;
    if (takes === "line" && field.value.trim() !== "") body[field.name] = field.value;
    else if (takes === "lines" && field.value.trim() !== "") body[field.name] = names(field.value);
    else if (takes === "nth" && field.value !== "") body[field.name] = Number(field.value);
    else if (takes === "yes-no" && field.checked) body[field.name] = field.value === "true";
    else if (takes === "measure") (body[field.dataset.name] ??= []).push(measure(field));
    else if (takes === "picks") body[field.dataset.name] = [...field.querySelectorAll("input:checked")].map((one) => one.value);
    else if (takes === "offers") body[field.dataset.name] = offers(field);
  }
  return body;
}

function measure(field) {
  const chosen = field.querySelector("input[type=radio]:checked");
  const part = (name) => field.querySelector(`[data-part=${name}]`).value.trim();
  const said = { measure: field.dataset.id };
  if (chosen) said.usable = chosen.value === "true";
  if (part("reason")) said.reason = part("reason");
  if (part("clause")) said.clause = part("clause");
  return said;
}

const offers = (field) => [...field.querySelectorAll("select")].filter((one) => one.value !== "").map((one) => ({ route: one.dataset.id, result: one.value }));

/** A problem without the member's own name, which is for programs. */
const plain = (detail) => (detail ?? "").replace(/^[a-z_]+(\/\d+)? ?(?=要)/u, "");

/** Which of several a problem is about. */
const nth = (pointer) => (/\/(\d+)(\/|$)/u.test(pointer) ? `第 ${Number(/\/(\d+)(\/|$)/u.exec(pointer)[1]) + 1} 项：` : "");

function wrong(form, errors) {
  for (const place of form.querySelectorAll("[data-wrong]")) {
    const name = place.dataset.wrong;
    const here = errors.filter(({ pointer }) => pointer === `/${name}` || pointer?.startsWith(`/${name}/`));
    const said = here.map(({ code, detail, hint, pointer }) => nth(pointer) + (code === "missing-member" ? "这一项要填。" : [plain(detail), hint].filter(Boolean).join("。")));
    place.textContent = [...new Set(said)].join(" ");
    place.hidden = here.length === 0;
  }
  const known = [...form.querySelectorAll("[data-wrong]")].map((place) => place.dataset.wrong);
  const rest = errors.filter(({ pointer }) => !known.some((name) => pointer === `/${name}` || pointer?.startsWith(`/${name}/`)));
  const first = form.querySelector("[data-wrong]:not([hidden])");
  if (first) form.querySelector(`[name="${first.dataset.wrong}"], [data-name="${first.dataset.wrong}"] input, [data-name="${first.dataset.wrong}"] select`)?.focus();
  return { rest: [...new Set(rest.map(({ detail }) => plain(detail)))].join("；"), here: first !== null };
}

function trouble(said) {
  byId("trouble").textContent = said;
  byId("trouble").hidden = said === "";
  byId("done").hidden = true;
  if (said && !document.activeElement?.closest("form[data-noun]")?.contains(document.querySelector("[data-wrong]:not([hidden])"))) byId("trouble").scrollIntoView({ block: "nearest" });
}

/** What others did meanwhile, beside what was about to be done. */
async function meanwhile(form) {
  const { body } = await call("GET", `${base}${past}`);
  const events = body.items ?? body.history;
  const newer = events.filter((event) => event.version > version);
  const latest = Math.max(version, ...events.map((event) => event.version));
  const panel = byId("newer");
  panel.replaceChildren(
    el("h3", {}, "有人先改动过，您这一步还没有写入"),
    el("ul", { class: "beside" }, newer.map((event) => el("li", {}, el("b", {}, event.title), event.body.lead ?? event.body.to ?? event.body.owner ? `：${event.body.lead ?? event.body.to ?? event.body.owner}` : "", ` ${event.by} ${event.at.slice(5, 16).replace("T", " ")}`,
      Object.values(event.words).filter(Boolean).map((words) => el("p", { class: "hint verbatim" }, words))))),
    el("p", {}, "您填的都还在下面的表里。"),
    el("div", { class: "buttons" },
      el("button", { type: "button", onclick: () => { version = latest; panel.hidden = true; submit(form); } }, "看过了，仍然提交我的"),
      el("button", { type: "button", onclick: () => { leave(null); location.reload(); } }, "不提交，看新的（填的留着）")));
  panel.hidden = false;
  panel.scrollIntoView({ block: "nearest" });
}

const KEPT = `youlu.forms.${base}`;
const TOLD = `youlu.told.${base}`;

/** Every field a person can fill in, with a name of its own. */
const fields = (form) => [...form.querySelectorAll("input, select, textarea")].map((field, i) => [`${form.dataset.noun}:${i}`, field]);
const isTick = (field) => field.type === "radio" || field.type === "checkbox";

/** What was done is told on the page that follows, and what stands in other forms is there again. */
function leave(done) {
  const others = [...document.querySelectorAll("form[data-noun]")].filter((form) => form !== done).flatMap(fields);
  const begun = (field) => (field.tagName === "SELECT" ? ([...field.options].find((one) => one.defaultSelected) ?? field.options[0])?.value : field.defaultValue);
  const changed = others.filter(([, field]) => (isTick(field) ? field.checked !== field.defaultChecked : field.value !== begun(field))).filter(([, field]) => field.value !== "");
  sessionStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(changed.map(([key, field]) => [key, isTick(field) ? field.checked : field.value]))));
  if (done) sessionStorage.setItem(TOLD, `✓ ${done.querySelector("button.main").textContent}：已经写入。`);
}

function come() {
  const told = sessionStorage.getItem(TOLD);
  if (told) {
    byId("done").textContent = told;
    byId("done").hidden = false;
    byId("done").classList.toggle("bad", !told.startsWith("✓"));
    history.scrollRestoration = "manual";
    scrollTo(0, 0);
  }
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  for (const form of document.querySelectorAll("form[data-noun]")) {
    const back = fields(form).filter(([key]) => key in kept);
    for (const [key, field] of back) {
      if (isTick(field)) field.checked = kept[key];
      else field.value = kept[key];
    }
    if (back.length > 0) form.closest("details").open = true;
  }
  sessionStorage.removeItem(TOLD);
  sessionStorage.removeItem(KEPT);
}
come();

async function submit(form) {
  trouble("");
  const title = form.querySelector("button.main");
  if (by.value.trim() === "") {
    trouble("先写经办人。");
    by.focus();
    return;
  }
  form.dataset.key ??= uuid();
  title.disabled = true;
  try {
    const { noun, key } = form.dataset;
    const headers = { "idempotency-key": key, ...(version > 0 ? { "if-match": `"${version}"` } : {}) };
    await call("POST", noun === "" ? base : `${base}/${noun}`, { body: read(form), headers });
    leave(form);
    location.reload();
  } catch (error) {
    title.disabled = false;
    // What was not answered may have been done: asked again with the same key, it is done once.
    if (error instanceof Offline) {
      trouble("连不上服务器，不知道写入了没有。填的都还在，稍后再按一次，不会重复。");
      return;
    }
    delete form.dataset.key;
    if (error.status === 412) {
      await meanwhile(form).catch((again) => trouble(again.message));
      return;
    }
    const told = wrong(form, error.errors ?? []);
    trouble(told.here ? ["有要改的地方，见下面红字。", told.rest].filter(Boolean).join(" ") : [error.message, told.rest].filter(Boolean).join(" "));
  }
}

for (const form of document.querySelectorAll("form[data-noun]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form);
  });
  form.addEventListener("input", () => delete form.dataset.key);
  form.addEventListener("keydown", (event) => {
    // A committed candidate of the input method is no submission.
    if (event.key === "Enter" && (isComposing(event) || event.target.matches("input"))) event.preventDefault();
  });
}

/** Tells beforehand whether the reply keeps the department's words, by the rule the server goes by. */
function compare() {
  const theirs = byId("department-words");
  const reply = byId("replies-reply");
  if (!theirs || !reply) return;
  const bare = (text) => text.replace(/\s/gu, "");
  const outcome = byId("replies-outcome");
  const same = () => outcome.value === ([...outcome.options].find((one) => one.defaultSelected)?.value ?? outcome.value);
  const show = () => {
    if (reply.value === "") return byId("differs").replaceChildren();
    const kept = bare(reply.value).includes(bare(theirs.textContent));
    return byId("differs").replaceChildren(
      el("p", { class: "hint" }, !same() ? "办理结果和部门答复的不一样，要在下面写差异理由。" : kept ? "部门的原话都在里面，不用写差异理由。" : "和部门的原话不一样，要在下面写差异理由："),
      kept ? "" : el("p", { class: "verbatim" }, differences(theirs.textContent, reply.value)));
  };
  reply.addEventListener("input", show);
  outcome.addEventListener("change", show);
  byId("as-answered").addEventListener("click", () => {
    reply.value = theirs.textContent;
    show();
    reply.focus();
  });
}
compare();

/** The roster: a day's button puts that day into the form. */
for (const button of document.querySelectorAll("button[data-sets]")) {
  button.addEventListener("click", () => {
    document.querySelector("[name=date]").value = button.dataset.sets;
    document.querySelector("[name=team]").value = button.dataset.team;
    const leader = document.querySelector("[name=leader]");
    leader.value = button.dataset.leader;
    leader.focus();
    leader.select();
  });
}

/** Whether the code a person shows is the ticket's. */
byId("code-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { number } = event.target.dataset;
  const code = encodeURIComponent(byId("code").value.trim().toUpperCase());
  try {
    await call("GET", `/v1/public/tickets/${number}?code=${code}`);
    byId("code-told").textContent = "✓ 对得上，是这张工单的查询码。";
  } catch (error) {
    byId("code-told").textContent = error.status === 404 ? "✗ 对不上。" : error.message;
  }
});
