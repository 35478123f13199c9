#!/usr/bin/env bash
# One of three silos is frozen for 30 seconds in the middle of work, and continued; again and again. The others declare
# it dead and go on. When it wakes it finds requests that came while it stood still, and reports on tasks that others have done
# meanwhile. The database itself records what the silo asks it to append after its death was declared: all of it must be
# refused. What others answer through it holds. Then it ends itself.
# No invariant may break, and what it answered must hold.
#
#   dotnet build src/Cli -c Release && dotnet build src/Silo -c Release && tests/shows/silo-frozen.sh [TASKS] [FROZEN] [ROUNDS]
#
# FROZEN is 30 seconds unless given, ROUNDS 3, TASKS 2,000 a round: more than are done meanwhile. Needs curl and the binaries of
# PostgreSQL.
set -u
. "$(dirname "$0")/silo-common.sh"
FROZEN=${2:-30} ROUNDS=${3:-3}
TASKS=$((${1:-ROUNDS * 2000} / 3 * 3)) # In three jobs.
LEASE_SECONDS=10
HELD=50 # Tasks that a session holds through the silo when it freezes.
LATE=20 # Jobs that are submitted to the silo while it is frozen.
prepared() { psql -v ON_ERROR_STOP=1 -f "$ROOT/tests/shows/silo-audit.sql" || fail 'the database cannot record'; }

# wants WANTED TEXT: as says, which shows nothing where all is well.
wants() { grep -qE -- "$1" <<<"$2" || fail "it does not say '$1': ${2:0:200}"; }

# life N: starts silo 2 for the Nth time, with a name that the database records.
life() { ELASTICITY_SILO_POSTGRESQL="$STORE;Application Name=silo-2 life $1" silo 2; }

# hold ROUND: a session of its own leases tasks through silo 2; the report on all of them is in $WORK/report.
hold() {
    local session="/v1/agents/holder-$1/sessions/s" answer i
    wants '^20[01] ' "$(ask "$(http_of 2)" PUT "$session" "{\"kinds\":[\"touch\"],\"slots\":$HELD}")"
    for i in $(seq 12); do # A queue that has just come up on another silo knows its tasks after the next sweep.
        answer=$(ask "$(http_of 2)" POST "$session/lease" "{\"requestId\":\"r$i\",\"max\":$HELD,\"waitSeconds\":5}")
        grep -q token <<<"$answer" && break
    done
    grep -oE '"job": ?"[^"]*", *"index": ?[0-9]+|"token": ?[0-9]+' <<<"$answer" | paste -d, - - \
        | sed 's/.*/{&,"outcome":"succeeded"}/' | paste -sd, >"$WORK/results"
    held=$(grep -o outcome "$WORK/results" | wc -l)
    printf '{"results":[%s]}' "$(cat "$WORK/results")" >"$WORK/report"
    [ "$held" -gt 0 ] || fail "nothing was leased: ${answer:0:200}"
}

# knock ROUND: what comes while it is frozen: the report, submits, cancels of jobs that are there; answers in $WORK/late-….
knock() {
    local i
    ask "$(http_of 2)" POST "/v1/agents/holder-$1/sessions/s/settle" "@$WORK/report" >"$WORK/late-settle-$1" &
    for ((i = 1; i <= LATE; i++)); do
        ask "$(http_of 2)" POST /v1/jobs "{\"id\":\"late-$1-$i\",\"tasks\":[{\"kind\":\"touch\",\"payload\":\"late-$1-$i\"}]}" \
            >"$WORK/late-submit-$1-$i" &
        ask "$(http_of 2)" POST "/v1/jobs/idle-$1-$i/cancel" >"$WORK/late-cancel-$1-$i" &
    done
}

# kinds_of_late LIFE: what of it was refused, by kind of stream, and what was stored, by type.
kinds_of_late() {
    local late="show.attempt WHERE who = 'silo-2 life $1' AND at > (SELECT max(at) FROM show.death WHERE port = $((PORT + 102)))"
    psql -c "SELECT '   refused, of streams ' || split_part(s, '/', 1) || '/: ' || count(*)
            FROM (SELECT unnest(streams) AS s FROM $late) AS a GROUP BY split_part(s, '/', 1) ORDER BY 1" \
        -c "SELECT '   stored, ' || t || ': ' || count(*) FROM (SELECT unnest(types) AS t FROM $late) AS a GROUP BY t ORDER BY t"
}

# What silo 2 asked the database in a life, after it was declared dead in it.
after_death() {
    psql -F ' ' -c "SELECT count(*), coalesce(sum(batches), 0), coalesce(sum(refused), 0), coalesce(sum(cardinality(types)), 0)
        FROM show.attempt WHERE who = 'silo-2 life $1' AND at > (SELECT max(at) FROM show.death WHERE port = $((PORT + 102)))"
}

