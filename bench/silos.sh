#!/usr/bin/env bash
# One silo and three, each a process of its own, on a PostgreSQL with fsync: bench/silos.sh [REPS] [BENCH_OPTION...]
#
#   REPS           repetitions, default 2. Each takes one silo and then three, new ones on a new database.
#   BENCH_OPTION   options of `elasticity bench`, instead of --agents 3 --jobs 10 --tasks 5000 --steady 10s
#
# `elasticity bench` runs twice on the same silos, over HTTP: silos that have just started are still being compiled.
# Prints what it says, with the processor time of the silos and of PostgreSQL, and leaves nothing behind. As root it
# installs PostgreSQL when that is missing. README.md explains the numbers.
set -euo pipefail
exec </dev/null
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=''
silos=()
source "$root/bench/services.sh"

repetitions=2
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
  repetitions=$1
  shift
fi
options=("$@")
if [ $# = 0 ]; then options=(--agents 3 --jobs 10 --tasks 5000 --steady 10s); fi
silo=$root/artifacts/bin/Elasticity.Silo/release/elasticity-silo
elasticity=$root/artifacts/bin/Elasticity.Cli/release/elasticity

stop_silos() {
  if [ ${#silos[@]} = 0 ]; then return; fi
  kill "${silos[@]}" 2>/dev/null || true
  wait "${silos[@]}" 2>/dev/null || true
  silos=()
}

clean_up() {
  stop_silos
  stop_services
  if [ -n "$work" ]; then rm -rf "$work"; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# Seconds of processor time that processes have had, with their children that have ended.
processor_of() {
  local process
  for process in "$@"; do cat "/proc/$process/stat" 2>/dev/null || true; done \
    | sed 's/(.*)//' | awk -v hz="$(getconf CLK_TCK)" '{s += $13 + $14 + $15 + $16} END {printf "%.1f", s / hz}'
}

postgres_processes() { echo "$BENCH_SERVER_PID"; pgrep -P "$BENCH_SERVER_PID" || true; }

# start_silos N: silos 1 to N, all ready; their addresses are in $servers.
start_silos() {
  local n first=$((21000 + RANDOM % 500)) port
  servers=''
  for ((n = 0; n < $1; n++)); do
    port=$((first + n))
    "$silo" --Listen "http://127.0.0.1:$port" --SiloPort $((port + 1000)) --GatewayPort $((port + 2000)) \
      >>"$work/silos.log" 2>&1 &
    silos+=($!)
    servers+="${servers:+,}http://127.0.0.1:$port"
  done
  for ((n = 0; n < $1; n++)); do
    if ! timeout 120 bash -c "until curl -fs -o /dev/null http://127.0.0.1:$((first + n))/readyz; do sleep 0.2; done"; then
      echo "bench: a silo does not serve" >&2
      tail -n 5 "$work/silos.log" >&2
      return 1
    fi
  done
}

measure() {
  local time
  start_postgres
  export ELASTICITY_SILO_PostgreSql=$BENCH_POSTGRES_NPGSQL
  "$silo" migrate >/dev/null
  start_silos "$1"
  for time in 'just started' again; do
    echo "== $1 of them, $time; load $(cut -d' ' -f1 /proc/loadavg)"
    # shellcheck disable=SC2046 # one word for each process
    before="$(processor_of "${silos[@]}") $(processor_of $(postgres_processes))"
    "$elasticity" bench --server "$servers" "${options[@]}"
    # shellcheck disable=SC2046
    echo "$before $(processor_of "${silos[@]}") $(processor_of $(postgres_processes))" \
      | awk '{printf "processor time: silos %.1f s, PostgreSQL %.1f s\n", $3 - $1, $4 - $2}'
  done
  stop_silos
  stop_services
}

find_postgres
if [ -z "$pg_bin" ]; then
  if [ "$(id -u)" != 0 ]; then echo "bench: install PostgreSQL, or run this once as root" >&2; exit 1; fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends postgresql >/dev/null
  find_postgres
fi
for project in src/Cli src/Silo; do dotnet build "$root/$project" -c Release --nologo -v quiet >&2; done
work=$(mktemp -d "${BENCH_DIR:-/tmp}/elasticity-bench.XXXXXX")
chmod 711 "$work" # the user that PostgreSQL runs as must get through
cd "$work"         # no configuration file of the checkout is read
prepare_postgres
for repetition in $(seq "$repetitions"); do
  echo "repetition $repetition of $repetitions"
  measure 1
  measure 3
done
