#!/usr/bin/env bash
# Everything that goes wrong from outside, against the real program and real servers: bad documents, bad callers, bad
# disks, a database that goes away. Each is answered with a clear sentence and a stable code; nothing accepted is lost,
# and work goes on once the cause is gone. Fails when anything is not as stated.
#
#   dotnet build src/Cli -c Release && tests/shows/bad-input.sh
#
# Needs curl and openssl. The parts about disks need root (a small mount), the part about PostgreSQL its binaries.
set -u
. "$(dirname "$0")/common.sh"
PORT=${PORT:-18087}

tasks() { # tasks N [KIND]: a job of N tasks
    printf '{"tasks":['
    seq -s, "$1" | sed -E "s/[0-9]+/{\"kind\":\"${2:-noop}\",\"payload\":&}/g" | tr -d '\n'
    printf ']}'
}

documents() {
    title 'wrong JSON'
    says '^400 .*"code": ?"bad-json"' "$(ask "$PORT" POST /v1/jobs '{"tasks":[{"kind":}]}')"
    printf '{"tasks":[' >"$WORK/bad.json"
    exits 2 '^exit 2, elasticity: bad-json: ' "$ELASTICITY" submit "$WORK/bad.json" --server "$URL" </dev/null

    title 'an unknown field'
    says '^400 .*"code": ?"unknown-field"' "$(ask "$PORT" POST /v1/jobs '{"tasks":[{"kind":"a","prioritty":1}]}')"
    printf '{"tasks":[{"kind":"exec","prioritty":1}]}' >"$WORK/bad.json"
    exits 2 'elasticity: unknown-field: ' "$ELASTICITY" submit "$WORK/bad.json" --server "$URL" </dev/null

    title 'a payload of 10 MB'
    { printf '{"id":"large","tasks":[{"kind":"a","payload":"'; head -c 10000000 /dev/zero | tr '\0' x; printf '"}]}'; } \
        >"$WORK/large.json"
    says '^422 .*"code": ?"limit-exceeded"' "$(ask "$PORT" POST /v1/jobs "@$WORK/large.json")"
    exits 2 'elasticity: limit-exceeded: .*payload' "$ELASTICITY" submit "$WORK/large.json" --server "$URL" </dev/null
    head -c 70000000 /dev/zero >"$WORK/huge"
    says '^413 .*"code": ?"body-too-large"' "$(ask "$PORT" POST /v1/jobs "@$WORK/huge")"

    title '1,000,001 tasks'
    local digest
    digest=$(printf '0%.0s' $(seq 64))
    says '^422 .*"code": ?"limit-exceeded"' \
        "$(ask "$PORT" POST /v1/jobs/many/open "{\"digest\":\"$digest\",\"taskCount\":1000001}")"
    tasks 1000001 >"$WORK/many.json"
    exits 2 'elasticity: limit-exceeded: .*1000000 tasks' \
        "$ELASTICITY" submit - --job many --server "$URL" <"$WORK/many.json"
    exits 2 'elasticity: limit-exceeded: .*1000000 tasks' \
        "$ELASTICITY" run --job many --exec true --data "$WORK/none" < <(seq 1000001)
    [ ! -e "$WORK/none" ] || fail 'run left a data directory behind'
    says '^404 .*"code": ?"job-unknown"' "$(ask "$PORT" GET /v1/jobs/many)"

    title 'a cycle'
    says '^422 .*"code": ?"dependency-cycle"' "$(ask "$PORT" POST /v1/jobs \
        '{"id":"knot","tasks":[{"kind":"a","name":"x","dependsOn":["y"]},{"kind":"a","name":"y","dependsOn":["x"]}]}')"
    says '^404 .*"code": ?"job-unknown"' "$(ask "$PORT" GET /v1/jobs/knot)"

    title 'a kind that nobody offers: it waits, visibly, and burns nothing'
    says '^201 ' "$(ask "$PORT" POST /v1/jobs '{"id":"lonely","tasks":[{"kind":"resise"}]}')"
    says '"code": ?"no-agent".*resise' "$(ask "$PORT" GET /v1/doctor)"
    printf '{"tasks":[{"kind":"resise"}]}' >"$WORK/bad.json"
    exits 2 'elasticity: kind-unknown: ' "$ELASTICITY" run "$WORK/bad.json" --data "$WORK/none" </dev/null
}

