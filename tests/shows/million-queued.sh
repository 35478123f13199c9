#!/usr/bin/env bash
# A million queued tasks in jobs of 100,000, each job submitted in one call, on SQLite: what the server's memory is, how
# fast it lists, shows and cancels, how long it takes to serve again after kill -9, and that it still works then.
# Fails when it takes more than 512 MiB, more than 10 s to serve again, or loses a task.
#
#   dotnet build src/Cli -c Release && tests/shows/million-queued.sh [JOBS]
#
# Needs curl. Everything stays on this machine, in a directory that is removed at the end.
set -u
JOBS=${1:-10}
TASKS=100000
MEMORY_MAX_MIB=512
RESTART_MAX_MS=10000
PORT=${PORT:-18086}
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
ELASTICITY="$ROOT/artifacts/bin/Elasticity.Cli/release/elasticity"
URL="http://127.0.0.1:$PORT"
WORK=$(mktemp -d)
SERVER=
FAILED=0

end() { [ -n "$SERVER" ] && kill -9 "$SERVER" 2>/dev/null; rm -rf "$WORK"; }
trap end EXIT

now() { echo $(($(date +%s%N) / 1000000)); }
fail() { echo "FAILED: $*"; FAILED=1; }
serve() {
    "$ELASTICITY" server --listen "$URL" --data "$WORK/data" >>"$WORK/server.log" 2>&1 &
    SERVER=$!
    until curl -fs "$URL/readyz" >/dev/null; do
        kill -0 "$SERVER" 2>/dev/null || { cat "$WORK/server.log"; exit 1; }
        sleep 0.05
    done
}
memory() { # the largest resident set so far, MiB
    local peak
    peak=$(awk '/^VmHWM/ {print int($2 / 1024)}' "/proc/$SERVER/status")
    echo "memory at most, $1: $peak MiB"
    [ "$peak" -le "$MEMORY_MAX_MIB" ] || fail "more than $MEMORY_MAX_MIB MiB"
}
timed() { # timed WHAT COMMAND...: how long it takes, the slowest of five
    local what=$1 slowest=0 began took
    shift
    for _ in 1 2 3 4 5; do
        began=$(now)
        "$@" >"$WORK/answer" || fail "$what: $(cat "$WORK/answer")"
        took=$(($(now) - began))
        [ "$took" -gt "$slowest" ] && slowest=$took
    done
    echo "$what: $slowest ms, the slowest of five"
}
get() { curl -fsS "$URL$1"; }
field() { get "/v1/jobs/$1" | sed -n "s/.*\"$2\":\"\{0,1\}\([a-z0-9]*\).*/\1/p"; }

serve
memory "empty"
began=$(now)
for ((j = 0; j < JOBS; j++)); do
    awk -v id="big-$j" -v n=$TASKS 'BEGIN {
        printf "{\"id\":\"%s\",\"tasks\":[", id
        for (i = 0; i < n; i++) printf "%s{\"kind\":\"nobody\",\"payload\":{\"file\":\"/data/in/%d.png\"}}", i ? "," : "", i
        printf "]}" }' >"$WORK/job"
    curl -fsS -X POST "$URL/v1/jobs" -H 'content-type: application/json' --data-binary "@$WORK/job" >/dev/null \
        || fail "submit of job $j"
done
took=$(($(now) - began))
echo "submitted $JOBS jobs of $TASKS tasks, one call each: $took ms, $((JOBS * TASKS * 1000 / took)) tasks/s"
memory "with $((JOBS * TASKS)) queued tasks"
du -sm "$WORK/data" | awk '{print "on disk: " $1 " MiB"}'

timed "list jobs" get "/v1/jobs"
timed "show a job" get "/v1/jobs/big-0"
timed "list tasks, first page" get "/v1/jobs/big-0/tasks"
timed "list tasks that are dead-lettered (none)" get "/v1/jobs/big-0/tasks?state=dead-lettered"
timed "show the last task" get "/v1/jobs/big-0/tasks/$((TASKS - 1))"
timed "queues" get "/v1/queues"
timed "elasticity jobs" "$ELASTICITY" jobs --server "$URL"

began=$(now)
curl -fsS -X POST "$URL/v1/jobs/big-0/cancel" >/dev/null || fail "cancel"
answered=$(($(now) - began))
until [ "$(field big-0 state)" = cancelled ]; do sleep 0.02; done
echo "cancel $TASKS tasks: answered after $answered ms, over after $(($(now) - began)) ms"

kill -9 "$SERVER"
wait "$SERVER" 2>/dev/null
began=$(now)
serve
took=$(($(now) - began))
echo "serving again after kill -9: $took ms"
[ "$took" -le "$RESTART_MAX_MS" ] || fail "more than $RESTART_MAX_MS ms"
timed "list jobs, after the restart" get "/v1/jobs"

printf '{"id":"small","tasks":[{"kind":"exec","payload":{"command":"echo still here"}}]}' >"$WORK/small.json"
"$ELASTICITY" agent --server "$URL" >"$WORK/agent.log" 2>&1 &
AGENT=$!
"$ELASTICITY" submit "$WORK/small.json" --server "$URL" --wait >/dev/null || fail "a new job"
kill "$AGENT"
queued=$(get "/v1/queues" | grep -o '"kind":"nobody"[^}]*' | sed -n 's/.*"ready":\([0-9]*\).*/\1/p')
[ "$queued" = $(((JOBS - 1) * TASKS)) ] || fail "$queued tasks are queued"
memory "after the restart"
for ((j = 1; j < JOBS; j++)); do curl -fsS -X POST "$URL/v1/jobs/big-$j/cancel" >/dev/null || fail "cancel $j"; done
for ((j = 1; j < JOBS; j++)); do until [ "$(field big-$j state)" = cancelled ]; do sleep 0.02; done; done
memory "after all were cancelled"
[ "$FAILED" = 0 ] && echo OK
exit "$FAILED"
