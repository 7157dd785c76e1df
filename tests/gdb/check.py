#!/usr/bin/env python3
"""Tests of the commands for gdb, from outside: on the host, in QEMU and through openocd.

usage: check.py BUILD_DIRECTORY, with BOARD/gdb-zoo/ in it. Prints TAP.
"""
import concurrent.futures
import functools
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import CASES, check, run_cases, title_of
from session import EXTENSION, REAL, ROOT, Home, backtraces, frames, probe, qemu_system, row_of, run

BUILD = pathlib.Path(sys.argv[1]).resolve()
SOURCE = (ROOT / "tests/gdb/zoo/main.c").read_text().splitlines()
OPENOCD = [Home(BUILD, board, openocd=True) for board in ("mps2-an385", "mps2-an386", "microbit")]
AARCH64 = [Home(BUILD, "host", clock, "aarch64") for clock in ("virtual", "real")]
HOMES = [Home(BUILD, "host"), Home(BUILD, "host", "real"), Home(BUILD, "mps2-an385"),
         Home(BUILD, "mps2-an386"), Home(BUILD, "microbit"), Home(BUILD, "mps2-an505"), *OPENOCD, *AARCH64]
LEAST = [Home(BUILD, "host", variant="least"), Home(BUILD, "mps2-an386", variant="least")]


def test(*homes):
    """A test of each home."""
    def add(function):
        CASES.extend((f"{home.name}: {title_of(function)}", functools.partial(function, home))
                     for home in homes)
        return function
    return add


# ---- Expected ----------------------------------------------------------------------------------

# The functions of a backtrace from the zoo, innermost first, each with what its line says. Above
# them are the kernel's, which is called by the name given.
BLOCKED = {
    "taker": ("kiln_sem_take", [("take_deep", "kiln_sem_take(&items")] + 3 * [("take_deep", "take_deep(depth - 1)")]
              + [("taker_entry", "take_deep(3)")]),
    "receiver": ("kiln_queue_receive", [("receiver_entry", "kiln_queue_receive(&mail")]),
    "listener": ("kiln_flags_wait", [("listener_entry", "kiln_flags_wait(&events")]),
    "allocator": ("kiln_pool_alloc", [("allocator_entry", "kiln_pool_alloc(&blocks")]),
    "reader": ("kiln_stream_read", [("reader_entry", "kiln_stream_read(&empty_pipe")]),
    "sleeper": ("kiln_task_sleep", [("sleeper_entry", "kiln_task_sleep(7000)")]),
    "floater": ("kiln_sem_take", [("wait_with_floats", "kiln_sem_take(&never"),
                                  ("floater_entry", "wait_with_floats(ratio")]),
    "owner": ("kiln_sem_take", [("owner_entry", "kiln_sem_take(&items")]),
    "middle": ("kiln_mutex_lock", [("middle_entry", "kiln_mutex_lock(&first")]),
    "outer": ("kiln_mutex_lock", [("outer_entry", "kiln_mutex_lock(&second")]),
    "lefty": ("kiln_mutex_lock", [("lefty_entry", "kiln_mutex_lock(&right")]),
    "righty": ("kiln_mutex_lock", [("righty_entry", "kiln_mutex_lock(&left")]),
    "joiner": (None, [("joiner_entry", "kiln_task_join(&outer")]),
    "idler": ("kiln_task_suspend", [("suspend_oneself", "kiln_task_suspend("),
                                    ("idler_entry", "suspend_oneself()")]),
}
# The line of an interrupted function is any of its loop.
LOOPS = {
    "busy": [("compute_for_ever", ("turns++", "for (;;)", "compute_for_ever")), ("busy_entry", "compute_for_ever()")],
    "multiplier": [("multiply_for_ever", ("product = NEXT", "ratio = product", "for (;;)")),
                   ("multiplier_entry", "multiply_for_ever(ratio)")],
}
OUTERMOST = {True: "run_entry", False: "port_task_start"}
# Above the host's is the C library, whose symbols may not be installed.
LIBRARY = ("__start_context", "__startcontext", "")
OBSERVED = {"observer": [("stopped_in_task", "__asm__"), ("observer_entry", "stopped_in_task()")]}


