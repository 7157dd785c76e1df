"""minicom at the path that `--uart pty` prints, used as a person would: on a terminal of its own."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import tempfile
import termios

from cases import check
from console import PATIENCE_S, Console, open_pty, path_of_pty, program
from homes import image
from session import PROMPT

ROWS, COLUMNS = 60, 80  # more than help writes: nothing scrolls, so text comes as it is
CTRL_A = "\x01"


def own_the_terminal():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def minicom_on(terminal, folder, path):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    return program("minicom", "-p", path, stdin=terminal, stdout=terminal, stderr=terminal,
                   start_new_session=True, preexec_fn=own_the_terminal,
                   env={**os.environ, "HOME": folder, "TERM": "linux", "LC_ALL": "C"})


def answer(console, line):
    """The rows between a line and the next prompt."""
    console.type(line + "\r")
    console.wait(line + "\r\n")
    text = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", console.wait(PROMPT))
    return [row.rstrip() for row in text.split("\r\n")[:-1]]


def ask_through_minicom(path):
    near, far = pty.openpty()
    with tempfile.TemporaryDirectory() as folder, minicom_on(far, folder, path) as process:
        console = Console(near, near)
        console.wait("CTRL-A Z for help on special keys")
        console.type("\r")
        console.wait(PROMPT)
        answers = [answer(console, line) for line in ("help", "ps")]
        console.type(f"{CTRL_A}x")
        console.wait("Leave Minicom?")
        console.type("\r")
        status = process.wait(timeout=PATIENCE_S)
        check(status == 0, f"minicom ended with status {status}")
    os.close(near)
    os.close(far)
    return answers


def minicom_attaches_to_the_pty_and_leaves():
    """What it showed is what the next program reads that attaches there."""
    with program(image("host", "shell"), "--headless", "--uart", "pty", stdin=subprocess.DEVNULL) as process:
        path = path_of_pty(process.stderr)
        commands, tasks = ask_through_minicom(path)
        check([row.split()[1:3] for row in tasks][:2] == [["task", "state"], ["idle", "ready"]], f"{tasks}")
        check(process.poll() is None, "the app ended with its visitor")
        file = open_pty(path)
        console = Console(file, file)
        check(answer(console, "help") == commands and len(commands) > 20, f"{commands}")
        os.close(file)
