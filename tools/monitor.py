#!/usr/bin/env python3
"""Runs an app on the host and shows what its tasks do while it runs, above its console.

The app's process sends snapshots (sim/monitor.c), every so much of its own time. On a terminal the
last one is shown; elsewhere each is printed, as plain lines. CPU time is that since the one shown
before. Ctrl-C ends the app.
"""
import argparse
import collections
import dataclasses
import os
import pathlib
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "trace"))
# pylint: disable=wrong-import-position
from axis import duration_ns

MESSAGE_BYTES = 65536
REDRAW_S = 0.05
PATIENCE_S = 2  # for an app that was told to end, before it is told again
ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"  # another screen, and no cursor
HOME, END_OF_LINE, REST = "\x1b[H", "\x1b[K", "\x1b[J"


# ---- Snapshots ----------------------------------------------------------------------------------

@dataclasses.dataclass(frozen=True)
class Task:
    address: str
    name: str
    state: str
    priority: int
    switches: int
    cpu_us: int
    stack_used: int
    stack_bytes: int
    waits: str  # for what
    object: str


class Snapshot:
    """What sim/monitor.c sends. A line that is none of it, for a name with a tab in it, is skipped."""

    def __init__(self, now_ns=0, lines=()):
        self.now_ns = now_ns
        rows = [line.split("\t") for line in lines]
        self.tasks = [Task(*row[:3], *map(int, row[3:8]), *row[8:]) for row in rows if len(row) == 10]
        self.cpu_us = {task.address: task.cpu_us for task in self.tasks}

    @classmethod
    def of_message(cls, message):
        now, *lines = message.decode(errors="replace").splitlines()
        return cls(int(now), lines)


def percent(task, shown, before):
    """A task that is new since then, perhaps in the memory of another, has had all of its time since."""
    had = before.cpu_us.get(task.address, 0)
    spent_us = task.cpu_us - (had if had <= task.cpu_us else 0)
    return 100000 * spent_us / max(shown.now_ns - before.now_ns, 1)


def table(shown, before):
    """The lines, the idle task last."""
    rows = [("task", "state", "prio", "cpu %", "switches", "stack used", "of", "waits for")]
    for task in shown.tasks[1:] + shown.tasks[:1]:
        rows.append((task.name, task.state, str(task.priority), f"{percent(task, shown, before):.1f}",
                     str(task.switches), str(task.stack_used), str(task.stack_bytes),
                     f"{task.waits} {task.object}".strip()))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell.rjust(width) if 2 <= column <= 6 else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip())
    return [f"at {shown.now_ns / 1e9:.3f} s"] + lines


# ---- Where it is shown ----------------------------------------------------------------------------

def printable(line):
    return "".join(char if char.isprintable() else "?" for char in line.expandtabs())


class Console:
    """The last lines that the app wrote."""

    def __init__(self):
        self.lines, self.rest = collections.deque(maxlen=1000), ""

    def add(self, data):
        *lines, self.rest = (self.rest + data.decode(errors="replace")).split("\n")
        lines = [printable(line.rstrip("\r")) for line in lines]
        self.lines.extend(lines)
        return lines

    def last(self, count):
        lines = [*self.lines, printable(self.rest)] if self.rest else list(self.lines)
        return lines[max(len(lines) - count, 0):]


class Plain:
    """Everything in turn."""

    def __init__(self):
        self.console, self.before = Console(), Snapshot()

    def snapshot(self, shown):
        print("\n".join(table(shown, self.before)), flush=True)
        self.before = shown

    def output(self, data):
        for line in self.console.add(data):
            print("| " + line, flush=True)

    def refresh(self):
        pass

    def close(self):
        if self.console.rest:
            self.output(b"\n")


class Screen:
    """The table above, the console below."""

    def __init__(self, title):
        self.console, self.title = Console(), title
        self.shown = self.before = self.waiting = Snapshot()
        self.drawn_at, self.is_old = 0.0, True
        self.write(ENTER)

    @staticmethod
    def write(text):
        sys.stdout.write(text)
        sys.stdout.flush()

    def snapshot(self, shown):
        self.waiting, self.is_old = shown, True

    def output(self, data):
        self.console.add(data)
        self.is_old = True

    def lines(self):
        columns, rows = shutil.get_terminal_size()
        if self.waiting is not self.shown:
            self.before, self.shown = self.shown, self.waiting
        above = [self.title] + table(self.shown, self.before)
        above = [printable(line)[:columns] for line in above[:max(rows - 4, 1)]] + ["-" * columns]
        return above + [line[:columns] for line in self.console.last(rows - len(above))]

    def refresh(self):
        """Not more often than one can see."""
        if self.is_old and time.monotonic() - self.drawn_at >= REDRAW_S:
            self.write(HOME + "\n".join(line + END_OF_LINE for line in self.lines()) + REST)
            self.drawn_at, self.is_old = time.monotonic(), False

    def close(self):
        """What was to be seen at the end stays."""
        self.write(LEAVE + "\n".join(self.lines()) + "\n")


# ---- The app ----------------------------------------------------------------------------------

class App:
    """Its process, told to end by Ctrl-C as we are: in the foreground the terminal tells both."""

    def __init__(self, command, interval_ms):
        self.snapshots, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process = subprocess.Popen([*command, "--monitor", f"{theirs.fileno()}:{interval_ms:g}"],
                                        pass_fds=[theirs.fileno()], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        theirs.close()
        self.last_words = b""
        self.told_at = None

    def follow(self, view):
        """Until all that it wrote is read, and it has ended."""
        readers = {self.snapshots.fileno(): lambda data: view.snapshot(Snapshot.of_message(data)),
                   self.process.stdout.fileno(): view.output, self.process.stderr.fileno(): self.keep}
        with selectors.DefaultSelector() as selector:
            for file in readers:
                selector.register(file, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(REDRAW_S):
                    data = os.read(key.fd, MESSAGE_BYTES)
                    if data:
                        readers[key.fd](data)
                    else:
                        selector.unregister(key.fd)
                view.refresh()
                self.insist()
        return self.process.wait()

    def keep(self, data):
        self.last_words += data

    def on_interrupt(self, *_):
        self.told_at = self.told_at or time.monotonic()

    def insist(self):
        if self.told_at and time.monotonic() - self.told_at > PATIENCE_S:
            self.process.send_signal(signal.SIGINT)
            self.told_at = time.monotonic()


def interval(text):
    ns = duration_ns(text)
    if not ns or not 10**6 <= ns <= 10**12:
        raise argparse.ArgumentTypeError(f"'{text}' is no time from 1ms to 1000s, like 200ms or 1s")
    return ns / 1e6


def ended(*_):
    raise SystemExit(143)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--interval", type=interval, metavar="TIME",
                        help="between two snapshots, in the app's time; 100ms, and 1s where they are printed")
    parser.add_argument("image")
    parser.add_argument("flags", nargs=argparse.REMAINDER, help="the app's own")
    options = parser.parse_args()
    is_terminal = sys.stdout.isatty()
    command = [options.image, *options.flags]
    app = App(command, options.interval or (100 if is_terminal else 1000))
    signal.signal(signal.SIGINT, app.on_interrupt)
    signal.signal(signal.SIGTERM, ended)
    view = Screen(" ".join([pathlib.Path(options.image).name, *options.flags])) if is_terminal else Plain()
    try:
        status = app.follow(view)
    finally:
        app.process.kill()  # when it has not ended by itself
        view.close()
    sys.stderr.buffer.write(app.last_words)
    sys.exit(status if status >= 0 else 128 - status)


main()
