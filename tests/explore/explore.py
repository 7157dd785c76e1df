#!/usr/bin/env python3
"""Tests of the explorer, and of the kernel by it: every scenario passes under every strategy, and
apps with a known defect fail as they should.

usage: explore.py BUILD_DIRECTORY, with bin/ in it. Prints 'N passed, N failed' last. The random parts'
seed changes every day; SEED=... in the environment sets it.
"""
import datetime
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import check, problem_of, title_of

BIN = pathlib.Path(sys.argv[1]) / "bin"
WITH_DEFECTS = ("faulty", "lost_wakeup")
SCENARIOS = sorted(path.parent.name for path in pathlib.Path("tests/explore").glob("*/main.c")
                   if path.parent.name not in WITH_DEFECTS)
SEED = os.environ.get("SEED", datetime.date.today().strftime("%Y%m%d"))
STRATEGIES = ("exhaustive", "pairs", "random", "pct")


def run(name, *flags, fault=None, status=None):
    environment = {**os.environ, **({"FAULT": fault} if fault else {})}
    done = subprocess.run([str(BIN / name), *flags], capture_output=True, text=True, timeout=600,
                          env=environment, check=False)
    if status is not None:
        check(done.returncode == status,
              f"{name} {' '.join(flags)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def failure_of(done):
    found = re.search(r"^FAILED: (.*)$", done.stdout, re.MULTILINE)
    check(found is not None, f"no failure in: {done.stdout}{done.stderr}")
    return found[1]


def schedule_of(done):
    found = re.search(r"^repeat: \S+ --schedule '(.*?)'", done.stdout, re.MULTILINE)
    check(found is not None, f"no command to repeat in: {done.stdout}")
    return found[1]


# ---- The kernel ------------------------------------------------------------------------------

def scenario_passes(name):
    done = run(name, "--explore", "all", "--seed", SEED, status=0)
    check(done.stdout.count("no failure") == len(STRATEGIES), done.stdout)


def scenario_passes_with_a_check_at_each_block(name):
    run(name, "--explore", "random", "--runs", "500", "--check", "block", "--seed", SEED,
        status=0)


# ---- What is found ---------------------------------------------------------------------------

FAULTS = {
    "require": "the interrupt came in the window",
    "both": "both interrupts came in the window",
    "mutex": "leak: mutex left is locked at the end",
    "block": "leak: 0 of 1 blocks of pool pool are free at the end",
    "timer": "leak: timer timer runs at the end",
    "task": "leak: task other is alive at the end",
    "deadline": "missed deadline: work",
    "hang": "does not end: too many blocks",
    "crash": "task task made an invalid memory access",
    "panic": "panic: not an initialised object",
    "deadlock": "deadlock: task",
}


def fault_is_found(fault):
    done = run("faulty", "--explore", "all", fault=fault, status=1)
    check(FAULTS[fault] in failure_of(done), f"{fault}: {done.stdout}")


def without_a_defect_nothing_is_found():
    run("faulty", "--explore", "all", status=0)


def every_strategy_finds_the_lost_wakeup():
    for strategy in STRATEGIES:
        done = run("lost_wakeup", "--explore", strategy, status=1)
        check("deadlock: task waiter" in failure_of(done), done.stdout)


# ---- Shrinking, and repeating ----------------------------------------------------------------

def all_ways_shrink_to_the_least_schedule():
    expected = schedule_of(run("faulty", "--explore", "pairs", fault="both", status=1))
    check(len(expected.split(",")) == 2, expected)
    for seed in range(1, 6):
        for strategy in ("random", "pct"):
            done = run("faulty", "--explore", strategy, "--seed", str(seed), "--interrupts", "12",
                       "--runs", "100000", fault="both", status=1)
            check(schedule_of(done) == expected, f"seed {seed}: {schedule_of(done)}, {expected}")


def schedule_says_where_the_interrupt_lands():
    done = run("lost_wakeup", "--explore", "exhaustive", status=1)
    check(re.search(r"^ +\d+  line 0 +waiter +\S+ \(tests/explore/lost_wakeup/main.c:\d+\)$",
                    done.stdout, re.MULTILINE) is not None, done.stdout)


def printed_command_repeats_the_failure():
    for name, fault in (("lost_wakeup", None), ("faulty", "both"), ("faulty", "panic")):
        done = run(name, "--explore", "all", fault=fault, status=1)
        again = run(name, "--schedule", schedule_of(done), fault=fault, status=1)
        check(schedule_of(again) == schedule_of(done), again.stdout)
        check(re.sub("0x[0-9a-f]+", "", failure_of(again)) ==
              re.sub("0x[0-9a-f]+", "", failure_of(done)), again.stdout)
        blocks = re.compile(r"^ +(\d+)  failed", re.MULTILINE)
        check(blocks.findall(again.stdout) == blocks.findall(done.stdout), again.stdout)


def log_of_a_failure_replays_it_in_a_plain_run():
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")
        run("faulty", "--explore", "pairs", "--keep", log, fault="both", status=1)
        again = run("faulty", "--nest", "--replay", log, fault="both")
        check("both interrupts came in the window" in again.stderr, again.stderr)
        check(again.returncode == -6, f"exit status {again.returncode}")


def seed_is_printed_and_decides():
    first, same, other = (run("faulty", "--explore", "random", "--seed", seed, fault="both")
                          for seed in ("7", "7", "8"))
    timeless = [re.sub(r"\d+\.\d+ s.*", "", done.stdout) for done in (first, same, other)]
    check("seed 7" in first.stdout, first.stdout)
    check(timeless[0] == timeless[1], "the same seed found another thing")
    check(timeless[0].split("\n")[1] != timeless[2].split("\n")[1], "two seeds did the same")


# ---- Flags -----------------------------------------------------------------------------------

def bad_flags_are_named():
    for flags, named in ((("--explore", "everything"), "everything"),
                         (("--schedule", "12"), "'12'"), (("--schedule", "12:tock"), "12:tock"),
                         (("--schedule", "12:tick,"), "12:tick,"),
                         (("--schedule", "5:tick,6:line32"), "6:line32"),
                         (("--schedule", "-5:tick"), "-5:tick"),
                         (("--explore", "random", "--runs", "0"), "'0'"),
                         (("--explore", "random", "--runs", "many"), "many"),
                         (("--explore", "random", "--seed", "-1"), "-1"),
                         (("--explore", "random", "--interrupts", "17"), "17"),
                         (("--explore", "pairs", "--within", "x"), "'x'"),
                         (("--explore", "random", "--check", "never"), "never"),
                         (("--explore", "random", "--ticks", "0"), "'0'")):
        done = run("faulty", *flags, status=2)
        check(named in done.stderr and "usage:" in done.stderr, f"{flags}: {done.stderr}")


def explore_and_record_exclude_each_other():
    done = run("faulty", "--record", "/dev/null", "--explore", "all", status=2)
    check("--explore does not go with" in done.stderr, done.stderr)


def flags_of_the_explorer_need_it():
    for flags in (("--seed", "3"), ("--runs", "4"), ("--check", "end"), ("--endless",)):
        done = run("faulty", *flags, status=2)
        check("go with --explore" in done.stderr, f"{flags}: {done.stderr}")
    done = run("faulty", "--explore", "all", "--schedule", "43:tick", status=2)
    check("does not go with --schedule" in done.stderr, done.stderr)


def schedule_that_cannot_be_placed_is_no_success():
    for schedule in ("99999:tick", "43:line7"):
        done = run("lost_wakeup", "--schedule", schedule, status=2)
        check("only 0 of the schedule's 1 interrupts" in done.stdout, done.stdout)


def all_that_matters_is_in_the_printed_command():
    done = run("lost_wakeup", "--explore", "random", "--check", "end", status=1)
    check(" --check end" in done.stdout, done.stdout)


def file_that_cannot_be_kept_is_named_at_once():
    done = run("lost_wakeup", "--explore", "random", "--keep", "/no/such/folder/log", status=2)
    check("/no/such/folder/log" in done.stderr, done.stderr)


TESTS = [flags_of_the_explorer_need_it, schedule_that_cannot_be_placed_is_no_success,
         all_that_matters_is_in_the_printed_command, file_that_cannot_be_kept_is_named_at_once,
         without_a_defect_nothing_is_found, every_strategy_finds_the_lost_wakeup,
         all_ways_shrink_to_the_least_schedule, schedule_says_where_the_interrupt_lands,
         printed_command_repeats_the_failure, log_of_a_failure_replays_it_in_a_plain_run,
         seed_is_printed_and_decides, bad_flags_are_named, explore_and_record_exclude_each_other]
EACH = [(scenario_passes, SCENARIOS), (scenario_passes_with_a_check_at_each_block, SCENARIOS),
        (fault_is_found, FAULTS)]


def main():
    calls = [(test, ()) for test in TESTS] + [(test, (name,)) for test, names in EACH
                                              for name in names]
    failed = 0
    print(f"explore: SEED={SEED}", flush=True)
    for test, arguments in calls:
        problem = problem_of(lambda: test(*arguments))
        if problem is not None:
            failed += 1
            title = " ".join([title_of(test), *arguments])
            print(f"failed: {title}\n  " + problem.replace("\n", "\n  "), flush=True)
    print(f"explore: {len(calls) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
