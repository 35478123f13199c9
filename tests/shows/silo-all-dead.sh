#!/usr/bin/env bash
# All silos are killed at once in the middle of work, the agents too. One silo is started a minute later. No client asks
# for anything: what was leased comes back, and agents find work as soon as they are there.
#
#   dotnet build src/Cli -c Release && dotnet build src/Silo -c Release && tests/shows/silo-all-dead.sh [TASKS] [PAUSE]
#
# TASKS are 2,000 unless given, PAUSE is 60 seconds. Needs curl and the binaries of PostgreSQL.
set -u
. "$(dirname "$0")/silo-common.sh"
TASKS=${1:-2000} PAUSE=${2:-60}
LEASE_SECONDS=10

start_cluster 3
title "$TASKS tasks, one agent"
submit_jobs 4 "$TASKS" "$LEASE_SECONDS" dead
agent agent-1 1 --slots 8 --kind touch --exec "echo {} >> $WORK/touched; sleep 0.05"
first=$AGENT
works() { [ "$(events task-succeeded-1)" -ge $((TASKS / 10)) ]; }
eventually 120 works || fail 'nothing is done'

title "everybody is killed at once; one silo comes back after $PAUSE s"
kill -9 "${SILOS[1]}" "${SILOS[2]}" "${SILOS[3]}" "$first"
wait "${SILOS[1]}" "${SILOS[2]}" "${SILOS[3]}" "$first" 2>/dev/null
leased=$(psql -c "SELECT count(*) FROM elasticity.open_streams WHERE stream LIKE 'task/%'")
echo "   $(open_jobs) jobs are open, $leased tasks leased"
sleep "$PAUSE"
silo 1
began=$EPOCHREALTIME
eventually 180 ready "$(http_of 1)" || fail 'it does not serve'
awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN {printf "   it serves after %.1f s\n", b - a}'

title 'nobody asks: what was leased comes back'
none_leased() { [ $(($(events task-lost-1) + $(events task-expired-1))) -ge "$leased" ]; } # They stay open: they wait.
eventually 180 none_leased || fail 'tasks stay leased to an agent that is dead'
awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN {printf "   all leases of the dead agent are over %.1f s after the start\n", b - a}'

title 'an agent comes and does the rest'
agent agent-2 1 --slots 8 --kind touch --exec "echo {} >> $WORK/touched"
eventually $((300 + TASKS / 5)) no_open_job || fail "$(open_jobs) jobs are open"
check_log "$TASKS"
finish
