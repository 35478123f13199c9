# What the shows of a cluster share; sourced, never run. Real silos on one private PostgreSQL, on this machine.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
SILO="$ROOT/artifacts/bin/Elasticity.Silo/release/elasticity-silo"
PORT=${PORT:-18101} # HTTP of silo 1; the others and the other ports follow.
MEMBERSHIP='probes of 1 s, 3 missed, 2 votes, MaxProbeTimeout 1 s, alive every 5 s' # src/Silo/SiloProgram.cs
declare -a SILOS

psql() { "$PG_BIN/psql" -h 127.0.0.1 -p "$PG_PORT" -U elasticity -d postgres -qAtX "$@"; }

http_of() { echo $((PORT + $1 - 1)); }

# start_cluster N: a database that is prepared, and silos 1 to N, all ready.
start_cluster() {
    local n
    [ -x "$SILO" ] || { echo 'SKIPPED: the silo is not built'; exit 0; }
    start_postgres || { echo 'SKIPPED: PostgreSQL is not installed'; exit 0; }
    export ELASTICITY_SILO_POSTGRESQL="$STORE"
    cd "$WORK" || exit 1 # No configuration file of the checkout is read.
    "$SILO" migrate >/dev/null || fail 'the database cannot be prepared'
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

# The jobs whose end is not in the log.
open_jobs() { psql -c "SELECT count(*) FROM elasticity.open_streams WHERE stream LIKE 'job/%'"; }

no_open_job() { [ "$(open_jobs)" = 0 ]; }

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

# watch_calls FILE: asks all silos in turn, for ever, and writes "instant code seconds" of each call that a caller saw.
# A call that fails is made again at the next silo, as a client with several addresses does.
watch_calls() {
    local began answer n=0
    while :; do
        began=$EPOCHREALTIME
        until answer=$(curl -fs -o /dev/null -w '%{http_code}' --max-time 8 \
            "http://127.0.0.1:$(http_of $((n % 3 + 1)))/v1/jobs?limit=1"); do
            echo "$EPOCHREALTIME failed $answer" >>"$1.failed"
            n=$((n + 1))
            sleep 0.1
        done
        awk -v a="$began" -v b="$EPOCHREALTIME" -v c="$answer" 'BEGIN {printf "%s %s %.3f\n", a, c, b - a}' >>"$1"
        n=$((n + 1))
        sleep 0.1
    done
}

# pauses FILE: what callers saw.
pauses() {
    local failed=0
    [ -e "$1.failed" ] && failed=$(wc -l <"$1.failed")
    awk '{print $3}' "$1" | sort -n | awk -v failed="$failed" '
        {v[NR] = $1}
        END {
            most = int(NR * 0.99)
            if (most < 1) most = 1
            printf "   a caller of all silos: %d calls, p50 %.3f s, p99 %.3f s, longest %.3f s; %d tries failed\n",
                NR, v[int((NR + 1) / 2)], v[most], v[NR], failed
        }'
}
