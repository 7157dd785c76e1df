#!/usr/bin/env python3
"""System tests of a host process from outside: its flags, signals, traces and last words.

usage: process.py BUILD_DIRECTORY, with system/, system-ticker/, system-held-up/, system-misuse/ and
system-leaks/ in it.
Prints TAP.
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import CASES, Failed, check, run_cases, title_of

BUILD = sys.argv[1]
SYSTEM = f"{BUILD}/system/system"
TICKER = f"{BUILD}/system-ticker/system-ticker"
HELD_UP = f"{BUILD}/system-held-up/system-held-up"
MISUSE = f"{BUILD}/system-misuse/system-misuse"
LEAKS = f"{BUILD}/system-leaks/system-leaks"


def process_case(function):
    CASES.append((f"process: {title_of(function)}", function))
    return function


def run(*command, timeout_s=90, **environment):
    start = time.monotonic()
    result = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s,
                            env={**os.environ, **environment}, check=False)
    result.seconds = time.monotonic() - start
    return result


def lines_of(result):
    return result.stdout.splitlines()


# ---- Time ------------------------------------------------------------------------------------

SIX_HUNDRED_LINES = [f"at {ms} ms" for ms in range(0, 60000, 100)]


def check_real_times(result):
    """No line comes early, none is left out. How late one is depends on the host: not checked."""
    times = [int(line.split()[1]) for line in lines_of(result)]
    check(times, "no line")
    for index, ms in enumerate(times):
        check(ms >= 100 * index, f"line {index} early, at {ms} ms")


@process_case
def until_stops_virtual_time_at_once():
    result = run(TICKER, "--clock", "virtual", "--until", "60000ms")
    check(result.returncode == 0, f"exit status {result.returncode}")
    check(lines_of(result)[:600] == SIX_HUNDRED_LINES, result.stdout)
    check(len(lines_of(result)) <= 601, f"{len(lines_of(result))} lines")
    check(result.seconds < 60, f"took {result.seconds} s, so it waited for the wall")


@process_case
def until_stops_real_time_on_time():
    result = run(TICKER, "--until", "0.5")
    check(result.returncode == 0, f"exit status {result.returncode}")
    check_real_times(result)
    check(result.seconds >= 0.5, f"took {result.seconds} s")


@process_case
def fast_ticks_do_not_pile_up_on_the_stack():
    for speed in ("50", "1000"):
        result = run(TICKER, "--speed", speed, "--until", "20")
        check(result.returncode == 0, f"speed {speed}: exit status {result.returncode}")


@process_case
def a_host_that_is_held_up_neither_fills_the_stack_nor_preempts_the_c_library():
    for speed, times in (("20", 2), ("50", 2)):
        for _ in range(times):
            result = run(HELD_UP, "--speed", speed, "--until", "50")
            check(result.returncode == 0, f"speed {speed}: exit status {result.returncode}")


@process_case
def a_trace_that_cannot_be_written_fails_the_run():
    result = run(TICKER, "--clock", "virtual", "--until", "1s", "--trace", "/dev/full")
    check(result.returncode == 1, f"/dev/full: exit status {result.returncode}")
    check("incomplete: No space left" in result.stderr, f"/dev/full: {result.stderr}")
    result = run(TICKER, "--trace", "/no/such/folder/trace")
    check(result.returncode == 2, f"no folder: exit status {result.returncode}")
    check("/no/such/folder/trace" in result.stderr and "usage:" in result.stderr, result.stderr)


@process_case
def until_takes_units():
    for text, lines in (("100ms", 1), ("150000us", 2), ("0.01min", 6), ("1s", 10), ("1", 10)):
        result = run(TICKER, "--clock", "virtual", "--until", text)
        check(result.returncode == 0, f"{text}: exit status {result.returncode}")
        check(lines <= len(lines_of(result)) <= lines + 1, f"{text}: {len(lines_of(result))} lines")


@process_case
def speed_scales_the_real_clock():
    fast = run(TICKER, "--speed", "20", "--until", "4")
    check(fast.returncode == 0, f"exit status {fast.returncode}")
    check_real_times(fast)
    check(0.2 <= fast.seconds, f"4 s at 20 times the speed took {fast.seconds} s")
    slow = run(TICKER, "--speed", "0.5", "--until", "200ms")
    check(0.4 <= slow.seconds, f"0.2 s at half the speed took {slow.seconds} s")


@process_case
def until_names_every_task_in_its_summary():
    result = run(TICKER, "--clock", "virtual", "--until", "1")
    for word in ("clock_task", "busy_task", "lazy_task", "idle", "blocked", "suspended",
                 "stopped after 1.000 s"):
        check(word in result.stderr, f"no '{word}' in: {result.stderr}")


# ---- Flags -----------------------------------------------------------------------------------

@process_case
def bad_flags_are_named_with_the_usage():
    for flags, named in ((["--clock", "lunar"], "lunar"), (["--speed", "0"], "'0'"),
                         (["--speed", "-1"], "-1"), (["--speed", "quick"], "quick"),
                         (["--speed", "nan"], "nan"), (["--speed", "1001"], "1001"),
                         (["--until", "soon"], "soon"), (["--until", "0"], "'0'"),
                         (["--until", "-3"], "-3"), (["--until", "5h"], "5h"),
                         (["--until", "1e400"], "1e400"), (["--until", ""], "''"),
                         (["--nonsense"], "nonsense"), (["--until"], "until"),
                         (["stray"], "stray"), (["--trace", "/nowhere/x"], "/nowhere/x")):
        result = run(TICKER, *flags)
        check(result.returncode == 2, f"{flags}: exit status {result.returncode}")
        check(named in result.stderr, f"{flags}: not named in: {result.stderr}")
        check("usage:" in result.stderr or "--trace" in flags, f"{flags}: no usage")
        check(result.stdout == "", f"{flags}: printed {result.stdout}")


@process_case
def help_lists_every_flag():
    result = run(TICKER, "--help")
    check(result.returncode == 0, f"exit status {result.returncode}")
    for flag in ("--clock", "--speed", "--until", "--trace", "--help"):
        check(flag in result.stdout, f"no {flag} in: {result.stdout}")


@process_case
def exit_code_of_the_app_is_the_process_status():
    result = run(MISUSE, MISUSE="nothing")
    check(result.returncode == 4, f"exit status {result.returncode}")


# ---- Signals ---------------------------------------------------------------------------------

def interrupt_once(clock):
    with subprocess.Popen([TICKER, "--clock", clock], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        try:
            process.stdout.readline()  # it runs
            time.sleep(0.25)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=90)
        finally:
            process.kill()
    check(process.returncode == 0, f"{clock}: exit status {process.returncode}")
    for word in ("clock_task", "busy_task", "idle", "stopped after"):
        check(word in err, f"{clock}: no '{word}' in: {err}")


@process_case
def interrupt_key_ends_it_cleanly_in_real_time():
    interrupt_once("real")


@process_case
def interrupt_key_ends_it_cleanly_in_virtual_time():
    interrupt_once("virtual")


# ---- Traces ----------------------------------------------------------------------------------

def trace_of(directory, name, program, *flags):
    path = os.path.join(directory, name)
    result = run(program, "--clock", "virtual", "--trace", path, *flags, timeout_s=60)
    check(result.returncode == 0, f"exit status {result.returncode}")
    with open(path, "rb") as file:
        return file.read()


def compare_traces(program, least_bytes, *flags):
    with tempfile.TemporaryDirectory() as directory:
        first = trace_of(directory, "first", program, *flags)
        check(len(first) > least_bytes, f"only {len(first)} bytes of trace")
        for _ in range(2):
            other = trace_of(directory, "other", program, *flags)
            if first != other:
                pairs = zip(first.splitlines(), other.splitlines())
                raise Failed(next((f"line {n}: {a.decode()}, {b.decode()}"
                                   for n, (a, b) in enumerate(pairs, 1) if a != b),
                                  "one is longer"))


@process_case
def all_traces_of_an_app_are_the_same_bytes():
    compare_traces(TICKER, 10000, "--until", "10")


@process_case
def all_traces_of_the_system_tests_are_the_same_bytes():
    compare_traces(SYSTEM, 100000)


@process_case
def trace_has_one_line_an_event_with_its_time():
    with tempfile.TemporaryDirectory() as directory:
        lines = trace_of(directory, "t", TICKER, "--until", "1").decode().splitlines()
    times = [float(line.split()[0]) for line in lines]
    check(times == sorted(times), "time runs backwards")
    check(any(line.endswith(" switch clock_task") for line in lines), "no switch in the trace")
    check(any(" block clock_task sleep" in line for line in lines), "no block in the trace")


# ---- Last words ------------------------------------------------------------------------------

def misuse(name, *words, status=-signal.SIGABRT, flags=()):
    result = run(MISUSE, *flags, MISUSE=name)
    check(result.returncode == status, f"{name}: exit status {result.returncode}, {result.stdout}")
    for word in (*words, "guilty_task"):
        check(word in result.stderr, f"{name}: no '{word}' in: {result.stderr}")


@process_case
def double_init_names_object_and_task():
    for kind in ("sem", "mutex", "queue", "flags", "pool", "timer"):
        misuse(f"init_{kind}_twice", "initialised twice", f"wrong_{kind}")


@process_case
def use_of_what_is_no_object_names_the_task():
    for name in ("use_uninitialised", "use_of_wrong_type", "use_destroyed"):
        misuse(name, "not an initialised object")


@process_case
def null_object_names_the_task():
    misuse("use_null", "null object")


@process_case
def exit_in_an_interrupt_is_named():
    misuse("exit_in_interrupt", "kiln_task_exit() outside a task")


@process_case
def stack_overflow_names_the_task():
    misuse("overflow_stack", "overflowed its host stack", status=-signal.SIGSEGV)


@process_case
def a_signal_that_finds_no_room_on_the_stack_is_an_overflow():
    misuse("overflow_by_signal", "overflowed its host stack", status=-signal.SIGSEGV, flags=("--clock", "virtual"))


@process_case
def deadlock_of_all_tasks_is_reported_in_virtual_time():
    misuse("deadlock", "blocked for ever", status=1, flags=("--clock", "virtual"))


# ---- What a process has of the host --------------------------------------------------------------

def check_nothing_grows(*flags):
    result = run(LEAKS, *flags)
    check(result.returncode == 0, f"exit status {result.returncode}: {result.stderr}")
    told = [line.split(": ") for line in lines_of(result) if line.startswith("boot ")]
    check([when for when, _ in told] == [f"boot {n} {when}" for n in range(4) for when in ("begin", "end")],
          result.stdout)
    check(len({numbers for _, numbers in told}) == 1, result.stdout)


@process_case
def killed_creators_and_restarts_leave_nothing_behind_in_virtual_time():
    check_nothing_grows("--clock", "virtual")


@process_case
def killed_creators_and_restarts_leave_nothing_behind_in_real_time():
    check_nothing_grows("--speed", "10")


run_cases()
