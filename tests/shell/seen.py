"""A shell that is seen and not heard: it is on the board's display, and what it wrote is read from
pictures of that. A user in a window types with the keys of an X server; a script types in virtual
time, for nobody to see.
"""
import os
import pathlib
import subprocess
import tempfile
import time

from cases import Failed, check
from console import PATIENCE_S, Console
from desk.picture import Shown, read_png
from desk.xserver import picture_of
from session import CTRL_L, PROMPT

# What a terminal sends for a key, and the key's name on an X keyboard and in a script.
KEYS = {"\x1b[A": ("Up", "Up"), "\x1b[B": ("Down", "Down"), "\x1b[C": ("Right", "Right"),
        "\x1b[D": ("Left", "Left"), "\x1b[H": ("Home", "Home"), "\x1b[F": ("End", "End"),
        "\x1b[3~": ("Delete", "Delete"), "\r": ("Return", "Enter"), "\t": ("Tab", "Tab"),
        "\b": ("BackSpace", "Backspace"), "\x1b": ("Escape", "Escape"), " ": ("space", "Space")}


def split_keys(text):
    """The keys that type a text, each as what it sends."""
    while text:
        key = next((key for key in KEYS if text.startswith(key)), text[0])
        text = text[len(key):]
        yield key


def with_ctrl(key):
    """The letter that sends a control character together with Ctrl, or None."""
    return chr(ord(key) + 96) if len(key) == 1 and key < " " else None


def is_line(row):
    """Where a line was typed, if nothing but a prompt."""
    return row.startswith(PROMPT.rstrip())


class SeenSession:
    """A session as in session.py, by what is on the display.

    The display's text takes the place of what a console sends. It may change anywhere, so what was
    seen of it is what has been waited for and is still the same."""

    def __init__(self):
        self.screen, self.text, self.seen = None, "", 0

    def note(self, screen):
        """Of two pictures in which only the cursor differs, the one in which it is lit counts."""
        if self.screen is not None and not screen.shows_cursor and screen.rows == self.screen.rows:
            return
        text = screen.text()
        self.seen = min(self.seen, len(os.path.commonprefix([text, self.text])))
        self.screen, self.text = screen, text

    def begin(self):
        self.wait(PROMPT)
        self.clear()

    def clear(self):
        """So that the display has room, and shows nothing that is like what will come."""
        self.type(CTRL_L)
        self.wait_screen(lambda screen: screen.text() == PROMPT, "an empty screen")

    def wait_for(self, condition, what):
        for screen in self.looks():
            self.note(screen)
            if condition():
                return
        raise Failed(f"{what} did not come; the display shows:\n{self.text}")

    def wait(self, text):
        if self.text.find(text, self.seen) < 0:
            self.wait_for(lambda: self.text.find(text, self.seen) >= 0, repr(text))
        start, self.seen = self.seen, self.text.index(text, self.seen) + len(text)
        return self.text[start:self.seen]

    def wait_screen(self, condition, what):
        self.wait_for(lambda: condition(self.screen), what)
        self.seen = len(self.text)

    def answer(self, line):
        """All that the display shows from the row of a line on, once it was run, but the prompt. To
        clear takes time, so a display that is almost empty will do."""
        if self.text.count("\r\n") > 4:
            self.clear()
        first = self.text.count("\r\n")
        self.type(line + "\r")
        self.wait("\r\n")
        self.wait(PROMPT)
        return self.text[:-len(PROMPT)].split("\r\n")[first:-1]

    def run(self, line):
        rows = self.answer(line)
        check(is_line(rows[0]), f"{line}: more than the display holds:\n{self.text}")
        return rows[1:]

    def run_long(self, line):
        """An output of up to 40 rows, which is the same each time: in two parts."""
        self.clear()
        head = self.run(f"{line} | head 20")
        self.clear()
        rows = self.answer(line)
        if is_line(rows[0]):
            return rows[1:]
        check(rows[0] in head, f"{line}: more than 40 rows")
        return head[:head.index(rows[0])] + rows

    def run_on_console(self, line, text):
        check(self.run(line) == [], f"{line}: something is on the display")
        self.wait_on_console(text + "\n")


class WindowSession(SeenSession):
    """In a window on an X server."""

    def __init__(self, server, command):
        super().__init__()
        self.server = server
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        env={**os.environ, "DISPLAY": server.name})
        self.console = Console(None, self.process.stdout.fileno(), drop_returns=True)
        self.window = None

    def begin(self):
        self.window = self.server.window()
        super().begin()

    def close(self):
        """The server notices later; the next session is not to find this window."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        limit = time.monotonic() + PATIENCE_S
        while self.server.find_window() is not None and time.monotonic() < limit:
            time.sleep(0.01)

    def type(self, keys):
        for key in split_keys(keys):
            if key in KEYS:
                self.server.key(KEYS[key][0])
            elif with_ctrl(key) is not None:
                self.server.key(with_ctrl(key), "Control_L")
            else:
                self.server.type(key)

    def looks(self):
        limit, last = time.monotonic() + PATIENCE_S, None
        while time.monotonic() < limit:
            image = self.server.image(self.window)
            if image != last:
                last = image
                yield Shown(picture_of(image))
            time.sleep(0.01)

    def wait_on_console(self, text):
        self.console.wait(text)

    def end(self):
        return self.process.wait(timeout=PATIENCE_S)


class ScriptSession(SeenSession):
    """With keys out of a file, in virtual time. All runs are the same, so each look at the display is
    the end of a new one, which goes a little further than the one before."""

    STEPS_MS = (10, 40, 200, 1000, 5000)  # until something is there

    def __init__(self, command):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.script, self.picture = (pathlib.Path(self.folder.name, name) for name in ("script", "picture"))
        self.command = [*command, "--keys", self.script, "--screenshot", self.picture]
        self.now_ms, self.typed = 0, ""
        self.output = ""

    def close(self):
        self.folder.cleanup()

    def type(self, keys):
        for key in split_keys(keys):
            if key in KEYS:
                press = f"press {KEYS[key][1]}"
            elif with_ctrl(key) is not None:
                press = f"press Ctrl+{with_ctrl(key)}"
            else:
                press = 'type "' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
            self.typed += f"{self.now_ms}ms {press}\n"
            self.now_ms += 5  # for its codes: at most two of two bytes

    def start(self, last_line):
        self.script.write_text(self.typed + last_line)
        done = subprocess.run([str(word) for word in self.command], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=PATIENCE_S, check=False)
        check(done.returncode >= 0, done.stderr)
        self.output = done.stdout
        return done.returncode

    def looks(self):
        for step_ms in self.STEPS_MS:
            self.now_ms += step_ms
            check(self.start(f"{self.now_ms}ms close\n") == 0, "it has ended")
            yield Shown(read_png(self.picture))

    def clear(self):
        """Nobody has to look at that."""
        self.type(CTRL_L)
        self.text, self.seen = PROMPT, len(PROMPT)

    def wait_on_console(self, text):
        check(text in self.output, f"no {text!r}: {self.output}")

    def end(self):
        return self.start("")
