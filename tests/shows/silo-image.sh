#!/usr/bin/env bash
# What deploy/Dockerfile does, without a container: its first stage is followed command by command in an empty directory
# (COPY takes only what git would give, RUN is run), and what it makes is started as the image would start it.
#
#   tests/shows/silo-image.sh
#   PROJECT=src/Silo.Cassandra tests/shows/silo-image.sh      # with a build argument
#
# Needs git, curl and the .NET SDK.
set -u
. "$(dirname "$0")/silo-common.sh"
SOURCE="$WORK/source" APP="$WORK/app"
mkdir -p "$SOURCE"

# copy FROM... TO: as in a build whose context is what is committed or about to be.
copy() {
    local to=${*: -1} from
    for from in "${@:1:$#-1}"; do
        (cd "$ROOT" && git ls-files --cached --others --exclude-standard -- "$from" | tar -cf - -T -) | tar -xf - -C "$SOURCE" \
            || fail "COPY $from"
    done
    [ -e "$SOURCE/$to" ] || fail "COPY gives no $to"
}

title 'the first stage'
stage=0
while read -r word rest; do
    case $word in
        FROM) stage=$((stage + 1)); echo "   stage $stage: $rest" ;;
        COPY) [ "$stage" = 1 ] && eval "copy $rest" ;;
        ARG) eval "export ${rest%%=*}=\${${rest%%=*}:-${rest#*=}}" ;;
        RUN)
            is 1 "$stage" 'the stage of every RUN'
            rest=${rest//\/app/$APP} # Only that path is another one.
            echo "   $rest"
            (cd "$SOURCE" && bash -c "nice -n 15 $rest" >"$WORK/run.log" 2>&1) || { fail "$rest"; tail -n 20 "$WORK/run.log"; }
            ;;
        ENTRYPOINT) entrypoint=$(sed 's/[][,"]/ /g' <<<"$rest") ;;
    esac
done < <(grep -vE '^(#|$)' "$ROOT/deploy/Dockerfile")
is 2 "$stage" 'stages'

title 'what it makes'
read -r -a start <<<"${entrypoint//\/app/$APP}"
echo "   $(du -sh "$APP" | cut -f1) in $(find "$APP" -type f | wc -l) files; starts as: ${start[*]##*/}"
says '^[0-9]+\.[0-9]+\.[0-9]+' "$("${start[@]}" --version)"
exits 2 'Nobody knows the option --Nonsense' "${start[@]}" --Nonsense 1 </dev/null
chmod -R a-w "$APP"
"${start[@]}" --Listen "http://127.0.0.1:$PORT" --SiloPort $((PORT + 101)) --GatewayPort $((PORT + 201)) >"$WORK/log" 2>&1 &
silo=$!
eventually 180 ready "$PORT" || fail "it does not serve: $(tail -n 3 "$WORK/log")"
says '"status": ?"live"' "$(curl -s "http://127.0.0.1:$PORT/healthz" | tr -d '\n')"
kill -TERM "$silo"; wait "$silo"
is 0 $? 'exit code after SIGTERM'
chmod -R u+w "$APP"
finish
