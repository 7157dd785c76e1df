"""The shell among the tasks of tests/gdb/zoo, which wait for every kind of object."""
import functools
import re

from cases import check
from script import only_on

ZOO = []

OBJECTS = """
semaphore items          0                  taker owner
semaphore spare          3
semaphore never          0                  floater
mutex     first          of owner           middle
mutex     second         of middle          outer
mutex     left           of lefty           righty
mutex     right          of righty          lefty
queue     mail           0 of 2             receiver
flags     events         0x10               listener
pool      blocks         2 x 16 bytes       allocator
timer     alarm_timer    N ticks left
timer     unused_timer   stopped
stream    empty_pipe     0 of 16 bytes      reader
stream    used_pipe      3 of 8 bytes
executor  crew           1
waker     doorbell
waker     rung           woken
""".strip().splitlines()

WAITS = {"newcomer": ("new", ""),
         "taker": ("blocked", "semaphore items"),
         "receiver": ("blocked", "receive from mail"),
         "listener": ("blocked", "flags events"),
         "allocator": ("blocked", "pool blocks"),
         "reader": ("blocked", "read from empty_pipe"),
         "sleeper": ("blocked", "sleep"),
         "middle": ("blocked", "mutex first"),
         "lefty": ("blocked", "mutex right"),
         "joiner": ("blocked", "end of outer"),
         "busy": ("ready", ""),
         "idler": ("suspended", "")}

CHAINS = {"taker": "taker: semaphore items",
          "receiver": "receiver: receive from mail",
          "listener": "listener: flags events",
          "allocator": "allocator: pool blocks",
          "reader": "reader: read from empty_pipe",
          "sleeper": "sleeper: sleep",
          "joiner": "joiner: end of outer -> outer: mutex second -> middle: mutex first -> "
                    "owner: semaphore items"}


def zoo(function):
    """A case, on one home of each kind: the zoo does not fit into the smallest board. All of it
    has come to where it waits, and lines may be longer than a screen is wide."""
    def case(session):
        session.screen = None
        check(session.run("wait sleeper 30") == ["wait: 'sleeper' has not ended"], "waited")
        function(session)
    ZOO.append(only_on("host-virtual", "host-coverage", "mps2-an385")(functools.update_wrapper(case, function)))
    return function


@zoo
def objects_of_every_kind_tell_their_state_and_who_waits(session):
    found = [re.sub(r"\d+ ticks", "N ticks", row.rstrip()) for row in session.run("objects")[1:]]
    missing = [row for row in OBJECTS if row not in found]
    check(not missing, f"not found: {missing} in {found}")


@zoo
def ps_tells_what_each_task_waits_for(session):
    rows = {row.split()[1]: row.split() for row in session.run("ps")[1:]}
    for name, (state, what) in WAITS.items():
        row = rows[name]
        check(row[2] == state and " ".join(row[6:]) == what, f"{name}: {row}")


@zoo
def chains_end_at_what_everybody_waits_for(session):
    for name, chain in CHAINS.items():
        found = " ".join(session.run(f"chain {name}"))
        check(found == chain, f"chain {name}: {found!r}")


@zoo
def a_task_that_never_ran_can_be_ended(session):
    check(session.run("kill newcomer") == [], "killed")
    check(not any(" newcomer " in row for row in session.run("ps")), "gone")
