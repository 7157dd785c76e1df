"""Reads the kernel's trace ring (kiln/ring.h) out of the program's memory, as the trace that
tools/trace.py works on."""
import struct

import gdb

import kiln_kernel as kernel
from events import VERBS, Event, Trace

MAGIC, VERSION, CYCLE_BITS = 0x474E524B, 1, 56
HOW_TO = "build it with CONFIG=\"-DKILN_CFG_TRACE=1 -DKILN_CFG_TRACE_RING=200\""


def ring():
    """The one that kernel events go into."""
    if not kernel.has_field("struct kernel", "ring"):
        raise gdb.GdbError(f"kiln: this image has no trace (KILN_CFG_TRACE is 0): {HOW_TO}")
    kernel.check_up()
    address = int(kernel.evaluate("kernel.ring"))
    if address == 0:
        raise gdb.GdbError(f"kiln: no trace ring is in use (KILN_CFG_TRACE_RING is 0, or kiln_stop() has "
                           f"printed it): {HOW_TO}, or call kiln_ring_start()")
    found = kernel.at(address, "struct kiln_ring")
    if (int(found["magic"]), int(found["version"])) != (MAGIC, VERSION):
        raise gdb.GdbError("kiln: the trace ring is overwritten, or of another version")
    return found


def records(found):
    """Stamps, objects and values, oldest first. The oldest of a ring that is full is left out: the
    program may have stopped while it was being overwritten."""
    capacity, count, after = (int(found[field]) for field in ("capacity", "count", "next"))
    layout = struct.Struct("<Q" + {4: "II", 8: "QQ"}[int(found["pointer_bytes"])])
    everything = list(layout.iter_unpack(kernel.read_memory(found["records"], capacity * layout.size)))
    oldest = after - count
    in_order = everything[oldest:] + everything[:after] if oldest < 0 else everything[oldest:after]
    return in_order[count == capacity:]


# ---- Names ----------------------------------------------------------------------------------------

def verbs():
    """By the event's number: KILN_TRACE_TASK_START is "start", KILN_TRACE_SEM_TAKE "sem-take"."""
    return {number: name.removeprefix("KILN_TRACE_").removeprefix("TASK_").lower().replace("_", "-")
            for name, number in kernel.enum("kiln_trace_event").items()}


def name_of(address, kind):
    """An object that is gone shows as its address: with KILN_CFG_CHECKS its tag tells."""
    obj = kernel.at(address, f"struct kiln_{kind}")
    try:
        tag = kernel.enum("kiln_type")[f"KILN_TYPE_{kind.upper()}"]
        if obj.type.has_key("tag") and int(obj["tag"]) != address + tag:
            return f"@{address & kernel.WORD:#x}"
        return kernel.Task(address).name if kind == "task" else kernel.name_of(obj)
    except gdb.MemoryError:
        return f"@{address & kernel.WORD:#x}"


def value_text(verb, value):
    """As kernel/diag/trace.c has it."""
    value &= kernel.WORD
    signed = value - (value >> 31 << 32)
    if verb == "block":
        waits = {number: name for name, number in kernel.enum("kiln_wait").items()}
        return waits.get(signed, "?").removeprefix("KILN_WAIT_").lower().replace("_", "-")
    if verb == "wake":
        errors = {number: name for name, number in kernel.enum("kiln_error").items()}
        return errors.get(signed, "KILN_E?")
    return f"{value:#x}" if verb.startswith("flags") else str(signed)


class Reader:
    """Decodes records. The same objects come again and again."""

    def __init__(self, cycles_per_us):
        self.cycles_per_us, self.verbs, self.names = cycles_per_us, verbs(), {}

    def name(self, address, kind):
        if (address, kind) not in self.names:
            self.names[address, kind] = name_of(address, kind)
        return self.names[address, kind]

    def event(self, stamp, address, value):
        verb = self.verbs.get(stamp >> CYCLE_BITS)
        if verb not in VERBS:
            return None
        ns = (stamp & (1 << CYCLE_BITS) - 1) * 1000 // self.cycles_per_us
        kind, has_value = VERBS[verb]
        shown = value_text(verb, value) if has_value else ""
        return Event(ns, verb, kind, shown, "") if kind == "isr" else \
            Event(ns, verb, kind, self.name(address, kind), shown)


def trace():
    found = ring()
    reader = Reader(int(found["cycles_per_us"]))
    decoded = [reader.event(*record) for record in records(found)]
    events = [event for event in decoded if event is not None]
    if not events:
        raise gdb.GdbError("kiln: the trace ring is empty")
    return Trace(events, int(found["lost"]), 0)
