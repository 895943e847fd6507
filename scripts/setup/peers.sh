#!/usr/bin/env bash
# Unpacks into <cache>/peers the Debian programs that tests start themselves. Installing them would start services of
# theirs on this machine. Usage: scripts/setup/peers.sh
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/setup/lib.sh
source "$here/lib.sh"

readonly -a kPeers=(prometheus supervisor)

# unpack NAME FOLDER: apt checks what it downloads against its signed lists.
unpack() {
  local work="$HF_CACHE/tmp/peer-$1"
  mkdir -p "$work"
  # The lists may be old, or not there at all where nothing had to be installed.
  (cd "$work" && apt-get -q download "$1" >/dev/null 2>&1) || {
    as_root apt-get -q update >/dev/null 2>&1 || say "apt-get update failed; trying with the lists that are there"
    (cd "$work" && logged "peer-$1" apt-get -q download "$1")
  }
  dpkg-deb -x "$work"/*.deb "$work/root"
  seal "$work/root"
  put_in_place "$work/root" "$2"
}

lock_cache
for peer in "${kPeers[@]}"; do
  folder="$HF_CACHE/peers/$peer"
  if is_intact "$folder"; then
    say "peer $peer: ready"
    continue
  fi
  say "peer $peer: unpacking it"
  unpack "$peer" "$folder"
done