AUDIT=prepared start_cluster 1
silo 3; life 1
for n in 2 3; do eventually 180 ready "$(http_of "$n")" || fail "silo $n does not serve"; done
title "$TASKS tasks, agents at all silos, one at silo 2 alone"
submit_jobs 3 "$TASKS" "$LEASE_SECONDS" frozen
for n in 1 2 3; do
    agent "agent-$n" "$n" --slots 2 --kind touch --exec "echo {} >> $WORK/touched; sleep 0.3"
done
"$ELASTICITY" agent --server "http://127.0.0.1:$(http_of 2)" --id pinned --slots 4 --kind touch \
    --exec "echo {} >> $WORK/touched; sleep 0.3" >>"$WORK/pinned.log" 2>&1 &
works() { [ "$(events task-succeeded-1)" -ge $((TASKS / 20)) ]; }
eventually 120 works || fail 'nothing is done'

accepted=0 cancelled=0 tried=0 refused=0 stored=0
for ((round = 1; round <= ROUNDS; round++)); do
    title "round $round: silo 2 is frozen for $FROZEN s"
    for ((i = 1; i <= LATE; i++)); do
        wants '^201 ' "$(ask "$(http_of 1)" POST /v1/jobs "{\"id\":\"idle-$round-$i\",\"tasks\":[{\"kind\":\"nobody\"}]}")"
    done
    hold "$round"
    kill -STOP "${SILOS[2]}"
    began=$EPOCHREALTIME
    knock "$round"
    eventually 60 has_status 2 6 || fail "the table of members says $(status 2)"
    awk -v a="$began" -v b="$EPOCHREALTIME" -v m="$MEMBERSHIP" \
        'BEGIN {printf "   declared dead after %.1f s; membership: %s\n", b - a, m}'
    before=$(events task-succeeded-1)
    left=$(awk -v a="$began" -v b="$EPOCHREALTIME" -v f="$FROZEN" 'BEGIN {l = f - (b - a); print (l > 0 ? l : 0)}')
    sleep "$left"
    meanwhile=$(($(events task-succeeded-1) - before))
    echo "   $meanwhile tasks done while it was frozen; a session holds $held through it"
    [ "$meanwhile" -gt 0 ] || fail 'the others do nothing'

    kill -CONT "${SILOS[2]}"
    began=$EPOCHREALTIME
    wait "${SILOS[2]}"
    code=$?
    awk -v a="$began" -v b="$EPOCHREALTIME" -v c="$code" 'BEGIN {printf "   continued, it ended with %d after %.1f s\n", c, b - a}'
    [ "$code" -ne 0 ] || fail 'it ended as if it had been told to'
    says 'told I am dead' "$(grep -aom1 'I have been told I am dead' "$WORK/silo-2.log")"
    read -r calls batches no events < <(after_death "$round")
    echo "   after it was declared dead it asked to append $batches times, in $calls commits: $no refused, $events events stored"
    is "$batches 0" "$no $events" 'appends of a dead silo that were refused, and events of it that were stored'
    tried=$((tried + batches)) refused=$((refused + no)) stored=$((stored + events))
    kinds_of_late "$round"
    life $((round + 1))
    eventually 180 ready "$(http_of 2)" || fail 'silo 2, started again, does not serve'
    # What it answered holds; who got no answer asks again, as a client does.
    for ((i = 1; i <= LATE; i++)); do
        grep -q '^201' "$WORK/late-submit-$round-$i" && {
            accepted=$((accepted + 1))
            wants '^200' "$(ask "$(http_of 1)" GET "/v1/jobs/late-$round-$i")"
        }
        grep -q '^200' "$WORK/late-cancel-$round-$i" && {
            cancelled=$((cancelled + 1))
            is cancelled "$(state "$(http_of 1)" "idle-$round-$i")" "state of idle-$round-$i, whose cancel was answered"
        }
        wants '^20[01] ' "$(ask "$(http_of 1)" POST /v1/jobs \
            "{\"id\":\"late-$round-$i\",\"tasks\":[{\"kind\":\"touch\",\"payload\":\"late-$round-$i\"}]}")"
        wants '^200 ' "$(ask "$(http_of 1)" POST "/v1/jobs/idle-$round-$i/cancel")"
    done
    echo "   the report on the $held tasks was answered: $(cut -c1-160 "$WORK/late-settle-$round")"
done

title 'everything is done once'
echo "   in $ROUNDS rounds, after it was declared dead: $tried asked, $refused refused, $stored events stored;" \
    "$accepted submits and $cancelled cancels were answered by it after it woke up, and hold"
eventually $((300 + TASKS / 5)) no_open_job || fail "$(open_jobs) jobs are open"
check_log $((TASKS + ROUNDS * LATE))
finish
