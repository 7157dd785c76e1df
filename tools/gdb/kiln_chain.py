"""kiln chain: who waits for whom, over mutexes and joins."""
import gdb

import kiln_kernel as kernel


def chain_from(task):
    """The tasks from one to the next it waits for, and whether they go round in a circle. The last
    of a circle is its first once more."""
    found = [task]
    while found[-1].blocker is not None:
        after = found[-1].blocker
        found.append(after)
        if after in found[:-1]:
            return found, True
    return found, False


def end_of(task):
    """What keeps the last of a chain from going on."""
    obj = task.waits_for
    name = f" {kernel.name_of(obj)}" if obj is not None else ""
    kinds = {"KILN_WAIT_SLEEP": "sleeps", "KILN_WAIT_SOMETHING": "waits"}
    kind = task.wait_kind
    if kind is None:
        return f"is {task.state}"
    shown = kinds.get(kind) or "waits for " + kind[len("KILN_WAIT_"):].lower().replace("_", ", to ") + name
    left = task.ticks_left
    return shown + (f", {left} ticks left" if left is not None else "")


def link(task):
    """What lies between a task and the one it waits for."""
    if task.wait_kind == "KILN_WAIT_JOIN":
        return "joins"
    left = f", {task.ticks_left} ticks left" if task.ticks_left is not None else ""
    return f"mutex {kernel.name_of(task.waits_for)}{left}"


def described(task):
    return f"{task.name} (priority {int(task.value['prio'])})"


def line_of(found):
    return "".join(f"{described(task)} -> {link(task)} -> " for task in found[:-1]) + described(found[-1])


def print_chain(task):
    found, is_circle = chain_from(task)
    if not is_circle:
        print(f"{line_of(found)} {end_of(found[-1])}")
        return
    circle = found[found.index(found[-1]):]
    timed = any(member.has("TIMED") for member in circle)
    print(line_of(found))
    print(f"{'deadlock until a timeout' if timed else 'DEADLOCK'} of "
          + ", ".join(member.name for member in circle[:-1]))


def starts(tasks):
    """Tasks that wait for another one and that nobody waits for; and one of each circle that has
    nobody from outside."""
    waiting = [task for task in tasks if task.blocker is not None]
    wanted = {task.blocker for task in waiting}
    found = [task for task in waiting if task not in wanted]
    covered = {member for start in found for member in chain_from(start)[0]}
    for task in waiting:
        if task not in covered:
            found.append(task)
            covered |= set(chain_from(task)[0])
    return found


class Chain(gdb.Command):
    """kiln chain [NAME]: who waits for whom, from one task, or from every one that nobody waits for,
    over mutexes and joins; a circle is a deadlock."""

    def __init__(self):
        super().__init__("kiln chain", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        name = argument.strip()
        chosen = [kernel.task_named(name)] if name else starts(kernel.tasks())
        for task in chosen:
            print_chain(task)
        if not chosen:
            print("no task waits for another one")

    def complete(self, text, word):
        return kernel.complete_task(word)


Chain()
