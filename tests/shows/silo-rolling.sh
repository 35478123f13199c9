#!/usr/bin/env bash
# All silos are restarted one after the other with SIGTERM, under load. Clients submit, cancel and read
# meanwhile: no call may fail once the client's own retries are over, no attempt may be charged; the leases that are
# lost are counted.
#
#   for p in src/Cli src/Silo tests/shows/Caller; do dotnet build $p -c Release; done
#   tests/shows/silo-rolling.sh [TASKS] [ROUNDS]
#
# TASKS are 5,000 unless given, ROUNDS 2. Needs curl and the binaries of PostgreSQL.
set -u
. "$(dirname "$0")/silo-common.sh"
TASKS=${1:-5000} ROUNDS=${2:-2}
LEASE_SECONDS=30

start_cluster 3
title "$TASKS tasks, two agents at each silo"
submit_jobs 5 "$TASKS" "$LEASE_SECONDS" rolling
for n in 1 2 3 4 5 6; do agent "agent-$n" $(((n - 1) % 3 + 1)) --slots 2 --kind touch --exec "echo {} >> $WORK/touched; sleep 0.05"; done
start_callers
# A client with the retries that it has: it watches a job to its end through every restart.
"$ELASTICITY" watch rolling-1 --server "$(servers_from 1)" >"$WORK/watch.log" 2>&1 &
CLIENT=$!

for ((round = 1; round <= ROUNDS; round++)); do
    title "round $round"
    for n in 1 2 3; do
        kill -TERM "${SILOS[n]}"
        began=$EPOCHREALTIME
        leaves() { has_status "$n" 4 || has_status "$n" 5 || has_status "$n" 6; }
        eventually 60 leaves || fail "silo $n does not leave: $(status "$n")"
        wait "${SILOS[n]}"
        is 0 $? "exit code of silo $n"
        is 6 "$(status "$n")" "status of silo $n"
        awk -v n="$n" -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN {printf "   silo %d left after %.1f s\n", n, b - a}'
        silo "$n"
        eventually 180 ready "$(http_of "$n")" || fail "silo $n, started again, does not serve"
    done
done
is 0 "$(cat "$WORK"/silo-*.log | grep -c 'cut off')" 'silos that cut requests off'

title 'everything is done, and nobody was charged'
eventually $((300 + TASKS / 5)) no_open_job rolling- || fail "$(open_jobs rolling-) jobs are open"
stop_callers
wait "$CLIENT"
is 0 $? 'exit code of a client that watched all the time'
is 0 "$(events task-expired-1)" 'leases that expired'
check_log $((TASKS + SUBMITTED * 2))
finish
