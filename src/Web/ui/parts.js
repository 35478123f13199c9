// What the views are made of.

import { Problem } from "./api.js";
import { h } from "./dom.js";
import { ago, moment, pause } from "./time.js";

/** How many rows a page has: what a browser shows at once, and all that it holds. */
export const pageSize = 100;

/** A view that is loaded again and again. */
export const polled = (ms, load) => async function* (route, signal) {
  for (;;) {
    yield await load(route, signal);
    await pause(ms, signal);
  }
};

/** An address inside these pages. */
export function address(path, query = {}) {
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return `#${path}${parameters.size > 0 ? `?${parameters}` : ""}`;
}

export const jobPath = id => `/jobs/${encodeURIComponent(id)}`;
export const taskPath = (job, index) => `${jobPath(job)}/tasks/${index}`;
export const link = (path, ...children) => h("a", { href: address(path) }, ...children);
export const agentLink = id => link(`/agents/${encodeURIComponent(id)}`, id);

export const badge = state => h("span", { class: `badge ${state}` }, state);

/** An instant, as how long ago it was; the exact time is the tooltip. */
export const time = instant =>
  instant ? h("time", { datetime: instant, title: moment(instant) }, ago(instant)) : null;

/** Names and values; what there is none of is left out. */
export const facts = entries => h("dl", { class: "facts" },
  Object.entries(entries)
    .filter(([, value]) => value && value.length !== 0)
    .map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));

/** A table; on a narrow screen each row becomes a card, for which the cells know their heading. */
export function table(headings, rows, empty) {
  if (rows.length === 0) {
    return h("p", { class: "quiet empty" }, empty);
  }

  const head = h("tr", null, headings.map(heading => h("th", { scope: "col" }, heading)));
  const body = rows.map(cells => h("tr", null,
    cells.map((cell, i) => h("td", { "data-label": headings[i] }, h("div", null, cell)))));
  return h("table", null, h("thead", null, head), h("tbody", null, body));
}

/** Leads to the first page and to the next. Back is the browser's. */
export function pager(route, next) {
  const query = Object.fromEntries(route.query);
  const first = query.cursor && h("a", { href: address(route.path, { ...query, cursor: "" }) }, "First page");
  const more = next && h("a", { href: address(route.path, { ...query, cursor: next }) }, "Next page");
  return (first || more) && h("nav", { class: "pager", "aria-label": "More" }, first, more);
}

/** A choice that becomes part of the address. */
export function choice(route, name, label, values) {
  const set = event => {
    const query = { ...Object.fromEntries(route.query), [name]: event.target.value, cursor: "" };
    location.hash = address(route.path, query);
  };
  const now = route.query.get(name) ?? "";
  const options = ["", ...values].map(value =>
    h("option", { value, selected: value === now }, value || "all"));
  return h("label", null, label, " ", h("select", { onchange: set }, options));
}

// The counts of a job in the order of the bar, with the words that people read.
const statuses = [
  ["succeeded", "succeeded"],
  ["deadLettered", "dead-lettered"],
  ["skipped", "skipped"],
  ["skipAsked", "to be skipped"],
  ["cancelled", "cancelled"],
  ["released", "released"],
  ["blocked", "blocked"],
];

const present = counts => statuses.filter(([status]) => counts[status] > 0);

/** The counts of a job as a bar. */
export function bar(counts) {
  const text = present(counts).map(([status, word]) => `${counts[status]} ${word}`).join(", ") || "no tasks";
  return h("div", { class: "bar", role: "img", "aria-label": text, title: text },
    present(counts).map(([status]) => h("span", { class: status, grow: counts[status] })));
}

/** What the colours of the bar mean, with the numbers. */
export const legend = counts => h("ul", { class: "legend" },
  present(counts).map(([status, word]) =>
    h("li", null, h("span", { class: `dot ${status}` }), `${counts[status].toLocaleString("en")} ${word}`)));

/** A button that does something to a job or a task, after it has asked. It may be done again when it failed. */
export function action(label, question, act, kind = "") {
  const onclick = () => confirm(label, question, act, kind);
  return h("button", { type: "button", class: kind, "data-key": label, onclick }, label);
}

function confirm(label, question, act, kind) {
  const outcome = h("p", { role: "alert" });
  const yes = h("button", { type: "button", class: kind || "main" }, label);
  const no = h("button", { type: "button", autofocus: true }, "Leave it");
  const dialog = h("dialog", { "aria-labelledby": "question" },
    h("h2", { id: "question" }, `${label}?`), h("p", null, question), outcome, h("p", { class: "buttons" }, no, yes));
  no.onclick = () => dialog.close();
  yes.onclick = async () => {
    yes.disabled = true;
    try {
      await act();
      dialog.close();
      window.dispatchEvent(new HashChangeEvent("hashchange")); // Shows what became of it at once.
    } catch (error) {
      if (!(error instanceof Problem)) {
        throw error;
      }

      outcome.textContent = error.status === 403 ? `${error.message} Use another key.` : error.message;
      yes.textContent = "Try again";
      yes.disabled = false;
    }
  };
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}

/** An id for a request, so that it can be repeated. (randomUUID exists over https only.) */
export function requestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `ui-${[...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("")}`;
}
