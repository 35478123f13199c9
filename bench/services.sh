# Private servers for run.sh, which sources this file: PostgreSQL and Redis on 127.0.0.1 with a password of their own,
# their data below $work. fsync is on. Each is started for one repetition and stopped after it.

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
pg_bin=''
pg_port=''
redis_port=''
redis_pid=''
export BENCH_SERVER_PID=''

# PostgreSQL refuses to run as root; anybody else runs it as themselves.
as_postgres() (
  cd /
  if [ "$(id -u)" = 0 ]; then exec runuser -u postgres -- "$@"; else exec "$@"; fi
)

find_postgres() {
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -n 1) || true
  if [ -z "$found" ] && command -v initdb >/dev/null; then found=$(dirname "$(command -v initdb)"); fi
  if [ -n "$found" ] && [ -x "$found/initdb" ]; then pg_bin=$found; fi
}

prepare_postgres() {
  mkdir "$work/pg"
  printf '%s\n' "$password" >"$work/pg/password"
  if [ "$(id -u)" = 0 ]; then chown -R postgres "$work/pg"; fi
  as_postgres "$pg_bin/initdb" -D "$work/pg/data" -U elasticity --pwfile="$work/pg/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 >/dev/null
  as_postgres tee -a "$work/pg/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
fsync = on
synchronous_commit = on
full_page_writes = on
shared_buffers = 1GB
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_buffers = 16MB
random_page_cost = 1.1
CONF
}

# A running server with an empty database "bench".
start_postgres() {
  local attempt
  for attempt in 1 2 3 4 5; do
    pg_port=$((20000 + RANDOM % 10000)) # below the range that the kernel gives to clients
    if as_postgres "$pg_bin/pg_ctl" -D "$work/pg/data" -l "$work/pg/log" -w -t 60 start -o "-p $pg_port" >/dev/null 2>&1
    then
      BENCH_SERVER_PID=$(as_postgres head -n 1 "$work/pg/data/postmaster.pid")
      export BENCH_POSTGRES_URL="postgres://elasticity:$password@127.0.0.1:$pg_port/bench"
      export BENCH_POSTGRES_NPGSQL="Host=127.0.0.1;Port=$pg_port;Username=elasticity;Password=$password;Database=bench"
      sql -c 'drop database if exists bench' -c 'create database bench' -c checkpoint
      return
    fi
  done
  echo "bench: PostgreSQL did not start" >&2
  as_postgres cat "$work/pg/log" >&2 || true
  return 1
}

sql() {
  PGPASSWORD=$password "$pg_bin/psql" -q -At -h 127.0.0.1 -p "$pg_port" -U elasticity -d postgres "$@" 2>/dev/null
}

stop_postgres() {
  if [ -z "$pg_port" ]; then return; fi
  as_postgres "$pg_bin/pg_ctl" -D "$work/pg/data" -m fast -w stop >/dev/null 2>&1 || true
  pg_port=''
}

# An empty Redis; $1 is appendfsync.
start_redis() {
  local attempt
  rm -rf "$work/redis"
  mkdir "$work/redis"
  redis_port=$((30000 + RANDOM % 2000))
  redis-server - >"$work/redis/log" 2>&1 <<CONF &
bind 127.0.0.1
port $redis_port
requirepass $password
dir $work/redis
appendonly yes
appendfsync $1
save ""
maxmemory-policy noeviction
CONF
  redis_pid=$!
  export BENCH_REDIS_PORT=$redis_port BENCH_REDIS_PASSWORD=$password
  BENCH_SERVER_PID=$redis_pid
  for attempt in $(seq 100); do
    if [ "$(redis ping)" = PONG ]; then return; fi
    if ! kill -0 "$redis_pid" 2>/dev/null; then break; fi
    sleep 0.1
  done
  echo "bench: Redis did not start" >&2
  cat "$work/redis/log" >&2
  return 1
}

redis() { REDISCLI_AUTH=$password redis-cli -p "$redis_port" "$@" 2>/dev/null; }

stop_redis() {
  if [ -z "$redis_pid" ]; then return; fi
  kill "$redis_pid" 2>/dev/null || true
  wait "$redis_pid" 2>/dev/null || true
  redis_pid=''
}

stop_services() {
  stop_postgres
  stop_redis
  BENCH_SERVER_PID=''
}
