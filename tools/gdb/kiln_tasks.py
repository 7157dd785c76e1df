"""kiln tasks, kiln task and kiln bt."""
import gdb

import kiln_context
import kiln_kernel as kernel
from kiln_table import print_table
from kiln_unwind import view

PAINT = bytes.fromhex("5ca5c35a")  # of stacks, in ports/cortex-m/port.c

WAITS = {
    "KILN_WAIT_SLEEP": "sleep",
    "KILN_WAIT_SEM": "semaphore",
    "KILN_WAIT_MUTEX": "mutex",
    "KILN_WAIT_QUEUE_SEND": "queue, to send:",
    "KILN_WAIT_QUEUE_RECEIVE": "queue, to receive:",
    "KILN_WAIT_FLAGS": "flags",
    "KILN_WAIT_POOL": "pool",
    "KILN_WAIT_JOIN": "end of",
    "KILN_WAIT_EXECUTOR": "coroutines of",
    "KILN_WAIT_ASYNC": "end of coroutine",
    "KILN_WAIT_WAKER": "waker",
    "KILN_WAIT_STREAM_READ": "stream, to read:",
    "KILN_WAIT_STREAM_WRITE": "stream, to write:",
    "KILN_WAIT_SOMETHING": "",
}


# ---- The running task -------------------------------------------------------------------------

def running():
    """The task whose registers the processor holds: kernel.current, but main() before
    kiln_start(), and in the middle of a switch the one whose stack is in use still."""
    if not kernel.is_started():
        return None
    sp = real_sp()
    on_its_stack = [task for task in kernel.tasks() if has_on_stack(task, sp)]
    return on_its_stack[0] if on_its_stack else kernel.Task(kernel.evaluate("kernel.current"))


def real_sp():
    return int(gdb.newest_frame().read_register(kiln_context.processor().SP))


def has_on_stack(task, address):
    if kernel.has_field("struct port_ctx", "host"):
        host = int(task.value["ctx"]["host"])
        low = int(kernel.at(host, "struct stack")["start"]["uc_stack"]["ss_sp"]) if host else 0
        return low <= address < host
    if not task.value.type.has_key("stack"):
        return False
    start = int(task.value["stack"])  # which is the end of the memory below: of an empty stack, maybe
    return start < address <= start + int(task.value["stack_bytes"])


def look_at(task, run):
    """`run` is the running task."""
    is_running = task is None or task == run
    view.show(None if is_running else task, None if is_running else kiln_context.of(task))


# ---- The table ----------------------------------------------------------------------------------

def waits_for(task):
    if task.waitq == 0:
        return ""
    obj = task.waits_for
    name = kernel.name_of(obj) if obj is not None else ""
    if obj is None and task.wait_kind == "KILN_WAIT_SOMETHING":
        name = kernel.symbol_at(task.value["waitq"])
    shown = f"{WAITS[task.wait_kind]} {name}".strip()
    owner = task.blocker if task.wait_kind == "KILN_WAIT_MUTEX" else None
    return shown + (f", of {owner.name}" if owner else "")


def stack_used(task):
    """The most that was ever used, in bytes; on the host, of the host's frames."""
    ctx, size = task.value["ctx"], int(task.value["stack_bytes"])
    if ctx.type.has_key("host"):
        host = int(ctx["host"])
        colour = int(kernel.at(host, "struct stack")["colour"]) if host else 0
        return host - colour - int(ctx["sp_lowest"]) if host else 0
    memory, unused = kernel.read_memory(task.value["stack"], size), 0
    while memory[unused:unused + 4] == PAINT:
        unused += 4
    return size - unused


def stats_columns(all_tasks):
    """Times switched to, and the share of the processor's time, up to the last switch."""
    if not kernel.has_field("struct kiln_task", "switches"):
        return {}
    cycles = [int(task.value["cpu_cycles"]) for task in all_tasks]
    total = max(1, sum(cycles))
    return {"switches": [str(int(task.value["switches"])) for task in all_tasks],
            "cpu %": [f"{100 * share / total:.1f}" for share in cycles]}


def stack_columns(all_tasks):
    if not kernel.has_field("struct kiln_task", "stack"):
        return {}
    return {"stack used": [str(stack_used(task)) for task in all_tasks],
            "of": [str(int(task.value["stack_bytes"])) for task in all_tasks]}


def table(all_tasks):
    seen = running() if view.task is None else view.task
    columns = {
        "": ["*" if task == seen else "" for task in all_tasks],
        "task": [task.name for task in all_tasks],
        "state": [task.state for task in all_tasks],
        "prio": [str(int(task.value["prio"])) for task in all_tasks],
        "base": [str(int(task.value["base_prio"])) for task in all_tasks],
        **stats_columns(all_tasks),
        **stack_columns(all_tasks),
        "ticks left": ["-" if task.ticks_left is None else str(task.ticks_left) for task in all_tasks],
        "waits for": [waits_for(task) for task in all_tasks],
    }
    return [list(row) for row in zip(*([title] + cells for title, cells in columns.items()))]


class Tasks(gdb.Command):
    """kiln tasks: a table of all tasks. A star marks the one that is looked at. CPU time and stack
    use are as of each task's last switch."""

    def __init__(self):
        super().__init__("kiln tasks", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        all_tasks = kernel.tasks()
        print_table(table(all_tasks))
        if not kernel.is_started():
            print("kiln_start() has not been called yet: main() runs")
        if not kernel.has_task_list():
            print("KILN_CFG_TASK_LIST is 0: tasks created at run time are missing while they wait")


# ---- Backtraces -----------------------------------------------------------------------------------

def title(task):
    waits = waits_for(task)
    return f"task {task.name}: {task.state}" + (f", {waits}" if waits else "")


def print_backtrace(task, run, flags):
    print(title(task))
    look_at(task, run)
    gdb.execute(f"backtrace {flags}")


class Backtrace(gdb.Command):
    """kiln bt all|NAME [FLAGS]: the backtrace of every task, or of one. FLAGS are those of
    backtrace, like -full or 3."""

    def __init__(self):
        super().__init__("kiln bt", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        which, _, flags = argument.strip().partition(" ")
        if not which:
            raise gdb.GdbError("usage: kiln bt all|NAME [FLAGS of backtrace]")
        chosen = kernel.tasks() if which == "all" else [kernel.task_named(which)]
        seen, run = (view.task, view.context), running()
        try:
            for number, task in enumerate(chosen):
                print("" if number == 0 else "\n", end="")
                print_backtrace(task, run, flags)
        finally:
            view.show(*seen)

    def complete(self, text, word):
        return ["all"] + kernel.complete_task(word)


class Switch(gdb.Command):
    """kiln task [NAME]: look at a task as if it ran, with bt, up, frame and info locals; without a
    name, at the running one again. The view ends when the program goes on."""

    def __init__(self):
        super().__init__("kiln task", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        kernel.check_up()
        run = running()
        task = kernel.task_named(argument.strip()) if argument.strip() else run
        look_at(task, run)
        print(title(task) if task else "main(), before kiln_start()")
        gdb.execute("frame")

    def complete(self, text, word):
        return kernel.complete_task(word)


Tasks()
Backtrace()
Switch()
