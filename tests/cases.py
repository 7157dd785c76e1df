"""What test scripts have in common: a check that fails raises; cases are run one by one, as TAP."""
import functools
import os
import subprocess
import sys
import tempfile

CASES = []  # (title, function) of the running script


class Failed(Exception):
    """A check that did not hold."""


def check(condition, what):
    if not condition:
        raise Failed(what)


def title_of(function):
    return function.__name__.replace("_", " ")


def case(function):
    """Makes a case of a function, titled by its name."""
    CASES.append((title_of(function), function))
    return function


def in_a_folder_of_its_own(function):
    """Makes a case of a function that writes files; then they are gone."""
    @case
    @functools.wraps(function)
    def wrapped():
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                function()
            finally:
                os.chdir("/")
    return wrapped


def problem_of(function):
    """Runs a case; returns None, or what went wrong."""
    try:
        function()
    except (Failed, subprocess.TimeoutExpired) as error:
        return str(error)
    except (OSError, LookupError, ValueError, TypeError) as error:  # what it looked at is not there
        return f"{type(error).__name__}: {error}"
    return None


def run_cases():
    """Runs all cases and ends the process: with status 1 when one of them failed."""
    failed = False
    print(f"1..{len(CASES)}")
    for number, (title, function) in enumerate(CASES, 1):
        problem = problem_of(function)
        failed = failed or problem is not None
        print(f"{'ok' if problem is None else 'not ok'} {number} - {title}", flush=True)
        for line in (problem or "").splitlines():
            print(f"# {line}")
    sys.exit(1 if failed else 0)
