// The sessions of an agent.

import { h } from "./dom.js";
import { historyOf, timeline } from "./events.js";
import { link, polled } from "./parts.js";

const refreshMs = 5000;

export const title = route => `Agent ${route.id}`;

export const show = polled(refreshMs, async (route, signal) => [
  h("h1", null, link("/agents", "Agents"), ` / ${route.id}`),
  timeline(await historyOf("GET /v1/agents/{id}/history", { id: route.id }, route, signal), route),
]);
