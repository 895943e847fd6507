#!/usr/bin/env python3
"""Clocks, randomness, files, sockets and threads stay out of core and flow: looks at what their libraries link to.

`check_symbols.py LIBRARY...` prints every object that needs a forbidden function of the system, and exits 1 if there is one.
"""
import re
import subprocess
import sys

FORBIDDEN = re.compile(
    r"^(clock_gettime|gettimeofday|time|nanosleep|clock_nanosleep|usleep|sleep|rand|srand|random|getrandom|arc4random"
    r"|open|open64|openat|openat64|creat|read|write|pread|pwrite|fsync|fdatasync|rename|renameat2|unlink|mkdir|fopen|fopen64"
    r"|socket|connect|bind|listen|send|sendmsg|recv|recvmsg|fork|vfork|execve|posix_spawn|kill|getenv|system|popen"
    r"|pthread_create)(@.*)?$"
    r"|random_device|_ZNSt6chrono3_V21\d(system|steady)_clock3nowEv|_ZNSt6thread15_M_start_thread"
)
# Asio's own timer and scheduler code is compiled into whoever includes it; the clock it holds is never waited for by flow,
# which sleeps through the Clock port only.
ASIO = re.compile(r"boost4asio")


def needed_by(library: str) -> dict[str, set[str]]:
    """Object name -> undefined symbols that nothing but the system can define."""
    out = subprocess.run(["nm", "-A", "-u", library], capture_output=True, text=True, check=True).stdout
    needs: dict[str, set[str]] = {}
    for line in out.splitlines():
        place, _, symbol = line.rpartition(" ")
        needs.setdefault(place.split(":")[1], set()).add(symbol)
    return needs


def main() -> int:
    bad = []
    for library in sys.argv[1:]:
        for name, symbols in sorted(needed_by(library).items()):
            for symbol in sorted(symbols):
                if FORBIDDEN.search(symbol) and not ASIO.search(symbol):
                    bad.append(f"{library}({name}): {symbol}")
    print("\n".join(bad) or "check_symbols: clean")
    return 1 if bad or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
