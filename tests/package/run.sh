#!/usr/bin/env bash
# The Debian package in a fresh Debian 12 made by debootstrap: installs, refuses to start unfinished, starts,
# sells, is upgraded from the version before with its data, removes cleanly. As root. Ends with
# "N passed, N failed".
#   tests/package/run.sh PACKAGE.deb
# The version before is built from the commit named in tests/package/version-before and packed with that
# version's number.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
package=$(readlink -f "$1")
mirror=${PLENARY_TEST_MIRROR:-http://deb.debian.org/debian}
root=$(mktemp -d /var/tmp/plenary-root.XXXXXX)
cache=$PWD/build/package-test
mkdir -p "$cache"
passed=0 failed=0 server=

[ "$(id -u)" = 0 ] || { echo "Run it as root: debootstrap and chroot need it." >&2; exit 1; }

say() { printf '\033[1m» %s\033[0m\n' "$*"; }
check() {  # check "what holds" COMMAND…
  local what=$1; shift
  if "$@" >"$cache/last.log" 2>&1; then passed=$((passed + 1)); printf '  ✓ %s\n' "$what"
  else failed=$((failed + 1)); printf '  ✗ %s\n' "$what"; tail -n 15 "$cache/last.log" | sed 's/^/      /'; fi
}
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
as_service() { inside setpriv --reuid plenary --regid plenary --clear-groups -- sh -c "cd /var/lib/plenary && exec \"\$@\"" sh "$@"; }
plenary() { as_service plenary --settings /etc/plenary/plenary.toml "$@"; }

# There is no systemd in here: the unit's command line, as the unit's user, in the unit's folder.
start() {
  local line; line=$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/plenary.service")
  # shellcheck disable=SC2086
  as_service $line >>"$root/var/log/plenary/plenary.log" 2>&1 &
  server=$!
  for _ in $(seq 100); do
    curl -fsS -o /dev/null http://127.0.0.1:8123/readyz 2>/dev/null && return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 5 "$root/var/log/plenary/plenary.log"
  return 1
}
stop() {
  local pids; pids=$(pgrep -f '^/usr/bin/plenary --settings /etc/plenary' || true)
  [ -z "$pids" ] || kill -TERM $pids
  wait "$server" 2>/dev/null || true
  server=
}
clean() {
  [ -z "$server" ] || stop
  umount -q "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$root"
}
trap clean EXIT

say "A fresh Debian 12"
if [ ! -s "$cache/base.tar" ]; then
  debootstrap --variant=minbase --include=ca-certificates,adduser,init-system-helpers bookworm "$cache/base" "$mirror" >"$cache/debootstrap.log" 2>&1 ||
    { tail -n 10 "$cache/debootstrap.log" >&2; exit 1; }
  tar -C "$cache/base" -cf "$cache/base.tar" .
  rm -rf --one-file-system "$cache/base"
fi
tar -C "$root" -xf "$cache/base.tar"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/hosts "$root/etc/hosts"
mount -t proc proc "$root/proc"
# Nobody is there to start services for dpkg.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"; chmod +x "$root/usr/sbin/policy-rc.d"
inside apt-get update -q >"$cache/apt.log" 2>&1 || { tail -n 5 "$cache/apt.log" >&2; exit 1; }

say "The version before"
before_commit=$(cut -d' ' -f1 tests/package/version-before)
before_version=$(cut -d' ' -f2 tests/package/version-before)
before=$cache/before.deb
if [ ! -s "$cache/plenary-$before_version" ]; then
  rm -rf "$cache/before"
  git worktree prune
  git worktree add --detach "$cache/before" "$before_commit" >/dev/null
  (cd "$cache/before" && cmake --preset release >/dev/null && ninja --quiet -C build/release plenary)
  strip -o "$cache/plenary-$before_version" "$cache/before/build/release/plenary"
  git worktree remove --force "$cache/before"
fi
# An earlier program with the package's files of today: the version before the first package had none.
rm -rf "$cache/unpacked"
dpkg-deb -R "$package" "$cache/unpacked"
install -m 0755 "$cache/plenary-$before_version" "$cache/unpacked/usr/bin/plenary"
# It had SQLite and SOCI as libraries beside it, today's has them within.
sed -i "s/^Version: .*/Version: $before_version/; s/^Depends: .*/&, libsqlite3-0, libsoci-core4.0, libsoci-sqlite3-4.0, libsoci-postgresql4.0/" "$cache/unpacked/DEBIAN/control"
(cd "$cache/unpacked" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
dpkg-deb --root-owner-group -b "$cache/unpacked" "$before" >/dev/null

say "Installing it"
cp "$before" "$root/tmp/before.deb"
cp "$package" "$root/tmp/new.deb"
check "the version before installs with its dependencies" inside apt-get install -y -q --no-install-recommends /tmp/before.deb
check "the service has a user of its own that cannot sign in" \
  sh -c "inside() { chroot '$root' \"\$@\"; }; inside getent passwd plenary | grep -E ':(/usr)?/s?bin/(nologin|false)$'"
check "data and keys are for that user alone" \
  sh -c "[ \$(stat -c %a:%U '$root/var/lib/plenary/plenary.key' | sed 's/:.*//') = 600 ] && [ \$(stat -c %a '$root/var/lib/plenary') = 750 ]"
not_ready() { ! plenary check; }
check "without an address people type it says that it is not ready" not_ready
sed -i 's|^# public_url = .*|public_url = "http://127.0.0.1:8123"|; s|^listen = .*|listen = "127.0.0.1:8123"|; s|^# smtp_url = .*|smtp_url = "smtp://127.0.0.1:2525"|; s|^# from = .*|from = "Tickets <tickets@example.org>"|' "$root/etc/plenary/plenary.toml"
printf '\n# a line of the operator\n' >>"$root/etc/plenary/plenary.toml"
check "the unit is right" systemd-analyze verify --man=no --recursive-errors=no --root="$root" "$root/lib/systemd/system/plenary.service" "$root/lib/systemd/system/plenary-backup.timer"
check "it starts" start
# Its own example: today's says what it does not know yet.
git show "$before_commit:conference.example.toml" >"$root/var/lib/plenary/conference.toml"
check "a conference is loaded" plenary bootstrap_conference --config conference.toml --seed-demo --confirm-demo-data
check "its ticket page answers" curl -fsS -o "$cache/page.html" http://127.0.0.1:8123/plenary-demo/register/
orders=$(plenary verify stock | tail -n 1)
stop

say "Upgrading"
check "the new version installs over it and migrates" inside apt-get install -y -q --no-install-recommends \
  -o Dpkg::Options::=--force-confold /tmp/new.deb
check "what the operator wrote stays" grep -q 'a line of the operator' "$root/etc/plenary/plenary.toml"
check "a backup from before the migration lies beside the database" \
  sh -c "ls '$root'/var/lib/plenary/*before* >/dev/null"
check "it starts with the data" start
check "the ticket page answers as before" curl -fsS -o "$cache/page2.html" http://127.0.0.1:8123/plenary-demo/register/
check "the conference is the same" grep -q 'Individual' "$cache/page2.html"
check "every count agrees, as before" sh -c "[ '$orders' = '1 conference recounted: every count agrees.' ]"
check "stock agrees after the upgrade" plenary verify stock
check "the record of changes verifies" plenary audit verify
check "a backup can be made as the timer makes it" as_service /usr/lib/plenary/backup
check "a superuser is made" as_service env PLENARY_SUPERUSER_PASSWORD="seven green bicycles" \
  plenary --settings /etc/plenary/plenary.toml createsuperuser --no-input --username root --email root@example.org
check "the person on call hears that all is well" plenary doctor
check "the manual page is there" sh -c "zcat '$root/usr/share/man/man1/plenary.1.gz' | grep -q bootstrap"
check "the completion is a program that bash reads" bash -n "$root/usr/share/bash-completion/completions/plenary"
check "log rotation has rules that logrotate accepts" grep -q copytruncate "$root/etc/logrotate.d/plenary"
stop

say "Removing"
check "it is removed" inside apt-get remove -y -q plenary
check "settings, keys and data stay" sh -c "[ -s '$root/var/lib/plenary/plenary.db' ] && [ -s '$root/etc/plenary/plenary.toml' ] && [ -s '$root/var/lib/plenary/plenary.key' ]"
check "it is installed again over them" inside apt-get install -y -q --no-install-recommends /tmp/new.deb
check "and knows the conference" plenary features list --conference plenary-demo
check "it is purged" inside apt-get purge -y -q plenary
check "nothing is left but the backups" \
  sh -c "left=\$(find '$root'/etc '$root'/usr '$root'/lib '$root'/var -xdev -iname '*plenary*' ! -path '$root/var/backups/*' ! -path '$root/var/cache/*' ! -path '$root/var/lib/dpkg/*' ! -path '$root/var/log/apt/*'); [ -z \"\$left\" ] || { echo \"\$left\"; exit 1; }"
check "the backups are kept" sh -c "ls '$root'/var/backups/plenary/plenary-*.backup >/dev/null"
check "its user is gone" sh -c "! chroot '$root' getent passwd plenary"

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
