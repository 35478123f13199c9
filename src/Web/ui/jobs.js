// All jobs, newest first.

import { ask } from "./api.js";
import { h } from "./dom.js";
import { address, badge, bar, choice, jobPath, link, pager, pageSize, polled, table, time } from "./parts.js";
import { between } from "./time.js";

const states = ["opening", "open", "failing", "cancelling", "succeeded", "failed", "cancelled"];
const refreshMs = 5000;

export const title = () => "Jobs";

export const show = polled(refreshMs, async (route, signal) => {
  const [state, search, cursor] = ["state", "search", "cursor"].map(name => route.query.get(name));
  const page = await ask("GET /v1/jobs", { query: { state, search, cursor, limit: pageSize }, signal });
  return [
    h("h1", null, "Jobs"),
    filters(route),
    table(["Job", "State", "Tasks", "Submitted", "Took"], page.items.map(row),
      state || search ? "No job is like that." : "No job yet."),
    pager(route, page.next),
  ];
});

function filters(route) {
  const search = event => {
    event.preventDefault();
    const query = { ...Object.fromEntries(route.query), search: event.target.elements.search.value, cursor: "" };
    location.hash = address(route.path, query);
  };
  return h("form", { class: "filters", role: "search", onsubmit: search },
    choice(route, "state", "State", states),
    h("label", null, "Name or id ",
      h("input", { name: "search", type: "search", maxlength: 256, value: route.query.get("search") ?? "" })),
    h("button", { type: "submit" }, "Search"));
}

const row = job => [
  [link(jobPath(job.id), job.id), job.name && h("span", { class: "name" }, job.name)],
  [badge(job.state), job.isPaused && badge("paused")],
  [bar(job.counts), h("span", { class: "quiet" }, done(job))],
  time(job.createdAt),
  between(job.createdAt, job.endedAt) ?? "–",
];

function done({ counts, taskCount }) {
  const ended = counts.succeeded + counts.deadLettered + counts.cancelled + counts.skipped;
  return `${ended.toLocaleString("en")} of ${taskCount.toLocaleString("en")}`;
}
