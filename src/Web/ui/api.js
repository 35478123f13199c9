// The public HTTP API, as docs/reference/openapi.json describes it. Nothing else is asked, nothing kept but the key.

import { pause, visible } from "./time.js";

const keyName = "elasticity-key";
const retryMs = 3000;

/** An answer that is no success; its code is stable. Without an answer it is "unreachable". */
export class Problem extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** The API key of this tab. It is in sessionStorage and in the Authorization header, never in an address. */
export const key = {
  get: () => sessionStorage.getItem(keyName),
  set: value => sessionStorage.setItem(keyName, value),
  forget: () => sessionStorage.removeItem(keyName),
};

/** Asks, and gives the answer as JSON. The route is a method and a path of the OpenAPI document. */
export async function ask(route, options = {}) {
  return (await send(route, options)).json();
}

/** Asks, and gives the answer as it was sent: payloads stay what they are, byte for byte. */
export async function askText(route, options = {}) {
  return (await send(route, options)).text();
}

/**
 * The job, and again after each change, until the signal aborts. Not an EventSource, which cannot send a key. While
 * nobody looks there is no connection: a browser has only a few for each server.
 */
export async function* watch(id, signal) {
  let seen = null;
  for (;;) {
    await visible(signal);
    const hidden = new AbortController();
    const leave = () => document.hidden && hidden.abort();
    document.addEventListener("visibilitychange", leave);
    try {
      const response = await send("GET /v1/jobs/{id}/watch", {
        path: { id },
        headers: { Accept: "text/event-stream", ...(seen && { "Last-Event-ID": seen }) },
        cache: "no-store", // A browser would let one request for an address wait for another.
        signal: AbortSignal.any([signal, hidden.signal]),
      });
      for await (const event of eventsOf(response)) {
        seen = event.id;
        yield JSON.parse(event.data);
      }
    } catch (error) {
      if (signal.aborted || (error instanceof Problem && error.code !== "unreachable")) {
        throw error;
      }
    } finally {
      document.removeEventListener("visibilitychange", leave);
    }

    await pause(retryMs, signal); // It has ended, and may be redriven; or the connection broke.
  }
}

async function send(route, { path = {}, query = {}, headers = {}, cache, signal }) {
  const [method, template] = route.split(" ");
  const filled = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name]));
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  const address = ".." + filled + (parameters.size > 0 ? `?${parameters}` : "");
  const secret = key.get();
  let response;
  try {
    response = await fetch(address, {
      method,
      cache,
      signal,
      headers: { ...headers, ...(secret && { Authorization: `Bearer ${secret}` }) },
      credentials: "omit",
    });
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }

    throw new Problem(0, "unreachable", "The server does not answer.");
  }

  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    const detail = problem.detail ?? `The server answered ${response.status}.`;
    throw new Problem(response.status, problem.code ?? "unknown", detail);
  }

  return response;
}

async function* eventsOf(response) {
  if (!response.body) {
    return; // 204: it has ended, and the end was seen.
  }

  let rest = "";
  for await (const text of textOf(response.body)) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = { id: null, data: "" };
      for (const line of block.split("\n")) {
        const colon = line.indexOf(": ");
        const field = line.slice(0, colon);
        if (field === "data") {
          event.data += line.slice(colon + 2) + "\n";
        } else if (field === "id") {
          event.id = line.slice(colon + 2);
        }
      }

      if (event.data) {
        yield event;
      }
    }
  }
}

async function* textOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }

      yield value;
    }
  } finally {
    reader.cancel().catch(() => {}); // Whoever stops listening ends the connection.
  }
}
