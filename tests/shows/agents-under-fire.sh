#!/usr/bin/env bash
# A server and three agents as separate processes; agents are killed, stopped and frozen in turn, the server is frozen
# for longer than a lease. Every task must succeed, no stop may cost an attempt, late results must be refused and in
# the history, and nothing may be recorded twice.
#
#   dotnet build src/Cli -c Release && tests/shows/agents-under-fire.sh [TASKS]
#
# Needs curl. Everything stays on this machine, in a directory that is removed at the end.
set -u
TASKS=${1:-10000}
LEASE_SECONDS=5
PORT=${PORT:-18085}
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
ELASTICITY="$ROOT/artifacts/bin/Elasticity.Cli/release/elasticity"
URL="http://127.0.0.1:$PORT"
WORK=$(mktemp -d)
declare -a AGENTS
SERVER=

end() {
    for pid in "${AGENTS[@]:-}" "$SERVER"; do
        [ -n "$pid" ] && kill -CONT "$pid" 2>/dev/null && kill -9 "$pid" 2>/dev/null
    done
    rm -rf "$WORK"
}
trap end EXIT

agent() { # agent N: starts agent N, which appends "task token" to a file and sleeps a little
    "$ELASTICITY" agent --server "$URL" --id "agent-$1" --slots 8 --kind touch \
        --exec "echo {} \$ELASTICITY_TOKEN >> $WORK/executed; sleep 0.05" >>"$WORK/agent-$1.log" 2>&1 &
    AGENTS[$1]=$!
}

state() { curl -s "$URL/v1/jobs/fire" | sed -n 's/.*"state":"\([a-z]*\)".*/\1/p'; }

"$ELASTICITY" server --listen "$URL" --data "$WORK/data" >"$WORK/server.log" 2>&1 &
SERVER=$!
for _ in $(seq 100); do curl -fs "$URL/readyz" >/dev/null && break; sleep 0.2; done

{
    printf '{"id":"fire","policy":{"leaseSeconds":%s},"tasks":[' "$LEASE_SECONDS"
    for ((i = 0; i < TASKS; i++)); do
        ((i > 0)) && printf ','
        printf '{"kind":"touch","payload":%s}' "$i"
    done
    printf ']}'
} | curl -fs -X POST "$URL/v1/jobs" -H 'content-type: application/json' --data-binary @- >/dev/null || exit 1

for n in 0 1 2; do agent $n; done
began=$(date +%s)
kills=0 stops=0 freezes=0 server_freezes=0
for ((round = 0; ; round++)); do
    sleep 3
    [ "$(state)" = open ] || break
    n=$((round % 3))
    case $((round % 4)) in
        0) kill -9 "${AGENTS[$n]}"; wait "${AGENTS[$n]}" 2>/dev/null; agent $n; kills=$((kills + 1)) ;;
        1) kill -TERM "${AGENTS[$n]}"; wait "${AGENTS[$n]}"; agent $n; stops=$((stops + 1)) ;;
        2) pid=${AGENTS[$n]}; kill -STOP "$pid"; sleep $((LEASE_SECONDS * 2)); kill -CONT "$pid"; freezes=$((freezes + 1)) ;;
        3) kill -STOP "$SERVER"; sleep $((LEASE_SECONDS + 3)); kill -CONT "$SERVER"
           server_freezes=$((server_freezes + 1)) ;;
    esac
done

events() { # every event of every task, in pages of the log
    local cursor= page
    while :; do
        page=$(curl -s "$URL/v1/log?limit=1000${cursor:+&cursor=$cursor}")
        echo "$page"
        case $page in *'"isEnd":true'*) break ;; esac
        cursor=$(echo "$page" | sed -n 's/.*"next":"\([^"]*\)".*/\1/p')
        [ -n "$cursor" ] || break
    done
}
events | grep -o '"type":"[a-z0-9-]*"' | sort | uniq -c | sort -rn >"$WORK/types"
count() { awk -v t="\"type\":\"$1\"" '$2 == t {print $1; f = 1} END {if (!f) print 0}' "$WORK/types"; }

echo "state $(state) after $(($(date +%s) - began)) s: $kills kills, $stops stops, $freezes frozen agents," \
    "$server_freezes times the server frozen"
cat "$WORK/types"
echo "commands executed: $(wc -l <"$WORK/executed")"
[ "$(state)" = succeeded ] || { echo "FAILED: not all tasks succeeded"; exit 1; }
[ "$(count task-succeeded-1)" = "$TASKS" ] || { echo "FAILED: not one success for each task"; exit 1; }
[ "$(count task-failed-1)" = 0 ] || { echo "FAILED: a stop cost an attempt"; exit 1; }
[ "$(count task-dead-lettered-1)" = 0 ] || { echo "FAILED: dead letters"; exit 1; }
echo OK
