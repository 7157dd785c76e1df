"""kiln goto and kiln back: repeat a run of the host, to there or to just before here.

Both need a run that repeats itself: --replay FILE, or --clock virtual, among the program's flags.
"""
import shlex

import gdb

PORT = ("ports/posix/", "sim/")


def flags_without_until():
    """The program's flags, as a list, less --until. gdb 13 does not tell gdb.parameter() of --args."""
    shown = gdb.execute("show args", to_string=True)
    kept, skip = [], False
    for word in shlex.split(shown[shown.index('"') + 1:shown.rindex('"')]):
        if skip or word == "--until":
            skip = word == "--until"
        elif not word.startswith("--until="):
            kept.append(word)
    return kept


def repeats_itself(flags):
    text = " ".join(flags).replace("=", " ")
    return "--replay " in text or "--clock virtual" in text


def select_own_frame():
    """The frame that the port interrupted: the first one outside of it, above its own."""
    inside, frame = False, gdb.newest_frame()
    while frame is not None:
        symtab = frame.find_sal().symtab
        is_port = symtab is not None and any(part in symtab.filename for part in PORT)
        if inside and not is_port and "kernel_tick" not in (frame.name() or ""):
            frame.select()
            return
        inside, frame = inside or is_port, frame.older()


def is_alive():
    return gdb.selected_inferior().pid != 0


def run_to(point):
    flags = flags_without_until()
    if not repeats_itself(flags):
        raise gdb.GdbError("kiln: this run does not repeat itself: start the program with "
                           "--replay FILE or --clock virtual")
    gdb.execute("set args " + " ".join(shlex.quote(word) for word in flags + ["--until", point]))
    stops = [stop for stop in gdb.breakpoints() if stop.enabled]
    for stop in stops:
        stop.enabled = False
    try:
        gdb.execute("with confirm off -- run", to_string=True)
    finally:
        for stop in stops:
            stop.enabled = True
    if not is_alive():
        raise gdb.GdbError(f"kiln: the run ended before {point}")
    select_own_frame()
    print(f"block {blocks()}, task {task_name()}")
    gdb.execute("frame")


def blocks():
    return int(gdb.parse_and_eval("posix_port.blocks"))


def task_name():
    return gdb.parse_and_eval("kernel.current->name").string()


class Goto(gdb.Command):
    """kiln goto TIME|BLOCK: runs again, to there. TIME as for --until: 10, 500ms, 250us, 2min;
    BLOCK with a b: 1234b. Breakpoints before that are passed."""

    def __init__(self):
        super().__init__("kiln goto", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        if len(argument.split()) != 1:
            raise gdb.GdbError("usage: kiln goto TIME|BLOCK, like 1.5s or 1234b")
        run_to(argument.strip())


class Back(gdb.Command):
    """kiln back: runs again, to the instrumented block before this one."""

    def __init__(self):
        super().__init__("kiln back", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        if argument.strip():
            raise gdb.GdbError("usage: kiln back")
        if not is_alive():
            raise gdb.GdbError("kiln: nothing is running: see 'kiln goto'")
        here = blocks()
        run_to(f"{max(here - 1, 1)}b")
        if blocks() >= here:
            print("this is the start: nothing is told apart before the first task runs")


Goto()
Back()
