#!/usr/bin/env bash
# `elasticity run` over real files, killed with kill -9 again and again at random moments, each time started again by the
# same command. In the end every file's checksum must be what sha256sum alone says, every task must have succeeded
# exactly once, no task may have been started after its result was recorded, and no more may have been done twice than
# what was in flight at the kills.
#
#   dotnet build src/Cli -c Release && tests/shows/killed-run.sh [KILLS] [FILES]
#
# With 0 kills it is the plain comparison. Everything stays in a directory that is removed at the end.
set -u
KILLS=${1:-20}
FILES=${2:-5000}
PARALLEL=4
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
ELASTICITY="$ROOT/artifacts/bin/Elasticity.Cli/release/elasticity"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK" || exit 1

fail() { echo "FAILED: $*"; exit 1; }
find /usr/share/doc -type f | head -n "$FILES" >files
FILES=$(wc -l <files)
[ "$FILES" -gt 0 ] || fail "no files under /usr/share/doc"

# Each start of a task is a line: its place in the job, and when it was.
# shellcheck disable=SC2016 # the task's shell expands it
COMMAND='echo "$ELASTICITY_TASK $(date +%s%N)" >>started; sha256sum {}'
run() {
    # shellcheck disable=SC2094 # read once, at the start
    exec "$ELASTICITY" run --job sums --parallel $PARALLEL --exec "$COMMAND" --results out.jsonl <files
}

kills=0 early=0
began=$(date +%s%N)
while [ "$kills" -lt "$KILLS" ]; do
    (run) >>log 2>&1 &
    pid=$!
    sleep "$((RANDOM % 3)).$((RANDOM % 1000))"
    kill -9 "$pid" 2>/dev/null && kills=$((kills + 1))
    wait "$pid" 2>/dev/null
    [ $? = 0 ] && { early=1; break; }
done
(run) >>log 2>&1 || { tail -n 20 log; fail "the last run"; }
seconds=$((($(date +%s%N) - began) / 1000000000))

"$ELASTICITY" verify || fail "verify"
"$ELASTICITY" events --json >events.jsonl 2>/dev/null
of() { grep -c "\"type\":\"$1\"" events.jsonl; }
executed=$(wc -l <started)
echo "$FILES files, $kills kills, $seconds s: $executed commands started, $(of task-succeeded-1) successes," \
    "$(of task-lost-1) leases lost, $(of task-failed-1) failures"
[ "$early" = 0 ] || echo "(it was ready before all the kills could be made)"

[ "$(wc -l <out.jsonl)" = "$FILES" ] || fail "out.jsonl has $(wc -l <out.jsonl) lines"
[ "$(of task-succeeded-1)" = "$FILES" ] || fail "not one success for each task"
[ "$(of task-failed-1)" = 0 ] || fail "a kill cost an attempt"
[ "$executed" -ge "$FILES" ] || fail "too few commands started"
[ "$executed" -le $((FILES + kills * PARALLEL)) ] || fail "more was done twice than was in flight at the kills"

# The task's number and when it was recorded, in nanoseconds, from the log. Times there are UTC in 100 ns.
grep '"type":"task-succeeded-1"' events.jsonl |
    sed -n 's|.*"stream":"task/sums/0*\([0-9][0-9]*\)".*"at":"\([^"]*\)".*|\1 \2|p' |
    while read -r task at; do echo "$task $(date -d "$at" +%s%N)"; done >recorded
[ "$(wc -l <recorded)" = "$FILES" ] || fail "could not read when tasks were recorded"
awk 'NR == FNR {recorded[$1] = $2; next}
    !($1 in recorded) {print "unknown task " $1; bad = 1}
    $2 + 0 > recorded[$1] + 0 {print "task " $1 " was started again after it was recorded"; bad = 1}
    END {exit bad}' recorded started || fail "work that was recorded was done again"

"$ELASTICITY" show sums --json >/dev/null || fail "show"
xargs -d '\n' sha256sum <files | sort >expected
sed -n 's/.*"output":"\(.*\)\\n","errorOutput".*/\1/p' out.jsonl | sort >actual
if grep -q '\\' expected actual; then
    echo "(names with special characters: compared by their checksums only)"
    sed -i 's/ .*//' expected actual
fi
cmp expected actual || fail "checksums differ"
echo "OK: every checksum is what sha256sum says"
