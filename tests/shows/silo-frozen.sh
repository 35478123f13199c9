#!/usr/bin/env bash
# One of three silos is frozen for 30 seconds in the middle of work, and continued. The others declare it dead and go
# on; what it still wants to write when it wakes up is refused by the store, and it ends itself.
#
#   dotnet build src/Cli -c Release && dotnet build src/Silo -c Release && tests/shows/silo-frozen.sh [TASKS] [FROZEN]
#
# TASKS are 3,000 unless given, FROZEN is 30 seconds. Needs curl and the binaries of PostgreSQL.
set -u
. "$(dirname "$0")/silo-common.sh"
TASKS=${1:-3000} FROZEN=${2:-30}
LEASE_SECONDS=10

start_cluster 3
title "$TASKS tasks, agents at all silos"
submit_jobs 3 "$TASKS" "$LEASE_SECONDS" frozen
for n in 1 2 3; do
    agent "agent-$n" "$n" --slots 4 --kind touch --exec "echo {} >> $WORK/touched; sleep 0.05"
done
works() { [ "$(events task-succeeded-1)" -ge $((TASKS / 20)) ]; }
eventually 120 works || fail 'nothing is done'

title "silo 2 is frozen for $FROZEN s"
kill -STOP "${SILOS[2]}"
began=$EPOCHREALTIME
eventually 60 has_status 2 6 || fail "the table of members says $(status 2)"
awk -v a="$began" -v b="$EPOCHREALTIME" -v m="$MEMBERSHIP" \
    'BEGIN {printf "   declared dead after %.1f s; membership: %s\n", b - a, m}'
before=$(events task-succeeded-1)
left=$(awk -v a="$began" -v b="$EPOCHREALTIME" -v f="$FROZEN" 'BEGIN {l = f - (b - a); print (l > 0 ? l : 0)}')
sleep "$left"
echo "   $(($(events task-succeeded-1) - before)) tasks done while it was frozen"

title 'and continued: it ends itself'
kill -CONT "${SILOS[2]}"
began=$EPOCHREALTIME
wait "${SILOS[2]}"
code=$?
awk -v a="$began" -v b="$EPOCHREALTIME" -v c="$code" 'BEGIN {printf "   it ended with %d after %.1f s\n", c, b - a}'
[ "$code" -ne 0 ] || fail 'it ended as if it had been told to'
says 'told I am dead' "$(grep -aom1 'I have been told I am dead' "$WORK/silo-2.log")"
silo 2

title 'everything is done once'
eventually $((300 + TASKS / 5)) no_open_job || fail "$(open_jobs) jobs are open"
check_log "$TASKS"
finish
