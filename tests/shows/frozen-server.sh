#!/usr/bin/env bash
# The server alone is frozen for longer than a lease, again and again, while living agents work: no lease of theirs may
# be taken away, so every task is leased exactly once.
#
#   dotnet build src/Cli -c Release && tests/shows/frozen-server.sh [FREEZES]
#
# Needs curl. Everything stays on this machine, in a directory that is removed at the end.
set -u
FREEZES=${1:-3}
LEASE_SECONDS=5
FROZEN_SECONDS=8
TASKS=20
TASK_SECONDS=$((FREEZES * (FROZEN_SECONDS + LEASE_SECONDS + 2)))
PORT=${PORT:-18087}
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
ELASTICITY="$ROOT/artifacts/bin/Elasticity.Cli/release/elasticity"
URL="http://127.0.0.1:$PORT"
WORK=$(mktemp -d)
PIDS=()

end() {
    for pid in "${PIDS[@]}"; do kill -CONT "$pid" 2>/dev/null && kill -9 "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
    rm -rf "$WORK"
}
trap end EXIT
fail() { echo "FAILED: $*"; exit 1; }

"$ELASTICITY" server --listen "$URL" --data "$WORK/data" >"$WORK/server.log" 2>&1 &
SERVER=$!
PIDS+=("$SERVER")
for _ in $(seq 100); do curl -fs "$URL/readyz" >/dev/null && break; sleep 0.2; done
{
    printf '{"id":"long","policy":{"leaseSeconds":%s},"tasks":[' "$LEASE_SECONDS"
    for ((i = 0; i < TASKS; i++)); do
        ((i > 0)) && printf ','
        printf '{"kind":"exec","payload":{"command":"sleep %s"}}' "$TASK_SECONDS"
    done
    printf ']}'
} | curl -fs -X POST "$URL/v1/jobs" -H 'content-type: application/json' --data-binary @- >/dev/null || fail "submit"
for n in 0 1; do
    "$ELASTICITY" agent --server "$URL" --id "agent-$n" --slots $((TASKS / 2)) >"$WORK/agent-$n.log" 2>&1 &
    PIDS+=("$!")
done

count() { "$ELASTICITY" events --json --data "$WORK/data" 2>/dev/null | grep -c "\"type\":\"$1\""; }
for _ in $(seq 100); do [ "$(count task-leased-1)" = "$TASKS" ] && break; sleep 0.2; done
for ((i = 0; i < FREEZES; i++)); do
    kill -STOP "$SERVER"
    sleep "$FROZEN_SECONDS"
    kill -CONT "$SERVER"
    sleep $((LEASE_SECONDS + 2)) # Longer than a lease: what would be taken back is taken back now.
done
"$ELASTICITY" watch long --server "$URL" >/dev/null || fail "the job did not succeed"
echo "$FREEZES times frozen for $FROZEN_SECONDS s, leases of $LEASE_SECONDS s: $(count task-leased-1) leases," \
    "$(count task-lost-1) lost, $(count task-expired-1) expired, $(count task-succeeded-1) successes"
[ "$(count task-leased-1)" = "$TASKS" ] || fail "not one lease for each task"
[ "$(count task-lost-1)$(count task-expired-1)" = 00 ] || fail "a lease was taken from a living agent"
[ "$(count task-succeeded-1)" = "$TASKS" ] || fail "not one success for each task"
echo OK
