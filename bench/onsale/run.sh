#!/usr/bin/env bash
# The on-sale benchmark from beginning to end: starts `plenary serve` on a database of its own, runs the three modes of
# bench_onsale, recounts the rows with sqlite3 or psql, and takes everything away again.
#
#   run.sh sqlite|postgresql [sale|journeys|page|full|typed-voucher|no-discounts|no-taxes|no-fsync…]
#
# Which parts to run; page, sale and journeys when none is named. `full` are journeys with everything on: a voucher,
# discounts with and without limits, tax, questions. `typed-voucher` types the code into the cart instead of coming by the voucher's link: two
# requests more. The next three leave something out, so that its cost is seen
# (no-fsync: everything on, but nothing waits for the disk; SQLite only).
#
# PostgreSQL is a private one (tests/support/postgres.sh --durable) with two server processes on two ports.
# PLENARY and ONSALE name the binaries (default: build/release/plenary, build/release/bench_onsale);
# JOURNEYS is how many are made where journeys are counted (default: ten times the budget of a second);
# ONSALE_ARGS is handed to bench_onsale; KEEP=1 leaves the folder with the database and the logs.
# Exit code 0: everything was correct (figures that miss their budget are marked and change nothing).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
plenary=${PLENARY:-$root/build/release/plenary}
onsale=${ONSALE:-$root/build/release/bench_onsale}
conference=onsale ticket=individual stock=2500

usage() { sed -n '2,16s/^# \{0,1\}//p' "$0" >&2; exit 2; }
fail() { echo "run.sh: $*" >&2; exit 1; }

[ $# -ge 1 ] || usage
engine=$1; shift
case $engine in sqlite | postgresql) ;; *) usage ;; esac
parts=("$@")
if [ ${#parts[@]} = 0 ]; then
  parts=(sale journeys)
  [ $engine = postgresql ] || parts=(page sale journeys)
fi
for binary in "$plenary" "$onsale"; do
  [ -x "$binary" ] || fail "$binary is not there; build it: cmake --preset release && ninja -C build/release plenary bench_onsale"
done

# A durable commit is only worth measuring on a disk.
base=${TMPDIR:-/tmp}
[ "$(stat -f -c %T "$base")" != tmpfs ] || base=/var/tmp
folder=$(mktemp -d "$base/plenary-onsale.XXXXXX")
pids=()

stop_servers() {
  local pid
  for pid in ${pids[@]+"${pids[@]}"}; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in ${pids[@]+"${pids[@]}"}; do wait "$pid" 2>/dev/null || true; done
  pids=()
}
clean_up() {
  stop_servers
  [ $engine = sqlite ] || "$root/tests/support/postgres.sh" stop "$folder/postgres" >/dev/null 2>&1 || true
  if [ "${KEEP:-}" = 1 ]; then echo "kept: $folder"; else rm -rf "$folder"; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

free_port() {
  local port
  for port in $(seq "$1" $(($1 + 200))); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  fail "no free port from $1 on"
}

answers() {  # PORT: /readyz says 200
  local line
  exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
  printf 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$1" >&3
  IFS= read -r -t 5 line <&3 || line=''
  exec 3<&-
  [[ $line == "HTTP/1.1 200"* ]]
}

# start_servers PART COUNT QUANTITY [COMMAND PREFIX…]: a fresh database, the conference in it, COUNT servers.
start_servers() {
  local part=$1 count=$2 quantity=$3; shift 3
  local i port try
  dir=$folder/$part
  mkdir -p "$dir"
  if [ $engine = sqlite ]; then
    database=sqlite:///$dir/plenary.db
  else
    psql -X -q "$postgres" -c "CREATE DATABASE onsale_$part"
    database=${postgres/\/postgres\?//onsale_$part?}
  fi
  echo +0 >"$dir/clock"
  cat >"$dir/conference.toml" <<TOML
[conference]
name = "On Sale"
slug = "$conference"
start = 2035-05-14
end = 2035-05-16
timezone = "Europe/Berlin"
total_capacity = $quantity

[[conference.sections]]
name = "Talks"
start = 2035-05-14
end = 2035-05-16

[[conference.tickets]]
name = "Individual"
slug = "$ticket"
price = 100.00
quantity = $quantity
per_user = 10
TOML
  urls=() args=() pids=()
  port=8600
  for i in $(seq 1 "$count"); do
    port=$(free_port $((port + 1)))
    cat >"$dir/plenary$i.toml" <<TOML
[server]
listen = "127.0.0.1:$port"
mode = "development"
clock_file = "clock"
max_connections_per_network = 10000

[database]
url = "$database"

[security]
limits = false
TOML
    if [ "$i" = 1 ]; then
      "$plenary" --settings "$dir/plenary1.toml" migrate >"$dir/setup.log" 2>&1 &&
        "$plenary" --settings "$dir/plenary1.toml" bootstrap_conference --config "$dir/conference.toml" >>"$dir/setup.log" 2>&1 ||
        { cat "$dir/setup.log" >&2; fail "the conference could not be set up"; }
    fi
    "$@" "$plenary" --settings "$dir/plenary$i.toml" serve >"$dir/serve$i.log" 2>&1 &
    pids+=($!)
    for try in $(seq 1 100); do
      answers "$port" 2>/dev/null && break
      kill -0 "${pids[-1]}" 2>/dev/null || try=100
      [ "$try" -lt 100 ] || { tail -n 20 "$dir/serve$i.log" >&2; fail "the server does not answer on port $port"; }
      sleep 0.05
    done
    args+=(--url "http://127.0.0.1:$port" --server-pid "${pids[-1]}")
  done
  args+=(--conference "$conference" --ticket "$ticket" --told "$dir/told")
}

# everything_on WITH…: discounts (a voucher by whose link each buyer comes, three discounts), taxes, questions.
everything_on() {
  local sql='' now
  now=$(date +%s)000000
  for what; do
    case $what in
      taxes)
        sql+="INSERT INTO tax_rule (conference_id, name, slug, rate, created_at, updated_at) SELECT id, 'VAT', 'vat', '19', $now, $now FROM conference;
          UPDATE ticket_type SET tax_rule_id = (SELECT max(id) FROM tax_rule);" ;;
      discounts)
        sql+="INSERT INTO discount_condition (conference_id, kind, name, percent, priority, usage_limit, ticket_scope, addon_scope, created_at, updated_at)
            SELECT id, 'time_limit', 'Early bird', '20', 5, 10000000, 'all', 'none', $now, $now FROM conference;
          INSERT INTO discount_condition (conference_id, kind, name, percent, priority, created_at, updated_at)
            SELECT id, 'speaker', 'Speakers', '100', 1, $now, $now FROM conference;
          INSERT INTO discount_condition (conference_id, kind, name, percent, priority, ticket_scope, addon_scope, created_at, updated_at)
            SELECT id, 'category_discount', 'Extras', '10', 9, 'none', 'all', $now, $now FROM conference;
          INSERT INTO stock (conference_id, kind, product_id, capacity, sold, held)
            SELECT conference_id, 'condition', id, NULLIF(usage_limit, 0), 0, 0 FROM discount_condition;
          INSERT INTO voucher (conference_id, code, voucher_type, percent, max_uses, created_at, updated_at)
            SELECT id, 'FRIENDS', 'percentage', '5', 10000000, $now, $now FROM conference;" ;;
      questions)
        sql+="INSERT INTO question (conference_id, slug, target, kind, label, is_required, created_at, updated_at)
            SELECT id, 'company', 'attendee', 'text', 'Company', 0, $now, $now FROM conference;" ;;
    esac
  done
  sql+="UPDATE conference SET catalogue_version = catalogue_version + 1;"
  case $database in
    sqlite:*) sqlite3 -bail -cmd '.timeout 10000' "${database#sqlite://}" "$sql" ;;
    *) psql -X -q -v ON_ERROR_STOP=1 "$database" -c "$sql" ;;
  esac
}

