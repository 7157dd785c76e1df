#!/usr/bin/python3
"""The shell on its homes: the same script drives apps/shell on the host, in both clocks, in a window and
by a script of keys, and on boards in QEMU; apps/onetask, where a coroutine serves the shell; and the zoo of
tests/gdb, to look at. Prints TAP. Debian's own Python, because python3-xlib is Debian's.

usage: check.py HOME...     one of homes.py, a board; or: anything
"""
import functools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from anything import anything_can_be_typed, keys_are_shown_to_both_who_read_them
from cases import CASES, run_cases, title_of
from homes import servers, start
from minicom import minicom_attaches_to_the_pty_and_leaves
from noisy import NOISY
from one_task import ONE_TASK
from script import SCRIPT, belongs_on
from zoo import ZOO


def on(home, app, function):
    def run():
        with start(home, app) as session:
            function(session)
    return run


def add_anything():
    CASES.append((title_of(keys_are_shown_to_both_who_read_them), keys_are_shown_to_both_who_read_them))
    CASES.extend((f"{title_of(anything_can_be_typed)} in {app}", functools.partial(anything_can_be_typed, app))
                 for app in ("shell", "onetask"))


def main():
    for home in sys.argv[1:]:
        if home == "anything":
            add_anything()
            continue
        for app, cases in (("shell", SCRIPT), ("onetask", ONE_TASK), ("zoo", ZOO),
                           ("noisy", NOISY)):
            CASES.extend((f"{title_of(function)} in {app} on {home}", on(home, app, function))
                         for function in cases if belongs_on(home, function))
        if home == "host-pty":
            CASES.append((title_of(minicom_attaches_to_the_pty_and_leaves), minicom_attaches_to_the_pty_and_leaves))
    with servers:
        run_cases()


main()
