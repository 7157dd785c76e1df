#!/usr/bin/env python3
"""Tests of --record and --replay, from outside.

usage: replay.py BUILD_DIRECTORY, with lab-busy/, lab-busy-edited/, lab-typist/ in it.
Prints TAP.
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import check, in_a_folder_of_its_own, run_cases

BUILD = pathlib.Path(sys.argv[1]).resolve()
BUSY = BUILD / "lab-busy/lab-busy"
EDITED = BUILD / "lab-busy-edited/lab-busy"
TYPIST = BUILD / "lab-typist/lab-typist"
WAITER = BUILD / "lab-typist-alone/lab-typist"
DIVERGED = 3
LIMIT_S = 300  # nothing takes so long, on a loaded machine either


def run(*command, status=0, stdin=None):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=LIMIT_S, input=stdin, check=False)
    check(result.returncode == status,
          f"{command}: exit status {result.returncode}\n{result.stdout[-500:]}{result.stderr[-2000:]}")
    return result


def read(path):
    return pathlib.Path(path).read_text()


def check_same_traces(first, second):
    for number, (one, other) in enumerate(zip(read(first).splitlines(), read(second).splitlines())):
        check(one == other, f"traces differ in line {number + 1}: '{one}' and '{other}'")
    check(read(first) == read(second), "one trace is longer")


def wait_for_records(path, process):
    """Until the run has begun, and recorded something."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        if pathlib.Path(path).exists() and len(read(path).splitlines()) > 10:
            return
        time.sleep(0.01)
    check(False, f"{path}: nothing was recorded")


def record_busy(*flags):
    return run(BUSY, "--record", "log", "--trace", "recorded", *flags)


# ---- The same again --------------------------------------------------------------------------

@in_a_folder_of_its_own
def a_busy_run_in_real_time_is_repeated_to_the_byte():
    recorded = record_busy()
    for _ in range(2):
        replayed = run(BUSY, "--replay", "log", "--trace", "replayed")
        check(replayed.stdout == recorded.stdout, "the output differs")
        check_same_traces("recorded", "replayed")
    check(len(re.findall(r" block ", read("log"))) > 50, "hardly any interrupt met a running task")
    check(" spin " in read("log"), "no interrupt met an empty endless loop")


@in_a_folder_of_its_own
def whoever_looks_on_does_not_change_the_run():
    """A trace is written by code of the image, which is instrumented."""
    virtual = [read("trace") for clock in (["--clock", "virtual"], ["--clock", "virtual", "--record", "log"])
               if run(BUSY, *clock, "--trace", "trace")]
    check(virtual[0] == virtual[1], "another run when it is recorded")
    run(BUSY, "--record", "log")
    run(BUSY, "--replay", "log", "--trace", "replayed")


@in_a_folder_of_its_own
def two_recordings_differ():
    """Otherwise the test above would prove nothing."""
    first, second = record_busy().stdout, record_busy().stdout
    check(first != second, "two runs in real time were the same")


@in_a_folder_of_its_own
def a_run_in_virtual_time_can_be_recorded():
    recorded = record_busy("--clock", "virtual")
    replayed = run(BUSY, "--replay", "log", "--trace", "replayed")
    check(replayed.stdout == recorded.stdout, "the output differs")
    check_same_traces("recorded", "replayed")