def says(line, text):
    wanted = (text,) if isinstance(text, str) else text
    return any(part in SOURCE[line - 1] for part in wanted) or \
        any(part in SOURCE[line] for part in wanted)  # a call's line may be where its value goes


def check_functions(home, task, trace, expected):
    """The zoo's functions are these, in this order, and the outermost are the port's."""
    own = [frame for frame in trace if frame[1] is not None]
    check([name for name, _ in own] == [name for name, _ in expected], f"{task}: {trace}")
    for (name, line), (_, text) in zip(own, expected):
        check(says(line, text), f"{task}: {name} is at line {line}, '{SOURCE[line - 1]}', not at {text}")
    names = [name for name, _ in trace]
    check(names[-1] == OUTERMOST[home.is_host] or home.is_host and names[-1] in LIBRARY and
          names[-2] == OUTERMOST[True], f"{task} ends otherwise: {trace}")


def check_blocked(home, traces):
    for task, (called, expected) in BLOCKED.items():
        check_functions(home, task, traces[task], expected)
        names = [name for name, _ in traces[task]]
        if called is not None:
            check(called in names, f"{task} is not in {called}: {names}")
            check(names.index(called) == names.index(expected[0][0]) - 1, f"{task}: {names}")


# ---- Sessions, each of them once --------------------------------------------------------------

@functools.cache
def in_task(home):
    return home.session("kiln tasks", "break stopped_in_task", "START", "info registers", "kiln tasks",
                        "kiln bt all", "kiln objects", "kiln chain", "kiln chain middle", "kiln chain taker",
                        "kiln task taker", "backtrace", "frame function taker_entry", "kiln task",
                        "frame", "kiln task floater", "frame function wait_with_floats", "info locals",
                        "kiln task nobody", "kiln bt", "kiln task receiver", "break stopped_in_interrupt",
                        "continue", "bt 2")


@functools.cache
def registers(home):
    out = home.session("break stopped_in_task", "START", "info registers", "kiln tasks", "kiln bt all",
                       "kiln objects", "kiln task taker", "up", "kiln task", "echo again\\n", "x/64xw $sp",
                       "kiln bt all -full", "info all-registers")
    return out


@functools.cache
def in_interrupt(home, times=6):
    commands = ["break stopped_in_interrupt", "START"]
    return [home.session(*commands, *number * ["continue"], "kiln tasks", "kiln bt all")
            for number in (0, times)]


