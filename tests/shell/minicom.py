"""minicom at the path that `--uart pty` prints, used as a person would: on a terminal of its own."""
import os
import subprocess
import tempfile

from cases import check
from console import PATIENCE_S, Console, on_a_terminal, open_pty, path_of_pty, program
from homes import image
from session import ANSI, PROMPT

SIZE = (60, 80)  # more rows than help writes: nothing scrolls, so text comes as it is
CTRL_A = "\x01"


def answer(console, line):
    """The rows between a line and the next prompt."""
    console.type(line + "\r")
    console.wait(line + "\r\n")
    text = ANSI.sub("", console.wait(PROMPT))
    return [row.rstrip() for row in text.split("\r\n")[:-1]]


def ask_through_minicom(path):
    with tempfile.TemporaryDirectory() as folder, \
            on_a_terminal("minicom", "-p", path, size=SIZE,
                          env={**os.environ, "HOME": folder, "TERM": "linux", "LC_ALL": "C"}) as (process, console, _):
        console.wait("CTRL-A Z for help on special keys")
        console.type("\r")
        console.wait(PROMPT)
        answers = [answer(console, line) for line in ("help", "ps")]
        console.type(f"{CTRL_A}x")
        console.wait("Leave Minicom?")
        console.type("\r")
        status = process.wait(timeout=PATIENCE_S)
        check(status == 0, f"minicom ended with status {status}")
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
        check(answer(console, "help") == commands and len(commands) > 10, f"{commands}")
        os.close(file)
