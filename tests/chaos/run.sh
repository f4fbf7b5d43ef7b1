#!/usr/bin/env bash
# Starts the kill tests on a folder of their own (./dev chaos does). Arguments go to plenary_chaos: --kills 5 --terms 5,
# --seed N, …; `--postgresql` runs them on a private, durable PostgreSQL instead of SQLite.
# PLENARY and CHAOS name the binaries (default: build/release/plenary, build/release/plenary_chaos).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
plenary=${PLENARY:-$root/build/release/plenary}
chaos=${CHAOS:-$root/build/release/plenary_chaos}
for binary in "$plenary" "$chaos"; do
  [ -x "$binary" ] || { echo "run.sh: $binary is not there; build it: cmake --preset release && ninja -C build/release plenary plenary_chaos" >&2; exit 1; }
done

# What survives kill -9 is in the kernel's memory anyway; a disk makes the waits for it real.
base=${TMPDIR:-/tmp}
[ "$(stat -f -c %T "$base")" != tmpfs ] || base=/var/tmp
folder=$(mktemp -d "$base/plenary-chaos.XXXXXX")
arguments=() postgres=no
for argument in "$@"; do
  if [ "$argument" = --postgresql ]; then postgres=yes; else arguments+=("$argument"); fi
done
clean_up() {
  [ $postgres = no ] || "$root/tests/support/postgres.sh" stop "$folder/postgres" >/dev/null 2>&1 || true
}
trap clean_up EXIT
if [ $postgres = yes ]; then
  arguments+=(--postgres "$("$root/tests/support/postgres.sh" start "$folder/postgres" --durable)")
fi
code=0
"$chaos" --plenary "$plenary" --recount "$root/bench/onsale/recount.sh" --folder "$folder" ${arguments[@]+"${arguments[@]}"} || code=$?
if [ $code = 0 ]; then rm -rf "$folder"; fi
exit $code
