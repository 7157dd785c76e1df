"""Commands for gdb, loaded by `make debug`; for a debugger of one's own: source tools/kiln-gdb.py

    kiln tasks            all tasks: state, priority, what they wait for, time, stack
    kiln bt all|NAME      the backtrace of every task, or of one
    kiln task [NAME]      look at a task as if it ran: bt, up, info locals; back to the running one
    kiln objects          semaphores, mutexes, queues, flags, pools, timers, streams
    kiln chain [NAME]     who waits for whom; a deadlock is named
    kiln timeline         who ran when, and the last events, from the trace ring
    kiln goto, kiln back  run again to a place: host only

The same on the host, in QEMU and through openocd. None of them writes to the target. The modules
are in tools/gdb and tools/trace; docs/debugging.md shows them at work.
"""
import os
import sys

import gdb

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "gdb"), os.path.join(HERE, "trace")]


class Kiln(gdb.Command):
    """Commands that know of Kiln's tasks and objects, and of repeated runs."""

    def __init__(self):
        super().__init__("kiln", gdb.COMMAND_STATUS, prefix=True)


Kiln()

# pylint: disable=wrong-import-position,unused-import  # each defines its commands
import kiln_chain  # noqa: E402,F401
import kiln_objects  # noqa: E402,F401
import kiln_replay  # noqa: E402,F401
import kiln_tasks  # noqa: E402,F401
import kiln_timeline  # noqa: E402,F401
