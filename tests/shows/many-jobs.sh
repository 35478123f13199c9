#!/usr/bin/env bash
# Many open jobs, each of one task: how long a server needs to serve again after kill -9, on SQLite and on PostgreSQL, and
# how long a standby needs to take over. Fails when a restart takes more than ten seconds, or a job is gone.
#
#   dotnet build src/Cli -c Release && tests/shows/many-jobs.sh [JOBS]
#
# Needs curl; the second half needs the binaries of PostgreSQL.
set -u
. "$(dirname "$0")/common.sh"
JOBS=${1:-20000}
RESTART_MAX_MS=10000
PORT=${PORT:-18095}
OTHER=$((PORT + 1))
POLL_S=0.02 # how finely the times are told

now() { echo $((${EPOCHREALTIME/./} / 1000)); }

# until_ready PORT WHAT LIMIT_MS: tells how long it takes until the server serves.
until_ready() {
    local began took
    began=$(now)
    until curl -fs -o /dev/null --max-time 5 "http://127.0.0.1:$1/readyz"; do
        [ $(($(now) - began)) -le 120000 ] || { fail "$2: it does not serve"; return; }
        sleep "$POLL_S"
    done
    took=$(($(now) - began))
    echo "   $2: $took ms"
    [ "$took" -le "$3" ] || fail "more than $3 ms"
}

# submit PORT: all jobs, on a few connections.
submit() {
    local began refused
    awk -v n="$JOBS" -v port="$1" 'BEGIN {
        for (i = 0; i < n; i++) {
            if (i) print "next"
            printf "url = \"http://127.0.0.1:%d/v1/jobs\"\n", port
            print "header = \"content-type: application/json\"\noutput = /dev/null\nsilent\nwrite-out = \"%{http_code}\\n\""
            printf "data = \"{\\\"id\\\":\\\"job-%d\\\",\\\"tasks\\\":[{\\\"kind\\\":\\\"nobody\\\",\\\"payload\\\":%d}]}\"\n", i, i
        }
    }' >"$WORK/requests"
    began=$(now)
    refused=$(curl -Z --parallel-max 40 --no-progress-meter -K "$WORK/requests" 2>/dev/null | grep -cvx 201)
    is 0 "$refused" 'jobs that were not accepted'
    echo "   $JOBS jobs submitted in $(($(now) - began)) ms"
}

# waiting PORT: the jobs that are open, by the queue of their kind.
waiting() { ask "$1" GET /v1/queues | grep -o '"kind":"nobody"[^}]*' | sed -n 's/.*"ready":\([0-9]*\).*/\1/p'; }

title "SQLite: $JOBS open jobs"
serve sqlite "http://127.0.0.1:$PORT"
eventually 60 ready "$PORT" || fail 'it does not serve'
submit "$PORT"
kill -9 "$SERVER"; wait "$SERVER" 2>/dev/null
serve sqlite "http://127.0.0.1:$PORT"
until_ready "$PORT" 'serving again after kill -9' "$RESTART_MAX_MS"
is "$JOBS" "$(waiting "$PORT")" 'tasks that wait'
is open "$(state "$PORT" "job-$((JOBS - 1))")" 'state of the last job'
kill -9 "$SERVER"; wait "$SERVER" 2>/dev/null

start_postgres || { echo 'SKIPPED: PostgreSQL is not installed'; finish; exit; }
title "PostgreSQL: $JOBS open jobs"
serve first "http://127.0.0.1:$PORT" --store "$STORE"; first=$SERVER
eventually 60 ready "$PORT" || fail 'it does not serve'
submit "$PORT"
kill -9 "$first"; wait "$first" 2>/dev/null
# The killed one still owns the database for five seconds, by its last renewal.
serve first "http://127.0.0.1:$PORT" --store "$STORE"; first=$SERVER
until_ready "$PORT" 'serving again after kill -9, of which up to 5 s are the ownership of the killed one' $((RESTART_MAX_MS + 5000))
serve second "http://127.0.0.1:$OTHER" --store "$STORE"
eventually 60 grep -q 'listening' "$WORK/second.log" || fail 'the standby does not start'
kill "$first"
until_ready "$OTHER" 'a standby takes over from one that is told to stop' "$RESTART_MAX_MS"
wait "$first"
is "$JOBS" "$(waiting "$OTHER")" 'tasks that wait'
is open "$(state "$OTHER" "job-$((JOBS - 1))")" 'state of the last job'
says 'everything fits' "$("$ELASTICITY" verify --store "$STORE" 2>&1 | tail -n 1)"
finish
