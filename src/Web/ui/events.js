// Events of a job, a task or an agent, oldest first: when, what, and the content as it is stored.

import { ask } from "./api.js";
import { h } from "./dom.js";
import { pager, pageSize } from "./parts.js";
import { between, moment } from "./time.js";

const contentMax = 20_000; // Characters. An event may hold a thousand tasks.
const outcomes = ["", "succeeded", "dead-lettered", "cancelled", "skipped"]; // As stored, by number.
const endings = ["", "succeeded", "failed", "cancelled"];

/** What an event means, in a few words; types that are not here speak for themselves. */
const meanings = {
  "job-opened-1": c => `Submit of ${c.taskCount} tasks began`,
  "job-tasks-added-1": c => `${c.tasks.length} tasks arrived, the first is ${c.first}`,
  "job-sealed-1": () => "Accepted",
  "job-outcomes-recorded-1": c => `Recorded: ${countOutcomes(c.outcomes)}`,
  "job-failing-1": () => "A dead-lettered task fails the job at once",
  "job-cancel-requested-1": () => "Somebody asked to cancel",
  "job-paused-1": () => "Paused: no new leases",
  "job-resumed-1": () => "Resumed",
  "job-redriven-1": c => `Redriven: ${ranges(c.tasks)}${c.restored.length ? `; restored: ${ranges(c.restored)}` : ""}`,
  "job-checkpointed-1": () => "Where all tasks stand, written down; nothing changed",
  "job-payloads-erased-1": c => `Inputs and results erased: ${c.index === undefined ? "all" : `task ${c.index}`}`,
  "job-ended-1": c => `Ended: ${endings[c.outcome] ?? c.outcome}`,
  "job-trimmed-1": () => "Its events were removed; this stands for them",
  "task-leased-1": c => `Leased by ${c.lease.agent}: run ${c.run}, attempt ${c.lease.attempt}, token ${c.lease.token}`,
  "task-succeeded-1": c => `Succeeded under token ${c.token}`,
  "task-failed-1": c => `Failed under token ${c.token}: ${c.failure.message} (${c.failure.code})`,
  "task-given-back-1": c => `Given back under token ${c.token}, free of charge`,
  "task-lost-1": c => `Lease ${c.token} lost: ${c.reason}`,
  "task-expired-1": c => `Lease ${c.token} expired: its agent fell silent`,
  "task-dead-lettered-1": c => `Given up: ${c.reason}`,
  "task-cancel-requested-1": () => "The job asks to stop",
  "task-cancelled-1": () => "Cancelled",
  "task-skipped-1": c => `Skipped: task ${c.cause} did not succeed`,
  "task-result-refused-1": c =>
    `Refused: ${c.agent} reported "${c.settlement}" under token ${c.token}, which no longer counted`,
  "agent-registered-1": c => `Session ${c.session} registered, offers ${c.offer.kinds.join(", ")}`,
  "agent-draining-1": c => `Session ${c.session} drains`,
  "agent-session-ended-1": c => `Session ${c.session} ended: ${c.reason}`,
};

function countOutcomes(records) {
  const counts = Map.groupBy(records, record => outcomes[record.outcome] ?? record.outcome);
  return [...counts].map(([word, { length }]) => `${length} ${word}`).join(", ");
}

const ranges = list => list
  .map(({ first, count }) => (count === 1 ? `task ${first}` : `tasks ${first} to ${first + count - 1}`))
  .join(", ");

/** One page of a history. */
export const historyOf = (what, path, route, signal) =>
  ask(what, { path, query: { cursor: route.query.get("cursor"), limit: pageSize }, signal });

/** A page of events as a timeline. */
export function timeline(page, route) {
  if (page.items.length === 0) {
    return h("p", { class: "quiet empty" }, "No event yet: what was never leased is an entry in its job.");
  }

  let before = null;
  const items = page.items.map(event => {
    const { at } = event.content;
    const since = between(before, at);
    before = at;
    return h("li", { class: event.type, "data-key": `${event.stream} ${event.version}` },
      h("p", { class: "what" }, meanings[event.type]?.(event.content) ?? event.type),
      h("p", { class: "quiet" },
        h("time", { datetime: at, title: at }, moment(at)), since && ` · ${since} later`,
        " · ", h("code", null, event.type), ` · version ${event.version}`),
      content(event));
  });
  return [h("ol", { class: "timeline" }, items), pager(route, page.next)];
}

/** Filled when it is opened, because it may be large. */
function content(event) {
  const fill = ({ target }) => {
    const pre = target.querySelector("pre");
    if (target.open && !pre.hasAttribute("data-kept")) {
      const text = JSON.stringify(event.content, null, 2);
      pre.textContent = text.length > contentMax ? `${text.slice(0, contentMax)}\n… cut; the API has it all` : text;
      pre.setAttribute("data-kept", "");
    }
  };
  return h("details", { ontoggle: fill }, h("summary", null, "Content"), h("pre", { tabindex: "0" }));
}
