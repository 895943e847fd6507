#!/usr/bin/env bash
# Configures and builds one preset of CMakePresets.json. Usage: scripts/setup/build.sh PRESET
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/setup/lib.sh
source "$here/lib.sh"

preset=$1
cd "$HF_ROOT"
started=$EPOCHSECONDS
say "build ($preset): working"
logged "configure-$preset" cmake --preset "$preset"
logged "compile-$preset" cmake --build --preset "$preset" -j "$(jobs_count)"
say "build ($preset): done in $((EPOCHSECONDS - started)) s"
