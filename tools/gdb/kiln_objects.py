"""kiln objects: all objects, by kind.

They are found where the debug information has a variable of their type, or a structure or array
with one inside; and where a task waits for one or owns one, which may lie anywhere.
"""
import re

import gdb

import kiln_kernel as kernel
from kiln_table import print_table


def waiters(*queues):
    return " ".join(task.name for queue in queues for task in kernel.list_of(queue))


def of_sem(sem):
    return {"count": str(int(sem["count"])), "limit": str(int(sem["limit"])),
            "waiting": waiters(sem["waiters"])}


def of_mutex(mutex):
    """Locks in all, with those of a recursive mutex."""
    owner = int(mutex["owner"])
    locks = (int(mutex["depth"]) if mutex.type.has_key("depth") else 0) + 1
    return {"owner": kernel.Task(owner).name if owner else "-", "locks": str(locks if owner else 0),
            "waiting": waiters(mutex["waiters"])}


def of_queue(queue):
    return {"items": str(int(queue["count"])), "capacity": str(int(queue["capacity"])),
            "item bytes": str(int(queue["item_bytes"])),
            "waiting to receive": waiters(queue["receivers"]), "to send": waiters(queue["senders"])}


def wanted(task):
    wait = kernel.at(task.value["wait"]["arg"], "struct kiln_flags_condition")
    every = int(wait["options"]) & kernel.enum("kiln_flags_option")["KILN_FLAGS_ALL"]
    return f"{task.name} ({'all' if every else 'any'} of {int(wait['bits']):#x})"


def of_flags(flags):
    tasks = kernel.list_of(flags["waiters"][0]) + kernel.list_of(flags["waiters"][1])
    return {"set": f"{int(flags['value']) | int(flags['set_later']):#x}",
            "waiting": " ".join(wanted(task) for task in tasks)}


def free_blocks(pool):
    """Those that were freed are linked through their first word; from `fresh` on all are free."""
    size, most = int(pool["block_bytes"]), int(pool["end"]) - int(pool["start"])
    count, block = (int(pool["end"]) - int(pool["fresh"])) // size, int(pool["free"])
    pointer_bytes = pool["free"].type.sizeof
    while block != 0 and count * size <= most:
        count, block = count + 1, kernel.read_word(block, pointer_bytes)
    return count


