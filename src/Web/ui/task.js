// One task: how it is, who tried it, what it was given, what it gave, and everything that happened to it.

import { ask, askText } from "./api.js";
import { h } from "./dom.js";
import { historyOf, timeline } from "./events.js";
import { action, agentLink, badge, facts, jobPath, link, polled, requestId, table, taskPath, time } from "./parts.js";
import { between } from "./time.js";

const refreshMs = 3000;
const refused = "task-result-refused-1";

export const title = route => `${route.id} / ${route.index}`;

export const show = polled(refreshMs, async (route, signal) => {
  const path = { id: route.id, index: route.index };
  const [task, history] = await Promise.all([
    ask("GET /v1/jobs/{id}/tasks/{index}", { path, query: { payloads: "true" }, signal }),
    historyOf("GET /v1/jobs/{id}/tasks/{index}/history", path, route, signal),
  ]);
  const [payload, result] = await Promise.all([
    "payload" in task ? askText("GET /v1/jobs/{id}/tasks/{index}/payload", { path, signal }) : null,
    "result" in task ? askText("GET /v1/jobs/{id}/tasks/{index}/result", { path, signal }) : null,
  ]);
  return [
    h("h1", null, link(jobPath(task.job), task.job), ` / ${task.index} `, badge(task.state)),
    task.name && h("p", { class: "name" }, task.name),
    h("p", { class: "buttons" }, redrive(task)),
    late(history.items),
    task.failure && h("section", { class: "card bad" },
      h("h2", null, "Failure"), h("p", null, h("code", null, task.failure.code)), h("pre", null, task.failure.message)),
    summary(task),
    h("h2", null, "Attempts"),
    table(["Token", "Run", "Attempt", "Agent", "Began", "Took", "Ended"], attemptsOf(history.items).map(row),
      "Nobody has leased it yet."),
    text("Payload", payload, "None, or it was erased."),
    text("Result", result, "None so far, or it was erased."),
    h("h2", null, "History"),
    timeline(history, route),
  ];
});

const summary = task => facts({
  Kind: h("code", null, task.kind),
  Run: String(task.run),
  "Failed attempts": String(task.attempts),
  "Leases lost": task.leasesLost && String(task.leasesLost),
  "Leases expired": task.leasesExpired && String(task.leasesExpired),
  "With": task.lease && agentLink(task.lease.agent),
  Progress: task.progress,
  "Given up": task.reason,
  "Depends on": task.dependsOn.length > 0
    && task.dependsOn.map(index => [link(taskPath(task.job, index), String(index)), " "]),
  "Skipped because of": "skipCause" in task && link(taskPath(task.job, task.skipCause), String(task.skipCause)),
  "Not before": time(task.notBefore),
  Priority: task.priority && String(task.priority),
  Started: time(task.startedAt),
  Ended: time(task.endedAt),
  Took: between(task.startedAt, task.endedAt),
});

/** What two agents on one task look like. */
function late(events) {
  const found = events.filter(event => event.type === refused);
  return found.length > 0 && h("section", { class: "card warn" },
    h("h2", null, "A result came too late and was refused"),
    h("p", null,
      "Its agent had lost the lease when it reported, so two agents worked on this task. The token told them apart; ",
      "what counts is recorded once."),
    h("ul", null, found.map(({ content: { agent, settlement, token, at } }) =>
      h("li", null, agentLink(agent), ` reported "${settlement}" under token ${token}, `, time(at)))));
}

const endings = {
  "task-succeeded-1": () => "succeeded",
  "task-failed-1": content => `failed: ${content.failure.code}`,
  "task-given-back-1": () => "given back",
  "task-lost-1": content => `lost: ${content.reason}`,
  "task-expired-1": () => "expired",
};

/** The leases among the events, by token. One that began on an earlier page shows its end only. */
function attemptsOf(events) {
  const attempts = new Map();
  for (const { type, content } of events) {
    if (type === "task-leased-1") {
      attempts.set(content.lease.token, { ...content.lease, run: content.run, from: content.at });
    } else if (endings[type]) {
      const attempt = attempts.get(content.token) ?? { token: content.token };
      attempts.set(content.token, { ...attempt, to: content.at, end: endings[type](content) });
    } else if (type === "task-cancelled-1" || type === "task-dead-lettered-1") {
      const last = [...attempts.values()].at(-1);
      if (last && !last.end) {
        Object.assign(last, { to: content.at, end: "cancelled" });
      }
    }
  }

  return [...attempts.values()];
}

const row = ({ token, run, attempt, agent, from, to, end }) => [
  String(token), run ?? "–", attempt ?? "–", agent ? agentLink(agent) : "–", time(from) ?? "–",
  between(from, to) ?? "–", end ?? "under way",
].map(cell => (typeof cell === "number" ? String(cell) : cell));

const text = (heading, content, nothing) => [
  h("h2", null, heading),
  content === null
    ? h("p", { class: "quiet empty" }, nothing)
    : h("pre", { tabindex: "0", "aria-label": heading }, content),
];

function redrive(task) {
  const again = requestId();
  const act = () => ask("POST /v1/jobs/{id}/tasks/{index}/redrive", {
    path: { id: task.job, index: task.index },
    headers: { "Idempotency-Key": again },
  });
  return ["dead-lettered", "cancelled"].includes(task.state)
    && action("Redrive", "The task is done again, as a new run.", act);
}
