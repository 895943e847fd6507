#!/usr/bin/env python3
"""House rules that no compiler checks: which folder may include which, names that a release would mix up, forbidden calls,
lengths, leaks of this machine.

Prints one line for each breach and exits 1 if there is any. `tidy.py [FOLDER]` looks at FOLDER/src and the scripts.
"""
import re
import subprocess
import sys
from pathlib import Path

# Folder -> folders it may include. app/ wires, so it may include everything. worker/ is the child processes' side.
MAY_INCLUDE = {
    "core": {"core"},
    "ports": {"core", "ports"},
    "async": {"core", "ports", "async"},
    "schema": {"core", "schema"},
    "flow": {"core", "ports", "async", "schema", "flow"},
    "guard": {"core", "ports", "async", "guard"},
    "adapters": {"core", "ports", "async", "schema", "adapters", "worker"},
    "sim": {"core", "ports", "async", "flow", "guard", "sim", "tests"},
    "web": {"core", "ports", "async", "flow", "guard", "web"},
    "worker": {"core", "ports", "adapters", "worker"},
    "confine": {"confine"},
}
# Single headers beyond that. The simulator runs the store that a server has, and sees no more of it than app/ does; its
# simplest store is that of web's tests as well (fake_world.hpp).
MAY_ALSO_INCLUDE = {"sim": {"adapters/sqlite/stores.hpp"}, "web": {"sim/map_states.hpp"}}
# (layers, pattern, what to use instead)
BANNED = [
    ({"core", "flow", "guard", "sim"}, r"\b(system|steady|high_resolution)_clock::now\(", "the Clock port"),
    ({"core", "flow", "guard", "sim"}, r"random_device|\bmt19937|\brand\(|uniform_\w+_distribution", "the Entropy port"),
    ({"core"}, r"#include <(boost|thread|mutex|fstream|filesystem|unordered_)", "nothing: core is pure"),
    ({"flow"}, r"#include <(thread|mutex|fstream|filesystem|unordered_|sys/|unistd|sqlite3)", "a port"),
    ({"flow", "guard", "web", "adapters"}, r"\basio::detached\b", "TaskGroup::spawn"),
    ({"core", "flow", "guard", "web", "adapters", "worker", "app"}, r"^\s*throw\b", "Result<T>"),
    ({"core", "flow", "guard", "web", "adapters", "worker", "app"}, r"\b(system|popen)\(\"", "posix_spawn with an argv"),
]
HEAVY = re.compile(r"#include <(boost/beast|boost/json\.hpp|sqlite3\.h|nlohmann)")
# Headers that exist to wrap a library inside its own folder.
HEAVY_ALLOWED = {"adapters/sqlite", "web", "adapters/openai", "app/cli"}
# What a namespace without a name defines, by the lines that begin at its left edge.
OWN_TYPE = re.compile(r"(?:template <.*> )?(?:struct |class |enum class |enum |union |using (?:\w+::)*)(\w+)")
OWN_VALUE = re.compile(r"[\w:][^=({;\[]*[ *&](\w+)\s*[=({;\[]")
NO_NAME = re.compile(r"using (?:enum|namespace) |namespace |static_assert|template <[^>]*>$|__extension__")
LOCAL = "a constant of a function"
LINES_MAX = {"default": 500, "test": 800}
COLUMNS_MAX = 120


def layer_of(path: Path, src: Path) -> str:
    return path.relative_to(src).parts[0]


