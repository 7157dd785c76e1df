#!/usr/bin/env python3
"""Programs written by hand, for what a fuzzer finds rarely: each into a file of the folder given.

They are part of the corpus, and stay when that is minimised. See tests/program/record.h for what a
record is; the byte of a call is worked out from the weights in tests/program/source.c.
"""
import itertools
import pathlib
import re
import sys

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "program"
FOREVER, PLAIN = 255, 0
OBJECT_BYTES = 18  # 2 semaphores, 3 mutexes, 2 queues, 2 flags, 2 pools, 3 timers, 2 streams,
                   # an executor and a waker, which take none
FIRST_MUTEX, FIRST_POOL = 2, 9
USES, BUGS, WRONG_OBJECTS = 53, 25, 4
WRONG_ARGUMENTS = (6, 8, 6, 8, 8, 4)  # of tasks, objects, queues, pools, streams and such, others


def call_bytes() -> dict[str, int]:
    """The least byte that stands for each call."""
    names = re.findall(r"^    CALL_(\w+),", (PROGRAM / "record.h").read_text(), re.MULTILINE)
    weights = dict(re.findall(r"\[CALL_(\w+)\] = (\d+)", (PROGRAM / "source.c").read_text()))
    ends = itertools.accumulate(int(weights.get(name, 0)) for name in names)
    return {name: end - int(weights.get(name, 0)) for name, end in zip(names, ends)}


CALLS = call_bytes()


def call(name: str, which: int = 0, time: int = 0, value: int = 1) -> bytes:
    return bytes([CALLS[name], which, time, value])


def program(*records: bytes, objects: dict[int, int] | None = None,
            priorities: tuple[int, ...] = (1, 1, 1, 1, 1)) -> bytes:
    """Three tasks start, one after the other; the driver runs when they wait."""
    parameters = bytes((objects or {}).get(i, 0) for i in range(OBJECT_BYTES))
    return parameters + bytes(priority - 1 for priority in priorities) + b"".join(records)


def misuse(how: int) -> bytes:
    return program(*(call("MISUSE", use, PLAIN, how) for use in range(USES)))


def kill_within(victim: int, killer: int) -> tuple[bytes, ...]:
    """A task kills another, and in the middle of that is killed by an interrupt."""
    return (call("SLEEP", time=3), call("PLACE", time=14), call("TASK_KILL", killer),
            call("TASK_KILL", victim))


def kill_runner(await_: str) -> tuple[bytes, ...]:
    """The first task is killed while a coroutine of its awaits; the others run the executor then."""
    return (call("PLACE", value=0), call("TASK_KILL"), call(await_, time=FOREVER),
            *[call("EXECUTOR_RUN")] * 2)


def poll_too_late(ticks: int) -> bytes:
    """A coroutine is woken to poll again, but has its turn only when the time is over."""
    return program(call("SLEEP", time=1), call("EXECUTOR_RUN"), call("WAKER_POLL", time=78),
                   *[call("WAKER_WAIT", time=FOREVER)] * 2, call("TASK_EXIT"), call("TICK"),
                   call("WAKER_WAKE"), *[call("TICK")] * ticks, priorities=(2, 1, 1, 1, 1))


def coroutines(*records: bytes, then: tuple[bytes, ...] = ()) -> bytes:
    """The first task runs the executor, and the first coroutine takes these records; when it waits,
    the others do, then the other two tasks, which end, and the driver."""
    waits = (call("WAKER_WAIT", time=FOREVER),) * 2
    return program(call("EXECUTOR_RUN"), *records, *waits, *[call("TASK_EXIT")] * 2, *then)


