#!/usr/bin/env python3
"""Tests of --faults, with tests/lab/faults, which says what it has seen.

usage: faults.py BUILD_DIRECTORY, with lab-faults/ and lab-typist/ in it.
Prints TAP.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import case, check, run_cases

BUILD = pathlib.Path(sys.argv[1]).resolve()
FAULTS = BUILD / "lab-faults/lab-faults"
TYPIST = BUILD / "lab-typist/lab-typist"
ALL = "lose=3:0.01,repeat=3:0.02,late=3:3ticks:0.01,late=tick:5ticks:0.005,lose=tick:0.01," \
      "noise=uart:0.001,overrun=uart:0.01,stuck=button1@1s..3s"


def run(*command, status=0, stdin=None):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=60, input=stdin, check=False)
    check(result.returncode == status,
          f"{command}: exit status {result.returncode}\n{result.stdout[-500:]}{result.stderr[-2000:]}")
    return result


class Seen:
    """What the program has seen in virtual time."""

    def __init__(self, *flags):
        result = run(FAULTS, "--clock", "virtual", *flags)
        numbers = [int(n) for n in re.findall(r"\d+", "\n".join(result.stdout.splitlines()[-3:]))]
        (self.raised, self.handled, self.received, self.lost, self.flipped, self.ticks, self.jumps,
         self.longest) = numbers
        self.pins = re.findall(r"pins (\S+) at (\d+)", result.stdout)
        self.struck = [(int(hits), int(chances)) for hits, chances in
                       re.findall(r"struck (\d+) of (\d+) times", result.stderr)]
        check(self.raised == 3000 and self.ticks == 4000, f"time was lost: {result.stdout}")

    def check_rest(self, *changed):
        """What the faults are not about is as without any."""
        normal = {"handled": 3000, "received": 6000, "lost": 0, "flipped": 0, "jumps": 0, "longest": 1, "pins": []}
        for name, value in normal.items():
            check(name in changed or getattr(self, name) == value, f"{name}: {getattr(self, name)}")


def with_fault(item, *changed):
    seen = Seen("--faults", item)
    seen.check_rest(*changed)
    return seen


def check_rate(hits, chances, expected):
    """Within four standard deviations."""
    deviation = (chances * expected * (1 - expected)) ** 0.5
    check(abs(hits - chances * expected) <= 4 * deviation, f"{hits} of {chances}, not {expected}")


@case
def nothing_goes_wrong_by_itself():
    Seen().check_rest()


@case
def lines_are_lost():
    for seed in range(1, 6):
        seen = with_fault(f"lose=3:0.05,seed={seed}", "handled")
        check_rate(3000 - seen.handled, 3000, 0.05)
        check(seen.struck == [(3000 - seen.handled, 3000)], seen.struck)
    check(with_fault("lose=3", "handled").handled == 0, "some got through")


@case
def lines_are_repeated():
    seen = with_fault("repeat=3:0.1", "handled")
    check_rate(seen.handled - 3000, 3000, 0.1)
    check(with_fault("repeat=3@2s", "handled").handled == 3001, "not once")


@case
def lines_are_late():
    with tempfile.TemporaryDirectory() as folder:
        trace = pathlib.Path(folder, "trace")
        run(FAULTS, "--clock", "virtual", "--faults", "late=3:2ticks@1s", "--trace", trace)
        entries = re.findall(r"^1\.00(\d)\d* isr-enter 19$", trace.read_text(), re.MULTILINE)
    check(entries[:5] == ["1", "2", "2", "3", "4"], f"the line came in ticks {entries}")
    check(with_fault("late=3:2ticks@1s").struck == [(1, 1)], "not once")
    merged = with_fault("late=3:20ticks:0.5", "handled")
    check(merged.handled < 2250, "two that wait for their time are one")


@case
def ticks_are_lost_and_caught_up():
    seen = with_fault("lose=tick:0.02", "handled", "jumps", "longest")
    check(seen.jumps > 20 and 2 <= seen.longest <= 4, f"{seen.jumps} jumps, {seen.longest} ticks")
    check(seen.struck[0][1] == 4000, seen.struck)


@case
def ticks_are_late_and_caught_up():
    seen = with_fault("late=tick:20ms@1s", "handled", "jumps", "longest", "received")
    check(seen.jumps == 1 and seen.longest == 21, f"{seen.jumps} jumps, {seen.longest} ticks")


@case
def a_run_ends_in_time_when_the_kernel_hears_of_no_tick():
    for clock in ("virtual", "real"):
        for item in ("lose=tick", "late=tick:10s"):
            result = run(FAULTS, "--clock", clock, "--until", "500ms", "--faults", item)
            stopped = float(re.search(r"^stopped after (\d+\.\d+) s", result.stderr, re.MULTILINE)[1])
            check(stopped >= 0.5 and (clock == "real" or stopped < 0.6), f"{clock}, {item}: {result.stderr}")


@case
def bits_are_flipped():
    seen = with_fault("noise=uart:0.01", "flipped")
    check_rate(seen.flipped, 6000, 0.01)


@case
def receivers_are_overrun():
    seen = with_fault("overrun=uart:0.1", "lost", "received")
    check_rate(seen.lost, 750, 0.1)
    check(with_fault("overrun=uart@2s", "lost", "received").lost == 1, "not once")


@case
def buttons_are_stuck():
    check(with_fault("stuck=button1@1s..3s", "pins").pins == [("0x6", "1000"), ("0x4", "3001")], "down")
    while_idle = with_fault("stuck=button1@3200ms..3500ms", "pins").pins
    check(while_idle == [("0x6", "3200"), ("0x4", "3501")], f"while all tasks wait: {while_idle}")
    check(with_fault("stuck=button2:up@500ms", "pins").pins == [("0x0", "500")], "up")


@case
def all_runs_with_a_seed_are_the_same_bytes():
    with tempfile.TemporaryDirectory() as folder:
        for name, faults in (("one", ALL), ("same", ALL), ("other", ALL + ",seed=2")):
            run(FAULTS, "--clock", "virtual", "--faults", faults, "--trace", f"{folder}/{name}")
        one, same, other = (pathlib.Path(folder, name).read_bytes() for name in ("one", "same", "other"))
        check(one == same, "two runs with one seed differ")
        check(one != other, "another seed changes nothing")


@case
def a_recorded_run_with_faults_is_repeated_from_its_log_alone():
    with tempfile.TemporaryDirectory() as folder:
        log = f"{folder}/log"
        for clock in (["--clock", "virtual"], ["--speed", "4"]):
            recorded = run(FAULTS, *clock, "--faults", ALL, "--record", log, "--trace", f"{folder}/one")
            replayed = run(FAULTS, "--replay", log, "--trace", f"{folder}/other")
            check(recorded.stdout == replayed.stdout, "the output differs")
            check(pathlib.Path(folder, "one").read_bytes() == pathlib.Path(folder, "other").read_bytes(), "traces differ")
            check(f"faults {ALL}\n" in pathlib.Path(log).read_text(), "not in the log")
        for flags in (["--faults", ALL, "--replay", log], ["--replay", log, "--faults", "lose=3"]):
            check("log" in run(FAULTS, *flags, status=2).stderr, "no word of the log")
        run(FAULTS, "--clock", "virtual", "--record", log)
        check("does not go with a log" in run(FAULTS, "--faults", "lose=3", "--replay", log, status=2).stderr,
              "a log without faults")


@case
def a_live_device_is_noisy_and_repeats():
    with tempfile.TemporaryDirectory() as folder:
        typed = run(TYPIST, "--faults", "noise=1:0.2,lose=3:0.1,repeat=3:0.1", "--record", f"{folder}/log", "--until", "300ms",
                    stdin="U" * 200)
        keys = [line[-1] for line in typed.stdout.splitlines()]
        check(any(key != "U" for key in keys) and keys.count("U") > 50, f"keys: {keys}")
        check(run(TYPIST, "--replay", f"{folder}/log").stdout == typed.stdout, "the output differs")


@case
def a_file_is_a_list():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "script")
        path.write_text("# a bad second\nseed=7\n\nlose=3@1s..2s # all of them\nnoise=uart:0.5@2s..3s  stuck=button0@1s\n")
        seen = Seen("--faults", f"@{path}")
        check(seen.handled == 1999 and 900 < seen.flipped < 1100 and seen.pins == [("0x5", "1000")], vars(seen))


@case
def bad_lists_are_named_with_the_usage():
    for bad, named in (("lose", "lose"), ("lose=", "lose="), ("lose=3:2", "lose=3:2"), ("lose=3:x", "lose=3:x"),
                       ("lose=32", "lose=32"), ("lose=uart:0.1:0.1", "lose=uart:0.1:0.1"), ("break=3", "break=3"),
                       ("late=3", "late=3"), ("late=3:0ticks", "late=3:0ticks"), ("late=3:soon", "soon"),
                       ("noise=tick:0.1", "noise=tick"), ("repeat=tick", "repeat=tick"), ("stuck=3", "stuck=3"),
                       ("stuck=button4", "button4"), ("@/", "directory"),
                       ("@/dev/zero", "/dev/zero"), ("stuck=button", "stuck=button"), ("stuck=button1:half", "half"),
                       ("lose=3@2s..1s", "2s..1s"), ("lose=3@never", "never"), ("lose=3@1s..", "1s.."),
                       ("seed=1", "seed=1"), ("seed=x,lose=3", "seed=x"), ("lose=3:nan", "nan"), ("", "''"),
                       ("@/no/such/file", "/no/such/file"), (",".join(["lose=3"] * 33), "32 at most"),
                       ("lose=3:0." + "1" * 80, "too long")):
        result = run(FAULTS, "--faults", bad, status=2)
        check(named in result.stderr and "usage:" in result.stderr, f"{bad}: {result.stderr[:300]}")
    check("once only" in run(FAULTS, "--faults", "lose=3", "--faults", "lose=3", status=2).stderr, "twice")
    check("does not go with" in run(FAULTS, "--faults", "lose=3", "--explore", "all", status=2).stderr, "explore")
    check("--faults LIST" in run(FAULTS, "--help").stdout, "not in --help")


run_cases()