def run_sessions():
    """All of them, some side by side: each is a process of its own, and most of its time it waits for
    others. What goes wrong in one goes wrong again in its test, and counts there."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for home in HOMES:
            for session in (in_task, registers, in_interrupt, timelines):
                pool.submit(session, home)


# ---- Tests -------------------------------------------------------------------------------------

@test(*HOMES)
def tasks_are_listed(home):
    """Each once, the idle task first."""
    out = in_task(home)["kiln tasks"].partition("\n   idle ")
    names = re.findall(r"^[* ]{2} (\w+) ", "   idle " + out[2], re.MULTILINE)
    wanted = {*BLOCKED, *LOOPS, "idle", "newcomer", "observer"}
    check(set(names) == wanted and len(names) == len(wanted) and names[0] == "idle", f"{names}: {out}")


@test(*HOMES)
def a_task_has_its_state_and_what_it_waits_for(home):
    out = in_task(home)["kiln tasks"]
    for task, state, rest in (
            ("newcomer", "new", ""), ("taker", "blocked", "semaphore items"),
            ("receiver", "blocked", "queue, to receive: mail"), ("listener", "blocked", "flags events"),
            ("allocator", "blocked", "pool blocks"), ("reader", "blocked", "stream, to read: empty_pipe"),
            ("sleeper", "blocked", "sleep"),
            ("middle", "blocked", "mutex first, of owner"), ("joiner", "blocked", "end of outer"),
            ("idler", "suspended", ""), ("busy", "ready", ""), ("observer", "running", "")):
        row = row_of(out, task)
        check(state in row and " ".join(row).endswith(rest), f"{task}: {row}")
    middle, stars = row_of(out, "middle"), re.findall(r"^\* +(\w+)", out, re.MULTILINE)
    check(middle[2:4] == ["9", "5"], f"inherited: {middle}")
    check(stars == ["observer"], f"stars at {stars}")
    left = int(row_of(out, "receiver")[-5])
    check(4900 <= left < 5000, f"{left} ticks left of 5000")
    used, size = (int(word) for word in row_of(out, "taker")[6:8])
    check(size == 624 and (home.is_host or 40 < used < 300), f"stack: {used} of {size}")


@test(*HOMES)
def every_task_has_its_backtrace(home):
    traces = backtraces(in_task(home)["kiln bt all"])
    check_blocked(home, traces)
    for task, expected in LOOPS.items():
        check_functions(home, task, traces[task], expected)
    check_functions(home, "observer", traces["observer"], OBSERVED["observer"])
    check([name for name, _ in traces["newcomer"]] == ["newcomer_entry"], f"{traces['newcomer']}")
    check("newcomer_entry (arg=0x2a" in in_task(home)["kiln bt all"], "the argument of a new task")
    check(traces["idle"][-1][0] in ("idle_entry", OUTERMOST[home.is_host], *LIBRARY), f"{traces['idle']}")


@test(*HOMES)
def a_backtrace_out_of_an_interrupt_has_the_interrupted_task(home):
    for out in in_interrupt(home):
        traces = backtraces(out["kiln bt all"])
        check_blocked(home, {**traces})
        running = re.search(r"^\* +(\w+)", out["kiln tasks"], re.MULTILINE)[1]
        check(running in LOOPS, f"running: {running}")
        handler = [("stopped_in_interrupt", "__asm__"), ("on_alarm", "stopped_in_interrupt()")]
        check_functions(home, running, traces[running], handler + LOOPS[running])
        names = [name for name, _ in traces[running]]
        check("kernel_tick" in names, f"{names}")
        if not home.is_host or home.clock == "real":
            check("<signal handler called>" in names, f"{names}")
        other, = set(LOOPS) - {running}
        check_functions(home, other, traces[other], LOOPS[other])


@test(HOMES[2])
def an_interrupt_with_its_stack_still_empty_is_of_the_running_task(home):
    """The handlers' stack ends where a task's begins: that of newcomer, as it happens."""
    out = home.session("break stopped_in_interrupt", "START", "delete", "break *SysTick_Handler", "continue",
                       "print $sp == (char *)newcomer_stack", "kiln tasks")
    check("= 1\n" in out["print $sp == (char *)newcomer_stack"], f"it happens no more: {out}")
    check(re.search(r"^\* +(\w+)", out["kiln tasks"], re.MULTILINE)[1] in LOOPS, out["kiln tasks"])


@test(*HOMES)
def objects_are_listed(home):
    out = re.sub(r" +", " ", in_task(home)["kiln objects"])
    for line in ("items 0 9 taker owner", "spare 3 7", "never 0 1 floater", "channel.ready[0] 1 1",
                 "channel.ready[1] 0 4", "first owner 1 middle", "second middle 2 outer", "left lefty 1 righty",
                 "right righty 1 lefty", "mail 0 2 4 receiver", "events 0x10 listener (all of 0x30)",
                 "empty_pipe 0 16 - no 0 reader", "used_pipe 3 8 - no 0", "crew - 1 hand", "doorbell false",
                 "rung true", "blocks 0 2 16 allocator", "unused_timer stopped - on_alarm"):
        check(f"\n{line}\n" in out, f"no '{line}' in {out}")
    timer = re.search(r"^alarm_timer (\d+) 10 on_alarm$", out, re.MULTILINE)
    check(timer and 0 < int(timer[1]) <= 33, out)


@test(*HOMES, *LEAST)
def chains_are_followed_and_a_deadlock_is_named(home):
    out = in_task(home)
    check(re.search(r"^DEADLOCK of (lefty, righty|righty, lefty)$", out["kiln chain"], re.MULTILINE),
          out["kiln chain"])
    check("middle (priority 9) -> mutex first -> owner (priority 9) waits" in out["kiln chain middle"],
          out["kiln chain middle"])
    if home not in LEAST:
        check("joiner (priority 12) -> joins -> outer (priority 9) -> mutex second -> middle (priority 9)"
              " -> mutex first -> owner (priority 9) waits for sem items\n" in out["kiln chain"],
              out["kiln chain"])
        check(out["kiln chain taker"] == "taker (priority 12) waits for sem items\n", out["kiln chain taker"])


@test(*HOMES)
def a_view_of_a_task_is_like_a_stop_in_it(home):
    out = in_task(home)
    check_functions(home, "taker", frames(out["backtrace"]), BLOCKED["taker"][1])
    check("take_deep(3)" in out["frame function taker_entry"], out["frame function taker_entry"])
    check(out["frame"].startswith("#0  stopped_in_task"), f"back: {out['frame']}")
    check(frames(out["bt 2"])[0][0] == "stopped_in_interrupt", f"the view did not end: {out['bt 2']}")
    check("there is no task 'nobody'; tasks: idle" in "".join(out.values()), "a wrong name")
    check("usage: kiln bt all|NAME" in "".join(out.values()), "no name")


@test(HOMES[0], HOMES[2], OPENOCD[0], AARCH64[0])
def a_view_begins_in_an_inlined_function_too(home):
    out = home.session("break stopped_inlined", "START", "bt 1", "kiln bt all", "kiln task owner", "bt")
    check(frames(out["bt 1"])[0][0] == "stopped_inlined", out["bt 1"])
    check_blocked(home, backtraces(out["kiln bt all"]))
    check_functions(home, "owner", frames(out["bt"]), BLOCKED["owner"][1])


@test(*(home for home in HOMES if home.board in ("mps2-an386", "mps2-an505") or home in AARCH64))
def floating_point_registers_of_a_blocked_task_are_its_own(home):
    """sum and product live in registers that are saved on the task's stack."""
    values = in_task(home)["info locals"]
    check("sum = 2.25" in values and "product = 3.75" in values, values)


