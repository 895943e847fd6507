#!/usr/bin/env bash
# Fetches and builds what Debian lacks: SQLite's source, whisper.cpp and llama.cpp as static libraries.
# Writes build/deps.cmake for CMakeLists.txt. Usage: scripts/setup/engines.sh
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/setup/lib.sh
source "$here/lib.sh"
# shellcheck source=scripts/setup/fetch.sh
source "$here/fetch.sh"

readonly kCompiler=clang++-19
readonly kLayout=2  # raise it when the set of files in an engine folder changes

# Both engines: static, this machine's instructions, no GPU, no OpenMP (its threads spin on shared cores).
# GGML_LLAMAFILE: faster matrix products, a quarter less processor time for whisper base q8_0.
readonly -a kGgmlOptions=(-DCMAKE_BUILD_TYPE=Release
  -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER="$kCompiler"
  -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=ON -DGGML_OPENMP=OFF -DGGML_LLAMAFILE=ON -DGGML_CCACHE=ON)
readonly -a kWhisperOptions=("${kGgmlOptions[@]}" -DWHISPER_BUILD_TESTS=OFF -DWHISPER_BUILD_SERVER=OFF)
readonly -a kWhisperTargets=(whisper whisper-cli whisper-quantize whisper-vad-speech-segments)
readonly -a kLlamaOptions=("${kGgmlOptions[@]}" -DLLAMA_BUILD_COMMON=ON -DLLAMA_BUILD_TESTS=OFF
  -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF
  -DLLAMA_OPENSSL=OFF -DLLAMA_SUBPROCESS=OFF)
# Of llama.cpp's large `common` library only JSON Schema to grammar is used; compiling just what that needs
# saves half of the build. The list is closed: the linker finds no other member of the library missing.
readonly -a kLlamaCommon=(json-schema-to-grammar json-schema json common fit log sampling reasoning-budget
  speculative ngram-cache ngram-map ngram-mod trie unicode)
readonly kCommonObjects=common/CMakeFiles/llama-common.dir
readonly -a kLlamaObjects=("${kLlamaCommon[@]/%/.cpp.o}")
readonly -a kLlamaTargets=(llama llama-common-base "${kLlamaObjects[@]/#/$kCommonObjects/}")

# engine_key NAME OPTION...: a change of source, options, compiler or processor gives another folder.
engine_key() {
  local name=$1
  shift
  {
    locked "$name"
    echo "$kLayout $*"
    $kCompiler --version | head -n 1
    grep -m 1 -E '^(flags|Features)' /proc/cpuinfo | cut -d: -f2 | tr ' ' '\n' | sort
  } | sha256sum | cut -c1-12
}

# unpack NAME PATH_IN_ARCHIVE TARGET: fetches the source and puts that folder of it at TARGET.
unpack() {
  local archive root
  archive=$(fetch_source "$1")
  mkdir -p "$3"
  root=$(tar -tzf "$archive" | sed -n '1s,/.*,,p')
  tar -xzf "$archive" -C "$3" --strip-components=$(($(tr -cd / <<<"$2" | wc -c) + 2)) "$root/$2"
  rm -rf "$(dirname "$archive")"
}

compile() {  # compile NAME TREE TARGETS... -- OPTIONS...
  local name=$1 tree=$2
  local -a targets=()
  shift 2
  while [ "$1" != -- ]; do targets+=("$1") && shift; done
  shift
  logged "configure-$name" cmake -S "$tree" -B "$tree/build" -G Ninja "$@"
  logged "build-$name" nice -n 5 ninja -C "$tree/build" -j "$(jobs_count)" "${targets[@]}"
}

collect_libraries() { find "$1/build" -name '*.a' -exec cp -t "$2/lib" {} +; }

