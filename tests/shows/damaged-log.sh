#!/usr/bin/env bash
# Damage to a SQLite log, done behind its back: one flipped byte in the content of an event, in an attachment, in a hash;
# a removed event; a removed derived table. `verify` must name the stream and the version, and a removed derived table
# must be there again, with the same in it, at the next start.
#
#   dotnet build src/Cli -c Release && tests/shows/damaged-log.sh [FLIPS]
#
# Needs sqlite3. Everything stays in a directory that is removed at the end.
set -u
FLIPS=${1:-40}
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
ELASTICITY="$ROOT/artifacts/bin/Elasticity.Cli/release/elasticity"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK" || exit 1

fail() { echo "FAILED: $*"; exit 1; }
seq 200 | "$ELASTICITY" run --job numbers --exec 'echo out {}; echo err {} >&2' >/dev/null 2>&1 || fail "run"
"$ELASTICITY" verify || fail "a sound log"
cp -r .elasticity sound
DB=.elasticity/elasticity.db
sql() { sqlite3 "$DB" "$@" || fail "sqlite3 $*"; }

# damaged WHERE: verify must fail and name stream and version of the event with that number
expect() {
    local what=$1 seq=$2 stream version report
    stream=$(sqlite3 sound/elasticity.db "SELECT stream FROM events WHERE seq = $seq")
    version=$(sqlite3 sound/elasticity.db "SELECT version FROM events WHERE seq = $seq")
    if report=$("$ELASTICITY" verify --json 2>&1); then fail "$what of event $seq went unnoticed"; fi
    case $report in
        *"\"stream\": \"$stream\""*"\"version\": $version"* | *"\"stream\":\"$stream\",\"version\":$version"*) ;;
        *) fail "$what: $stream version $version is not named: $report" ;;
    esac
    rm -rf .elasticity && cp -r sound .elasticity
}
flip() { # flip COLUMN SEQ: another value in one byte, at a random place
    local size place
    size=$(sqlite3 "$DB" "SELECT length($1) FROM events WHERE seq = $2")
    [ "${size:-0}" -gt 0 ] || return 1
    place=$((RANDOM % size + 1))
    sql "UPDATE events SET $1 = CAST(substr($1, 1, $place - 1) AS BLOB)
        || CASE substr($1, $place, 1) WHEN x'41' THEN x'42' ELSE x'41' END
        || CAST(substr($1, $place + 1) AS BLOB) WHERE seq = $2"
    [ "$(sqlite3 "$DB" "SELECT hex($1) FROM events WHERE seq = $2")" \
        != "$(sqlite3 sound/elasticity.db "SELECT hex($1) FROM events WHERE seq = $2")" ]
}

events=$(sqlite3 "$DB" 'SELECT count(*) FROM events')
done=0
while [ "$done" -lt "$FLIPS" ]; do
    column=$(printf 'content\nattachments\nhash\nmetadata\n' | sed -n "$((done % 4 + 1))p")
    [ "$(sqlite3 "$DB" "SELECT count($column) FROM events")" = 0 ] && { done=$((done + 1)); continue; }
    seq=$((RANDOM % events + 1))
    flip "$column" "$seq" || continue
    expect "a flipped byte in $column" "$seq"
    done=$((done + 1))
done
echo "$done flipped bytes: each found, stream and version named"

seq=$(sqlite3 "$DB" "SELECT min(seq) FROM events WHERE stream LIKE 'task/%' AND version = 1")
sql "DELETE FROM events WHERE seq = $seq"
if "$ELASTICITY" verify >report 2>&1; then fail "a removed event went unnoticed"; fi
grep -q "$(sqlite3 sound/elasticity.db "SELECT stream FROM events WHERE seq = $seq")" report || fail "$(cat report)"
rm -rf .elasticity && cp -r sound .elasticity
echo "a removed event: found"

before=$("$ELASTICITY" jobs --json)
sql 'DROP TABLE jobs'
"$ELASTICITY" jobs >/dev/null || fail "nothing is shown without the derived table"
[ "$("$ELASTICITY" jobs --json)" = "$before" ] || fail "the derived table is not what it was"
"$ELASTICITY" verify || fail "verify after the table was made again"
sql 'DELETE FROM jobs'
"$ELASTICITY" run --job numbers >/dev/null 2>&1 || fail "no start with an empty derived table"
[ "$("$ELASTICITY" jobs --json)" = "$before" ] || fail "the emptied table is not what it was"
echo "the derived table of jobs, dropped and emptied: made again, with the same in it"
echo OK
