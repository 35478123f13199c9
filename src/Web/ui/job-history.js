// Everything that happened to a job.

import { h } from "./dom.js";
import { historyOf, timeline } from "./events.js";
import { jobPath, link, polled } from "./parts.js";

const refreshMs = 5000;

export const title = route => `History of ${route.id}`;

export const show = polled(refreshMs, async (route, signal) => [
  h("h1", null, "History of ", link(jobPath(route.id), route.id)),
  timeline(await historyOf("GET /v1/jobs/{id}/history", { id: route.id }, route, signal), route),
]);
