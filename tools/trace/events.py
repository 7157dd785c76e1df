"""Reads a trace: the text of --trace, or of a trace ring. What the exporters share.

A line is "SECONDS VERB [NAME] [VALUE]" (kernel/diag/trace.c); "lost N" says that N events are
missing there. Any other line is not of the trace: a board's console may have both.
"""
import dataclasses
import re

# For each verb: what kind of object it names, and whether a value follows.
VERBS = {
    "start": ("task", True), "end": ("task", True), "suspend": ("task", False),
    "resume": ("task", False), "priority": ("task", True), "switch": ("task", False),
    "block": ("task", True), "wake": ("task", True), "isr-enter": ("isr", True),
    "isr-exit": ("isr", True), "sem-take": ("sem", True), "sem-give": ("sem", True),
    "mutex-lock": ("mutex", False), "mutex-unlock": ("mutex", False),
    "queue-send": ("queue", True), "queue-receive": ("queue", True), "flags-set": ("flags", True),
    "flags-wait": ("flags", True), "pool-alloc": ("pool", True), "pool-free": ("pool", True),
    "timer-start": ("timer", True), "timer-stop": ("timer", False),
    "timer-expire": ("timer", False), "async-wake": ("async", True),
    "stream-read": ("stream", True), "stream-write": ("stream", True),
    "stream-close": ("stream", False),
}
# Their value is a count, before what the event does to it.
COUNTED = {"sem-take", "sem-give", "queue-send", "queue-receive", "pool-alloc", "pool-free"}

EVENT = re.compile(r"(?:^|ktr: )(\d+)\.(\d{9}) (\S+)(?: (.*))?$")
LOST = re.compile(r"(?:^|ktr: )lost (\d+)$")


@dataclasses.dataclass(frozen=True)
class Event:
    ns: int
    verb: str
    kind: str  # of the object
    name: str  # of the object; an interrupt's number
    value: str  # as the line has it; "" for none


@dataclasses.dataclass
class Trace:
    events: list
    lost_before: int  # the ring had overwritten them when it was read for the first time
    lost: int  # in between


class BadTrace(Exception):
    """The file is not a trace, or says what no run can."""


def parse(line):
    """The event of a line; None for a line that is none."""
    found = EVENT.search(line)
    if not found or found[3] not in VERBS:
        return None
    kind, has_value = VERBS[found[3]]
    name, value = found[4] or "", ""
    if has_value and kind != "isr":
        name, _, value = name.rpartition(" ")
    return Event(int(found[1]) * 10**9 + int(found[2]), found[3], kind, name, value)


def line_of(event):
    """An event as its line has it, without the time."""
    return " ".join(filter(None, (event.verb, event.name, event.value)))


def read(path):
    trace = Trace([], 0, 0)
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file.read().splitlines():
            event = parse(line)
            lost = LOST.search(line)
            if event:
                trace.events.append(event)
            elif lost and trace.events:
                trace.lost += int(lost[1])
            elif lost:
                trace.lost_before += int(lost[1])
    if not trace.events:
        raise BadTrace(f"{path}: no event in it")
    for before, after in zip(trace.events, trace.events[1:]):
        if after.ns < before.ns:
            raise BadTrace(f"{path}: time steps back at {after.ns / 1e9:.9f}, {after.verb}")
    return trace


def number(value):
    """The value of a line as a number; None for a word like KILN_OK."""
    try:
        return int(value, 0)
    except ValueError:
        return None
