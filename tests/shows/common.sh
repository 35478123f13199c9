# What the shows share; sourced, never run. Everything stays on this machine, in a directory that is removed at the end.
# shellcheck shell=bash
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
ELASTICITY="$ROOT/artifacts/bin/Elasticity.Cli/release/elasticity"
WORK=$(mktemp -d)
FAILED=0
declare -a MOUNTED
PG_BIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -n 1)
PG_PORT=

end() {
    local pid dir
    for pid in $(jobs -p); do kill -CONT "$pid" 2>/dev/null && kill -9 "$pid" 2>/dev/null; done
    wait 2>/dev/null
    [ -n "$PG_PORT" ] && as_postgres "$PG_BIN/pg_ctl" -D "$WORK/pg/data" -m immediate -w stop >/dev/null 2>&1
    for dir in "${MOUNTED[@]:-}"; do [ -n "$dir" ] && umount "$dir" 2>/dev/null; done
    [ -n "${KEEP:-}" ] || rm -rf "$WORK"
}
trap end EXIT
trap 'exit 130' INT TERM

title() { printf '\n== %s\n' "$*"; }

fail() {
    echo "   FAILED: $*"
    FAILED=$((FAILED + 1))
}

# says WANTED TEXT: shows the text, and fails when it does not hold what is wanted (an extended regular expression).
says() {
    printf '   %s\n' "${2:0:300}"
    grep -qE -- "$1" <<<"$2" || fail "it does not say '$1'"
}

# is WANTED FOUND WHAT
is() { [ "$1" = "$2" ] || fail "$3: $2, not $1"; }

# exits CODE WANTED COMMAND...: runs a command; its exit code and what it says on standard error are as stated.
exits() {
    local code=$1 wanted=$2 got error
    shift 2
    error=$("$@" 2>&1 >/dev/null </dev/stdin)
    got=$?
    is "$code" "$got" "exit code of '$(basename "$1") ${*:2:2}'"
    says "$wanted" "exit $got, $error"
}

# eventually SECONDS COMMAND...: until the command succeeds.
eventually() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.2
    done
}

# serve NAME URL OPTION...: starts a server of its own; its process id is in SERVER.
serve() {
    local name=$1 url=$2
    shift 2
    "$ELASTICITY" server --listen "$url" --data "$WORK/$name" "$@" >>"$WORK/$name.log" 2>&1 &
    SERVER=$!
}

ready() { curl -fs -o /dev/null --max-time 5 "http://127.0.0.1:$1/readyz"; }

# ask PORT METHOD PATH [BODY]: prints the status, a space, and the body on one line.
ask() {
    local body=()
    [ $# -gt 3 ] && body=(-H 'content-type: application/json' --data-binary "$4")
    curl -s --max-time 120 -X "$2" -w '\n%{http_code}' "${body[@]}" "http://127.0.0.1:$1$3" \
        | tr '\n' ' ' | sed -E 's/(.*) ([0-9]{3}) ?$/\2 \1/'
    echo
}

# field NAME TEXT: a member of a JSON document.
field() { sed -nE "s/.*\"$1\": ?\"?([^\",}]*)\"?.*/\1/p" <<<"$2" | head -n 1; }

state() { field state "$(ask "$1" GET "/v1/jobs/$2")"; }

has_state() { [ "$(state "$1" "$2")" = "$3" ]; }

# PostgreSQL refuses to run as root; anybody else runs it as themselves.
as_postgres() (
    cd / || exit
    if [ "$(id -u)" = 0 ]; then exec runuser -u postgres -- "$@"; else exec "$@"; fi
)

# start_postgres: a private server; its connection string is in STORE.
start_postgres() {
    [ -n "$PG_BIN" ] || return 1
    mkdir -p "$WORK/pg"
    chmod 755 "$WORK"
    [ "$(id -u)" = 0 ] && chown postgres "$WORK/pg"
    as_postgres "$PG_BIN/initdb" -D "$WORK/pg/data" -U elasticity --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
        >/dev/null || return 1
    PG_PORT=$((20000 + RANDOM % 10000))
    STORE="Host=127.0.0.1;Port=$PG_PORT;Username=elasticity;Database=postgres"
    resume_postgres
}

resume_postgres() {
    as_postgres "$PG_BIN/pg_ctl" -D "$WORK/pg/data" -l "$WORK/pg/log" -w -t 60 start \
        -o "-p $PG_PORT -k $WORK/pg -c listen_addresses=127.0.0.1 -c fsync=on" >/dev/null
}

stop_postgres() { as_postgres "$PG_BIN/pg_ctl" -D "$WORK/pg/data" -m "$1" -w stop >/dev/null; }

# finish: the verdict.
finish() {
    printf '\n'
    if [ "$FAILED" -gt 0 ]; then
        echo "$FAILED things were not as stated"
        exit 1
    fi
    echo OK
}
