#!/usr/bin/env bash
# Three silos on one PostgreSQL, two agents at each over HTTP. Every few seconds a silo is killed with kill -9 and
# started again. No task may be lost, each is recorded once, never has a task two current leases. Clients submit, cancel
# and read meanwhile: no call may fail once the client's own retries are over; how long they wait is measured.
#
#   for p in src/Cli src/Silo tests/shows/Caller; do dotnet build $p -c Release; done
#   tests/shows/silo-kills.sh [TASKS] [JOBS] [EVERY] [PAUSE]
#
# TASKS are 10,000 unless given, in 10 JOBS; a kill EVERY 7 seconds; a task takes PAUSE seconds, 0 unless given: then 24 commands at
# once take all of a small machine, and calls wait for that too. Needs curl and the binaries of PostgreSQL.
set -u
. "$(dirname "$0")/silo-common.sh"
TASKS=${1:-10000} JOBS=${2:-10} EVERY=${3:-7} PAUSE=${4:-0}
LEASE_SECONDS=10
LIMIT=$((300 + TASKS / 5 * (1 + PAUSE))) # For a machine that has much else to do.

start_cluster 3
title "$TASKS tasks in $JOBS jobs"
submit_jobs "$JOBS" "$TASKS" "$LEASE_SECONDS" kills
for n in 1 2 3 4 5 6; do agent "agent-$n" $(((n - 1) % 3 + 1)) --slots 4 --kind touch --exec "sleep $PAUSE; echo {} >> $WORK/touched"; done
start_callers

title "a silo is killed every $EVERY s, and started again 2 s later"
kills=0
all_ended() { no_open_job kills-; }
began=$SECONDS
while ! all_ended && [ $((SECONDS - began)) -lt "$LIMIT" ]; do
    sleep "$EVERY"
    n=$((RANDOM % 3 + 1)) # Not in turn: agents go on to the next address, and would be met there every time.
    eventually 60 ready "$(http_of "$n")" || fail "silo $n, started again, does not serve"
    kill_silo "$n"
    kills=$((kills + 1))
    sleep 2
    silo "$n"
done
took=$((SECONDS - began))
all_ended || fail "after $took s $(open_jobs kills-) jobs are open"
echo "   $kills kills in $took s; membership: $MEMBERSHIP"
stop_callers
echo "   commands executed: $(wc -l <"$WORK/touched")"
check_log $((TASKS + SUBMITTED * 2))
finish
