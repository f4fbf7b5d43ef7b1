#!/bin/sh
# A private PostgreSQL for tests and benchmarks: one server of our own, on a unix socket only, in a short temporary
# path (socket names are limited to 107 bytes). It never touches a server that is already on the machine.
#
#   postgres.sh start DIR [--durable]   starts it (or finds it running) and prints its URL
#   postgres.sh url DIR                 prints the URL of a running one
#   postgres.sh stop DIR                stops it and removes its files
#
# DIR keeps only the note where the server lives. Without --durable the server runs with fsync=off: for tests.
# As root the server runs as the user postgres, because PostgreSQL refuses root.
# Use:  export PLENARY_TEST_POSTGRES="$(tests/support/postgres.sh start build/postgres)"
set -eu

usage() { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
fail() { echo "postgres.sh: $*" >&2; exit 1; }

[ $# -ge 2 ] || usage
command=$1 dir=$2 durable=no
[ "${3:-}" = "" ] || { [ "$3" = "--durable" ] && durable=yes || usage; }

note="$dir/postgres.home"

find_binaries() {
  for bin in "${PLENARY_POSTGRES_BIN:-}" /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin; do
    if [ -n "$bin" ] && [ -x "$bin/initdb" ]; then return; fi
  done
  bin=$(dirname "$(command -v initdb || true)")
  [ -x "$bin/initdb" ] || fail "no initdb found; install it with: apt-get install postgresql-15"
}

# Runs a command as whoever may run the server.
as_server() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

url() { echo "postgresql://plenary@/postgres?host=$1"; }

running() {
  [ -f "$note" ] || return 1
  home=$(cat "$note")
  [ -d "$home/data" ] && as_server "$bin/pg_ctl" -D "$home/data" status >/dev/null 2>&1
}

start() {
  if running; then
    [ "$(cat "$home/durable")" = "$durable" ] ||
      fail "a server with durable=$(cat "$home/durable") runs in $dir; stop it first: $0 stop $dir"
    url "$home"
    return
  fi
  stop
  mkdir -p "$dir"
  # A durable server belongs on a disk, also where /tmp is in memory.
  base=${TMPDIR:-/tmp}
  [ ${#base} -le 60 ] || base=/tmp
  if [ $durable = yes ] && [ "$(stat -f -c %T "$base")" = tmpfs ]; then base=/var/tmp; fi
  home=$(mktemp -d "$base/plenary-pg.XXXXXX")
  chmod 711 "$home"
  [ "$(id -u)" != 0 ] || chown postgres "$home"
  echo "$home" >"$note"
  echo $durable >"$home/durable"
  as_server "$bin/initdb" -D "$home/data" -U plenary -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
    >"$home/initdb.log" 2>&1 || { cat "$home/initdb.log" >&2; fail "initdb failed"; }
  cat >>"$home/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$home'
timezone = 'UTC'
log_timezone = 'UTC'
max_connections = 200
shared_buffers = 128MB
max_wal_size = 1GB
log_min_messages = fatal
log_min_error_statement = panic
CONF
  if [ $durable = no ]; then
    cat >>"$home/data/postgresql.conf" <<CONF
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
checkpoint_timeout = 1h
bgwriter_lru_maxpages = 0
CONF
  fi
  as_server "$bin/pg_ctl" -D "$home/data" -l "$home/server.log" -w -t 60 start >"$home/start.log" 2>&1 ||
    { cat "$home/start.log" "$home/server.log" >&2; fail "the server does not start"; }
  url "$home"
}

stop() {
  [ -f "$note" ] || return 0
  home=$(cat "$note")
  case $home in */plenary-pg.??????) ;; *) fail "$note names $home, which is no server of this script; remove it" ;; esac
  if [ -d "$home/data" ]; then
    as_server "$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$home"
  fi
  rm -f "$note"
}

find_binaries
case $command in
  start) start ;;
  url) running || fail "no server runs in $dir; start it with: $0 start $dir"; url "$home" ;;
  stop) stop ;;
  *) usage ;;
esac
