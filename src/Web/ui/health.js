// How the engine is, and what is overdue, stuck or wanting.

import { ask } from "./api.js";
import { h } from "./dom.js";
import { badge, facts, jobPath, link, polled } from "./parts.js";
import { duration } from "./time.js";

const refreshMs = 3000;

export const title = () => "Health";

export const show = polled(refreshMs, async (route, signal) => {
  const status = await ask("GET /v1/status", { signal });
  const findings = status.state === "serving" ? (await ask("GET /v1/doctor", { signal })).items : [];
  return [
    h("h1", null, "Health ", badge(status.isReady ? "ready" : "not-ready")),
    status.reason && h("section", { class: "card bad" }, h("p", null, `${status.reason} (${status.code})`)),
    h("h2", null, "Findings"),
    findings.length > 0
      ? h("ul", { class: "findings" }, findings.map(finding))
      : h("p", { class: "quiet empty" }, "Nothing is overdue, stuck or wanting."),
    h("h2", null, "The engine"),
    facts(factsOf(status)),
  ];
});

const aboutJobs = ["dead-letters", "job-paused", "submit-unfinished"];

const finding = ({ code, subject, detail }) => h("li", { class: "card warn", "data-key": `${code} ${subject}` },
  h("p", null, h("code", null, code), " ", aboutJobs.includes(code) ? link(jobPath(subject), subject) : subject),
  h("p", null, detail));

const factsOf = status => ({
  State: status.state,
  "Oldest command waits": duration(status.lagSeconds),
  "Open jobs": number(status.openJobs),
  "Tasks queued": number(status.queuedTasks),
  "Tasks leased": number(status.leasedTasks),
  Agents: number(status.agents),
  "Events stored since the start": number(status.events),
  "Leases given": number(status.granted),
  "Results recorded": number(status.settled),
  "Results refused": number(status.refused),
  "Leases taken back": number(status.takenBack),
});

const number = count => count.toLocaleString("en");
