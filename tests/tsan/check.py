#!/usr/bin/env python3
"""Tests of `make tsan`: cases with a known race are reported, with both names and both stacks;
cases without one are not, nor are the apps.

usage: check.py CASES_IMAGE [APP_IMAGE...]

The image of the cases says itself what is to be expected of each: see tests/tsan/cases/cases.h.
"""
import re
import subprocess
import sys

RACE_STATUS = 66  # ThreadSanitizer's own
APP_TIME = "30"   # of kernel time, in which every app shows all it does

ACCESS = re.compile(r"^  (?:Previous )?(?:atomic )?(?:read|write) of size \d+ .*? by (.*):$",
                    re.MULTILINE | re.IGNORECASE)
NAMED = re.compile(r"^  Thread (T\d+) '([^']*)'", re.MULTILINE)


def run(command):
    """Returns exit status (None: no end), output and error output."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300,
                              stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        return None, "", ""
    return done.returncode, done.stdout, done.stderr


def clean_problem(status, errors):
    if status is None:
        return "did not end"
    if "WARNING: ThreadSanitizer" in errors:
        return "a false report"
    if status != 0 or not errors.endswith("tsan: no data race\n"):
        return f"exit status {status}"
    return None


def race_problem(status, errors, racers):
    reports = errors.split("WARNING: ThreadSanitizer: data race")[1:]
    if len(reports) != 1:
        return f"{len(reports)} reports"
    if status != RACE_STATUS or "\ntsan: 1 data race\n" not in errors:
        return f"exit status {status}, or no summary"
    names = dict(NAMED.findall(reports[0]))
    found = {names.get(thread.removeprefix("thread "), thread)
             for thread in ACCESS.findall(reports[0])}
    if found != set(racers):
        return f"the report names {sorted(found)}, expected {sorted(racers)}"
    stacks = re.split(r"\n\s*\n", reports[0])[:2]
    if not all(re.search(r"#\d .* tests/tsan/cases/\w+\.c:\d+", stack) for stack in stacks):
        return "a stack without the case's source"
    return None


def check_case(image, line):
    name, racers = line.split(":")
    command = [image, "--case", name]
    status, _, errors = run(command)
    problem = race_problem(status, errors, racers.split(",")) if racers else \
        clean_problem(status, errors)
    return command, problem, errors


def check_app(image):
    command = [image, "--until", APP_TIME]
    status, _, errors = run(command)
    return command, clean_problem(status, errors), errors


def check_real_time(image):
    """A signal could find ThreadSanitizer in the middle of its own work."""
    command = [image, "--clock", "real"]
    status, _, errors = run(command)
    return command, None if status == 2 and "--clock virtual" in errors else "not refused", errors


def check_explore(image):
    """ThreadSanitizer keeps notes of the memory that the explorer puts back."""
    command = [image, "--explore", "random"]
    status, _, errors = run(command)
    refused = status == 2 and "built with a sanitizer" in errors
    return command, None if refused else "not refused", errors


def main():
    cases, apps = sys.argv[1], sys.argv[2:]
    _, listed, _ = run([cases, "--list"])
    results = [check_case(cases, line) for line in listed.splitlines()]
    results += [check_app(image) for image in apps] + [check_real_time(cases), check_explore(cases)]
    failed = 0
    for command, problem, errors in results:
        if problem:
            failed += 1
            print(f"  {' '.join(command)}: {problem}")
            print("".join(f"  | {line}\n" for line in errors.splitlines()[:30]), end="")
    failed += not listed
    print(f"tsan: {len(results) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
