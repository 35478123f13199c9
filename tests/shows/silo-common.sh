# What the shows of a cluster share; sourced, never run. Real silos on one private PostgreSQL, on this machine.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
SILO="$ROOT/artifacts/bin/Elasticity.Silo/release/elasticity-silo"
CALLER="$ROOT/artifacts/bin/Elasticity.Caller/release/Elasticity.Caller"
PORT=${PORT:-18101} # HTTP of silo 1; the others and the other ports follow.
MEMBERSHIP='probes of 0.9 s, 3 missed, 2 votes, members read every 10 s, alive every 5 s' # src/Silo/SiloProgram.cs
declare -a SILOS CALLERS

psql() { "$PG_BIN/psql" -h 127.0.0.1 -p "$PG_PORT" -U elasticity -d postgres -qAtX "$@"; }

http_of() { echo $((PORT + $1 - 1)); }

# start_cluster N: a database that is prepared, and silos 1 to N, all ready. AUDIT names what is run before they start.
start_cluster() {
    local n
    [ -x "$SILO" ] || { echo 'SKIPPED: the silo is not built'; exit 0; }
    start_postgres || { echo 'SKIPPED: PostgreSQL is not installed'; exit 0; }
    export ELASTICITY_SILO_POSTGRESQL="$STORE"
    cd "$WORK" || exit 1 # No configuration file of the checkout is read.
    "$SILO" migrate >/dev/null || fail 'the database cannot be prepared'
    ${AUDIT:-true}
    for ((n = 1; n <= $1; n++)); do silo "$n"; done
    for ((n = 1; n <= $1; n++)); do
        eventually 180 ready "$(http_of "$n")" || { fail "silo $n does not serve"; tail -n 5 "$WORK/silo-$n.log"; }
    done
}

# silo N OPTION...: starts silo N; its process id is in SILOS[N].
silo() {
    local n=$1
    shift
    "$SILO" --Listen "http://127.0.0.1:$(http_of "$n")" --SiloPort $((PORT + 100 + n)) --GatewayPort $((PORT + 200 + n)) \
        "$@" >>"$WORK/silo-$n.log" 2>&1 &
    SILOS[n]=$!
}

kill_silo() { # kill_silo N: as the power would
    kill -9 "${SILOS[$1]}" 2>/dev/null
    wait "${SILOS[$1]}" 2>/dev/null
}

# status N: what the table of members says of the youngest silo on that port: 3 active, 4 leaves, 6 dead.
status() {
    psql -c "SELECT status FROM elasticity_cluster.silo WHERE port = $((PORT + 100 + $1)) ORDER BY generation DESC LIMIT 1"
}

has_status() { [ "$(status "$1")" = "$2" ]; }

# servers_from N: the addresses of three silos, that of silo N first.
servers_from() {
    local i list=''
    for i in 0 1 2; do list+=",http://127.0.0.1:$(http_of $((($1 - 1 + i) % 3 + 1)))"; done
    echo "${list#,}"
}

# agent NAME SILO OPTION...: an agent of that silo, which goes on to the others when it cannot be used.
agent() {
    local name=$1 servers
    servers=$(servers_from "$2")
    shift 2
    "$ELASTICITY" agent --server "$servers" --id "$name" "$@" >>"$WORK/$name.log" 2>&1 &
    AGENT=$!
}

# submit_jobs COUNT TASKS SECONDS NAME: as many jobs, with as many tasks together, of the kind "touch".
submit_jobs() {
    local jobs=$1 each=$(($2 / $1)) job i
    for ((job = 1; job <= jobs; job++)); do
        {
            printf '{"id":"%s-%d","policy":{"leaseSeconds":%s},"tasks":[' "$4" "$job" "$3"
            for ((i = 0; i < each; i++)); do
                [ "$i" -gt 0 ] && printf ','
                printf '{"kind":"touch","payload":"%s-%d-%d"}' "$4" "$job" "$i"
            done
            printf ']}'
        } >"$WORK/job"
        curl -fs -o /dev/null --retry 20 --retry-all-errors --retry-delay 1 -H 'content-type: application/json' \
            --data-binary @"$WORK/job" "http://127.0.0.1:$(http_of $(((job - 1) % 3 + 1)))/v1/jobs" \
            || fail "job $job is not accepted"
    done
}

# events TYPE: how many there are, in the database itself.
events() { psql -c "SELECT count(*) FROM elasticity.events WHERE type = '$1'"; }

# open_jobs [BEGINNING]: how many have no end in the log; of those whose ids begin so.
open_jobs() { psql -c "SELECT count(*) FROM elasticity.open_streams WHERE stream LIKE 'job/${1:-}%'"; }

no_open_job() { [ "$(open_jobs "${1:-}")" = 0 ]; }

