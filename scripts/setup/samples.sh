#!/usr/bin/env bash
# Makes two sample recordings in <cache>/samples: a spoken introduction (espeak-ng) and whisper.cpp's jfk.wav.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/setup/lib.sh
source "$here/lib.sh"

readonly kText="$here/sample-introduction.txt"
readonly kVoice=en-us kWordsPerMinute=150

samples="$HF_CACHE/samples"
made="$HF_CACHE/tmp/samples"
whisper=$(sed -n 's/^set(HF_WHISPER_ROOT "\(.*\)")$/\1/p' "$HF_ROOT/build/deps.cmake")
made_from="$kVoice $kWordsPerMinute $(sha256_of "$kText")"

lock_cache
if is_intact "$samples" && [ "$(cat "$samples/made-from")" = "$made_from" ]; then
  say "sample recordings: ready"
  exit 0
fi
mkdir -p "$made"
espeak-ng -v "$kVoice" -s "$kWordsPerMinute" -f "$kText" -w "$made/introduction.wav"
cp "$whisper/samples/jfk.wav" "$made"
echo "$made_from" >"$made/made-from"
seal "$made"
rm -rf "$samples"
put_in_place "$made" "$samples"
say "sample recordings: made"