def check_file(path: Path, src: Path) -> list[str]:
    found = []
    layer = layer_of(path, src)
    is_test = path.stem.endswith("_test") or "test_" in path.stem
    lines = path.read_text().splitlines()
    if len(lines) > LINES_MAX["test" if is_test else "default"]:
        found.append(f"{path}:1: {len(lines)} lines are too many")
    folder = str(path.relative_to(src).parent)
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            found.append(f"{path}:{number}: {len(line)} columns, at most {COLUMNS_MAX}")
        included = re.match(r'#include "(([a-z_]+)/[^"]+)"', line)
        also = MAY_ALSO_INCLUDE.get(layer, set())
        if layer in MAY_INCLUDE and included and not is_test and included[2] not in MAY_INCLUDE[layer] and included[1] not in also:
            found.append(f"{path}:{number}: {layer} must not include {included[2]}")
        if path.suffix == ".hpp" and not is_test and HEAVY.match(line) and not any(folder.startswith(f) for f in HEAVY_ALLOWED):
            found.append(f"{path}:{number}: keep this heavy header out of headers")
        for layers, pattern, instead in BANNED:
            if layer in layers and not is_test and re.search(pattern, line):
                found.append(f"{path}:{number}: /{pattern}/ is forbidden in {layer}; use {instead}")
    return found


def part_of(path: Path, src: Path) -> str:
    """What is compiled together in a release (cmake/parts.cmake): a folder, each of adapters/ and app/ by itself."""
    folders = path.relative_to(src).parts[:-1]
    return "/".join(folders[:2] if folders[:1] in {("adapters",), ("app",)} else folders[:1])


def own_names(path: Path) -> dict[tuple[str, str], tuple[int, str]]:
    """(namespace, name) -> (line, text) of what must not be there twice in a part: what a source has in namespaces without
    a name, types and constants of a header, and constants of functions, which would hide the former."""
    text = re.sub(r'R"(\w*)\(.*?\)\1"', lambda raw: "\n" * raw[0].count("\n"), path.read_text(), flags=re.DOTALL)
    names: dict[tuple[str, str], tuple[int, str]] = {}
    spaces = [""]
    for number, line in enumerate(text.splitlines(), 1):
        if entered := re.match(r"namespace (?:([\w:]+) )?\{", line):
            spaces.append(entered[1] or spaces[-1])
        elif line.startswith("}  // namespace") and len(spaces) > 1:
            spaces.pop()
        own = None
        if not NO_NAME.match(line) and (path.suffix == ".hpp" or len(spaces) > 1 and spaces[-1] == spaces[-2]):
            constant = path.suffix == ".cpp" or line.startswith("inline constexpr")
            own = OWN_TYPE.match(line) or constant and OWN_VALUE.match(line)
        local = re.match(r"\s+constexpr [^=({]*\b(k[A-Z]\w*)", line)
        if found := own or local:
            names.setdefault((spaces[-1], found[1]), (number, line.strip() if own else LOCAL))
    return names


def check_own_names(src: Path) -> list[str]:
    """Two sources of a part must not have the same name for themselves: a release compiles them together (HF_UNITY)."""
    found = []
    known: dict[tuple[str, str, str], tuple[Path, int, str]] = {}
    for path in sorted(src.rglob("*.[ch]pp"), key=lambda each: (each.suffix == ".cpp", each)):
        if re.search(r"_(test|main|test_kit)$|^fake_", path.stem):
            continue
        for (namespace, name), (number, text) in own_names(path).items():
            other, there, said = known.setdefault((part_of(path, src), namespace, name), (path, number, text))
            harmless = path.suffix == ".hpp" or text == said and (text == LOCAL or text.startswith("using "))
            if other != path and not harmless:
                found.append(f"{path}:{number}: {name} is in {other}:{there} as well, and a release compiles both together; "
                             "say it once in a header, or give one of them the better name")
    return found


def check_words(root: Path) -> list[str]:
    """Nothing of the machine it was written on, and no unfinished work, in anything committed."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True, check=False).stdout
    found = []
    marker = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|TB" r"D|FIG" r"URES)\b|/ro" r"ot/|/wo" r"rk/main")
    for name in filter(None, listed.split("\0")):
        path = root / name
        if path.suffix in {".png", ".wav"} or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if marker.search(line):
                found.append(f"{path}:{number}: unfinished work or a path of one machine")
    return found


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
    src = root / "src"
    found = [breach for path in sorted(src.rglob("*.[ch]pp")) for breach in check_file(path, src)]
    found += check_own_names(src) + check_words(root)
    print("\n".join(found) or "tidy: clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