SEEDS = {
    **{f"start-{i}": bytes([i]) for i in range(4)},
    **{f"misuse-{how}": misuse(how) for how in range(WRONG_OBJECTS)},
    "bugs": program(*(call("MISUSE", bug, 200) for bug in range(BUGS))),
    "bugs-of-interrupts": program(*(call("IRQ") + call("MISUSE", bug, 200)
                                    for bug in range(BUGS))),
    "bugs-of-driver": program(*[call("TASK_EXIT")] * 3,
                              *(call("MISUSE", bug, 200) for bug in range(BUGS))),
    "wrong-arguments": program(*(call("WRONG", value=kind + 6 * i)
                                 for kind, count in enumerate(WRONG_ARGUMENTS)
                                 for i in range(count))),
    "mutex-locked-most": program(call("MUTEX_LOCK"), call("MUTEX_LOCK"),
                                 call("MUTEX_OWNER", value=255), objects={FIRST_MUTEX: 1}),
    "pool-free-when-full": program(call("POOL_ALLOC"), call("POOL_ALLOC"),
                                   call("POOL_FREE", value=0), call("POOL_FREE", value=1),
                                   call("POOL_FREE_TWICE", time=200, value=0),
                                   call("POOL_FREE_TWICE", time=200, value=2),
                                   objects={FIRST_POOL: 2}),
    "kill-within-kill-mutex": program(call("MUTEX_LOCK"), *kill_within(0, 1)),
    "kill-within-kill-join": program(call("TASK_JOIN", 1, FOREVER), *kill_within(1, 2)),
    "kill-locked": program(call("SCHED_LOCK"), call("IRQ"), call("TASK_KILL", 0),
                           call("SCHED_UNLOCK")),
    "suspend-twice-locked": program(call("SCHED_LOCK"), *[call("TASK_SUSPEND", 0)] * 2,
                                    call("TASK_RESUME", 0), call("SCHED_UNLOCK")),
    "print": program(call("TICKS", value=255), call("IRQ"), call("TICKS", value=255)),
    "kill-while-it-prints": program(call("PLACE", time=0, value=0), call("TICKS", value=255),
                                    call("TASK_KILL", 0)),
    "kill-middle-waiter": program(*[call("SEM_TAKE", time=FOREVER)] * 3, call("TASK_KILL", 1)),
    "inherit-from-two": program(call("MUTEX_LOCK", 0), call("MUTEX_LOCK", 3),
                                call("SLEEP", time=5), call("MUTEX_LOCK", 0, FOREVER),
                                call("MUTEX_LOCK", 3, FOREVER),
                                call("TASK_SET_PRIORITY", 0, value=0),
                                priorities=(1, 2, 3, 1, 1)),
    "driver-idles": program(*[call("TASK_EXIT")] * 3, call("YIELD"), call("SLEEP", time=4),
                            call("SEM_GIVE"), call("TIMER_START", 0, 2, 0), call("SEM_GIVE"),
                            call("SLEEP", time=5)),
    "poll-in-time": coroutines(call("PLACE", value=0), call("TICK"), call("WAKER_POLL", time=75),
                               then=tuple([call("TICK")] * 8)),
    "wake-executor-that-was-raised": program(call("SLEEP", time=1), call("EXECUTOR_RUN"),
                                             call("SLEEP", time=3),
                                             *[call("WAKER_WAIT", time=FOREVER)] * 2,
                                             call("TASK_EXIT"), call("TICK"),
                                             call("TASK_SET_PRIORITY", 1, value=2),
                                             *[call("TICK")] * 2, priorities=(2, 1, 1, 1, 1)),
    "poll-too-late-0": poll_too_late(1),
    "poll-too-late-1": poll_too_late(2),
    **{f"cancel-between-bytes-{blocks}": coroutines(call("PLACE", 0, blocks, 0),
                                                    call("ASYNC_CANCEL"),
                                                    call("STREAM_WRITE", 200, FOREVER))
       for blocks in (0, 40)},
    "sleep-until-wrong": coroutines(call("SLEEP_UNTIL", time=254), call("SLEEP_UNTIL", time=255)),
    "kill-before-it-waits": program(call("EXECUTOR_RUN"), *kill_runner("SEM_TAKE")),
    "kill-before-others-go-first": program(call("EXECUTOR_RUN"), *kill_runner("YIELD")),
    "kill-before-it-goes-on": program(call("EXECUTOR_RUN"), call("YIELD"),
                                      *[call("WAKER_WAIT", time=FOREVER)] * 2,
                                      *kill_runner("YIELD")),
    "renew-before-executor-ends": program(call("ASYNC_JOIN", 1, FOREVER), call("EXECUTOR_RUN"),
                                          *[call("ASYNC_END"), call("YIELD")] * 2,
                                          call("ASYNC_END"), call("EXECUTOR_RENEW"),
                                          priorities=(2, 1, 1, 1, 1)),
    "unaligned-items": program(call("QUEUE_RECEIVE", 192, FOREVER),
                               call("QUEUE_RECEIVE", 0, FOREVER), call("QUEUE_SEND", 0),
                               call("QUEUE_SEND", 192)),
}


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for stale in set(path.name for path in folder.iterdir()) - SEEDS.keys():
        (folder / stale).unlink()
    for name, content in SEEDS.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
