"""A shell that is driven over a console: a line is typed, and its output comes up to the next prompt.
"""
import os
import re
import signal
import subprocess
import time

from cases import check
from console import PATIENCE_S, Console, open_pty, path_of_pty
from terminal import Terminal

ANSI = re.compile(r"\x1b\[[?\d;]*[A-Za-z]")
PROMPT = "kiln> "
CTRL_L = "\x0c"


class Session(Console):
    """A process, whose standard input and output are the console, and a terminal that shows it."""

    def __init__(self, command):
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        super().__init__(self.process.stdin.fileno(), self.process.stdout.fileno())
        self.screen = None
        self.pty = None

    def begin(self):
        """Waits for the first prompt; what came before is not for a screen."""
        self.wait(PROMPT)
        self.screen = Terminal()

    def attach(self):
        """The program prints the path of a pseudo-terminal, which is its console. What it wrote
        there before anybody listened is gone."""
        self.pty = open_pty(path_of_pty(self.process.stdout))
        self.write_to = self.read_from = self.pty
        self.type("echo listening\r")
        self.wait("\r\nlistening\r\n")

    def close(self):
        """An orderly end, unless it has a full pipe in its way: what --coverage counts is kept."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        if self.pty is not None:
            os.close(self.pty)

    def take(self, text):
        super().take(text)
        if self.screen is not None:
            self.screen.feed(text)

    def wait(self, text):
        return ANSI.sub("", super().wait(text))

    def wait_screen(self, condition, what):
        limit = time.monotonic() + PATIENCE_S
        while not condition(self.screen):
            check(self.more(limit), f"it ended before {what}")
        self.seen = len(self.text)

    def clear(self):
        self.type(CTRL_L)
        self.wait(PROMPT)

    def run(self, line):
        """Types a line; what was written until the next prompt, as lines."""
        self.type(line + "\r")
        self.wait("\r\n")
        return self.wait(PROMPT)[:-len(PROMPT)].split("\r\n")[:-1]

    run_long = run  # also where a screen is too small for it

    def run_on_console(self, line, text):
        """The same for a line that says `> console`: a text is all that comes there."""
        found = self.run(line)
        check(found == [text], f"{line}: {found}")

    def end(self):
        """Waits for the program's end; its exit status."""
        self.wait_for_end()
        return self.process.wait(timeout=PATIENCE_S)
