#!/usr/bin/env python3
"""Tests tools/stack.py: programs whose depths are known, defects that it must name, every app.

Prints TAP. Figures of tests/stack/cases: a buffer of N bytes needs N, and a few registers more.
"""
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import CASES, check, run_cases

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOARDS = sorted(path.parent.name for path in ROOT.glob("ports/cortex-m/boards/*/board.mk"))
APPS = sorted(path.parent.name for path in ROOT.glob("apps/*/main.c"))
REGISTERS = 48  # more than any of these functions saves
ROW = re.compile(r"^(\S+) +(\d+) +(>?) *(\d+) +(-?\d+) +(\d+|-)$", re.MULTILINE)


def run(*command):
    done = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True,
                          timeout=600, stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout + done.stderr


def machine_of(board):
    text = (ROOT / "ports/cortex-m/boards" / board / "board.mk").read_text()
    return re.search(r"^QEMU_MACHINE[ \t]*:=[ \t]*(\S*)", text, re.MULTILINE)[1]


def build(board, name, folder, defines="", optimise="-O2"):
    """Without `defines` and at -O2, the image that `make build` makes."""
    variant = re.sub(r"\W", "", defines + ("" if optimise == "-O2" else optimise))
    status, text = run("make", "-s", f"-j{os.cpu_count()}", "-f", "tools/mk/build.mk", "image", f"BOARD={board}",
                       f"NAME={name}", f"SOURCES_DIR={folder}", f"VARIANT={variant}",
                       f"CONFIG={defines}", f"OPTIMISE={optimise}")
    check(status == 0, text)
    return f"build/{board}/{name}{'-' if variant else ''}{variant}/{name}.elf"


def analyse(board, defines="", *flags):
    """(exit status, output, rows by task) for tests/stack/cases."""
    image = build(board, "stack-cases", "tests/stack/cases", defines)
    status, text = run("python3", "tools/stack.py", image, "--sources", "tests/stack/cases", *flags)
    rows = {name: (int(size), bool(open_end), int(worst), int(used) if used != "-" else None)
            for name, size, open_end, worst, _, used in ROW.findall(text)}
    return status, text, rows


def depths_are_right(board):
    status, text, rows = analyse(board, "", "--machine", machine_of(board), "--seconds", "200",
                                 "--strict")
    check(status == 0, text)
    base = rows["task_shallow"][2] - 64
    for task, least in (("task_deep", 264), ("task_tail", 264), ("task_indirect", 264)):
        extra = rows[task][2] - base - least
        check(0 <= extra <= REGISTERS, f"{task}: {extra} bytes more than its buffers: {text}")
    for task, (size, open_end, worst, used) in rows.items():
        if not task.startswith("("):
            check(not open_end and used is not None and 40 < used <= worst <= size, f"{task}: {text}")
    check(rows["task_async"][2] >= 264, f"a coroutine's body was not followed: {text}")
    for task, least in (("task_deep", 264), ("task_indirect", 264), ("task_tail", 264),
                        ("task_async", 264)):
        check(rows[task][3] >= least, f"{task} was not measured: {text}")
    check(rows["(interrupts)"][2] >= 264, f"the timer's callback was not followed: {text}")


def a_stack_that_is_too_small_fails():
    status, text, rows = analyse("mps2-an385")
    need = rows["task_small"][2]
    enough = -(-need // 8) * 8
    for size, expected in ((enough, 0), (enough - 8, 1)):
        status, text, _ = analyse("mps2-an385", f"-DSMALL_BYTES={size}", "--quiet")
        check(status == expected, f"{size} bytes: exit status {status}: {text}")
    check("task_small" in text and "middle_200" in text, text)


def unknown_things_are_listed(defines, words):
    def case():
        status, text, rows = analyse("microbit", defines)
        check(status == 0 and words in text, text)
        check(any(open_end for _, open_end, _, _ in rows.values()), "a bound without a sign: " + text)
        status, text, _ = analyse("microbit", defines, "--strict")
        check(status == 1, f"--strict: exit status {status}")
    return case


def a_task_made_at_run_time_is_missed():
    image = build("microbit", "stack-cases", "tests/stack/cases")
    _, text = run("python3", "tools/stack.py", image, "--machine", "microbit", "--seconds", "200")
    check("task made: made at run time" in text, text)


def holds(board, app):
    """False when the app says that it does not fit there."""
    path = ROOT / "apps" / app / "not-on"
    text = re.sub("#.*", "", path.read_text()) if path.exists() else ""
    return board not in text.split()


# docs/tracing.md says to build with so many records, and where RAM has room for fewer only.
RING_RECORDS = 200
LESS_ROOM = {("microbit", "shell"): 70, ("stm32vldiscovery", "producer_consumer"): 140,
             ("stm32vldiscovery", "philosophers"): 50}


def traced(board, app):
    records = LESS_ROOM.get((board, app), RING_RECORDS)
    return f"-DKILN_CFG_TRACE=1 -DKILN_CFG_TRACE_RING={records}"


def app_fits(board, app, options, optimise):
    image = build(board, app, f"apps/{app}", options, optimise)
    status, text = run("python3", "tools/stack.py", image, "--sources", f"apps/{app}", "--strict")
    check(status == 0, f"{app}: {text}")


def apps_fit(board, options=lambda board, app: "", optimise="-O2"):
    apps = [app for app in APPS if holds(board, app)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda app: app_fits(board, app, options(board, app), optimise), apps))


def trace_get_checks_stacks():
    status, text = run("make", "-s", "-f", "tools/mk/trace.mk", "trace-get", "APP=blinky",
                       "BOARD=mps2-an385", "CONFIG=-DKILN_CFG_IDLE_STACK=160", "TRACE_STREAM=1")
    check(status != 0 and "stack: idle: its stack of 160 bytes is smaller" in text, text)


DEPTHS = {f"depths are right on {board}": lambda board=board: depths_are_right(board)
         for board in ("microbit", "mps2-an385", "mps2-an386", "mps2-an505")}
DEFECTS = {
    "a stack that is too small fails": a_stack_that_is_too_small_fails,
    "recursion is listed": unknown_things_are_listed("-DRECURSION", "recursion into count_down"),
    "an indirect call is listed": unknown_things_are_listed("-DNO_ANNOTATION", "indirect: an indirect call"),
    "a frame of no known size is listed":
        unknown_things_are_listed("-DFRAME_AT_RUN_TIME", "grow: the size of its frame"),
    "a task made at run time is listed": a_task_made_at_run_time_is_missed,
}
EVERY_APP = {f"every app fits on {board}": lambda board=board: apps_fit(board) for board in BOARDS}
# Without and with floating point: on the other boards tasks are as deep, or have more room.
TRACED = {f"every app fits with a trace ring on {board}": lambda board=board: apps_fit(board, traced)
          for board in ("microbit", "stm32vldiscovery", "netduinoplus2")}
# Shared code needs more stack, most of all on v6-M.
SMALL = {f"every app fits at -Os on {board}": lambda board=board: apps_fit(board, optimise="-Os")
         for board in ("microbit", "netduinoplus2")}
TRACED["make trace-get checks stacks"] = trace_get_checks_stacks

CASES.extend({**DEPTHS, **DEFECTS, **EVERY_APP, **SMALL, **TRACED}.items())
run_cases()
