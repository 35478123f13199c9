// The queues, one for each kind.

import { ask } from "./api.js";
import { h } from "./dom.js";
import { pager, pageSize, polled, table } from "./parts.js";

const refreshMs = 3000;

export const title = () => "Queues";

export const show = polled(refreshMs, async (route, signal) => {
  const page = await ask("GET /v1/queues", { query: { cursor: route.query.get("cursor"), limit: pageSize }, signal });
  return [
    h("h1", null, "Queues"),
    table(["Kind", "Ready", "Delayed", "Leased", "Agents", "Agents waiting"], page.items.map(row), "No queue yet."),
    pager(route, page.next),
  ];
});

const row = queue => [
  [
    h("code", null, queue.kind),
    queue.agents === 0 && queue.ready > 0 && h("span", { class: "failure" }, `no agent offers ${queue.kind}`),
  ],
  ...[queue.ready, queue.delayed, queue.leased, queue.agents, queue.waiting].map(count => count.toLocaleString("en")),
];
