"""A program's console, from outside: over pipes, a pseudo-terminal, or a UART in QEMU. Type, and wait
for what it answers, not for time."""
import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from cases import Failed, check

PATIENCE_S = 60  # a busy machine is no failure


class Console:
    """The far end of it: what to write to, and what to read from.

    `text` is all that came, `seen` how much of that was waited for, `at_once` how much is taken
    before it is looked at. Without returns, lines are the same wherever they come from."""

    at_once = 65536

    def __init__(self, write_to, read_from, drop_returns=False):
        self.write_to, self.read_from, self.drop_returns = write_to, read_from, drop_returns
        self.text, self.seen = "", 0

    def type(self, text):
        os.write(self.write_to, text.encode())

    def take(self, text):
        """What has come: for whoever wants more of it than to keep it."""
        self.text += text.replace("\r", "") if self.drop_returns else text

    def read(self):
        """Returns False at the end of all."""
        try:
            data = os.read(self.read_from, self.at_once)
        except OSError:  # how a terminal says that nobody is at its other end
            data = b""
        self.take(data.decode(errors="replace"))
        return data != b""

    def look(self):
        """Reads what there is, without waiting."""
        while select.select([self.read_from], [], [], 0)[0] and self.read():
            pass

    def more(self, limit):
        """Waits for what comes next; False: nothing will."""
        left = limit - time.monotonic()
        if left <= 0 or not select.select([self.read_from], [], [], left)[0]:
            raise Failed(f"no answer within {PATIENCE_S} s; it wrote last:\n{self.text[-1500:]!r}")
        return self.read()

    def wait(self, text):
        """Returns what came up to a text, that included."""
        limit = time.monotonic() + PATIENCE_S
        while (at := self.text.find(text, self.seen)) < 0:
            if not self.more(limit):
                raise Failed(f"it ended before {text!r}; it wrote last:\n{self.text[-1500:]!r}")
        start, self.seen = self.seen, at + len(text)
        return self.text[start:self.seen]

    def wait_for_end(self):
        limit = time.monotonic() + PATIENCE_S
        while self.more(limit):
            pass


# ---- Where programs run -----------------------------------------------------------------------------

def qemu(board, image, *flags):
    """The command that runs an image, its UART on standard input and output."""
    return ["qemu-system-arm", "-M", board, "-nographic", "-monitor", "none", "-serial", "stdio",
            "-semihosting-config", "enable=on,target=native", *flags, "-kernel", image]


@contextlib.contextmanager
def program(*command, **settings):
    """A process that is gone in the end."""
    with subprocess.Popen([str(word) for word in command],
                          **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE,
                             "stderr": subprocess.PIPE, **settings}) as process:
        try:
            yield process
        finally:
            process.kill()


def send_signal(process, number):
    """Sends a signal, and waits until the process has it: until then, another one would be no second one."""
    process.send_signal(number)
    limit = time.monotonic() + PATIENCE_S
    while process.poll() is None and waits_for_it(process.pid, number):
        check(time.monotonic() < limit, f"signal {number} is not taken within {PATIENCE_S} s")
        time.sleep(0.001)


def waits_for_it(pid, number):
    """Is that signal, sent to that process, still to come to one of its threads?"""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        return int(re.search(r"^ShdPnd:\t(\w+)$", status.read(), re.MULTILINE)[1], 16) >> (number - 1) & 1 == 1


def own_the_terminal():
    """Of the process: then Ctrl-C is for it, and it is told when the terminal goes away."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextlib.contextmanager
def on_a_terminal(*command, size=(25, 80), drop_returns=False, **settings):
    """A process on a terminal of its own. Yields it, its console and the terminal's file."""
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    try:
        with program(*command, stdin=far, stdout=far, start_new_session=True, preexec_fn=own_the_terminal,
                     **settings) as process:
            yield process, Console(near, near, drop_returns), far
    finally:
        os.close(near)
        os.close(far)


def path_of_pty(stream):
    """Where `--uart pty` says that the console is."""
    line = stream.readline().decode()
    check(line.startswith("kiln: uart: /dev/"), f"what is this: {line}")
    return line.split()[2]


def open_pty(path):
    """Its file, which has to be closed; it is as the program has set it up."""
    return os.open(path, os.O_RDWR | os.O_NOCTTY)
