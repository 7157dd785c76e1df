"""What is typed at random, and who gets what is typed: no cases of the script."""
import os
import pathlib
import random
import subprocess
import tempfile
import time

from cases import check
from homes import image, start
from script import (CTRL_A, CTRL_C, CTRL_K, CTRL_U, CTRL_W, DELETE, DOWN, END, HOME, LEFT, RIGHT, UP)


def keys_are_shown_to_both_who_read_them():
    """The shell is on the display, and the console has the keys."""
    with tempfile.TemporaryDirectory() as folder:
        keys = pathlib.Path(folder) / "keys"
        keys.write_text('500ms type "echo hi > console\\n"\n2s press F1\n3s type "exit\\n"\n')
        done = subprocess.run([image("host", "onetask"), "--clock", "virtual", "--headless",
                               "--keys", keys], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False)
    shown = [line.removeprefix("key ") for line in done.stdout.splitlines() if line.startswith("key ")]
    typed = list("echo") + ["0x39"] + list("hi") + ["0x39", "0x2a", ">", "0x39"] + list("console") + ["0x1c"]
    check(shown == typed + ["0x3b"] + list("exit") + ["0x1c"], f"{shown}")
    check(done.returncode == 0 and "\nhi\n" in done.stdout.replace("\r", ""), done.stdout[-500:])


# Whatever ends the shell, or the task that it runs in, is left out.
PIECES = ["ps", "top 9 20", "help", "chain", "stack", "objects", "mem", "log", "trace on", "wc", "grep a",
          "head 1", "wait blinker", "wait worker 9", "run spinner", "kill spinner", "suspend worker",
          "resume worker", "prio worker 3", "deadlock", "kill kant", "dump worker", "dump 0x0", "take",
          " | ", " | ", " > scratch", " > console", "\r", "\r", "\r", "\t", " ", "'", '"', "\\", "x", UP, UP,
          DOWN, LEFT, RIGHT, HOME, END, DELETE, "\b", CTRL_A, CTRL_C, CTRL_C, CTRL_K, CTRL_U, CTRL_W,
          "\x0c", "\x1b", "\x80", "q", "o", "c"]
ROUNDS = 60


def anything_can_be_typed(app):
    """Under AddressSanitizer; after each round the shell still answers."""
    seed = int(os.environ.get("KILN_SEED", time.time()))
    print(f"# repeat with: KILN_SEED={seed}")
    random.seed(seed)
    with start("host-virtual", app, variant="sanitised") as session:
        session.screen = None  # rubbish does not fit on one
        for number in range(ROUNDS):
            session.type("".join(random.choices(PIECES, k=random.randrange(1, 40))))
            session.type(f"{CTRL_C}{CTRL_C}{CTRL_U}echo alive {number}\r")
            session.wait(f"\r\nalive {number}\r\n")
