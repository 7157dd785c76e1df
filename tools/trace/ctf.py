"""Exports a trace in the Common Trace Format 1.8 (diamon.org/ctf), for babeltrace2 and Trace Compass.

A folder with `metadata`, which says in TSDL what an event looks like, and `stream`: one packet with
all events. Every event has the task that ran then in its context.
"""
import pathlib
import struct
import uuid

from events import VERBS, number

MAGIC = 0xC1FC1FC1
# Of the packets' header and context: magic, uuid, stream id; times, sizes in bits, lost events.
PACKET = struct.Struct("<I16sIQQQQQ")
EVENT = struct.Struct("<HQ")
TRACE_UUID = uuid.uuid5(uuid.NAMESPACE_URL, "kiln-trace-1")

METADATA = """/* CTF 1.8 */
typealias integer { size = 16; align = 8; signed = false; } := uint16_t;
typealias integer { size = 32; align = 8; signed = false; } := uint32_t;
typealias integer { size = 64; align = 8; signed = false; } := uint64_t;
typealias integer { size = 64; align = 8; signed = true; } := int64_t;

trace {
    major = 1;
    minor = 8;
    uuid = "%s";
    byte_order = le;
    packet.header := struct {
        uint32_t magic;
        integer { size = 8; align = 8; signed = false; } uuid[16];
        uint32_t stream_id;
    };
};

env {
    domain = "kernel";
    tracer_name = "kiln";
    tracer_major = 1;
    events_lost_before = %d;
};

clock {
    name = uptime;
    freq = 1000000000;
    description = "Time since the start";
};

typealias integer {
    size = 64; align = 8; signed = false; map = clock.uptime.value;
} := uptime_t;

stream {
    id = 0;
    packet.context := struct {
        uptime_t timestamp_begin;
        uptime_t timestamp_end;
        uint64_t content_size;
        uint64_t packet_size;
        uint64_t events_discarded;
    };
    event.header := struct {
        uint16_t id;
        uptime_t timestamp;
    };
    event.context := struct {
        string task;
    };
};
"""

EVENT_CLASS = """
event {
    name = "%s";
    id = %d;
    stream_id = 0;
    fields := struct {%s
    };
};
"""


def fields_of(verb):
    kind, has_value = VERBS[verb]
    if kind == "isr":
        return [("int64_t", "number")]
    fields = [("string", kind)]
    if verb in ("block", "wake", "async-wake"):
        return fields + [("string", "value")]
    return fields + ([("int64_t", "value")] if has_value else [])


def metadata(trace):
    classes = [EVENT_CLASS % (verb.replace("-", "_"), number_,
                              "".join(f"\n        {type_} _{name};"
                                      for type_, name in fields_of(verb)))
               for number_, verb in enumerate(VERBS)]
    return METADATA % (TRACE_UUID, trace.lost_before) + "".join(classes)


def text(value):
    return value.encode() + b"\0"


def encode(event, task):
    values = [event.name] + ([event.value] if event.value else [])
    packed = EVENT.pack(list(VERBS).index(event.verb), event.ns) + text(task)
    for (type_, _), value in zip(fields_of(event.verb), values):
        packed += text(value) if type_ == "string" else struct.pack("<q", number(value))
    return packed


def stream(trace):
    content, task = b"", ""
    for event in trace.events:
        if event.verb == "switch":
            task = event.name
        content += encode(event, task)
    bits = (PACKET.size + len(content)) * 8
    return PACKET.pack(MAGIC, TRACE_UUID.bytes, 0, trace.events[0].ns, trace.events[-1].ns, bits,
                       bits, trace.lost) + content


def export(trace, path):
    folder = pathlib.Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metadata").write_text(metadata(trace))
    (folder / "stream").write_bytes(stream(trace))