@test(*HOMES)
def looking_changes_nothing(home):
    """But for the host itself, gdb may not write at all: see session.py. There, the registers stay."""
    out = registers(home)
    before = dict(line.split()[:2] for line in out["info registers"].splitlines() if line.strip())
    after = dict(line.split()[:2] for line in out["info all-registers"].splitlines() if len(line.split()) > 1)
    changed = {name: (value, after[name]) for name, value in before.items()
               if name in after and after[name] != value}
    check(len(before) > 15 and not changed, f"changed: {changed}")
    if not home.is_native:
        refused = home.session("break stopped_in_task", "START", "set var turns = 7", "print turns == 7")
        check("not allowed" in "".join(refused.values()) or "= 0" in refused["print turns == 7"], f"{refused}")


@test(*LEAST)
def without_lists_and_names_there_is_less_to_see(home):
    out = in_task(home)
    check("KILN_CFG_TASK_LIST is 0" in out["kiln tasks"], out["kiln tasks"])
    check("switches" not in out["kiln tasks"] and "stack used" not in out["kiln tasks"], out["kiln tasks"])
    check(row_of(out["kiln tasks"], "middle")[-4:] == ["mutex", "first,", "of", "owner"], out["kiln tasks"])
    check(row_of(out["kiln tasks"], "taker")[-1] == "items", out["kiln tasks"])
    traces = backtraces(out["kiln bt all"])
    check_blocked(home, traces)
    for task, expected in LOOPS.items():
        check_functions(home, task, traces[task], expected)
    traces = backtraces(in_interrupt(home)[1]["kiln bt all"])
    check_blocked(home, traces)


@test(*HOMES)
def before_the_kernel_runs_it_says_so(home):
    out = home.session("kiln tasks", "break main", "START", "kiln task", "kiln bt all", "kiln chain")
    check("nothing is running" in "".join(out.values()) if home.is_native
          else "not initialised yet" in "".join(out.values()), f"{out}")
    check("main(), before kiln_start()" in out["kiln task"], out["kiln task"])
    check(out["kiln chain"] == "no task waits for another one\n", out["kiln chain"])


