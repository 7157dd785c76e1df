"""A program on a pair of pipes or a terminal: type, and wait for what it answers, not for time."""
import os
import pathlib
import re
import select
import subprocess
import sys
import time
import tty

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import Failed, check  # pylint: disable=wrong-import-position
from screen import Screen  # pylint: disable=wrong-import-position

ANSI = re.compile(r"\x1b\[[?\d;]*[A-Za-z]")
PROMPT = "kiln> "
PATIENCE_S = 60  # a busy machine is no failure


class Session:
    def __init__(self, command):
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.input, self.output = self.process.stdin.fileno(), self.process.stdout.fileno()
        self.text = ""  # all that it wrote
        self.seen = 0   # how much of that was looked at
        self.screen = Screen()

    def attach(self):
        """The program prints the path of a pseudo-terminal, which is its console."""
        line = self.process.stdout.readline().decode()
        check(line.startswith("kiln: uart: /dev/"), f"what is this: {line}")
        self.input = self.output = os.open(line.split()[2], os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.output)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        if self.input == self.output:
            os.close(self.output)

    def type(self, keys):
        os.write(self.input, keys.encode())

    def read(self):
        try:
            return os.read(self.output, 65536)
        except OSError:  # how a terminal says that nobody is at its other end
            return b""

    def more(self, limit):
        """Takes what comes; False when the program has ended."""
        left = limit - time.monotonic()
        if left <= 0 or not select.select([self.output], [], [], left)[0]:
            raise Failed(f"no answer within {PATIENCE_S} s; it wrote last:\n{self.text[-1500:]!r}")
        data = self.read().decode(errors="replace")
        self.text += data
        if self.screen is not None:
            self.screen.feed(data)
        return data != ""

    def wait(self, text):
        """What comes up to a text, that included, without ANSI sequences."""
        limit = time.monotonic() + PATIENCE_S
        while (at := self.text.find(text, self.seen)) < 0:
            if not self.more(limit):
                raise Failed(f"it ended before {text!r}; it wrote last:\n{self.text[-1500:]!r}")
        start, self.seen = self.seen, at + len(text)
        return ANSI.sub("", self.text[start:self.seen])

    def wait_screen(self, condition, what):
        limit = time.monotonic() + PATIENCE_S
        while not condition(self.screen):
            check(self.more(limit), f"it ended before {what}")
        self.seen = len(self.text)

    def run(self, line):
        """Types a line; what was written until the next prompt, as lines."""
        self.type(line + "\r")
        self.wait("\r\n")
        return self.wait(PROMPT)[:-len(PROMPT)].split("\r\n")[:-1]

    def end(self):
        """Waits for the program's end; its exit status."""
        limit = time.monotonic() + PATIENCE_S
        while self.more(limit):
            pass
        return self.process.wait(timeout=PATIENCE_S)
