#!/usr/bin/env python3
"""Trace equality: the same app, the same sequence of kernel events on the host and on a board.

Builds each app for the host and for each board, runs it on the host in virtual time and on the
board in QEMU, and compares the kernel events, times and interrupts left out, and the console.
One line for each (app, home), and the first difference with what is around it.

An app that does not end by itself has a number of events in ENDLESS: the board stops after so
many, and the host's trace and console are compared up to there.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENDLESS = {"blinky": 60}
INTERACTIVE = {"shell", "onetask"}  # wait for somebody who types: tests/shell
HOST_LIMIT = "20"  # seconds of kernel time on the host; no app here takes as long
TIMEOUT_S = 300
EVENT = re.compile(r"\x02([^\x03]*)\x03")
CONTEXT = 6


class Failure(Exception):
    pass


def run(command, **options):
    """Runs a command to its end; what it printed, or a Failure."""
    try:
        return subprocess.run(command, cwd=ROOT, timeout=TIMEOUT_S, capture_output=True,
                              stdin=subprocess.DEVNULL, **options)
    except subprocess.TimeoutExpired as error:
        seen = (error.stdout or b"").decode(errors="replace")
        raise Failure(f"no end within {TIMEOUT_S} s; it printed last:\n{seen[-500:]}") from error


def build(app, board, *settings):
    done = run(["make", f"-j{os.cpu_count()}", "--no-print-directory", "-f", "tools/mk/build.mk", "image",
                f"BOARD={board}", f"NAME={app}", f"SOURCES_DIR=apps/{app}", "VARIANT=trace",
                *settings])
    if done.returncode != 0:
        raise Failure("the build failed:\n" + done.stderr.decode(errors="replace")[-2000:])
    return ROOT / "build" / board / f"{app}-trace"


def is_interrupt(event):
    return event.startswith(("isr-enter ", "isr-exit "))


def run_host(app, folder):
    """Runs in virtual time; the trace as written, and the console."""
    trace = folder / "trace.txt"
    done = run([folder / app, "--clock", "virtual", "--until", HOST_LIMIT, "--trace", trace])
    if done.returncode != 0:
        raise Failure(f"exit status {done.returncode}:\n" + done.stdout.decode()[-1000:] +
                      done.stderr.decode()[-1000:])
    if app not in ENDLESS and b"stopped after" in done.stderr:
        raise Failure(f"it did not end by itself within {HOST_LIMIT} s of kernel time")
    return trace.read_text(), done.stdout.decode()


def host(app):
    """The reference: events without times, and the console. Two runs must be the same."""
    folder = build(app, "host")
    first, second = run_host(app, folder), run_host(app, folder)
    compare("trace", "first run", "second run", first[0].splitlines(), second[0].splitlines())
    compare("console", "first run", "second run", first[1].splitlines(), second[1].splitlines())
    events = [line.split(" ", 1)[1] for line in first[0].splitlines()]
    return [event for event in events if not is_interrupt(event)], first[1].splitlines()


def board_machine(board):
    """QEMU's name for the board; None for one that QEMU does not know."""
    text = (ROOT / "ports/cortex-m/boards" / board / "board.mk").read_text()
    found = re.search(r"^QEMU_MACHINE[ \t]*:?=[ \t]*(\S+)", text, re.MULTILINE)
    return found.group(1) if found else None


def target(app, board):
    """Events and console of the board in QEMU."""
    limit = f" -DTRACE_EVENTS_MAX={ENDLESS[app]}" if app in ENDLESS else ""
    folder = build(app, board, f"CONFIG=-DKILN_CFG_TRACE=1{limit}",
                   "EXTRA_SOURCES=tests/trace/hook.c")
    done = run(["qemu-system-arm", "-M", board_machine(board), "-kernel", folder / f"{app}.elf",
                "-icount", "shift=0,sleep=off", "-display", "none", "-serial", "stdio",
                "-monitor", "none", "-semihosting-config", "enable=on,target=native"])
    text = done.stdout.decode(errors="replace").replace("\r", "")
    if done.returncode != 0:
        raise Failure(f"exit status {done.returncode}; it printed last:\n{text[-1000:]}" +
                      done.stderr.decode(errors="replace")[-500:])
    return EVENT.findall(text), EVENT.sub("", text).splitlines()


def compare(what, name_a, name_b, a, b):
    """Raises a Failure that shows the first difference."""
    if a == b:
        return
    at = next((i for i, pair in enumerate(zip(a, b)) if pair[0] != pair[1]), min(len(a), len(b)))
    lines = [f"{what}: line {at + 1} differs ({len(a)} lines in {name_a}, {len(b)} in {name_b})"]
    lines += [f"    both: {line}" for line in a[max(at - CONTEXT, 0):at]]
    for name, side in ((name_a, a), (name_b, b)):
        rest = side[at:at + CONTEXT] or ["(the end)"]
        lines += [f"    {name}: {line}" for line in rest]
    raise Failure("\n".join(lines))


def compare_with_host(app, board, reference):
    """How many events and lines are the same."""
    host_events, host_console = reference
    events, console = target(app, board)
    if not events or not console:
        raise Failure("no events, or nothing on the console")
    if app in ENDLESS:
        if len(events) != ENDLESS[app]:
            raise Failure(f"{len(events)} events instead of {ENDLESS[app]}")
        host_events, host_console = host_events[:len(events)], host_console[:len(console)]
    compare("events", "host", board, host_events, events)
    compare("console", "host", board, host_console, console)
    return f"{len(events)} events, {len(console)} lines"


def report(app, home, check):
    """Runs one check, prints its line, and says whether it passed."""
    try:
        print(f"  ok    {app:<18} {home:<18} {check()}", flush=True)
        return True
    except Failure as failure:
        print(f"  FAIL  {app:<18} {home:<18} {failure}", flush=True)
        return False


def check_app(app, boards):
    reference = []

    def check_host():
        reference.append(host(app))
        return f"{len(reference[0][0])} events, twice the same"

    if not report(app, "host", check_host):
        return [False]
    return [True] + [report(app, board,
                            lambda board=board: compare_with_host(app, board, reference[0]))
                     for board in boards]


def main():
    apps = sorted({path.parent.name for path in ROOT.glob("apps/*/main.c")} - INTERACTIVE)
    boards = sorted(path.parent.name for path in ROOT.glob("ports/cortex-m/boards/*/board.mk")
                    if board_machine(path.parent.name))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--apps", nargs="+", choices=apps, default=apps)
    parser.add_argument("--boards", nargs="+", choices=boards, default=boards)
    options = parser.parse_args()
    results = sum((check_app(app, options.boards) for app in options.apps), [])
    print(f"trace: {results.count(True)} passed, {results.count(False)} failed")
    if not all(results):
        sys.exit(1)


if __name__ == "__main__":
    main()
