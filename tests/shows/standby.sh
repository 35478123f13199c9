#!/usr/bin/env bash
# Two servers on one PostgreSQL. The second stands by; it takes over when the first is killed, and when the first is
# frozen. The frozen one, continued, may write nothing: it finds that it was succeeded and stands by in its turn.
#
#   dotnet build src/Cli -c Release && tests/shows/standby.sh
#
# Needs curl and the binaries of PostgreSQL.
set -u
. "$(dirname "$0")/common.sh"
PORT=${PORT:-18093}
A=$PORT B=$((PORT + 1))

code() { field code "$(ask "$1" GET /readyz)"; }
stands_by() { [ "$(code "$1")" = engine-standby ]; }
events_of() { psql -c "SELECT count(*) FROM elasticity.events"; }
psql() { "$PG_BIN/psql" -h 127.0.0.1 -p "$PG_PORT" -U elasticity -d postgres -qAtX "$@"; }

submit() { ask "$1" POST /v1/jobs "{\"id\":\"$2\",\"tasks\":[{\"kind\":\"touch\",\"payload\":\"$2\"}]}"; }

# takeover PORT LIMIT: how long until the server serves
takeover() {
    local began=$EPOCHREALTIME took
    eventually "$2" ready "$1" || fail "port $1 does not take over"
    took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN {printf "%.1f", b - a}')
    echo "   it serves after $took s"
}

start_postgres || { echo 'SKIPPED: PostgreSQL is not installed'; exit 0; }
serve a "http://127.0.0.1:$A" --store "$STORE"; first=$SERVER
eventually 60 ready $A || fail 'the first does not serve'
serve b "http://127.0.0.1:$B" --store "$STORE"; second=$SERVER

title 'the second stands by'
eventually 60 stands_by $B || fail 'it does not'
says '^503 .*"code": ?"engine-standby"' "$(ask $B GET /readyz)"
says '^200 ' "$(ask $B GET /healthz)"
says '^503 .*"code": ?"engine-standby"' "$(submit $B never)"
says '^201 ' "$(submit $A before)"

title 'the first is killed'
kill -9 "$first"; wait "$first" 2>/dev/null
takeover $B 30
is open "$(state $B before)" 'state of the job that the first accepted'
says '^201 ' "$(submit $B after-kill)"
serve a "http://127.0.0.1:$A" --store "$STORE"; first=$SERVER
eventually 60 stands_by $A || fail 'the first, started again, does not stand by'

title 'the owner is frozen while requests come in'
flood() { for i in $(seq 100); do submit $B "flood-$1-$i"; done >"$WORK/flood-$1"; }
answered() { [ "$(cat "$WORK"/flood-* | grep -c '^201')" -ge 20 ]; }
declare -a floods
for n in 1 2 3 4; do flood $n & floods+=($!); done
eventually 30 answered || fail 'no request is answered'
kill -STOP "$second"
takeover $A 30
says '^201 ' "$(submit $A after-freeze)"
before=$(events_of)

title 'and continued: it writes nothing, and stands by'
kill -CONT "$second"
eventually 30 stands_by $B || fail "the frozen one is $(ask $B GET /readyz)"
says '^503 .*"code": ?"engine-standby"' "$(submit $B late)"
sleep 3
is "$before" "$(events_of)" 'events, after the former owner woke up'
says '^404 .*"code": ?"job-unknown"' "$(ask $A GET /v1/jobs/late)"
is open "$(state $A before)" 'state of the first job'
is open "$(state $A after-kill)" 'state of the second job'
wait "${floods[@]}"
cat "$WORK"/flood-* >"$WORK/flood"
echo "   $(grep -c '^201' "$WORK/flood") jobs accepted before the freeze, $(grep -c '^503' "$WORK/flood") refused after"
grep -q '^503' "$WORK/flood" || fail 'the freeze hit nothing'
for job in $(sed -nE 's/^201 .*"id": ?"(flood-[0-9]-[0-9]+)".*/\1/p' "$WORK/flood"); do
    is open "$(state $A "$job")" "state of $job"
done
is 400 "$(grep -cE '^(201|503) ' "$WORK/flood")" 'answers that are one or the other'

title 'the owner is told to stop: the other takes over at once'
kill "$first"; takeover $B 10
wait "$first"; is 0 $? 'exit code'
says '^200 ' "$(ask $B GET /v1/jobs/after-freeze)"

title 'everything that was accepted is done'
"$ELASTICITY" agent --server "http://127.0.0.1:$B" --id a --slots 4 --kind touch --exec "echo {} >> $WORK/touched" \
    >"$WORK/agent.log" 2>&1 &
for job in before after-kill after-freeze; do
    eventually 30 has_state $B $job succeeded || fail "$job is $(state $B $job)"
done
says 'everything fits' "$("$ELASTICITY" verify --store "$STORE" 2>&1 | tail -n 1)"
finish
