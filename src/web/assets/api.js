/** The API, as everyone uses it. What goes wrong is a Trouble, told in the server's own words, or Offline. */
export class Trouble extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `出了问题（${status}）`);
    this.status = status;
    this.code = problem?.code;
    this.errors = problem?.errors ?? [];
  }
}

/** Nobody answers. */
export class Offline extends Error {}

export async function call(method, path, { body, headers = {}, signal } = {}) {
  const asked = { method, headers: { accept: "application/json", ...headers }, signal, credentials: "same-origin" };
  if (body !== undefined) {
    asked.body = JSON.stringify(body);
    asked.headers["content-type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(path, asked);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Offline("连不上服务器");
  }
  const text = await response.text();
  let told = null;
  try {
    told = text ? JSON.parse(text) : null;
  } catch {
    // Somebody between us and the server answers in another form.
    throw new Trouble(response.status, null);
  }
  if (!response.ok) throw new Trouble(response.status, told);
  return { body: told, etag: response.headers.get("etag"), status: response.status };
}
