#!/usr/bin/env bash
# The dashboard of Orleans in a browser: open to this machine without keys; with keys only for one that may administer.
#
#   dotnet build src/Cli -c Release && dotnet build src/Silo -c Release && tests/shows/silo-dashboard.sh [PICTURE]
#
# Needs curl, the binaries of PostgreSQL and chromium; the picture goes to PICTURE, dashboard.png unless given.
set -u
. "$(dirname "$0")/silo-common.sh"
PICTURE=$(realpath -m "${1:-dashboard.png}")
SITE="http://127.0.0.1:$(http_of 1)/dashboard/"

code() { curl -s -o /dev/null -w '%{http_code}' "$@"; }

start_cluster 2
title 'without keys, from this machine'
submit_jobs 1 100 30 dashboard
agent agent-1 1 --slots 2 --kind touch --exec true
eventually 120 no_open_job || fail 'the job does not end'
is 200 "$(code "$SITE")" 'the page'
says '"hosts"' "$(curl -s "${SITE}DashboardCounters" | grep -om1 '"hosts"')"
if command -v chromium >/dev/null; then
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1400,1000 --timeout=20000 \
        --user-data-dir="$WORK/chromium" --screenshot="$PICTURE" "$SITE" >"$WORK/chromium.log" 2>&1
    [ -s "$PICTURE" ] || fail 'there is no picture'
    echo "   $PICTURE: $(stat -c %s "$PICTURE" 2>/dev/null) bytes"
else
    echo '   SKIPPED the picture: there is no chromium'
fi

title 'with keys, reachable from elsewhere'
kill_silo 2
"$ELASTICITY" keys add boss --role admin --data "$WORK/keys" >"$WORK/boss" || fail 'no key'
"$ELASTICITY" keys add worker --role work --role read --data "$WORK/keys" >"$WORK/worker" || fail 'no key'
BOSS=$(grep -om1 'elk_[A-Za-z0-9_-]*' "$WORK/boss") WORKER=$(grep -om1 'elk_[A-Za-z0-9_-]*' "$WORK/worker")
exits 2 'name a KeysFile' "$SILO" --Listen "http://0.0.0.0:$(http_of 2)" </dev/null
"$SILO" --Listen "http://0.0.0.0:$(http_of 2)" --KeysFile "$(ls "$WORK"/keys/*.json)" \
    --SiloPort $((PORT + 102)) --GatewayPort $((PORT + 202)) >>"$WORK/silo-2.log" 2>&1 &
SILOS[2]=$!
eventually 180 ready "$(http_of 2)" || fail 'it does not serve'
for address in 127.0.0.1 $(hostname -I 2>/dev/null | awk '{print $1}'); do
    SITE="http://$address:$(http_of 2)/dashboard/"
    is 401 "$(code "$SITE")" "without credentials, by $address"
    is 401 "$(code "${SITE}DashboardCounters")" "its numbers without credentials, by $address"
    is 401 "$(code -u "x:$WORKER" "$SITE")" 'with a key of a worker'
    is 200 "$(code -u "x:$BOSS" "$SITE")" 'with a key of an administrator'
done
says 'Basic realm=' "$(curl -si "$SITE" | grep -i '^www-authenticate')"
finish
