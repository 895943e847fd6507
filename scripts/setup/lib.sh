# shellcheck shell=bash disable=SC2034  # its variables are used by the scripts that source it
# Sourced by every set-up script: messages with the elapsed time, failure in plain words, the cache, its lock.
#
# Rule of the cache: a result is made under tmp/ and renamed to its final name when it is whole, so an
# interruption anywhere leaves nothing half done. Every entry carries its SHA-256 and is checked at each use.
set -Eeuo pipefail
trap 'printf "Holdfast set-up stopped at line %s of %s\n" "$LINENO" "${BASH_SOURCE[0]}" >&2' ERR

HF_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
HF_CACHE=${HOLDFAST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/holdfast}
HF_PYTHON=/usr/bin/python3  # the system's, never one of a version manager that happens to come first in PATH
export HF_STARTED=${HF_STARTED:-$EPOCHSECONDS}
readonly kFreeMebibytesMin=3072  # what unpacking and building the largest engine needs beside the models

# say TEXT: one line with the seconds since the first script began.
say() { printf '%5ds  %s\n' "$((EPOCHSECONDS - HF_STARTED))" "$*"; }

# die TEXT...: what is missing and what to do, one argument a line, then exit 1.
die() {
  printf '\nHoldfast set-up stopped: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
  exit 1
}

# as_root COMMAND...: runs it directly as root or through sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    return 97  # neither root nor sudo; the caller says what the person should do
  fi
}

# At most two compilers at once: each of the larger files takes more than 1 GB of memory.
jobs_count() {
  local cores
  cores=$(nproc)
  echo "${HOLDFAST_JOBS:-$((cores < 2 ? cores : 2))}"
}

sha256_of() { sha256sum "$1" | cut -d' ' -f1; }

# has_sha256 FILE SHA256: true if the file exists with this content.
has_sha256() { [ -f "$1" ] && [ "$(sha256_of "$1")" = "$2" ]; }

# logged NAME COMMAND...: runs it silently; on failure shows the end of its log and stops.
logged() {
  local name=$1 log="$HF_CACHE/logs/$1.log"
  shift
  mkdir -p "$HF_CACHE/logs"
  "$@" >"$log" 2>&1 || {
    tail -n 25 "$log" >&2
    die "$name failed (command: $1)" "The whole log: $log"
  }
}

# lock_cache: one set-up at a time; clears what an interrupted one left. Held until the script ends.
lock_cache() {
  mkdir -p "$HF_CACHE" ||
    die "cannot write to the cache folder $HF_CACHE" "Set HOLDFAST_CACHE to a writable folder."
  exec {HF_LOCK}>"$HF_CACHE/.lock"
  if ! flock -n "$HF_LOCK"; then
    say "another set-up is using $HF_CACHE; waiting for it"
    flock -w 3600 "$HF_LOCK" ||
      die "the other set-up did not finish within an hour" "Lock file: $HF_CACHE/.lock"
  fi
  rm -rf "$HF_CACHE/tmp"
  mkdir -p "$HF_CACHE/tmp"
}

# need_space: stops early, in plain words, when the disk of the cache is too full to build.
need_space() {
  local free
  free=$(df -Pm "$HF_CACHE" | awk 'NR == 2 {print $4}')
  [ "$free" -ge "$kFreeMebibytesMin" ] ||
    die "only $free MiB free at $HF_CACHE, $kFreeMebibytesMin MiB are needed to build" \
      "Free some space, or set HOLDFAST_CACHE to a folder on another disk."
}

# put_in_place MADE FINAL: replaces FINAL by MADE in one rename, so no reader ever sees half of it.
put_in_place() {
  mkdir -p "$(dirname "$2")"
  sync -d "$1" 2>/dev/null || true  # best effort: a loss by power cut is found by its checksum
  mv -T "$1" "$2"
}

# set_aside PATH WHY: keeps a damaged entry for inspection (one per name) and says so.
set_aside() {
  say "damaged: $1 ($2); set aside as $(basename "$1").damaged and made again"
  rm -rf "$1.damaged"
  mv -T "$1" "$1.damaged"
}

# seal FOLDER: writes SHA256SUMS over every file in it.
seal() {
  local sums
  sums=$(cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum)
  echo "$sums" >"$1/SHA256SUMS"
}

# is_intact FOLDER: true if it exists and every file matches its SHA256SUMS; a damaged one is set aside.
is_intact() {
  [ -d "$1" ] || return 1
  if [ -s "$1/SHA256SUMS" ] &&
    (cd "$1" && sha256sum --check --quiet --strict SHA256SUMS >/dev/null 2>&1); then
    return 0
  fi
  set_aside "$1" "its checksums do not match"
  return 1
}
