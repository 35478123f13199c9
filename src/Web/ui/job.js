// One job, live: itself by server-sent events, its tasks by asking again.

import { ask, watch } from "./api.js";
import { h } from "./dom.js";
import {
  action, address, agentLink, badge, bar, choice, facts, jobPath, legend, link, pager, pageSize, requestId, table,
  taskPath, time,
} from "./parts.js";
import { between, duration, pause } from "./time.js";

const states = ["blocked", "pending", "ready", "leased", "succeeded", "dead-lettered", "cancelled", "skipped"];
const refreshMs = 2000;

export const title = route => route.id;

export async function* show(route, signal) {
  const leaving = new AbortController();
  try {
    yield* follow(route, AbortSignal.any([signal, leaving.signal]));
  } finally {
    leaving.abort(); // Also when it failed: nobody would hear what is watched on.
  }
}

async function* follow(route, signal) {
  const changes = watch(route.id, signal);
  let { value: job } = await changes.next();
  let change = changes.next();
  change.catch(() => {}); // It is awaited below, perhaps later than it fails.
  for (let tasks, due = 0; ;) {
    if (performance.now() >= due) { // Leases and progress change without a change of the job.
      tasks = await tasksOf(route, signal);
      due = performance.now() + refreshMs;
    }

    yield page(job, tasks, route);
    const next = await Promise.race([change, pause(due - performance.now(), signal)]);
    if (next) {
      job = next.value;
      change = changes.next();
      change.catch(() => {});
    }
  }
}

const tasksOf = (route, signal) => ask("GET /v1/jobs/{id}/tasks", {
  path: { id: route.id },
  query: { state: route.query.get("state"), cursor: route.query.get("cursor"), limit: pageSize },
  signal,
});

const page = (job, tasks, route) => [
  h("h1", null, job.id, " ", badge(job.state), job.isPaused && badge("paused")),
  job.name && h("p", { class: "name" }, job.name),
  h("p", { class: "buttons" },
    actions(job), h("a", { class: "button", href: address(`${jobPath(job.id)}/history`) }, "History")),
  h("section", { class: "card", "aria-label": "Progress" }, bar(job.counts), legend(job.counts)),
  facts({
    Tasks: job.taskCount.toLocaleString("en"),
    Submitted: time(job.createdAt),
    Accepted: job.sealedAt ? time(job.sealedAt) : "not yet",
    Ended: time(job.endedAt),
    Trimmed: time(job.trimmedAt),
    Took: between(job.createdAt, job.endedAt),
    ...policyFacts(job.policy),
    Labels: Object.entries(job.labels).map(([name, value]) => h("span", { class: "label" }, `${name}: ${value}`)),
  }),
  h("h2", null, "Tasks"),
  h("form", { class: "filters" }, choice(route, "state", "State", states)),
  table(["Task", "State", "Kind", "Failed", "Who and what"], tasks.items.map(row), "No task is like that."),
  pager(route, tasks.next),
];

const policyFacts = ({ onDeadLetter, retry, leaseSeconds, priority }) => ({
  "On a dead letter": onDeadLetter ?? "fail-at-end",
  Retry: retry && Object.entries(retry).map(([name, value]) => `${name} ${value}`).join(", "),
  Lease: leaseSeconds && duration(leaseSeconds),
  Priority: priority && String(priority),
});

const row = task => [
  [link(taskPath(task.job, task.index), String(task.index)), task.name && h("span", { class: "name" }, task.name)],
  badge(task.state),
  h("code", null, task.kind),
  String(task.attempts),
  [
    task.lease && [agentLink(task.lease.agent), " "],
    task.progress && h("span", { class: "name" }, task.progress),
    task.failure && h("span", { class: "failure" }, `${task.failure.code}: ${task.failure.message}`),
    task.state === "pending" && task.notBefore && ["again ", time(task.notBefore)],
  ],
];

const routes = {
  cancel: "POST /v1/jobs/{id}/cancel",
  pause: "POST /v1/jobs/{id}/pause",
  redrive: "POST /v1/jobs/{id}/redrive",
  resume: "POST /v1/jobs/{id}/resume",
};

function actions(job) {
  const will = (verb, options) => () => ask(routes[verb], { path: { id: job.id }, ...options });
  const isOpen = job.state === "open";
  const isLeaving = job.state === "failing" || job.state === "cancelling";
  const again = requestId();
  return [
    isOpen && !job.isPaused && action("Pause", "No task is leased any more; running ones go on.", will("pause")),
    isOpen && job.isPaused && action("Resume", "Tasks are leased again.", will("resume")),
    !job.endedAt && job.state !== "cancelling" && action(
      "Cancel job", "Tasks that are not leased are cancelled, running ones are asked to stop.", will("cancel"),
      "danger"),
    job.counts.deadLettered > 0 && !isLeaving && action(
      "Redrive", `${job.counts.deadLettered} dead-lettered tasks are done again, as a new run.`,
      will("redrive", { headers: { "Idempotency-Key": again } })),
  ];
}
