#!/usr/bin/env bash
# Installs the Debian packages of the groups named that are missing. Usage: scripts/setup/packages.sh GROUP...
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/setup/lib.sh
source "$here/lib.sh"

# packages_of GROUP...: the package names of scripts/setup/packages.txt in these groups.
packages_of() {
  local group
  for group in "$@"; do awk -v group="$group" '$1 == group {print $2}' "$here/packages.txt"; done
}

# missing PACKAGE...: those that are not installed.
missing() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

[ -x /usr/bin/dpkg-query ] ||
  die "this is not a Debian system" "scripts/setup/packages.txt says what is needed and why."
mapfile -t wanted < <(packages_of "$@")
mapfile -t needed < <(missing "${wanted[@]}")
if [ ${#needed[@]} -eq 0 ]; then
  say "Debian packages ($*): all ${#wanted[@]} installed"
  exit 0
fi

say "Debian packages ($*): installing ${needed[*]}"
[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
  die "packages are missing, and installing them needs root or sudo; neither is there" \
    "As root: apt-get install --no-install-recommends ${needed[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt update >"$log" 2>&1 || say "apt-get update failed; trying with the lists that are there"
apt install -y --no-install-recommends "${needed[@]}" >>"$log" 2>&1 || {
  tail -n 25 "$log" >&2
  die "apt-get could not install: ${needed[*]}" \
    "The last lines above say why. Debian 12 (bookworm) carries all of them."
}
say "Debian packages: installed"
