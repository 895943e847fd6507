#!/usr/bin/env bash
# Puts in place what `./quickstart --setup-only` built: programs, recipes, models, and the unit where there is systemd.
# Usage: deploy/install.sh [PREFIX]     default /usr/local; running it again replaces what it put there.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=scripts/setup/lib.sh
source scripts/setup/lib.sh

prefix=${1:-/usr/local}
readonly kUnits=/etc/systemd/system

[ -x build/release/holdfast ] || die "nothing is built yet" "Run ./quickstart --setup-only first."
mkdir -p "$prefix" 2>/dev/null && [ -w "$prefix" ] || die "$prefix is not writable" "Run this as root: sudo deploy/install.sh"
cmake --install build/release --prefix "$prefix" --strip >/dev/null
mkdir -p "$prefix/share/holdfast/models"
for model in "$HF_CACHE"/models/*.{bin,gguf}; do
  cp --update --preserve=timestamps "$model" "$prefix/share/holdfast/models"
done
say "programs, recipes and models: $prefix"
if [ "$prefix" = /usr/local ] && [ -d "$kUnits" ]; then
  cp deploy/systemd/holdfast.service "$kUnits"
  say "unit: $kUnits/holdfast.service; next: systemctl daemon-reload && systemctl enable --now holdfast"
fi
