"""One session of gdb in batch mode, with its output by command: on the host, on an image in QEMU, or
on such an image through openocd, which then has probe.py in place of hardware.
"""
import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/gdb"
EXTENSION = ROOT / "tools/kiln-gdb.py"
LOADED = ("-ex", "handle SIGALRM nostop noprint pass", "-x", EXTENSION)
MARK = "=== "

# Slowly, so that few ticks pass while gdb looks at what happens.
REAL = ("--clock", "real", "--speed", "0.1")
REAL_EMULATED = ("--clock", "real", "--speed", "0.04")
VIRTUAL = ("--clock", "virtual")


class Home:
    """Where an image runs, and what gdb talks to there."""

    def __init__(self, build, board, clock="virtual", variant="", openocd=False):
        self.board, self.clock, self.variant, self.openocd = board, clock, variant, openocd
        self.is_host = board == "host"
        self.is_native = self.is_host and variant != "aarch64"
        folder = "gdb-zoo" + (f"-{variant}" if variant else "")
        self.image = build / board / folder / f"gdb-zoo{'' if self.is_host else '.elf'}"
        self.name = " ".join(filter(None, [board, clock if self.is_host else "", variant,
                                           "through openocd" if openocd else ""]))

    def session(self, *commands):
        """Runs gdb from the image's first instruction; returns what each command wrote."""
        marked = []
        for command in commands:
            marked += ["-ex", f"echo {MARK}{command}\\n", "-ex", command.replace("START", self.start())]
        marked += ["-ex", f"echo {MARK}errors\\n"]  # gdb's other stream comes after all of these
        return by_command(self.natively(marked) if self.is_native else self.remotely(marked))

    def start(self):
        return "run" if self.is_native else "continue"

    def natively(self, commands):
        return run("gdb", "-q", "-batch", *LOADED, *commands, "--args", self.image,
                   *(VIRTUAL if self.clock == "virtual" else REAL))

    def remotely(self, commands):
        """gdb may not write to this target: neither memory nor registers."""
        settings = ("may-write-registers off", "may-write-memory off", "remotetimeout 60",
                    f"trust-readonly-sections {'on' if self.openocd else 'off'}")
        with tempfile.TemporaryDirectory() as folder, self.server(folder) as server:
            return run("gdb-multiarch", "-q", "-batch", *LOADED,
                       *(word for setting in settings for word in ("-ex", f"set {setting}")),
                       "-ex", f"target remote {server}", *commands, self.image)

    @contextlib.contextmanager
    def server(self, folder):
        """Gives the address of a server for gdb."""
        socket = pathlib.Path(folder, "gdb")
        flags = VIRTUAL if self.clock == "virtual" else REAL_EMULATED
        with qemu_user(self.image, flags, socket) if self.is_host else qemu_system(self.board, self.image, socket):
            with openocd(socket, folder) if self.openocd else contextlib.nullcontext(socket) as address:
                yield address


# ---- What gdb talks to ------------------------------------------------------------------------

@contextlib.contextmanager
def program(*command, log=subprocess.DEVNULL, **environment):
    """A program that runs until the end of the block."""
    with subprocess.Popen([str(word) for word in command], cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=log, stderr=log, env={**os.environ, **environment}) as process:
        try:
            yield
        finally:
            process.kill()


@contextlib.contextmanager
def qemu_system(board, image, socket):
    """A board at its image's first instruction."""
    with program("qemu-system-arm", "-M", board, "-kernel", image, "-display", "none",
                 "-icount", "shift=6,sleep=off", "-serial", "null", "-monitor", "none",
                 "-S", "-gdb", f"unix:{socket},server=on,wait=off"):
        wait_for(lambda: listens(socket))
        yield


@contextlib.contextmanager
def qemu_user(image, flags, socket):
    """A process of 64-bit Arm at its first instruction; without SVE, for gdb 13 does not understand
    the signal frames that QEMU 7.2 makes with it."""
    with program("qemu-aarch64", "-cpu", "cortex-a57", "-g", socket, image, *flags):
        wait_for(lambda: listens(socket))
        yield


@contextlib.contextmanager
def probe(server, folder):
    """A probe on the board behind that server; gives the socket of its pins."""
    pins = pathlib.Path(folder, "pins")
    with program(sys.executable, HERE / "probe.py", server, pins):
        wait_for(lambda: listens(pins))
        yield pins


@contextlib.contextmanager
def openocd(server, folder):
    """openocd on such a probe; gives the address of its server for gdb, a port of openocd's choice."""
    log = pathlib.Path(folder, "log")
    with open(log, "wb") as output, probe(server, folder) as pins, \
            program("openocd", "-c", "gdb_port 0; tcl_port disabled; telnet_port disabled",
                    "-f", HERE / "openocd.cfg", log=output, SOCKET=pins):
        yield f"localhost:{wait_for(lambda: PORT.search(log.read_text()))[1]}"


PORT = re.compile(r"Listening on port (\d+) for gdb connections")


def listens(path):
    """A socket has its path before somebody listens there; until then it refuses connections. Linux has both
    in /proc/net/unix, where a socket's flags say that it accepts connections: 0x10000."""
    rows = (line.split(maxsplit=7) for line in pathlib.Path("/proc/net/unix").read_text().splitlines()[1:])
    return any(row[-1] == str(path) and int(row[3], 16) & 0x10000 for row in rows)


def wait_for(condition):
    """Until there is what it gives, which is then returned."""
    end = time.monotonic() + 60
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError("what gdb should talk to does not begin")
        time.sleep(0.02)
    return found


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