callers() {
    title 'a result under a wrong token'
    local session=/v1/agents/a/sessions/s
    ask "$PORT" PUT $session '{"kinds":["noop"],"slots":1}' >/dev/null
    ask "$PORT" POST /v1/jobs '{"id":"one","tasks":[{"kind":"noop"}]}' >/dev/null
    says '"token": ?1' "$(ask "$PORT" POST $session/lease '{"requestId":"r","max":1}')"
    local result='{"results":[{"job":"one","index":0,"token":TOKEN,"outcome":"succeeded"}]}'
    says '"recorded": ?0.*"code": ?"lease-lost"' "$(ask "$PORT" POST $session/settle "${result/TOKEN/7}")"
    says '"recorded": ?1' "$(ask "$PORT" POST $session/settle "${result/TOKEN/1}")"
    is succeeded "$(state "$PORT" one)" 'state of the job'

    title 'a body that comes too slowly'
    says 'HTTP/1.1 408.*"code": ?"request-timeout"' "$(slowly | tr -d '\r' | tr '\n' ' ')"
    ready "$PORT" || fail 'the server is not ready any more'

    title 'a second process on the same data'
    exits 3 'elasticity: store-locked: ' "$ELASTICITY" server --listen http://127.0.0.1:0 --data "$WORK/main" </dev/null
    exits 3 'elasticity: store-locked: .*--server' "$ELASTICITY" cancel lonely --data "$WORK/main" </dev/null
    says lonely "$("$ELASTICITY" jobs --data "$WORK/main")"
}

slowly() { # a request of which a byte a second arrives
    exec 9<>"/dev/tcp/127.0.0.1/$PORT" || return
    printf 'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{' >&9
    (for _ in $(seq 30); do sleep 1; printf ' ' >&9 || break; done) 2>/dev/null &
    timeout 40 cat <&9
    kill $! 2>/dev/null
    exec 9>&-
}

https() {
    title 'https with a certificate of its own, and API keys'
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>/dev/null
    local port=$((PORT + 1)) key
    exits 2 'elasticity: listen-refused: ' \
        "$ELASTICITY" server --listen "http://*:$port" --data "$WORK/tls" </dev/null
    exits 2 'elasticity: listen-invalid: .*--certificate' \
        "$ELASTICITY" server --listen "https://localhost:$port" --data "$WORK/tls" </dev/null
    exits 2 'elasticity: listen-invalid: ' "$ELASTICITY" server --listen "https://localhost:$port" \
        --data "$WORK/tls" --certificate "$WORK/bad.json" --certificate-key "$WORK/key.pem" </dev/null
    key=$("$ELASTICITY" keys add ci --role read --data "$WORK/tls")
    serve tls "https://*:$port" --certificate "$WORK/cert.pem" --certificate-key "$WORK/key.pem"
    local curl=(curl -s --max-time 10 --cacert "$WORK/cert.pem" -w ' %{http_code}') url=https://localhost:$port
    eventually 30 "${curl[@]}" -f -o /dev/null "$url/readyz" >/dev/null || fail 'it does not serve'
    says '200$' "$("${curl[@]}" -H "Authorization: Bearer $key" "$url/v1/jobs" | tr '\n' ' ')"
    says '"code": ?"unauthorized".* 401$' "$("${curl[@]}" "$url/v1/jobs" | tr '\n' ' ')"
    says '"code": ?"unauthorized".* 401$' \
        "$("${curl[@]}" -H 'Authorization: Bearer elk_wrong' "$url/v1/jobs" | tr '\n' ' ')"
    says '"code": ?"forbidden".* 403$' \
        "$("${curl[@]}" -X POST -H "Authorization: Bearer $key" "$url/v1/jobs/x/cancel" | tr '\n' ' ')"
    exits 3 'elasticity: server-unreachable: .*' "$ELASTICITY" jobs --server "https://127.0.0.1:$port" </dev/null
    SSL_CERT_FILE="$WORK/cert.pem" exits 2 'elasticity: unauthorized: ' \
        "$ELASTICITY" jobs --server "$url" --key elk_wrong </dev/null
    says 'JOB' "$(SSL_CERT_FILE="$WORK/cert.pem" "$ELASTICITY" jobs --server "$url" --key "$key" 2>&1)"
    kill "$SERVER" && wait "$SERVER"
    is 0 $? 'exit code of a server that is told to stop'
}

