"""Runs inside gdb, on an image or on what stopped in it; prints one line "facts: JSON"."""
import json
import re

import gdb

PAINT = 0x5AC3A55C


def variables(structure):
    """Values of all variables of a type, arrays of it element by element."""
    path = ""
    for line in gdb.execute(f"info variables -q -t {structure}", to_string=True).splitlines():
        if line.startswith("File "):
            path = line[len("File "):-1]
        found = re.search(rf"struct {structure} (\w+)(\[\d+\])?;", line)
        if found:
            value = gdb.parse_and_eval(f"'{path}'::{found[1]}")
            count = int(found[2][1:-1]) if found[2] else 1
            yield from ([value] if not found[2] else [value[i] for i in range(count)])


def known(value):
    return int(value) & 0xFFFFFFFF


def tasks():
    for definition in variables("kiln_task_def"):
        name = definition["name"]
        yield {"name": name.string() if int(name) else f"{known(definition.address):#x}",
               "entry": known(definition["entry"]), "stack": known(definition["stack"]),
               "bytes": known(definition["stack_bytes"])}


def coroutines():
    """The bodies of coroutines: every function of that type."""
    path = ""
    for line in gdb.execute("info functions -q -n -t kiln_async_step", to_string=True).splitlines():
        if line.startswith("File "):
            path = line[len("File "):-1]
        found = re.search(r"enum kiln_async_step (\w+)\(struct kiln_async \*\);", line)
        if found:
            yield known(gdb.parse_and_eval(f"'{path}'::{found[1]}").address) & ~1


def symbol(name):
    value = gdb.parse_and_eval(name)
    return known(value.address), value.type.sizeof


def functions_of(structure, field):
    """What all variables of a type point at; none, where the program has no such type."""
    try:
        return [known(value[field]) for value in variables(structure)]
    except gdb.error:
        return []


def static_facts(stacks):
    """`stacks`: names of stacks to look up."""
    functions = {"timers": functions_of("kiln_timer", "callback"),
                 "commands": functions_of("kiln_shell_command", "function"),
                 "coroutines": list(coroutines())}
    print("facts: " + json.dumps({
        "tasks": list(tasks()), "functions": functions,
        "main_bytes": known(gdb.parse_and_eval("(unsigned)&__main_stack_bytes")),
        "stacks": {name: symbol(name) for name in stacks}}))


def used(start, size):
    """What a stack's paint says, in bytes: the rest below what was never written. None: it was
    never painted, so its task was never made."""
    words = bytes(gdb.selected_inferior().read_memory(start, size))
    if words == bytes(size):
        return None
    free = 0
    while free < size and int.from_bytes(words[free:free + 4], "little") == PAINT:
        free += 4
    return size - free


def measured_facts(stacks):
    """`stacks`: (start, size) of each. Tasks of the kernel's list on other stacks are new."""
    starts = {start for start, _ in stacks}
    strangers = []
    try:
        at = gdb.parse_and_eval("&kernel.idle")
        while int(at) != 0:
            if known(at["stack"]) not in starts:
                strangers.append(at["name"].string())
            at = at["all_next"]
    except gdb.error:
        pass  # no such list, or no names
    print("facts: " + json.dumps({"used": [used(*stack) for stack in stacks],
                                  "strangers": strangers}))
