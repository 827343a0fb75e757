/**
 * What was typed and not registered yet. It lives in this tab alone (sessionStorage): it survives a reload and a restart of
 * the server, and is gone with the tab, because it may name a person.
 */
import { uuid } from "./dom.js";

const KEY = "youlu.draft";

const empty = () => ({ key: uuid(), begun: "", text: "", facts: {}, unsaid: {}, skipped: [], taken: [], declined: [], titles: {}, cause: "", complexity: "", region: "", kind: "", visits: "", contact: {} });

export function load() {
  try {
    return { ...empty(), ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };
  } catch {
    return empty();
  }
}

export function save(draft) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    // A full or forbidden store must not stop the clerk.
  }
}

export function afresh() {
  const draft = empty();
  save(draft);
  return draft;
}
