"""Reads the kernel's structures by their debug information: which fields there are says how the
kernel is configured. Nothing here writes to the target.
"""
import re

import gdb

WORD = 0xFFFFFFFF


def evaluate(expression):
    """An expression's value; a GdbError that says what is missing when there is none."""
    try:
        return gdb.parse_and_eval(expression)
    except gdb.error as error:
        raise gdb.GdbError(f"kiln: this is no image of Kiln with debug information: {error}")


def has_type(name):
    try:
        gdb.lookup_type(name)
        return True
    except gdb.error:
        return False


def has_symbol(name):
    try:
        gdb.parse_and_eval(f"&{name}")
        return True
    except gdb.error:
        return False


def has_field(struct, field):
    return has_type(struct) and gdb.lookup_type(struct).has_key(field)


def enum(name):
    """An enumeration's values by name."""
    return {field.name: field.enumval for field in gdb.lookup_type(f"enum {name}").fields()}


def offset(struct, field):
    return gdb.lookup_type(struct)[field].bitpos // 8


def at(address, struct):
    """The structure that lies at an address, read at once: gdb would read each field when it is used,
    and through a debug probe every read takes its time."""
    value = gdb.Value(int(address)).cast(gdb.lookup_type(struct).pointer()).dereference()
    value.fetch_lazy()
    return value


def read_memory(address, size):
    return bytes(gdb.selected_inferior().read_memory(int(address), int(size)))


def read_word(address, size):
    """An unsigned number; every home of Kiln is little-endian."""
    return int.from_bytes(read_memory(address, size), "little")


def text(value):
    """A C string, or None where there is none to read."""
    try:
        return value.string() if int(value) != 0 else None
    except (gdb.MemoryError, UnicodeDecodeError):
        return None


def symbol_at(address):
    """What the linker calls an address, 'forks+24', or the address itself. Bit 0 of a function's
    address on Cortex-M is no part of it."""
    if address.type.strip_typedefs().code == gdb.TYPE_CODE_PTR \
            and address.type.strip_typedefs().target().code == gdb.TYPE_CODE_FUNC:
        address = int(address) & ~1 if address.type.sizeof == 4 else int(address)
    shown = gdb.execute(f"info symbol {int(address):#x}", to_string=True)
    found = re.match(r"(\w+)(?: \+ (\d+))? in section", shown)
    if not found:
        return f"{int(address):#x}"
    return found[1] + (f"+{found[2]}" if found[2] else "")


def name_of(obj):
    """An object's or a task's own name; without KILN_CFG_NAMES, or when it was given none at run
    time, the symbol's."""
    own = text(obj["name"]) if obj.type.has_key("name") else None
    return own if own not in (None, "?") else symbol_at(obj.address)


def list_of(queue):
    """The tasks in a wait queue or a ready list, a circle, from its first."""
    first, found, at_task = int(queue["first"]), [], int(queue["first"])
    while at_task != 0 and at_task not in found:
        found.append(at_task)
        at_task = int(at(at_task, "struct kiln_task")["next"])
    return [Task(address) for address in found]


def is_up():
    """True once the kernel is initialised and until its memory is gone."""
    try:
        return int(evaluate("kernel.current")) != 0
    except gdb.MemoryError:
        return False


def check_up():
    if gdb.selected_inferior().pid == 0:
        raise gdb.GdbError("kiln: nothing is running")
    if not is_up():
        raise gdb.GdbError("kiln: the kernel is not initialised yet")


def is_started():
    """False before kiln_start(): main() runs, and no task."""
    return int(evaluate("kernel.locked")) & 0x80000000 == 0