@test(*OPENOCD)
def openocd_shows_what_qemu_shows(home):
    """To the letter, at the same stop of the same run."""
    board, = (each for each in HOMES if each.name == home.board)
    for session in (in_task, registers, timelines):
        through, direct = session(home), session(board)
        for command, text in through.items():
            if command.startswith(("kiln", "backtrace", "frame")) or command == "info locals":
                check(text == direct[command], f"{command}: {text}\nbut in QEMU: {direct[command]}")
    through, direct = (registers_of(registers(each)["info all-registers"]) for each in (home, board))
    wrong = {name: (value, through[name]) for name, value in direct.items() if through.get(name, value) != value}
    check(len(set(through) & set(direct)) >= 17 and not wrong, f"{wrong}, of {list(through)}")


def registers_of(text):
    """The value of each register, by name; the case of names depends on the server."""
    return {name.lower(): value for name, value in re.findall(r"^(\w+) +(\S+)", text, re.MULTILINE)}


@test(*OPENOCD)
def openocd_has_the_registers_that_qemu_does_not_tell(home):
    first, second = "info registers psp msp sp control xPSR", "info registers xPSR control sp msp psp"
    out = home.session("break stopped_in_task", "START", first, "break stopped_in_interrupt", "continue", second)
    in_thread, in_handler = registers_of(out[first]), registers_of(out[second])
    check(in_thread["sp"] == in_thread["psp"] and int(in_thread["control"], 0) & 2, f"{in_thread}")
    check(in_handler["sp"] == in_handler["msp"] != in_handler["psp"], f"{in_handler}")
    check(int(in_thread["xpsr"], 0) & 0x1FF == 0 and int(in_handler["xpsr"], 0) & 0x1FF >= 15,
          f"the tick is exception 15 or an interrupt: {in_thread}, {in_handler}")
    check(in_thread["msp"] > in_handler["msp"], f"{in_thread}, {in_handler}")


@test(*OPENOCD)
def openocd_halts_a_board_that_runs_and_resets_it(home):
    """The commands of openocd go on behind gdb's back, so it has to forget the registers. Where the halt
    comes is not known: of the backtraces, those of blocked tasks are."""
    wait = 'eval "monitor while {[read_memory %p 32 1] < 200} {sleep 10}", &kernel.now'
    out = home.session("break stopped_in_interrupt", "START", "monitor resume", wait, "monitor halt",
                       "maintenance flush register-cache", "print kernel.now >= 200", "kiln tasks", "kiln bt all",
                       "monitor reset halt", "maintenance flush register-cache", "bt", "break stopped_in_task",
                       "continue", "print kernel.now == 20")
    check("= 1\n" in out["print kernel.now >= 200"], f"{out}")
    running = re.search(r"^\* +(\w+)", out["kiln tasks"], re.MULTILINE)[1]
    traces = backtraces(out["kiln bt all"])
    check(running in LOOPS, out["kiln tasks"])
    for task in ("taker", "listener", "outer", "idler"):
        check_functions(home, task, traces[task], BLOCKED[task][1])
    check(frames(out["bt"])[0][0] in ("Reset_Handler", "enable_fpu"), out["bt"])
    check("= 1\n" in out["print kernel.now == 20"], f"{out}")


@test(OPENOCD[0])
def make_debug_takes_the_probe(home):
    with tempfile.TemporaryDirectory() as folder:
        server = pathlib.Path(folder, "gdb")
        with qemu_system(home.board, home.image, server), probe(server, folder) as pins:
            out = run("env", f"SOCKET={pins}", "PROBE=1",
                      "GDBFLAGS=-batch -ex 'break stopped_in_task' -ex continue -ex 'kiln tasks'",
                      "tools/debug", home.board, home.board, "-f tests/gdb/openocd.cfg", home.image)
    check(re.search(r"^\* +observer ", out, re.MULTILINE), out)
    out = run("tools/debug", "stm32f4discovery", "", "-f board/stm32f4discovery.cfg", home.image)
    check("debug: no debug probe of stm32f4discovery is attached" in out, out)