# two_leases: the tasks that were leased while an earlier lease had not ended, read from their histories.
two_leases() {
    psql -F ' ' -c "SELECT stream, type FROM elasticity.events WHERE stream LIKE 'task/%' ORDER BY stream, version" \
        | awk '
            $1 != stream { stream = $1; leased = 0 }
            $2 == "task-leased-1" { if (leased) { print stream; } leased = 1 }
            $2 ~ /^task-(succeeded|failed|given-back|lost|expired|dead-lettered|cancelled|skipped)-1$/ { leased = 0 }
        ' | sort -u
}

# check_log TASKS: every task has succeeded once, no two leases were current at once, the chain of hashes holds.
check_log() {
    local twice
    twice=$(two_leases | wc -l)
    is "$1" "$(events task-succeeded-1)" 'successes'
    is "$1" "$(psql -c "SELECT count(DISTINCT stream) FROM elasticity.events WHERE type = 'task-succeeded-1'")" \
        'tasks that succeeded'
    is 0 "$twice" 'tasks with two current leases'
    is 0 "$(events task-dead-lettered-1)" 'dead letters'
    is 0 "$(events task-failed-1)" 'failed attempts'
    echo "   $(events task-leased-1) leases, $(events task-lost-1) lost, $(events task-expired-1) expired," \
        "$(events task-given-back-1) given back, $(events task-result-refused-1) results refused"
    says 'everything fits' "$("$ELASTICITY" verify --store "$STORE" 2>&1 | tail -n 1)"
}

# start_callers: three clients over HTTP, one at each silo first, and one of the silos themselves (src/Client), which finds
# them in the database. They submit, cancel and read all the time, with the retries that a client has by itself and none
# besides (tests/shows/Caller). Their jobs are named call-N-…
start_callers() {
    local n
    [ -x "$CALLER" ] || { fail 'the caller is not built: dotnet build tests/shows/Caller -c Release'; return; }
    for n in 1 2 3; do
        # shellcheck disable=SC2046 # one word for each address
        "$CALLER" "call-$n" "$WORK/calls-$n" $(servers_from "$n" | tr , ' ') >"$WORK/caller-$n.out" 2>"$WORK/caller-$n.err" &
        CALLERS[n]=$!
    done
    "$CALLER" call-4 "$WORK/calls-4" "$STORE" >"$WORK/caller-4.out" 2>"$WORK/caller-4.err" &
    CALLERS[4]=$!
}

# stop_callers: has them hold what they were answered against what is there, and prints what their calls took. Fails
# when a call failed for good, or something is not as answered. SUBMITTED is how many of their jobs are to be done,
# CANCELLED how many are cancelled.
stop_callers() {
    local n
    kill -TERM "${CALLERS[@]}"
    for n in 1 2 3 4; do
        wait "${CALLERS[n]}"
        is 0 $? "exit code of caller $n"
    done
    sed 's/^/   /' "$WORK"/caller-*.out "$WORK"/caller-*.err
    SUBMITTED=$(sum_of '[0-9]+ jobs submitted,') CANCELLED=$(sum_of '[0-9]+ submitted and cancelled')
    cat "$WORK"/calls-* >"$WORK/calls"
    is 0 "$(awk '$5 != "answered"' "$WORK/calls" | wc -l)" "calls that failed for good, after the client's own retries"
    awk '$5 != "answered" {print "   " $0}' "$WORK/calls"
    echo '   over HTTP:'
    for n in submit cancel list show; do pauses "$n" "$WORK"/calls-[123]; done
    echo '   as a client of the silos:'
    for n in submit cancel list show; do pauses "$n" "$WORK/calls-4"; done
    # In the database itself: each of their jobs was accepted once, and nothing of a cancelled one was done.
    is "$((SUBMITTED + CANCELLED)) $((SUBMITTED + CANCELLED))" \
        "$(psql -F ' ' -c "SELECT count(*), count(DISTINCT stream) FROM elasticity.events
            WHERE type = 'job-sealed-1' AND stream LIKE 'job/call-%'")" 'jobs of the callers, and those that are accepted once'
    is "$((SUBMITTED * 2))" "$(psql -c "SELECT count(DISTINCT stream) FROM elasticity.events
        WHERE type = 'task-succeeded-1' AND stream LIKE 'task/call-%'")" 'tasks of the callers that were done'
}

sum_of() { cat "$WORK"/caller-*.out | grep -oE "$1" | awk '{s += $1} END {print s + 0}'; }

# pauses CALL FILE...: what callers saw: seconds, and how many requests a call took.
pauses() {
    awk -v call="$1" '$1 == call {print $4, $3}' "${@:2}" | sort -n | awk -v call="$1" '
        {v[NR] = $1; tries[$2]++; if ($2 > top) top = $2}
        END {
            most = int(NR * 0.99)
            if (most < 1) most = 1
            printf "   %s: %d calls, p50 %.3f s, p99 %.3f s, longest %.3f s", call, NR,
                v[int((NR + 1) / 2)], v[most], v[NR]
            if (top) printf "; tries:" # A client of the silos does not send them itself.
            for (i = 1; i <= top; i++) if (tries[i]) printf " %d calls %d,", tries[i], i
            print ""
        }' | sed 's/,$//'
}
