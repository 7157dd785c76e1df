"""Exports a trace as JSON that ui.perfetto.dev and chrome://tracing open.

The format: "Trace Event Format", Chromium project. Times are microseconds; here they have three
digits more, so that no nanosecond is lost. One process each for tasks, interrupts and objects.
"""
import json

from events import COUNTED, number
from spans import of_kind

TASKS, INTERRUPTS, MUTEXES, COUNTERS = 1, 2, 3, 4
PROCESSES = {TASKS: "tasks", INTERRUPTS: "interrupts", MUTEXES: "mutexes", COUNTERS: "objects"}


class Tracks:
    """Numbers for (process, name), in the order in which they appear."""

    def __init__(self):
        self.numbers = {}

    def of(self, process, name):
        return self.numbers.setdefault((process, name), len(self.numbers) + 1)

    def metadata(self):
        for process in sorted({process for process, _ in self.numbers}):
            yield {"ph": "M", "pid": process, "name": "process_name",
                   "args": {"name": PROCESSES[process]}}
        for (process, name), track in self.numbers.items():
            yield {"ph": "M", "pid": process, "tid": track, "name": "thread_name",
                   "args": {"name": name}}


def us(ns):
    return ns / 1000


def slices(trace, tracks):
    """What lasts: a task's running and waiting, interrupts, who owns a mutex."""
    looks = {"task": (TASKS, lambda span: "running"), "ready": (TASKS, lambda span: "ready"),
             "suspended": (TASKS, lambda span: "suspended"),
             "wait": (TASKS, lambda span: f"waits: {span.detail}"),
             "isr": (INTERRUPTS, lambda span: f"interrupt {span.name}"),
             "mutex": (MUTEXES, lambda span: span.detail)}
    for span in of_kind(trace, *looks):
        process, title = looks[span.kind]
        yield {"ph": "X", "pid": process, "tid": tracks.of(process, span.name),
               "name": title(span), "cat": span.kind, "ts": us(span.start),
               "dur": us(span.end - span.start)}


def counters(trace):
    """A counter's value holds from an event until the next one of the object, which says in turn
    what it was before: so it is what the next event says."""
    last = {}
    for event in trace.events:
        if event.verb in COUNTED:
            since = last.get((event.kind, event.name), event.ns)
            yield {"ph": "C", "pid": COUNTERS, "name": f"{event.kind} {event.name}",
                   "ts": us(since), "args": {"count": number(event.value)}}
            last[event.kind, event.name] = event.ns


def instants(trace, tracks):
    """Every event, on the track of the task that ran then, or of the interrupt."""
    running, interrupts = None, []
    for event in trace.events:
        if event.verb == "switch":
            running = event.name
        elif event.verb == "isr-enter":
            interrupts.append(event.name)
        elif event.verb == "isr-exit":
            del interrupts[-1:]
        elif interrupts or running:
            process, name = (INTERRUPTS, interrupts[-1]) if interrupts else (TASKS, running)
            yield {"ph": "i", "s": "t", "pid": process, "tid": tracks.of(process, name),
                   "name": f"{event.verb} {event.name}", "cat": event.kind, "ts": us(event.ns),
                   "args": {"value": event.value}}


def export(trace, path):
    tracks = Tracks()
    found = [*slices(trace, tracks), *instants(trace, tracks), *counters(trace)]
    found.sort(key=lambda entry: entry["ts"])
    document = {"displayTimeUnit": "ns", "traceEvents": [*tracks.metadata(), *found],
                "otherData": {"events_lost": trace.lost,
                              "events_lost_before": trace.lost_before}}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=0)