@test(HOMES[0])
def another_program_gets_a_sentence(home):
    out = run("gdb", "-q", "-batch", "-x", ROOT / "tools/kiln-gdb.py", "-ex", "break main", "-ex", "run", "-ex", "starti",
              "-ex", "kiln tasks", "-ex", "bt", "--args", "/bin/true")
    check("Traceback" not in out and ("no image of Kiln" in out), out)


# ---- Timelines -----------------------------------------------------------------------------------

RECORDS = {"microbit": 60, "mps2-an386": 60}  # see tools/mk/gdb.mk
LAST_EVENT = "timer-start alarm_timer 13"  # before stopped_in_task()


@functools.cache
def reference():
    """All events of the zoo on the host, up to stopped_in_task()."""
    with tempfile.TemporaryDirectory() as folder:
        run(HOMES[0].image, "--clock", "virtual", "--until", "21ms", "--trace", f"{folder}/trace")
        lines = pathlib.Path(folder, "trace").read_text().splitlines()
    last = max(index for index, line in enumerate(lines) if line.endswith(f" {LAST_EVENT}"))
    return lines[:last + 1]


@functools.cache
def timelines(home):
    return home.session("kiln timeline", "break stopped_in_task", "START",
                        "kiln timeline --events 1000", "kiln timeline --last 10ms --width 92 --events 2",
                        "kiln timeline --last soon", "kiln timeline --width", "kiln timeline --from 3")


def rows_of(text):
    """The signs of each row, by name, of a timeline 92 wide."""
    found = re.findall(r"^(isr|\w+)(?: \d+)? +([#|+._ ]{60,})$", text, re.MULTILINE)
    return {name: signs.ljust(80) for name, signs in found}


def events_of(text):
    return re.findall(r"^\d+\.\d{9} .*$", text, re.MULTILINE)


def without_interrupts(events):
    """Nor times, which are the board's own."""
    return [event.split(" ", 1)[1] for event in events if " isr-" not in event]


@test(*HOMES)
def a_timeline_has_the_events_of_the_ring(home):
    out = timelines(home)["kiln timeline --events 1000"]
    events, records = events_of(out), RECORDS.get(home.board, 250)
    if home.name == "host virtual":
        check(events[-120:] == reference()[-120:], f"{events}")
    ours, theirs = without_interrupts(events), without_interrupts(reference())
    check(len(ours) > 15 and ours[-1] == LAST_EVENT, f"{events}")
    if home.clock == "virtual":
        check(theirs[-len(ours):] == ours, f"other events than on the host: {ours}")
    count, lost = (int(word) for word in re.search(r"^(\d+) events, .*; (\d+) before", out, re.MULTILINE).groups())
    check(count == len(events) and (count == records - 1 if lost else count < records), f"{count} and {lost} lost")
    check((lost > 0) == (home.board in RECORDS), f"{lost} lost")


@test(*(home for home in HOMES if home.clock == "virtual"))
def a_timeline_tells_who_runs_who_is_ready_and_who_waits(home):
    out = timelines(home)["kiln timeline --last 10ms --width 92 --events 2"]
    rows = rows_of(out)
    check(all(len(row) == 80 for row in rows.values()), f"{rows}")
    check({*BLOCKED, *LOOPS, "idle", "observer", "isr"} == set(rows), f"{list(rows)}")
    for task in BLOCKED:
        sign = "_" if task == "idler" else "."
        check(set(rows[task]) == {sign}, f"{task}: {rows[task]}")
    for one, other in zip(rows["busy"], rows["multiplier"]):
        check((one == "+") != (other == "+") or "|" in (one, other), f"{rows}")
    for task in LOOPS:
        check(28 <= rows[task].count("#") <= 52, f"{task} runs for 4 or 6 of 10 ms: {rows[task]}")
    check(rows["observer"] == 79 * "." + "|" and set(rows["idle"]) == {"+"}, f"{rows}")
    check(rows["isr"].count("|") in (10, 11) and set(rows["isr"]) == {" ", "|"}, f"{rows}")
    check(len(events_of(out)) == 2 and re.search(r"^ +(1\d ms +){4}", out, re.MULTILINE), out)


