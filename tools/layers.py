#!/usr/bin/env python3
"""Checks that includes point one way: core <- sync, ipc, mem, time <- diag, async <- io <- apps.

What core needs of a layer above is in core/async.h, core/mutex.h, core/ring.h and core/timer.h; the
first two name the public header of the object that they look into. Host headers live under
ports/posix and sim only.
"""
import pathlib
import re
import sys

RANK = {"core": 0, "sync": 1, "ipc": 1, "time": 1, "mem": 1, "protect": 2, "diag": 2, "async": 2,
        "io": 3, "fs": 3}
# A public header belongs to the layer that implements it.
PUBLIC = {"sem.h": 1, "mutex.h": 1, "queue.h": 1, "flags.h": 1, "pool.h": 1, "timer.h": 1,
          "async.h": 2, "reset.h": 2, "print.h": 3, "stream.h": 3, "display.h": 3, "keyboard.h": 3,
          "board.h": 3, "pins.h": 3, "terminal.h": 3, "block.h": 3, "line.h": 3, "shell.h": 3,
          "clock.h": 3, "kiln.h": 3}
FREESTANDING = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "string.h"}
HOST = {path.name for folder in ("ports/posix", "sim") for path in pathlib.Path(folder).glob("*.h")
        if path.name not in ("port_types.h", "port_arch.h")}
# What core knows of these objects, and what it does without them.
ALLOWED = {("core/mutex.h", "kiln/mutex.h"), ("core/async.h", "kiln/async.h")}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def rank_of(name):
    """The layer that an include name belongs to; None when it is none of the kernel's."""
    first, _, rest = name.partition("/")
    if first == "kiln":
        return PUBLIC.get(rest, 0)
    return RANK.get(first)


def problems(path):
    relative = path.relative_to("kernel")
    layer = relative.parts[0]
    for quote, name in INCLUDE.findall(path.read_text()):
        if quote == "<" and name not in FREESTANDING:
            yield f"{path}: includes <{name}>, which a freestanding kernel does not have"
        if name in HOST:
            yield f"{path}: includes {name}, a host header"
        other = rank_of(name)
        if layer in RANK and other is not None and other > RANK[layer] and \
                (str(relative), name) not in ALLOWED and not name.startswith("kiln/kiln.h"):
            yield f"{path}: {layer} includes {name} from a layer above"
    if re.search(r"^\s*#\s*(el)?if.*(__arm__|__ARM|__x86_64__|__aarch64__|__linux__)",
                 path.read_text(), re.MULTILINE):
        yield f"{path}: a processor conditional outside ports/"


def host_headers():
    for folder in ("apps", "ports/cortex-m"):
        for path in sorted(pathlib.Path(folder).rglob("*.[ch]")):
            for quote, name in INCLUDE.findall(path.read_text()):
                if name in HOST or (quote == "<" and name not in FREESTANDING):
                    yield f"{path}: includes {name}, a host header"


def main():
    found = [p for path in sorted(pathlib.Path("kernel").rglob("*.[ch]")) for p in problems(path)]
    found += host_headers()
    for problem in found:
        print(problem)
    sys.exit(1 if found else 0)


main()
