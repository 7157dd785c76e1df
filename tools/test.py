#!/usr/bin/env python3
"""make test: runs every stage, keeps its output in build/test/, and counts.

A stage prints how many tests it ran, in one of these ways: 'N passed, N failed', 'caught N of N',
TAP, or CMocka's closing lines. One that prints none has failed. The last line is the sum of all.
"""
import os
import pathlib
import re
import subprocess
import sys
import time

STAGES = ["lint", "unit", "system", "trace", "trace-export", "stack-test", "matrix", "lab", "gdb",
          "devices", "desk", "shell",
          "explore-test", "mutants", "tsan-test", "differential", "fuzz-replay", "fuzz-coverage",
          "sweep-short"]
LOGS = pathlib.Path("build/test")
# An app that is tested opens no window on the user's display.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name not in ("DISPLAY", "WAYLAND_DISPLAY")}

PLAIN = re.compile(r"^(?:\S+: )?(\d+) passed, (\d+) failed", re.MULTILINE)
CAUGHT = re.compile(r"^caught (\d+) of (\d+)$", re.MULTILINE)
TAP_OK = re.compile(r"^\s*ok \d+", re.MULTILINE)
TAP_NOT_OK = re.compile(r"^\s*not ok \d+", re.MULTILINE)
CMOCKA_PASSED = re.compile(r"^\[  PASSED  \] (\d+) test", re.MULTILINE)
CMOCKA_FAILED = re.compile(r"^\[  FAILED  \] \w+: (\d+) test", re.MULTILINE)


def count(text, succeeded):
    """Passed and failed tests in a stage's output."""
    plain = [(int(p), int(f)) for p, f in PLAIN.findall(text)]
    plain += [(int(caught), int(of) - int(caught)) for caught, of in CAUGHT.findall(text)]
    if plain:
        passed, failed = sum(p for p, _ in plain), sum(f for _, f in plain)
    else:
        passed = len(TAP_OK.findall(text)) + sum(map(int, CMOCKA_PASSED.findall(text)))
        failed = len(TAP_NOT_OK.findall(text)) + sum(map(int, CMOCKA_FAILED.findall(text)))
    if not succeeded and failed == 0:
        failed = 1
    if passed == 0 and failed == 0:
        failed = 1  # a stage that tests nothing
    return passed, failed


def run(stage):
    log = LOGS / f"{stage}.log"
    started = time.monotonic()
    with log.open("w") as out:
        done = subprocess.run(["make", "-k", f"-j{os.cpu_count()}", "--output-sync=target",
                               "--no-print-directory", stage], stdout=out,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=ENVIRONMENT,
                              check=False)
    text = log.read_text(errors="replace")
    passed, failed = count(text, done.returncode == 0)
    seconds = time.monotonic() - started
    print(f"{stage:<10} {passed:>5} passed {failed:>3} failed  {seconds:6.1f} s  {log}", flush=True)
    if failed:
        print("\n".join(text.splitlines()[-60:]), flush=True)
    return passed, failed


def main():
    LOGS.mkdir(parents=True, exist_ok=True)
    results = [run(stage) for stage in sys.argv[1:] or STAGES]
    passed, failed = sum(p for p, _ in results), sum(f for _, f in results)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
