/**
 * What was typed and not registered yet. It lives in this tab alone (sessionStorage): it survives a reload and a restart of
 * the server, and is gone with the tab, because it may name a person.
 */
import { uuid } from "./dom.js";

const KEY = "youlu.draft";

const empty = (region) => ({ key: uuid(), text: "", facts: {}, skipped: [], taken: [], declined: [], region, kind: "", visits: "", contact: {} });

export function load(region) {
  try {
    return { ...empty(region), ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };
  } catch {
    return empty(region);
  }
}

export function save(draft) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    // A full or forbidden store must not stop the clerk.
  }
}

export function afresh(region) {
  const draft = empty(region);
  save(draft);
  return draft;
}
