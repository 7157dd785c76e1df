"""kiln timeline: who ran when, from the trace ring."""
import argparse
import shutil

import gdb

import kiln_kernel as kernel
import kiln_ring
import svg
import timeline
from axis import duration_ns
from events import line_of
from spans import of_kind

ALWAYS = {"running": "task", "ready": "ready", "blocked": "wait", "suspended": "suspended"}


class Arguments(argparse.ArgumentParser):
    """Says what is wrong without an end of gdb."""

    def error(self, message):
        raise gdb.GdbError(f"kiln: {message}\n{self.format_usage().strip()}")


def duration(text):
    ns = duration_ns(text)
    if not ns:
        raise argparse.ArgumentTypeError(f"'{text}' is no time above 0, like 20ms, 500us or 1.5s")
    return ns


def parser():
    arguments = Arguments(prog="kiln timeline", add_help=False)
    arguments.add_argument("--last", type=duration, metavar="TIME")
    arguments.add_argument("--width", type=int, metavar="N", default=shutil.get_terminal_size().columns)
    arguments.add_argument("--events", type=int, metavar="N", default=10)
    arguments.add_argument("--svg", metavar="FILE")
    return arguments


def unchanged(trace):
    """Tasks whose state has not changed since the ring's first record: it is what it was."""
    seen = {span.name for span in of_kind(trace, *ALWAYS.values())}
    return [(task.name, ALWAYS[task.state]) for task in kernel.tasks()
            if task.name not in seen and task.state in ALWAYS]


def last_events(trace, count):
    return [f"{event.ns // 10**9}.{event.ns % 10**9:09} {line_of(event)}"
            for event in trace.events[len(trace.events) - min(count, len(trace.events)):]]


class TimelineCommand(gdb.Command):
    """kiln timeline [--last TIME] [--width N] [--events N] [--svg FILE]: who ran when, from the trace
    ring: a row for each interrupt and each task, and below it the last N events (10). TIME as for
    --until: 20ms, 500us, 1.5s; without it, all that the ring has. --svg draws that into a file."""

    def __init__(self):
        super().__init__("kiln timeline", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        options = parser().parse_args(gdb.string_to_argv(argument))
        trace = kiln_ring.trace()
        first, end = trace.events[0].ns, trace.events[-1].ns
        start = first if options.last is None else max(first, end - options.last)
        print(f"{len(trace.events)} events, of {(end - first) / 1e6:.3f} ms; "
              f"{trace.lost_before} before that are lost")
        for line in timeline.draw(trace, options.width, start, end, unchanged(trace)):
            print(line)
        for line in last_events(trace, options.events):
            print(line)
        if options.svg:
            svg.export(trace, options.svg, start, end)


TimelineCommand()
