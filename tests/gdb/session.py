"""One session of gdb in batch mode, on the host or on an image in QEMU, with its output by command.
"""
import pathlib
import re
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "tools/kiln-gdb.py"
MARK = "=== "


class Home:
    """Where an image runs."""

    def __init__(self, build, board, clock="virtual", variant=""):
        self.board, self.clock = board, clock
        folder = "gdb-zoo" + (f"-{variant}" if variant else "")
        suffix = "" if board == "host" else ".elf"
        self.image = build / board / folder / f"gdb-zoo{suffix}"
        self.name = " ".join(filter(None, [board, clock if board == "host" else "", variant]))
        self.is_host = board == "host"

    def session(self, *commands):
        """Runs gdb from the image's first instruction; returns what each command wrote."""
        marked = []
        for command in commands:
            marked += ["-ex", f"echo {MARK}{command}\\n", "-ex", command.replace("START", self.start())]
        marked += ["-ex", f"echo {MARK}errors\\n"]  # gdb's other stream comes after all of these
        return by_command(self.on_host(marked) if self.is_host else self.in_qemu(marked))

    def start(self):
        return "run" if self.is_host else "continue"

    def on_host(self, commands):
        return run("gdb", "-q", "-batch", "-ex", "handle SIGALRM nostop noprint pass", "-x", EXTENSION,
                   *commands, "--args", self.image, "--clock", self.clock)

    def in_qemu(self, commands):
        """gdb may not write to this target: neither memory nor registers."""
        with tempfile.TemporaryDirectory() as folder:
            socket = pathlib.Path(folder, "gdb")
            with subprocess.Popen(
                    ["qemu-system-arm", "-M", self.board, "-kernel", self.image, "-display", "none",
                     "-icount", "shift=6,sleep=off",
                     "-serial", "null", "-monitor", "none", "-S", "-gdb", f"unix:{socket},server=on,wait=off"],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as qemu:
                try:
                    wait_for(socket)
                    return run("gdb-multiarch", "-q", "-batch", "-x", EXTENSION,
                               "-ex", "set may-write-registers off", "-ex", "set may-write-memory off",
                               "-ex", f"target remote {socket}", *commands, self.image)
                finally:
                    qemu.kill()


def wait_for(path):
    end = time.monotonic() + 60
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.02)


def run(*command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=ROOT,
                            timeout=300, stdin=subprocess.DEVNULL, check=False)
    return result.stdout + result.stderr


def by_command(out):
    parts = re.split(rf"^{MARK}(.*)\n", out, flags=re.MULTILINE)
    found = {"": parts[0]}
    for command, text in zip(parts[1::2], parts[2::2]):
        found[command] = found.get(command, "") + text
    return found


# ---- What the commands print -------------------------------------------------------------------

def frames(text):
    """A backtrace: functions with the line of the source in the zoo's main.c, or None elsewhere."""
    found = []
    for line in text.splitlines():
        frame = re.match(r"#\d+ +(?:0x[0-9a-f]+ in )?(<signal handler called>|\w*)", line)
        if frame:
            place = re.search(r" at \S*tests/gdb/zoo/main\.c:(\d+)$", line)
            found.append((frame[1], int(place[1]) if place else None))
    return found


def backtraces(text):
    """The output of `kiln bt all`, by task."""
    found = {}
    for part in re.split(r"^task (?=\w+: )", text, flags=re.MULTILINE)[1:]:
        found[part.partition(":")[0]] = frames(part)
    return found


def row_of(text, task):
    """The words of a task's row; empty when it has none."""
    found = re.search(rf"^[* ]*{task} .*$", text, re.MULTILINE)
    return found[0].split() if found else []
