#!/usr/bin/env bash
# How long until the others know: one of three silos is killed with SIGKILL again and again, then frozen with SIGSTOP, while work
# goes on, and the table of members is looked at every 50 ms. Then all cores are taken by busy loops for some minutes:
# nobody may be declared dead who lives.
#
#   dotnet build src/Cli -c Release && dotnet build src/Silo -c Release && tests/shows/silo-detection.sh [TIMES] [BUSY]
#
# TIMES are 10 unless given, of each; BUSY is 180 seconds. The aims are 3 s and 5 s: the figures are for whoever reads them, as a
# machine with much else to do misses them. What fails is a silo that is not declared dead within a minute, or one that is
# and lives. Needs curl and the binaries of PostgreSQL.
set -u
. "$(dirname "$0")/silo-common.sh"
TIMES=${1:-10} BUSY=${2:-180}
LEASE_SECONDS=30
TASKS=20000 # More than are done meanwhile.

generation() { psql -c "SELECT max(generation) FROM elasticity_cluster.silo WHERE port = $((PORT + 100 + $1))"; }

# dead_at N GENERATION: the instant, in seconds, at which the table says that this life of silo N is over.
dead_at() {
    psql 2>&1 -c "DO \$\$ DECLARE until timestamptz := clock_timestamp() + interval '60 s'; BEGIN
        WHILE NOT EXISTS (SELECT FROM elasticity_cluster.silo
            WHERE port = $((PORT + 100 + $1)) AND generation = $2 AND status = 6) LOOP
            IF clock_timestamp() > until THEN RAISE EXCEPTION 'it is not declared dead'; END IF;
            PERFORM pg_sleep(0.05);
        END LOOP;
        RAISE NOTICE '%', extract(epoch FROM clock_timestamp());
    END \$\$" | grep -oE '[0-9]{10}\.[0-9]+'
}

# figures FILE AIM: seconds, a line each.
figures() {
    sort -n "$1" | awk -v aim="$2" '
        {v[NR] = $1; if ($1 <= aim) within++}
        END {printf "   %d times: least %.2f s, median %.2f s, most %.2f s; within %d s: %d\n",
            NR, v[1], v[int((NR + 1) / 2)], v[NR], aim, within}'
}

# measure SIGNAL FILE
measure() {
    local time n life began at
    for ((time = 1; time <= TIMES; time++)); do
        n=$((time % 3 + 1))
        life=$(generation "$n")
        dead_at "$n" "$life" >"$WORK/at" &
        sleep 1 # The look begins before the end, so that it takes no time of it; and not right after a silo has joined.
        began=$EPOCHREALTIME
        kill "-$1" "${SILOS[n]}"
        wait $!
        at=$(cat "$WORK/at")
        [ -n "$at" ] || fail "silo $n is not declared dead within a minute"
        awk -v a="$began" -v b="${at:-0}" 'BEGIN {printf "%.3f\n", b - a}' >>"$2"
        kill_silo "$n"
        silo "$n"
        eventually 180 ready "$(http_of "$n")" || fail "silo $n, started again, does not serve"
    done
}

dead() { psql -c 'SELECT count(*) FROM elasticity_cluster.silo WHERE status = 6'; }

start_cluster 3
submit_jobs 5 "$TASKS" "$LEASE_SECONDS" detection
for n in 1 2 3; do agent "agent-$n" "$n" --slots 2 --kind touch --exec 'echo {} >/dev/null; sleep 0.2'; done
echo "   membership: $MEMBERSHIP"

title "SIGKILL, $TIMES times"
measure KILL "$WORK/killed"
figures "$WORK/killed" 3

title "SIGSTOP, $TIMES times"
measure STOP "$WORK/stopped"
figures "$WORK/stopped" 5

title "$(nproc) busy loops for $BUSY s"
before=$(dead) done_before=$(events task-succeeded-1)
declare -a LOOPS
for ((i = 0; i < $(nproc); i++)); do
    (while :; do :; done) &
    LOOPS[i]=$!
done
sleep "$BUSY"
kill "${LOOPS[@]}"
wait "${LOOPS[@]}" 2>/dev/null
meanwhile=$(($(events task-succeeded-1) - done_before))
echo "   $meanwhile tasks were done meanwhile; load $(cut -d' ' -f1-3 /proc/loadavg)"
[ "$meanwhile" -gt 0 ] || fail 'there was no work'
is "$before" "$(dead)" 'silos that were declared dead so far'
for n in 1 2 3; do is 3 "$(status "$n")" "status of silo $n"; done
finish
