/**
 * One ticket: its moves are forms posted to the API with the version that is on the screen. When somebody was faster, nothing
 * is overwritten: what they did is shown beside what was about to be done, and a person decides.
 */
import { Offline, call } from "./api.js";
import { byId, el, isComposing, uuid } from "./dom.js";

const ticket = byId("ticket");
const number = ticket.dataset.number;
let version = Number(ticket.dataset.version);
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

function wrong(form, errors) {
  for (const place of form.querySelectorAll("[data-wrong]")) {
    const name = place.dataset.wrong;
    const here = errors.filter(({ pointer }) => pointer === `/${name}` || pointer?.startsWith(`/${name}/`));
    place.textContent = here.map(({ detail, hint }) => [detail, hint].filter(Boolean).join("。")).join("；");
    place.hidden = here.length === 0;
  }
  const known = [...form.querySelectorAll("[data-wrong]")].map((place) => place.dataset.wrong);
  const rest = errors.filter(({ pointer }) => !known.some((name) => pointer === `/${name}` || pointer?.startsWith(`/${name}/`)));
  return rest.map(({ detail }) => detail).join("；");
}

function trouble(said) {
  byId("trouble").textContent = said;
  byId("trouble").hidden = said === "";
  if (said) byId("trouble").scrollIntoView({ block: "nearest" });
}

/** What others did meanwhile, beside what was about to be done. */
async function meanwhile(form) {
  const { body, etag } = await call("GET", `/v1/tickets/${number}/events`);
  const now = (await call("GET", `/v1/tickets/${number}`)).etag ?? etag;
  const newer = body.items.filter((event) => event.version > version);
  const latest = Math.max(version, ...body.items.map((event) => event.version));
  const panel = byId("newer");
  panel.replaceChildren(
    el("h3", {}, "有人先改动过，您这一步还没有写入"),
    el("ul", { class: "beside" }, newer.map((event) => el("li", {}, el("b", {}, event.title), ` ${event.by} ${event.at.slice(5, 16).replace("T", " ")}`,
      Object.values(event.words).filter(Boolean).map((words) => el("p", { class: "hint verbatim" }, words))))),
    el("p", {}, "您填的都还在下面的表里。"),
    el("div", { class: "buttons" },
      el("button", { type: "button", onclick: () => { version = latest; panel.hidden = true; submit(form); } }, "看过了，仍然提交我的"),
      el("button", { type: "button", onclick: () => location.reload() }, "不提交了，看新的")));
  panel.hidden = false;
  panel.dataset.etag = now;
  panel.scrollIntoView({ block: "nearest" });
}

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
    await call("POST", `/v1/tickets/${number}/${form.dataset.noun}`, { body: read(form), headers: { "if-match": `"${version}"`, "idempotency-key": form.dataset.key } });
    location.reload();
  } catch (error) {
    title.disabled = false;
    delete form.dataset.key;
    if (error instanceof Offline) trouble("连不上服务器，没有写入。填的都还在，稍后再按一次。");
    else if (error.status === 412) await meanwhile(form).catch((again) => trouble(again.message));
    else trouble([error.message, wrong(form, error.errors ?? [])].filter(Boolean).join(" "));
  }
}

for (const form of document.querySelectorAll("form[data-noun]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form);
  });
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
  const plain = (text) => text.replace(/\s/gu, "");
  const show = () => {
    const kept = plain(reply.value).includes(plain(theirs.textContent));
    byId("differs").textContent = reply.value === "" ? "" : kept ? "部门的原话都在里面，不用写差异理由。" : "和部门的原话不一样，要在下面写差异理由。";
  };
  reply.addEventListener("input", show);
  byId("as-answered").addEventListener("click", () => {
    reply.value = theirs.textContent;
    show();
    reply.focus();
  });
}
compare();
