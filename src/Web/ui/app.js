// The shell: finds the view for the address, runs it, and shows what it yields until the address changes.

import { key, Problem } from "./api.js";
import { h, patch } from "./dom.js";
import { pause } from "./time.js";
import * as agent from "./agent.js";
import * as agents from "./agents.js";
import * as health from "./health.js";
import * as job from "./job.js";
import * as jobHistory from "./job-history.js";
import * as jobs from "./jobs.js";
import * as queues from "./queues.js";
import * as task from "./task.js";

// A view gives a title, and `show`: an async generator of element trees that ends by the signal.
const views = [
  [/^\/jobs$/, jobs],
  [/^\/jobs\/(?<id>[^/]+)$/, job],
  [/^\/jobs\/(?<id>[^/]+)\/history$/, jobHistory],
  [/^\/jobs\/(?<id>[^/]+)\/tasks\/(?<index>\d+)$/, task],
  [/^\/queues$/, queues],
  [/^\/agents$/, agents],
  [/^\/agents\/(?<id>[^/]+)$/, agent],
  [/^\/health$/, health],
];
const retryMs = 3000;

const main = document.getElementById("main");
const notice = document.getElementById("notice");
const forget = document.getElementById("forget");
let current = new AbortController();
let shown = null;

function routeOf(hash) {
  const [path, query] = hash.slice(1).split("?");
  for (const [pattern, view] of views) {
    const match = pattern.exec(path);
    if (match) {
      const names = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
      return { view, path, query: new URLSearchParams(query), ...Object.fromEntries(names) };
    }
  }

  return null;
}

async function open() {
  const route = routeOf(location.hash);
  if (!route) {
    location.replace("#/jobs");
    return;
  }

  current.abort();
  current = new AbortController();
  const { signal } = current;
  if (shown !== route.path) {
    main.replaceChildren(h("p", { class: "quiet" }, "Loading…"));
    window.scrollTo(0, 0);
    if (shown !== null) {
      main.focus({ preventScroll: true }); // Whoever cannot see it hears that the page is another one.
    }
  }

  document.title = `${route.view.title(route)} · Elasticity`;
  for (const link of document.querySelectorAll("nav a")) {
    const isHere = `#${route.path}/`.startsWith(`${link.getAttribute("href")}/`);
    link.setAttribute("aria-current", isHere ? "page" : "false");
  }

  await run(route, signal);
}

async function run(route, signal) {
  while (!signal.aborted) {
    try {
      for await (const tree of route.view.show(route, signal)) {
        signal.throwIfAborted();
        say(null);
        patch(main, [tree].flat(Infinity).filter(Boolean));
        shown = route.path;
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }

      if (!(error instanceof Problem)) {
        say(`This page has a defect: ${error.message}`);
        throw error;
      }

      if (refuse(error, route)) {
        return;
      }
    }

    await pause(retryMs, signal).catch(() => {});
  }
}

/** Says what went wrong. True when asking again would not help before the reader has done something. */
function refuse(problem, route) {
  if (problem.status === 401 || problem.status === 403) {
    shown = null;
    say(null);
    patch(main, [keyForm(problem)]);
    main.querySelector("input").focus();
    return true;
  }

  say(`${problem.message} (${problem.code})`);
  if (shown !== route.path || problem.status === 404) {
    patch(main, [h("p", { class: "quiet" }, problem.status === 404 ? "There is nothing to show." : "Trying again…")]);
  }

  return problem.status >= 400 && problem.status < 500;
}

function keyForm(problem) {
  const input = h("input", {
    id: "key", type: "password", autocomplete: "off", spellcheck: "false", required: true, placeholder: "elk_…",
  });
  const submit = event => {
    event.preventDefault();
    key.set(input.value.trim());
    update();
  };
  return h("form", { class: "card key", "data-key": "key", onsubmit: submit },
    h("h1", null, problem.status === 403 ? "This key may not look" : "An API key, please"),
    h("p", null, problem.message),
    h("label", { for: "key" }, "API key"),
    input,
    h("p", { class: "quiet" },
      "It needs the role read to look, and submit to cancel, pause, resume and redrive. It is kept until this tab is ",
      "closed, and sent to this server only."),
    h("button", { type: "submit", class: "main" }, "Use this key"));
}

function say(text) {
  notice.hidden = text === null;
  if (notice.textContent !== (text ?? "")) {
    notice.textContent = text ?? "";
  }
}

function update() {
  forget.hidden = key.get() === null;
  open();
}

forget.onclick = () => {
  key.forget();
  update();
};
document.querySelector(".skip").onclick = event => {
  event.preventDefault(); // The fragment is the address of the view.
  main.focus();
};
window.addEventListener("hashchange", open);
update();
