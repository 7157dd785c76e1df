#!/usr/bin/env python3
"""Runs a program that prints TAP, and says in one line whether all is well.

usage: tap.py TITLE TIMEOUT_S COMMAND...

Fails, and shows why, on: a "not ok", "Bail out!", no plan or two, a count or a numbering that
does not agree with it, an exit status other than 0, or no end within the time.
"""
import re
import subprocess
import sys
import time


def run(command, timeout_s):
    """Returns the output, its error stream apart, the exit status (None: did not end)."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    try:
        out, err = process.communicate(timeout=timeout_s)
        status = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        status = None
    return out.decode(errors="replace"), err.decode(errors="replace"), status


class Tap:
    """What a program's output says, and what is wrong with it."""

    def __init__(self, text):
        self.plan = None
        self.passed = self.skipped = self.failed = 0
        self.problems = []
        self.numbers = []
        showing = False  # the comments after a failure belong to it
        for line in text.replace("\r", "").split("\n"):
            result = re.match(r"(not )?ok (\d+) - (.*)", line)
            if result:
                showing = self.add_result(result, line)
            elif re.fullmatch(r"1\.\.\d+", line):
                self.add_plan(int(line[3:]))
            elif line.startswith("Bail out!") or (showing and line.startswith("#")):
                self.problems.append(line)

    def add_result(self, result, line):
        self.numbers.append(int(result[2]))
        if result[1]:
            self.failed += 1
            self.problems.append(line)
        elif "# SKIP" in result[3]:
            self.skipped += 1
        else:
            self.passed += 1
        return bool(result[1])

    def add_plan(self, count):
        if self.plan is not None:
            self.problems.append("a second plan")
        self.plan = count

    def check(self, status, timeout_s):
        if self.plan is None:
            self.problems.append("no plan")
        elif self.numbers != list(range(1, self.plan + 1)):
            self.problems.append(f"{len(self.numbers)} results, or out of order; "
                                 f"{self.plan} were planned")
        if self.passed == 0:
            self.problems.append("no case passed")
        if status is None:
            self.problems.append(f"did not end within {timeout_s} s")
        elif status != 0:
            self.problems.append(f"exit status {status}")


def main():
    title, timeout_s, command = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    start = time.monotonic()
    out, err, status = run(command, timeout_s)
    tap = Tap(out)
    tap.check(status, timeout_s)
    if tap.problems and tap.failed == 0:
        tap.failed = 1  # the run itself
    print(f"{title}: {tap.passed} passed, {tap.failed} failed, "
          f"{tap.skipped} skipped, {time.monotonic() - start:.1f} s", flush=True)
    if tap.problems:
        print("\n".join("  " + problem for problem in tap.problems))
        print("".join("  | " + line + "\n" for line in (out + err).splitlines()[-12:]), end="")
        # What was recorded is repeated exactly.
        print("  repeat: " + " ".join(command).replace("--record", "--replay"))
        sys.exit(1)


main()