disks() {
    if [ "$(id -u)" != 0 ] || ! { mkdir -p "$WORK/disk" && mount -t tmpfs -o size=16m tmpfs "$WORK/disk"; }; then
        title 'SKIPPED: a read-only directory and a full disk need root, for a small mount'
        return
    fi
    MOUNTED+=("$WORK/disk")

    title 'a read-only directory'
    mount -o remount,ro "$WORK/disk"
    exits 3 'elasticity: store-read-only: ' \
        "$ELASTICITY" server --listen http://127.0.0.1:0 --data "$WORK/disk/data" </dev/null
    mount -o remount,rw "$WORK/disk"

    title 'a full disk, freed again'
    local port=$((PORT + 2)) accepted=0 answer i
    serve disk/data "http://127.0.0.1:$port"
    eventually 30 ready "$port" || fail 'it does not serve'
    for i in $(seq 200); do
        answer=$(ask "$port" POST /v1/jobs "$(tasks 2000 | sed "s/^{/{\"id\":\"d$i\",/")")
        [ "${answer:0:3}" = 201 ] || break
        accepted=$i
    done
    echo "   $accepted jobs accepted, then:"
    says '^503 .*"code": ?"store-full"' "$answer"
    says '^503 .*"code": ?"store-full"' "$(ask "$port" GET /readyz)"
    says '^200 ' "$(ask "$port" GET /healthz)"
    mount -o remount,size=256m "$WORK/disk"
    eventually 30 ready "$port" || fail 'it does not serve again'
    says '^20[01] ' "$(ask "$port" POST /v1/jobs "$(tasks 2000 | sed "s/^{/{\"id\":\"d$((accepted + 1))\",/")")"
    for i in $(seq $((accepted + 1))); do is open "$(state "$port" "d$i")" "state of job d$i"; done
    says 'everything fits' "$("$ELASTICITY" verify --data "$WORK/disk/data" 2>&1 | tail -n 1)"
    kill "$SERVER" && wait "$SERVER"
}

postgres() {
    if ! start_postgres; then
        title 'SKIPPED: PostgreSQL is not installed'
        return
    fi
    title 'PostgreSQL stopped in the middle, and started again'
    local port=$((PORT + 3)) i accepted=() refused=0 how answer agent
    serve pg "http://127.0.0.1:$port" --store "$STORE"
    eventually 60 ready "$port" || fail 'it does not serve'
    "$ELASTICITY" agent --server "http://127.0.0.1:$port" --id pg --slots 4 --kind touch \
        --exec "echo {} >> $WORK/touched" >"$WORK/agent.log" 2>&1 &
    agent=$!
    for how in fast immediate; do
        for i in $(seq 60); do
            [ "$i" = 20 ] && stop_postgres "$how" && sleep 1
            [ "$i" = 25 ] && says '^503 .*"code": ?"store-[a-z]+"' "$(ask "$port" GET /readyz)"
            answer=$(ask "$port" POST /v1/jobs "$(tasks 20 touch | sed "s/^{/{\"id\":\"$how-$i\",/")")
            case $answer in
                201*) accepted+=("$how-$i") ;;
                503*) refused=$((refused + 1)) ;;
                *) fail "job $how-$i: $answer" ;;
            esac
            [ "$i" = 30 ] && says '^503 .*"code": ?"store-[a-z]+"' "$answer" && resume_postgres \
                && { eventually 60 ready "$port" || fail 'it does not serve again'; }
        done
    done
    echo "   ${#accepted[@]} jobs accepted, $refused refused meanwhile"
    [ "$refused" -gt 0 ] || fail 'nothing was refused while the database was away'
    for i in "${accepted[@]}"; do
        eventually 60 has_state "$port" "$i" succeeded || fail "job $i is $(state "$port" "$i")"
    done
    says 'everything fits' "$("$ELASTICITY" verify --store "$STORE" 2>&1 | tail -n 1)"
    kill "$agent" "$SERVER" && wait "$agent" "$SERVER"
}

URL=http://127.0.0.1:$PORT
serve main "$URL"
eventually 60 ready "$PORT" || fail 'the server does not serve'
for part in "${@:-documents callers https disks postgres}"; do
    for one in $part; do "$one"; done
done
finish
