// The agents with a live session.

import { ask } from "./api.js";
import { h } from "./dom.js";
import { agentLink, badge, pager, pageSize, polled, table, time } from "./parts.js";
import { duration } from "./time.js";

const refreshMs = 3000;

export const title = () => "Agents";

export const show = polled(refreshMs, async (route, signal) => {
  const page = await ask("GET /v1/agents", { query: { cursor: route.query.get("cursor"), limit: pageSize }, signal });
  return [
    h("h1", null, "Agents"),
    table(["Agent", "State", "Offers", "Leases", "Last seen", "Session"], page.items.map(row), "No agent is here."),
    pager(route, page.next),
  ];
});

const row = agent => [
  [
    agentLink(agent.id),
    agent.isInProcess && h("span", { class: "name" }, "in the server's process"),
    Object.entries(agent.labels).map(([name, value]) => h("span", { class: "label" }, `${name}: ${value}`)),
  ],
  badge(agent.state),
  agent.kinds.map(kind => [h("code", null, kind), " "]),
  `${agent.leaseCount} of ${agent.slots}`,
  `${duration(agent.seenSecondsAgo)} ago`,
  [h("span", { class: "name" }, agent.session), " since ", time(agent.registeredAt)],
];
