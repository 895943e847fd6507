"""Reads what strace wrote, and tells in which order an upload's steps reached the kernel."""

import re
from dataclasses import dataclass, field

_CALL = re.compile(r"^(?P<pid>\d+) +(?P<call>[a-z0-9_]+)\((?P<rest>.*)$")
_RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<call>[a-z0-9_]+) resumed>(?P<rest>.*)$")


@dataclass
class Upload:
    """Line numbers of the first line on which each step was done; for syncs, where they returned."""

    token: str
    steps: dict[str, int] = field(default_factory=dict)

    def order(self) -> list[str]:
        return sorted(self.steps, key=self.steps.__getitem__)


def whole_calls(text: str) -> list[tuple[int, int, str]]:
    """(line of the start, line of the return, text) of every call that returned."""
    open_calls: dict[str, tuple[int, str]] = {}
    out = []
    for number, line in enumerate(text.splitlines()):
        if match := _RESUMED.match(line):
            began = open_calls.pop(match["pid"] + match["call"], None)
            if began:
                out.append((began[0], number, began[1] + match["rest"]))
        elif match := _CALL.match(line):
            if line.endswith("<unfinished ...>"):
                open_calls[match["pid"] + match["call"]] = (number, line.removesuffix("<unfinished ...>"))
            else:
                out.append((number, number, line))
    return out


def uploads_in(text: str, data: str) -> list[Upload]:
    """One for each file that was renamed into the data folder, with the steps around it."""
    calls = whole_calls(text)
    out = []
    for began, ended, call in calls:
        match = re.search(r'rename\w*\(.*"([^"]*staging/[^"]*)".*"([^"]*files/\w\w/(\w+))"', call)
        if match and "= 0" in call:
            out.append(_steps(calls, began, ended, match[1], match[2], match[3], data))
    return out


def _steps(calls, began: int, ended: int, part: str, blob: str, token: str, data: str) -> Upload:
    folder = blob.rsplit("/", 1)[0]
    upload = Upload(token, {"renamed": ended})
    synced = [end for start, end, call in calls if end <= began and _is_sync(call) and part in call]
    if synced:
        upload.steps["file synced"] = synced[-1]
    after = (
        ("folder synced", ended, lambda call: _is_sync(call) and f"<{folder}>" in call),
        ("record synced", ended, lambda call: _is_sync(call) and "-wal>" in call and data in call),
        ("answered", ended, lambda call: "HTTP/1.1 2" in call),
    )
    for name, since, is_it in after:
        # The answer counts from where its call began, a sync from where it returned.
        found = [
            start if name == "answered" else end
            for start, end, call in calls
            if start > since and is_it(call)
        ]
        if found:
            upload.steps[name] = found[0]
    return upload


def _is_sync(call: str) -> bool:
    return re.search(r"\b(fsync|fdatasync)\(", call) is not None and call.rstrip().endswith("= 0")