class Task:
    """A struct kiln_task, and what follows from it."""

    # What a kind of wait waits for, and where in that the wait queue lies.
    OBJECTS = {
        "KILN_WAIT_SEM": ("struct kiln_sem", "waiters"),
        "KILN_WAIT_MUTEX": ("struct kiln_mutex", "waiters"),
        "KILN_WAIT_QUEUE_SEND": ("struct kiln_queue", "senders"),
        "KILN_WAIT_QUEUE_RECEIVE": ("struct kiln_queue", "receivers"),
        "KILN_WAIT_POOL": ("struct kiln_pool", "waiters"),
        "KILN_WAIT_JOIN": ("struct kiln_task", "joiners"),
        "KILN_WAIT_EXECUTOR": ("struct kiln_executor", "idle"),
        "KILN_WAIT_ASYNC": ("struct kiln_async", "joiners"),
        "KILN_WAIT_WAKER": ("struct kiln_waker", "waiters"),
        "KILN_WAIT_STREAM_READ": ("struct kiln_stream", "readers"),
        "KILN_WAIT_STREAM_WRITE": ("struct kiln_stream", "writers"),
    }

    def __init__(self, address):
        self.address = int(address)
        self.value = at(address, "struct kiln_task")
        self.flags = int(self.value["flags"])
        self.waitq = int(self.value["waitq"])

    def __eq__(self, other):
        return isinstance(other, Task) and self.address == other.address

    def __hash__(self):
        return hash(self.address)

    @property
    def name(self):
        if self.address == int(evaluate("&kernel.idle")):
            return text(self.value["name"]) if self.value.type.has_key("name") else "idle"
        return name_of(self.value)

    def has(self, *flags):
        values = enum("k_task_flag")
        return any(self.flags & values[f"K_TASK_{flag}"] for flag in flags)

    @property
    def state(self):
        for flag in ("TERMINATED", "NEW", "SUSPENDED"):
            if self.has(flag):
                return flag.lower()
        if self.waitq != 0:
            return "blocked"
        running = is_started() and self.address == int(evaluate("kernel.current"))
        return "running" if running else "ready"

    @property
    def ticks_left(self):
        """Ticks until its timeout; None when it waits for ever, or not at all."""
        if not self.has("TIMED"):
            return None
        return (int(self.value["timeout"]["deadline"]) - int(evaluate("kernel.now"))) & WORD

    @property
    def wait_kind(self):
        """'KILN_WAIT_SEM'; None when it does not wait. Without KILN_CFG_NAMES a task knows of a
        mutex and of its own sleep only: "KILN_WAIT_SOMETHING"."""
        if self.waitq == 0:
            return None
        if self.value.type.has_key("name"):
            kinds = {value: name for name, value in enum("kiln_wait").items()}
            return kinds[int(self.value["wait_kind"])]
        if self.waitq == int(self.value["wait"]["alone"].address):
            return "KILN_WAIT_SLEEP"
        return "KILN_WAIT_MUTEX" if self.has("ON_MUTEX") else "KILN_WAIT_SOMETHING"

    @property
    def waits_for(self):
        """The object that it waits for, or None."""
        kind = self.wait_kind
        if kind in self.OBJECTS:
            struct, field = self.OBJECTS[kind]
            return at(self.waitq - offset(struct, field), struct)
        if kind == "KILN_WAIT_FLAGS" and has_type("struct kiln_flags_condition"):
            wait = at(self.value["wait"]["arg"], "struct kiln_flags_condition")
            return wait["flags"].dereference()
        return None

    @property
    def blocker(self):
        """The task that has to act before this one can go on: a mutex's owner, a task joined."""
        obj = self.waits_for
        if obj is None or self.wait_kind not in ("KILN_WAIT_MUTEX", "KILN_WAIT_JOIN"):
            return None
        owner = obj["owner"] if self.wait_kind == "KILN_WAIT_MUTEX" else obj.address
        return Task(owner) if int(owner) != 0 else None

    @property
    def held(self):
        """The mutexes that it owns."""
        found = []
        mutex = self.value["held"] if self.value.type.has_key("held") else 0
        while int(mutex) != 0:
            found.append(mutex.dereference())
            mutex = mutex.dereference()["next_held"]
        return found


def listed():
    """The kernel's own list, in order of creation: the idle task is the first."""
    found, task = [], Task(evaluate("&kernel.idle"))
    while True:
        found.append(task)
        after = int(task.value["all_next"])
        if after in (0, found[0].address):
            return found
        task = Task(after)


def found_elsewhere():
    """Without KILN_CFG_TASK_LIST: the tasks defined statically, and those that are ready."""
    found = [Task(evaluate("&kernel.idle"))]
    definition = evaluate("(struct kiln_task_def *)&__start_kiln_task_defs")
    end = int(evaluate("(char *)&__stop_kiln_task_defs"))
    while int(definition) < end and is_started():
        found.append(Task(definition["task"]))
        definition += 1
    ready, masks = evaluate("kernel.ready"), ready_priorities()
    for priority in masks:
        found += list_of(ready[priority])
    unique = list(dict.fromkeys(found))
    return [task for task in unique if not task.has("TERMINATED")]


def ready_priorities():
    """Priorities whose ready list is not empty: `first` of an empty one is stale."""
    ready = evaluate("kernel.ready")
    low, high = ready.type.range()
    live = []
    for priority in range(low, high + 1):
        first = int(ready[priority]["first"])
        task = Task(first) if first != 0 else None
        if task and task.waitq == 0 and int(task.value["prio"]) == priority \
                and not task.has("NEW", "SUSPENDED", "TERMINATED"):
            live.append(priority)
    return live


def has_task_list():
    return has_field("struct kernel", "all_last")


def tasks():
    check_up()
    return listed() if has_task_list() else found_elsewhere()


def task_named(name):
    found = [task for task in tasks() if task.name == name]
    if not found:
        raise gdb.GdbError(f"kiln: there is no task '{name}'; tasks: "
                           + " ".join(task.name for task in tasks()))
    return found[0]



def complete_task(word):
    try:
        return [task.name for task in tasks() if task.name.startswith(word)]
    except (gdb.error, gdb.GdbError):
        return []