bad=0
report() { "$@" || bad=1; }  # what is wrong is printed where it is found

verify_and_recount() {
  report "$plenary" --settings "$dir/plenary1.toml" verify stock
  report "$here/recount.sh" "$database" --told "$dir/told" --all-told
}

servers=1 budget_journeys=2000 budget_full=2300
if [ $engine = postgresql ]; then
  servers=2 budget_journeys=400 budget_full=600
  postgres=$("$root/tests/support/postgres.sh" start "$folder/postgres" --durable)
fi
journeys=${JOURNEYS:-$((budget_journeys * 10))}
extra=(${ONSALE_ARGS:-})

for part in "${parts[@]}"; do
  echo "── $part, $engine, $servers server process(es), $(nproc) cores"
  case $part in
    page)
      # One core for the server, another for who asks.
      if [ "$(nproc)" -ge 2 ]; then start_servers page 1 $stock taskset -c 0; other=(taskset -c 1); else start_servers page 1 $stock; other=(); fi
      report ${other[@]+"${other[@]}"} "$onsale" "${args[@]}" --page 4 ${extra[@]+"${extra[@]}"}
      ;;
    sale)
      start_servers sale $servers $stock
      report "$onsale" "${args[@]}" --stock $stock --clock-file "$dir/clock" --between "$here/recount.sh '$database' --told '$dir/told' --all-told" \
        ${extra[@]+"${extra[@]}"}
      verify_and_recount
      ;;
    journeys)
      start_servers journeys $servers 0
      report "$onsale" "${args[@]}" --journeys $journeys --budget-journeys $budget_journeys ${extra[@]+"${extra[@]}"}
      verify_and_recount
      ;;
    full | typed-voucher | no-discounts | no-taxes | no-fsync)
      prefix=()
      if [ $part = no-fsync ]; then
        [ $engine = sqlite ] || fail "no-fsync is for SQLite: a server of PostgreSQL without fsync is refused"
        prefix=(env "LD_PRELOAD=$(dirname "$onsale")/libno_sync.so")
      fi
      start_servers "${part/-/_}" $servers 0 ${prefix[@]+"${prefix[@]}"}
      case $part in
        full | no-fsync) everything_on taxes discounts questions; voucher=(--voucher FRIENDS) ;;
        typed-voucher) everything_on taxes discounts questions; voucher=(--voucher FRIENDS --type-voucher) ;;
        no-discounts) everything_on taxes questions; voucher=() ;;
        no-taxes) everything_on discounts questions; voucher=(--voucher FRIENDS) ;;
      esac
      report "$onsale" "${args[@]}" --journeys $journeys --budget-journeys $budget_full ${voucher[@]+"${voucher[@]}"} \
        ${extra[@]+"${extra[@]}"}
      verify_and_recount
      ;;
    *) usage ;;
  esac
  stop_servers
done
[ $bad = 0 ] || fail "something above is wrong"