build_whisper() {
  local out=$1 tree="$HF_CACHE/tmp/whisper-src"
  unpack whisper.cpp cpp/whisper.cpp "$tree"
  compile whisper.cpp "$tree" "${kWhisperTargets[@]}" -- "${kWhisperOptions[@]}"
  mkdir -p "$out"/{lib,include,bin,samples}
  collect_libraries "$tree" "$out"
  cp "$tree"/include/*.h "$tree"/ggml/include/*.h "$out/include"
  cp "$tree"/build/bin/{whisper-cli,whisper-quantize,whisper-vad-speech-segments} "$out/bin"
  cp "$tree/bindings/go/samples/jfk.wav" "$out/samples"
  cp "$tree/LICENSE" "$out"
}

build_llama() {
  local out=$1 tree="$HF_CACHE/tmp/llama-src"
  unpack llama.cpp vendor/llama.cpp "$tree"
  compile llama.cpp "$tree" "${kLlamaTargets[@]}" -- "${kLlamaOptions[@]}"
  mkdir -p "$out"/{lib,include,common,vendor}
  collect_libraries "$tree" "$out"
  ar rcsD "$out/lib/libllama-common.a" "${kLlamaObjects[@]/#/$tree/build/$kCommonObjects/}"
  cp "$tree"/include/*.h "$tree"/ggml/include/*.h "$out/include"
  cp "$tree"/common/json{,-schema,-schema-to-grammar}.h "$out/common"
  cp -r "$tree/vendor/nlohmann" "$out/vendor"
  cp -r "$tree/licenses" "$tree/LICENSE" "$out"
}

# engine NAME BUILDER OPTION...: sets ENGINE to the engine's folder, building it when missing or damaged.
engine() {
  local name=$1 builder=$2
  shift 2
  ENGINE="$HF_CACHE/engines/$name-$(locked_version "$name")-$(engine_key "$name" "$@")"
  if is_intact "$ENGINE"; then
    say "$name $(locked_version "$name"): ready"
    return
  fi
  need_space
  say "$name $(locked_version "$name"): fetching and building with $(jobs_count) jobs (minutes)"
  "$builder" "$HF_CACHE/tmp/$name"
  seal "$HF_CACHE/tmp/$name"
  put_in_place "$HF_CACHE/tmp/$name" "$ENGINE"
  rm -rf "$HF_CACHE/tmp"/*-src
  say "$name: built"
}

sqlite_source() {
  local made="$HF_CACHE/tmp/sqlite"
  SQLITE="$HF_CACHE/sources/sqlite-$(locked_version sqlite)-$(locked sqlite | cut -d' ' -f4 | cut -c1-12)"
  if is_intact "$SQLITE"; then
    say "SQLite $(locked_version sqlite): ready"
    return
  fi
  unpack sqlite deps/sqlite3 "$made"
  seal "$made"
  put_in_place "$made" "$SQLITE"
  say "SQLite $(locked_version sqlite): source unpacked"
}

# write_deps: what CMake needs; left untouched when nothing changed, so that CMake does not configure again.
write_deps() {
  local made="$HF_CACHE/tmp/deps.cmake" target="$HF_ROOT/build/deps.cmake"
  {
    echo "# Written by scripts/setup/engines.sh; do not edit."
    echo "set(HF_SQLITE_DIR \"$SQLITE\")"
    echo "set(HF_WHISPER_ROOT \"$WHISPER\")"
    echo "set(HF_LLAMA_ROOT \"$LLAMA\")"
    echo "set(HF_MODELS_DIR \"$HF_CACHE/models\")"
  } >"$made"
  cmp -s "$made" "$target" && return
  mkdir -p "$HF_ROOT/build"
  cp "$made" "$target.new"  # beside the target first: between disks a rename is a copy
  mv -T "$target.new" "$target"
}

lock_cache
sqlite_source
engine whisper.cpp build_whisper "${kWhisperOptions[@]}"
WHISPER=$ENGINE
engine llama.cpp build_llama "${kLlamaOptions[@]}"
LLAMA=$ENGINE
write_deps