@test(*HOMES)
def a_timeline_without_events_or_with_bad_options_says_so(home):
    text = "".join(timelines(home).values())
    for words in ("'soon' is no time above 0", "--width: expected one argument", "unrecognized arguments: --from 3",
                  "nothing is running" if home.is_native else "kiln: the kernel is not initialised yet"):
        check(words in text, text)
    check("Traceback" not in text, text)


@test(*LEAST)
def a_timeline_of_an_image_without_a_ring_names_the_option(home):
    text = "".join(home.session("break stopped_in_task", "START", "kiln timeline").values())
    check(("KILN_CFG_TRACE_RING is 0" if home.is_host else "KILN_CFG_TRACE is 0") in text, text)
    check("-DKILN_CFG_TRACE=1 -DKILN_CFG_TRACE_RING=200" in text, text)


@test(HOMES[1])
def a_timeline_of_a_replay_is_that_of_the_run(home):
    with tempfile.TemporaryDirectory() as folder:
        log, trace, svg = (pathlib.Path(folder, name) for name in ("log", "trace", "picture.svg"))
        run(home.image, "--record", log, "--trace", trace, *REAL, "--until", "60ms")
        out = run("gdb", "-q", "-batch", "-ex", "handle SIGALRM nostop noprint pass", "-x", EXTENSION,
                  "-ex", "break stopped_in_task", "-ex", "run",
                  "-ex", f"kiln timeline --events 1000 --svg {svg}", "--args", home.image, "--replay", log)
        events = events_of(out)
        check(len(events) > 50 and "\n" + "\n".join(events[1:]) + "\n" in trace.read_text(), out)
        check("<title>busy" in svg.read_text(), "the picture")


# What the table for other debuggers has to say, as gdb knows it.
def table_expression(name):
    group, _, field = name.partition("_")
    special = {"PRIORITIES": "sizeof(kernel.ready) / sizeof(kernel.ready[0])", "TASK_SIZE": "sizeof(struct kiln_task)",
               "TASK_SP": "&((struct kiln_task *)0)->ctx.sp", "TASK_STACK_SIZE": "&((struct kiln_task *)0)->stack_bytes",
               "TASK_DEADLINE": "&((struct kiln_task *)0)->timeout.deadline"}
    if name in special:
        return special[name]
    structs = {"TASK": "kiln_task", "MUTEX": "kiln_mutex", "KERNEL": "kernel"}
    if group in structs:
        return f"&((struct {structs[group]} *)0)->{field.lower()}"
    return {"FLAG": f"K_TASK_{field}", "WAIT": f"KILN_WAIT_{field}"}[group]


@test(*(home for home in HOMES if home.clock != "real" and not home.openocd))
def the_table_for_other_debuggers_is_right(home):
    header = (ROOT / "kernel/diag/symbols.h").read_text()
    names = re.findall(r"^    KILN_DEBUG_(\w+),", header, re.MULTILINE)[:-1]
    out = home.session("break main", "START", "print kiln_debug_symbols.magic", "print kiln_debug_symbols.version",
                       "print kiln_debug_symbols.count",
                       *(f"print kiln_debug_symbols.value[{i}] == (unsigned long)({table_expression(name)})"
                         for i, name in enumerate(names)))
    check('"KILN"' in out["print kiln_debug_symbols.magic"], f"{out}")
    check(out["print kiln_debug_symbols.version"].endswith("= 1\n"), f"{out}")
    check(out["print kiln_debug_symbols.count"].endswith(f"= {len(names)}\n"), f"{len(names)}: {out}")
    wrong = [command for command, text in out.items() if ".value[" in command and not text.endswith("= 1\n")]
    check(not wrong and len(names) > 30, f"{wrong}")


run_sessions()
run_cases()
