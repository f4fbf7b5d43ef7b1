#!/usr/bin/env bash
# The runs in which things go wrong (./dev chaos), each in a folder of its own.
#
#   run.sh                            all of them: kills on SQLite, payments on both engines
#   run.sh kills [--postgresql] …     kill -9 and SIGTERM in mid-sale; arguments go to plenary_chaos (--kills 5 --terms 5 …)
#   run.sh payments [--postgresql] …  a sale with payments; arguments go to payments/main.mjs (--runs 5 --only TEXT …)
#
# PLENARY, CHAOS and STAND_IN name the binaries (default: build/release/plenary, build/release/plenary_chaos,
# build/test/tests/stripe_stand_in). `--postgresql` runs on a private, durable PostgreSQL instead of SQLite.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
plenary=${PLENARY:-$root/build/release/plenary}
chaos=${CHAOS:-$root/build/release/plenary_chaos}
stand_in=${STAND_IN:-$root/build/test/tests/stripe_stand_in}
recount=$root/bench/onsale/recount.sh

# What survives kill -9 is in the kernel's memory anyway; a disk makes the waits for it real.
base=${TMPDIR:-/tmp}
[ "$(stat -f -c %T "$base")" != tmpfs ] || base=/var/tmp
folder=$(mktemp -d "$base/plenary-chaos.XXXXXX")
clean_up() { "$root/tests/support/postgres.sh" stop "$folder/postgres" >/dev/null 2>&1 || true; }
trap clean_up EXIT

needs() {
  local binary
  for binary in "$@"; do [ -x "$binary" ] || { echo "run.sh: $binary is not there; ./dev chaos builds it" >&2; exit 1; }; done
}

kills() {
  needs "$plenary" "$chaos"
  local arguments=() argument
  for argument in "$@"; do
    if [ "$argument" = --postgresql ]; then
      arguments+=(--postgres "$("$root/tests/support/postgres.sh" start "$folder/postgres" --durable)")
    else
      arguments+=("$argument")
    fi
  done
  mkdir -p "$folder/kills"
  "$chaos" --plenary "$plenary" --recount "$recount" --folder "$folder/kills" ${arguments[@]+"${arguments[@]}"}
}

payments() {
  needs "$plenary" "$stand_in"
  local arguments=() argument engine=sqlite
  for argument in "$@"; do
    if [ "$argument" = --postgresql ]; then engine=postgresql; else arguments+=("$argument"); fi
  done
  echo "A sale with payments, $engine"
  mkdir -p "$folder/payments-$engine"
  node "$root/tests/chaos/payments/main.mjs" --plenary "$plenary" --stand-in "$stand_in" --recount "$recount" \
    --folder "$folder/payments-$engine" --engine "$engine" ${arguments[@]+"${arguments[@]}"}
}

code=0
case ${1:-all} in
  kills) shift; kills "$@" || code=$? ;;
  payments) shift; payments "$@" || code=$? ;;
  all)
    kills || code=$?
    payments || code=$?
    payments --postgresql || code=$?
    ;;
  *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
if [ $code = 0 ]; then rm -rf "$folder"; else echo "kept: $folder"; fi
exit $code