def record_typing(*pieces):
    """What the typist printed, of whom somebody typed these pieces one after the other; after an R that
    restarts it, when it listens again."""
    with subprocess.Popen([TYPIST, "--record", "log", "--trace", "recorded"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for before, piece in zip(("R", *pieces), pieces):
            if before.endswith("R"):
                check(process.stderr.readline() == "listening\n", "it does not listen")
            process.stdin.write(piece)
            process.stdin.flush()
            time.sleep(0.05)  # so that each comes by itself, as a rule
        out, _ = process.communicate(timeout=LIMIT_S)
    check(process.returncode == 0, f"exit status {process.returncode}: {out}")
    return out


def check_replay_without_typing(out):
    replayed = run(TYPIST, "--replay", "log", "--trace", "replayed", stdin="other keys, no q")
    check(replayed.stdout == out, "the output differs")
    check_same_traces("recorded", "replayed")


@in_a_folder_of_its_own
def live_input_is_repeated_without_anybody_typing():
    out = record_typing("h", "e", "llo, this is a longer piece of text", "q")
    check(len(out.splitlines()) == 38, f"recorded: {out}")
    check_replay_without_typing(out)


@in_a_folder_of_its_own
def devices_outlive_a_restart_and_so_does_the_log():
    out = record_typing("12R", "34R", "8R", "q")
    keys = [line[-1] for line in out.splitlines()]
    check([key for key in keys if key in "Rq"] == list("RRRq"), out)
    check({"1", "2", "3", "8"} <= set(keys), f"keys were lost in between: {out}")
    check_replay_without_typing(out)


FLOOD = "a line of text\n" * 20000


@in_a_folder_of_its_own
def a_flood_of_interrupts_does_not_break_a_run():
    """Each byte raises a line from another thread."""
    for flags in (["--clock", "real"], ["--clock", "virtual"], ["--record", "log"]):
        run(TYPIST, *flags, "--until", "200ms", stdin=FLOOD)
    run(TYPIST, "--replay", "log")


@in_a_folder_of_its_own
def virtual_time_waits_for_a_device():
    with subprocess.Popen([WAITER, "--clock", "virtual", "--record", "log"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        time.sleep(0.2)
        check(process.poll() is None, "it did not wait")
        out, _ = process.communicate("kq", timeout=LIMIT_S)
    check(process.returncode == 0 and len(out.splitlines()) == 2, f"{process.returncode}: {out}")
    check(run(WAITER, "--replay", "log", stdin="").stdout == out, "the output differs")


@in_a_folder_of_its_own
def a_replay_goes_at_any_speed():
    record_busy("--until", "300ms")
    start = time.monotonic()
    run(BUSY, "--replay", "log", "--speed", "0.5", "--trace", "replayed")
    check(time.monotonic() - start >= 0.55, f"took {time.monotonic() - start} s")
    check_same_traces("recorded", "replayed")


@in_a_folder_of_its_own
def a_replay_stops_where_it_is_told_to():
    record_busy()
    run(BUSY, "--replay", "log", "--until", "100ms", "--trace", "replayed")
    check(read("recorded").startswith(read("replayed")[:-200]), "other events")
    block = int(read("log").splitlines()[40].split()[0])
    run(BUSY, "--replay", "log", "--until", f"{block}b", "--trace", "replayed")
    check(read("recorded").startswith(read("replayed")[:-200]), "other events")


@in_a_folder_of_its_own
def ctrl_c_is_part_of_the_recording():
    for _ in range(10):
        ctrl_c_once()


def ctrl_c_once():
    pathlib.Path("log").unlink(missing_ok=True)
    with subprocess.Popen([TYPIST, "--record", "log", "--trace", "recorded"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        wait_for_records("log", process)
        process.send_signal(signal.SIGINT)
        check(process.wait(timeout=LIMIT_S) == 0, f"exit status {process.returncode}")
    run(TYPIST, "--replay", "log", "--trace", "replayed", stdin=FLOOD)
    check_same_traces("recorded", "replayed")


# ---- In a debugger ---------------------------------------------------------------------------

EXTENSION = BUILD.parent.parent / "tools/kiln-gdb.py"


def debug(*commands, flags=("--replay", "log")):
    words = ["gdb", "-q", "-batch", "-ex", "handle SIGALRM nostop noprint pass", "-x", EXTENSION]
    for command in commands:
        words += ["-ex", command]
    result = subprocess.run(words + ["--args", BUSY, *flags], capture_output=True, text=True,
                            timeout=LIMIT_S, stdin=subprocess.DEVNULL, check=False)
    return result.stdout + result.stderr


@in_a_folder_of_its_own
def a_debugger_goes_to_a_block_to_a_time_and_back():
    record_busy()
    out = debug("kiln goto 500000b", "kiln goto 30ms", "print time_base.counted >= 30",
                "break kiln_task_sleep", "continue", "print posix_port.blocks", "kiln back",
                "kiln back")
    check("block 500000, task " in out, out)
    check("$1 = 1\n" in out, out)  # more when the machine let ticks pass at once
    here = int(re.search(r"\$2 = (\d+)", out)[1])
    stops = [int(block) for block in re.findall(r"^block (\d+), task \w+$", out, re.MULTILINE)]
    check(stops[2:] == [here - 1, here - 2], f"{stops} after {here}: {out}")
    check(len(re.findall(r"^#\d+ .* (tests/lab|kernel)/", out, re.MULTILINE)) >= 4, out)


@in_a_folder_of_its_own
def a_debugger_says_why_it_cannot_go_there():
    record_busy("--until", "50ms")
    check("does not repeat itself" in debug("kiln goto 5ms", flags=()), "real time")
    check("the run ended before 900s" in debug("kiln goto 900s"), "the end")
    check("nothing is running" in debug("kiln back"), "not started")
    check("usage: kiln goto" in debug("kiln goto"), "no place")
    check("'5parsec'" in debug("kiln goto 5parsec"), "bad place")


# ---- Logs that end early ---------------------------------------------------------------------

@in_a_folder_of_its_own
def a_log_of_a_killed_run_is_replayed_to_its_end():
    with subprocess.Popen([TYPIST, "--record", "log"], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL) as process:
        wait_for_records("log", process)
        os.kill(process.pid, signal.SIGKILL)
    last = int(read("log").splitlines()[-1].split()[0])
    replayed = run(TYPIST, "--replay", "log", "--trace", "replayed")
    check("was cut off after line" in replayed.stderr, replayed.stderr)
    check(last > 0, "nothing was recorded")


@in_a_folder_of_its_own
def a_log_cut_off_anywhere_is_replayed_to_its_last_whole_record():
    record_busy("--until", "300ms")
    whole = read("log")
    for cut in range(len(whole) - 400, len(whole) - 1, 37):
        pathlib.Path("cut").write_text(whole[:cut])
        run(BUSY, "--replay", "cut", "--trace", "replayed")
        events = read("recorded").splitlines()
        last = [line for line in whole[:cut].split("\n")[:-1] if " seen " in line][-1]
        seen = int(last.split(" seen ")[1].split()[0])
        check(read("replayed").splitlines()[:seen] == events[:seen], f"cut at {cut}: other events")


@in_a_folder_of_its_own
def a_crash_is_repeated():
    """The interrupt that led to it is the log's last record; the crash comes after it."""
    result = subprocess.run([BUILD / "lab-crash/lab-crash", "--record", "log"], capture_output=True,
                            text=True, timeout=LIMIT_S, check=False)
    check(result.returncode < 0, f"no crash: {result.returncode}")
    again = subprocess.run([BUILD / "lab-crash/lab-crash", "--replay", "log"], capture_output=True,
                           text=True, timeout=LIMIT_S, check=False)
    check(again.returncode == result.returncode, f"exit status {again.returncode}: {again.stderr}")
    check(again.stdout == result.stdout, "the output differs")


# ---- Logs that do not fit --------------------------------------------------------------------

@in_a_folder_of_its_own
def edited_code_diverges_where_it_was_edited():
    record_busy()
    result = run(EDITED, "--replay", "log", status=DIVERGED)
    check("the replay diverged before line" in result.stderr, result.stderr)
    check("of another build" in result.stderr, result.stderr)
    check(re.search(r"task \w+", result.stderr), result.stderr)


@in_a_folder_of_its_own
def a_forged_log_diverges():
    record_busy()
    lines = read("log").splitlines(keepends=True)
    middle = len(lines) // 2
    for forged in (lines[:middle] + lines[middle + 1:],
                   lines[:middle] + [lines[middle].replace("\n", "x\n")] + lines[middle + 1:]):
        pathlib.Path("forged").write_text("".join(forged))
        result = run(BUSY, "--replay", "forged", status=DIVERGED)
        check("diverged before line" in result.stderr, result.stderr)


@in_a_folder_of_its_own
def a_log_that_is_none_is_named():
    record_busy("--until", "50ms")
    good = read("log")
    for text, why in (("", "no log"), ("hello\n", "no log"),
                      (good.replace("kiln-log 1", "kiln-log 7"), "another version"),
                      (good.replace("tick-hz 1000", "tick-hz 100"), "TICK_HZ"),
                      (good.replace("build", "bild"), "build"),
                      (good.replace(" ticks ", " tocks ", 1), "line 5: the line is not a record"),
                      (good.replace(" lines 0x0", " lines 0x\0", 1), "line 5: the line is not a record"),
                      (good.replace(" stop 0", " stop 4294967296", 1), "line 5: the line is not a record"),
                      (good.replace("tick-hz 1000", "tick-hz 4294968296"), "tick-hz"),
                      (good.replace("until ", "until -"), "until"),
                      (re.sub(r" ticks \d+", " ticks 99999999999999999999", good, count=1), "line 5"),
                      (good.replace("\n", " and more\n"), "no log")):
        pathlib.Path("bad").write_text(text)
        result = run(BUSY, "--replay", "bad", status=2)
        check(why in result.stderr and "'bad'" in result.stderr, f"{why}: {result.stderr}")
    result = run(BUSY, "--replay", "/no/such/log", status=2)
    check("/no/such/log" in result.stderr and "usage" in result.stderr, result.stderr)


@in_a_folder_of_its_own
def a_log_that_cannot_be_written_fails_the_run():
    result = run(BUSY, "--record", "/dev/full", status=1)
    check("/dev/full" in result.stderr and "incomplete" in result.stderr, result.stderr)
    result = run("bash", "-c", "ulimit -f 4; trap '' XFSZ; exec \"$0\" --record log", BUSY, status=1)
    check("File too large" in result.stderr, result.stderr)
    result = run(BUSY, "--record", "/no/such/folder/log", status=2)
    check("/no/such/folder/log" in result.stderr and "usage" in result.stderr, result.stderr)
    check(result.stdout == "", "the app had begun")
    record_busy("--until", "20ms")
    kept = read("log")
    for flag in ("--replay", "--record"):
        result = run(BUSY, flag, "log", "--trace", "log", status=2)
        check("would destroy the log" in result.stderr and read("log") == kept, result.stderr)
    run(BUSY, "--record", "log", "--until", "never", status=2)
    check(read("log") == kept, "a wrong flag destroyed the log")
    result = run(BUSY, "--record", "a", "--replay", "log", status=2)
    check("one at a time" in result.stderr, result.stderr)


run_cases()