def of_pool(pool):
    size = int(pool["block_bytes"])
    return {"free": str(free_blocks(pool)), "blocks": str((int(pool["end"]) - int(pool["start"])) // size),
            "block bytes": str(size), "waiting": waiters(pool["waiters"])}


def of_stream(stream):
    """A pipe has no driver."""
    driver = int(stream["driver"])
    return {"bytes": str(int(stream["count"])), "size": str(int(stream["size"])),
            "driver": kernel.symbol_at(stream["driver"]) if driver else "-",
            "closed": "yes" if stream["is_closed"] else "no", "lost": str(int(stream["lost"])),
            "waiting to read": waiters(stream["readers"]), "to write": waiters(stream["writers"])}


def of_timer(timer):
    """Ticks to go; the arrival number of a stopped one is 0."""
    pending = int(timer["timeout"]["order"]) != 0
    left = (int(timer["timeout"]["deadline"]) - int(kernel.evaluate("kernel.now"))) & kernel.WORD
    period = int(timer["period_ticks"])
    return {"ticks left": str(left) if pending else "stopped", "period": str(period) if period else "-",
            "calls": kernel.symbol_at(timer["callback"])}


def of_executor(executor):
    runner = int(executor["runner"])
    return {"task": kernel.Task(runner).name if runner else "-", "alive": str(int(executor["alive"])),
            "ready": waiters(executor["ready"])}


def of_async(coroutine):
    """A coroutine waits as a task does, in fields that both have."""
    waiter = kernel.Task(int(coroutine["next"].address) - kernel.offset("struct kiln_task", "next"))
    wait, obj = waiter.wait_kind, waiter.waits_for
    return {"executor": kernel.name_of(coroutine["executor"].dereference()),
            "line": str(int(coroutine["line"])), "body": kernel.symbol_at(coroutine["body"]),
            "waits for": f"{wait.removeprefix('KILN_WAIT_').lower()} "
                         f"{kernel.name_of(obj) if obj is not None else ''}".strip() if wait else "-"}


def of_waker(waker):
    return {"woken": str(bool(waker["woken"])).lower(), "waiting": waiters(waker["waiters"])}


KINDS = {
    "struct kiln_sem": ("semaphore", of_sem),
    "struct kiln_mutex": ("mutex", of_mutex),
    "struct kiln_queue": ("queue", of_queue),
    "struct kiln_flags": ("flags", of_flags),
    "struct kiln_pool": ("pool", of_pool),
    "struct kiln_timer": ("timer", of_timer),
    "struct kiln_executor": ("executor", of_executor),
    "struct kiln_async": ("coroutine", of_async),
    "struct kiln_waker": ("waker", of_waker),
    "struct kiln_stream": ("stream", of_stream),
}


# ---- Where they are -----------------------------------------------------------------------------

def struct_name(kind):
    return f"struct {kind.tag}" if kind.code == gdb.TYPE_CODE_STRUCT and kind.tag else ""


def inside(value, path):
    """Objects in a variable, with the expression for each."""
    kind = value.type.strip_typedefs()
    if struct_name(kind) in KINDS:
        yield path, value
    elif kind.code == gdb.TYPE_CODE_ARRAY and holds_object(kind.target()):
        low, high = kind.range()
        for index in range(low, high + 1):
            yield from inside(value[index], f"{path}[{index}]")
    elif kind.code == gdb.TYPE_CODE_STRUCT:
        for field in kind.fields():
            if field.name and holds_object(field.type):
                yield from inside(value[field], f"{path}.{field.name}")


def holds_object(kind):
    kind = kind.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_ARRAY:
        return holds_object(kind.target())
    if kind.code != gdb.TYPE_CODE_STRUCT:
        return False
    return struct_name(kind) in KINDS or any(holds_object(field.type) for field in kind.fields())


def variables():
    """Variables of the whole program that are structures or arrays, as expressions for gdb."""
    file = ""
    for line in gdb.execute("info variables -q -n", to_string=True).splitlines():
        header = re.match(r"File (.*):$", line)
        found = re.match(r"\d+:\t.*\b(?:struct|union|\w+_t)\b.*?(\w+)(?:\[.*\])*;$", line)
        if header:
            file = header[1]
        elif found and "*" not in line:
            yield f"'{file}'::{found[1]}", found[1]


def static_objects():
    for expression, name in variables():
        try:
            yield from inside(gdb.parse_and_eval(expression), name)
        except gdb.error:
            pass  # inside a function, or optimised out


def objects_of_tasks():
    for task in kernel.tasks():
        for obj in [task.waits_for, *task.held]:
            if obj is not None and struct_name(obj.type) in KINDS:
                yield kernel.name_of(obj), obj


def is_alive(obj):
    """With KILN_CFG_CHECKS an object that was never initialised, or was destroyed, has no tag."""
    return not obj.type.has_key("tag") or int(obj["tag"]) != 0


def objects():
    """Each object once, by its address, in the order of addresses: a name and the structure."""
    found = {}
    for path, obj in [*static_objects(), *objects_of_tasks()]:
        if is_alive(obj):
            name = kernel.text(obj["name"]) if obj.type.has_key("name") else None
            found.setdefault(int(obj.address), (path if name in (None, "?") else name, obj))
    return [found[address] for address in sorted(found)]


class Objects(gdb.Command):
    """kiln objects: semaphores, mutexes, queues, flags, pools, timers, streams, executors, coroutines
    and wakers, with their state and the tasks that wait, first come first."""

    def __init__(self):
        super().__init__("kiln objects", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        kernel.check_up()
        everything, first = objects(), True
        for struct, (title, describe) in KINDS.items():
            rows = [{title: name, **describe(obj)} for name, obj in everything
                    if struct_name(obj.type) == struct]
            if rows:
                print("" if first else "\n", end="")
                print_table([list(rows[0])] + [list(row.values()) for row in rows])
                first = False
        if first:
            print("no objects")


Objects()
