#!/usr/bin/env bash
# Elasticity and other job queues on this machine, in one run: bench/run.sh [REPS] [PEER...]
#
#   REPS   repetitions, default 3. Each repetition measures every row once, with a fresh store.
#   PEER   bullmq-always bullmq-everysec pg-boss graphile-worker quartz; default all. Elasticity is measured with them;
#          "elasticity" alone measures nothing else. "append" measures what the event stores take, alone or besides.
#
# Installs what is missing (npm packages into bench/peers, as root also Debian packages). Writes bench/results/TIME.jsonl and
# TIME.md, and prints the table. README.md explains the numbers and the variables BENCH_*.
set -euo pipefail
exec </dev/null
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peers=$bench/peers
root=$(dirname "$bench")
work=''
source "$bench/services.sh"

usage() {
  sed -n '2,6s/^# \{0,1\}//p' "$bench/run.sh" >&2
  exit 2
}

repetitions=3
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
  repetitions=$1
  shift
fi

rows=()
append=''
elasticity=''
if [ $# = 0 ]; then set -- bullmq-always bullmq-everysec pg-boss graphile-worker quartz; fi
for peer in "$@"; do
  case $peer in
    bullmq-always | bullmq-everysec | pg-boss | graphile-worker | quartz)
      rows+=("$peer")
      elasticity=yes
      ;;
    elasticity) elasticity=yes ;;
    append) append=yes ;;
    *) usage ;;
  esac
done
if [ -n "$elasticity" ]; then
  rows=(elasticity-sqlite elasticity-http-sqlite elasticity-http-postgres ${rows[@]+"${rows[@]}"})
fi

clean_up() {
  stop_services
  if [ -n "$work" ]; then rm -rf "$work"; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

install_packages() {
  local missing=()
  command -v npm >/dev/null || missing+=(nodejs npm)
  command -v redis-server >/dev/null || missing+=(redis-server)
  find_postgres
  [ -n "$pg_bin" ] || missing+=(postgresql)
  if [ ${#missing[@]} = 0 ]; then return; fi
  if [ "$(id -u)" != 0 ]; then
    echo "bench: install ${missing[*]}, or run this once as root" >&2
    exit 1
  fi
  echo "bench: installing ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  find_postgres
}

install_node_modules() {
  node=$peers/node_modules/.bin/node
  if [ ! -x "$node" ] || [ "$peers/package.json" -nt "$peers/node_modules/.package-lock.json" ]; then
    echo "bench: installing the peers and the Node.js that they need" >&2
    (cd "$peers" && npm install --no-package-lock --no-audit --no-fund --loglevel=error >&2)
  fi
}

build() {
  local project
  for project in src/Cli bench/Benchmarks; do
    dotnet build "$root/$project" -c Release --nologo -v quiet >&2
  done
  export BENCH_ELASTICITY=$root/artifacts/bin/Elasticity.Cli/release/elasticity
  export BENCH_DOTNET=$root/artifacts/bin/Elasticity.Benchmarks/release/Elasticity.Benchmarks
}

# Everything that is made durable goes here, whoever writes it, so that all use the same disk.
prepare_disk() {
  work=$(mktemp -d "${BENCH_DIR:-/tmp}/elasticity-bench.XXXXXX")
  chmod 711 "$work" # the user that PostgreSQL runs as must get through
  mkdir "$work/tmp"
  export TMPDIR=$work/tmp
  case $(df --output=fstype "$work" | tail -n 1) in
    tmpfs | ramfs)
      echo "bench: $(dirname "$work") is in memory, where fsync means nothing; BENCH_DIR=DIR names a place on a disk" >&2
      exit 1
      ;;
  esac
}

describe() {
  local commit text
  commit=$(git -C "$root" describe --always --dirty 2>/dev/null || echo unknown)
  text="$(date -u +%F), commit $commit; $(nproc) x $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)"
  text+=", $(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
  text+=", $(df --output=fstype "$work" | tail -n 1) on $(df --output=source "$work" | tail -n 1), Linux $(uname -r)"
  text+="; .NET SDK $(dotnet --version), Node.js $("$node" -v), $(redis-server --version | cut -d' ' -f1-3)"
  start_postgres
  text+=", PostgreSQL $(sql -c 'show server_version')"
  text+=" with fsync $(sql -c 'show fsync'), synchronous_commit $(sql -c 'show synchronous_commit')"
  text+=", full_page_writes $(sql -c 'show full_page_writes'), wal_sync_method $(sql -c 'show wal_sync_method')"
  stop_services
  "$node" -p 'JSON.stringify({ machine: process.argv[1] })' "$text" >"$results.jsonl"
}

# One row, once, on a fresh store.
measure() {
  case $1 in
    bullmq-*)
      start_redis "${1#bullmq-}"
      if [ "$(redis config get appendfsync | tail -n 1)" != "${1#bullmq-}" ]; then return 1; fi
      ;;
    elasticity-http-postgres | pg-boss | graphile-worker | quartz) start_postgres ;;
  esac
  "$node" "$peers/repetition.mjs" "$1" "$2" "$results.jsonl"
  stop_services
}

measure_append() {
  local share
  start_postgres
  share=$("$node" "$peers/probe.mjs")
  "$BENCH_DOTNET" append --postgres "$BENCH_POSTGRES_NPGSQL" | sed "s/^{/{\"cpuBefore\":$share,/" >>"$results.jsonl"
  stop_services
}

install_packages
install_node_modules
build
prepare_disk
prepare_postgres
mkdir -p "$bench/results"
results=$bench/results/$(date -u +%Y-%m-%dT%H%M%SZ)
describe

for repetition in $(seq "$repetitions"); do
  echo "bench: repetition $repetition of $repetitions" >&2
  for row in ${rows[@]+"${rows[@]}"}; do measure "$row" "$repetition"; done
  if [ -n "$append" ]; then measure_append; fi
done

"$node" "$peers/table.mjs" "$results.jsonl" | tee "$results.md"
