#!/usr/bin/env python3
"""Tests of tools/monitor.py and of --monitor, from outside.

usage: monitor.py BUILD_DIRECTORY, with lab-busy/, lab-zoo/, lab-zoo-unlisted/, lab-ticker/ and
lab-inversion/ in it.
Prints TAP.
"""
import fcntl
import os
import pathlib
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import case, check, run_cases

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1]).resolve()
MONITOR = [sys.executable, str(ROOT / "tools/monitor.py")]
BUSY, ZOO, TICKER, INVERSION = (BUILD / f"lab-{app}/lab-{app}" for app in ("busy", "zoo", "ticker", "inversion"))
ENTER, LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
ROWS, COLUMNS = 16, 60


def run(*command, status=0, **settings):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, check=False, **settings)
    check(done.returncode == status, f"{command}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def monitor(*words, status=0):
    return run(*MONITOR, *words, status=status)


def blocks_of(text):
    """The snapshots of plain output: the time of each, and its rows by task."""
    found = []
    for line in text.splitlines():
        if re.fullmatch(r"at \d+\.\d{3} s", line):
            found.append((float(line.split()[1]), {}))
        elif found and not line.startswith("|"):
            found[-1][1][line.split()[0]] = re.split(r"  +", line)
    return found


# ---- What is shown --------------------------------------------------------------------------------

@case
def rows_show_what_tasks_do():
    shown = blocks_of(monitor("--interval", "1s", ZOO, "--clock", "virtual", "--until", "2500ms").stdout)
    check([at for at, _ in shown] == [1.0, 2.0], f"{shown}")
    for number, (_, rows) in enumerate(shown, 1):
        for task, state, priority, waits in (
                ("taker", "blocked", "12", "semaphore items"), ("receiver", "blocked", "12", "queue, to receive mail"),
                ("listener", "blocked", "12", "flags events"), ("allocator", "blocked", "12", "pool blocks"),
                ("sleeper", "blocked", "12", "sleep"), ("middle", "blocked", "9", "mutex first"),
                ("joiner", "blocked", "12", "join outer")):
            row = rows[task]
            check(row[1:4] == [state, priority, "0.0"] and row[6:] == ["624", waits], f"{row}")
        check(rows["idler"][1] == "suspended" and rows["newcomer"][1] == "new", f"{rows}")
        check({rows["busy"][1], rows["multiplier"][1]} == {"ready", "running"}, f"{rows}")
        check(rows["busy"][3] == rows["multiplier"][3] == "50.0", f"{rows}")
        check(rows["busy"][4] == str(250 * number), f"switches: {rows['busy']}")
        check(list(rows)[-1] == "idle" and rows["idle"][3] == "0.0", f"{list(rows)}")


@case
def cpu_time_is_that_of_the_interval():
    out = monitor("--interval", "500ms", TICKER, "--clock", "virtual", "--until", "3s")
    for _, rows in blocks_of(out.stdout):
        total = sum(float(row[3]) for name, row in rows.items() if name != "task")
        check(99.5 < total < 100.5, f"{total} %: {rows}")
        check(float(rows["busy_task"][3]) > 5 and float(rows["clock_task"][3]) < 5, f"{rows}")
    check([line for line in out.stdout.splitlines() if line[0] == "|"][:30]
          == [f"| at {ms} ms" for ms in range(0, 3000, 100)], out.stdout)
    check("stopped after 3.000 s" in out.stderr, out.stderr)


@case
def an_interval_has_no_time_of_the_one_before():
    """The inversion app makes its tasks anew for each of its runs."""
    out = monitor("--interval", "50ms", INVERSION, "--clock", "virtual", "--until", "120ms")
    low = [(row[3], row[1]) for _, rows in blocks_of(out.stdout) for name, row in rows.items() if name == "low"]
    high = [row[3] for _, rows in blocks_of(out.stdout) for name, row in rows.items() if name == "high"]
    check(low == [("24.0", "running"), ("0.0", "ready")] and high == ["0.0", "6.0"], f"{low} {high}")


@case
def in_real_time_it_shows_as_much():
    out = monitor("--interval", "100ms", TICKER, "--until", "600ms")
    times = [at for at, _ in blocks_of(out.stdout)]
    check(times and times == sorted(times) and re.search(r"^\| at \d+ ms$", out.stdout, re.MULTILINE), out.stdout)
    states = [rows["lazy_task"][1] for _, rows in blocks_of(out.stdout)]  # ready: where the first tick is a late one
    check(set(states[1:]) <= {"suspended"} and states[0] in ("suspended", "ready"), out.stdout)


# ---- What is not changed ---------------------------------------------------------------------------

@case
def a_run_in_virtual_time_is_the_same_with_a_monitor():
    with tempfile.TemporaryDirectory() as folder:
        for image in (BUSY, ZOO, TICKER):
            for flags in ([], ["--nest"], ["--speed", "200"]):
                flags = ["--clock", "virtual", "--until", "1s", *flags]
                for name in ("alone", "watched"):
                    command = [] if name == "alone" else [*MONITOR, "--interval", "3ms"]
                    run(*command, image, *flags, "--trace", f"{folder}/{name}")
                one, other = (pathlib.Path(folder, name).read_text() for name in ("alone", "watched"))
                check(one.count("\n") > 100 and one == other, f"{image} {flags}: another trace")


@case
def a_watched_run_is_recorded_and_a_replay_watched():
    with tempfile.TemporaryDirectory() as folder:
        log, one, other = (f"{folder}/{name}" for name in ("log", "one", "other"))
        monitor("--interval", "5ms", BUSY, "--record", log, "--trace", one, "--until", "300ms")
        for command in ([], [*MONITOR, "--interval", "7ms"]):
            run(*command, BUSY, "--replay", log, "--trace", other)
            check(pathlib.Path(one).read_text() == pathlib.Path(other).read_text(), f"{command}: another trace")


@case
def a_viewer_that_is_gone_is_not_missed():
    """Also at a socket of a kind that has a signal for that."""
    for kind in (socket.SOCK_SEQPACKET, socket.SOCK_STREAM):
        ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
        ours.close()
        for clock in ("virtual", "real"):
            run(ZOO, "--clock", clock, "--until", "200ms", "--monitor", f"{theirs.fileno()}:5",
                pass_fds=[theirs.fileno()])


@case
def a_slow_viewer_misses_nothing_in_virtual_time():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with subprocess.Popen([ZOO, "--clock", "virtual", "--until", "2s", "--monitor", f"{theirs.fileno()}:1"],
                          pass_fds=[theirs.fileno()], stderr=subprocess.DEVNULL):
        theirs.close()
        time.sleep(0.5)  # more than the socket holds has come by then
        times = [int(message.split(b"\n")[0]) for message in iter(lambda: ours.recv(65536), b"")]
    check(times == [ms * 10**6 for ms in range(1, 2001)], f"{len(times)}: {times[:3]}...{times[-3:]}")


@case
def virtual_time_goes_at_a_given_speed():
    start = time.monotonic()
    monitor("--interval", "100ms", ZOO, "--clock", "virtual", "--speed", "0.4", "--until", "1s")
    check(time.monotonic() - start >= 2, f"{time.monotonic() - start} s")


# ---- On a terminal ---------------------------------------------------------------------------------

class Terminal:
    """Another process on a terminal of its own."""

    def __init__(self, *command):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.environ.pop("COLUMNS", None)
            os.environ.pop("LINES", None)
            os.execvp(command[0], [str(word) for word in command])
        self.settings = termios.tcgetattr(self.terminal)
        self.text = ""

    def read_until(self, done):
        """True when that came; False when the end did."""
        end = time.monotonic() + 60
        while not done(self.text) and time.monotonic() < end:
            try:
                self.text += os.read(self.terminal, 65536).decode()
            except OSError:
                return False
        return done(self.text)

    def finish(self):
        """Its exit status, once it has written everything."""
        self.read_until(lambda text: False)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


def has_shown_400_ms(text):
    """And all tasks where they wait. In real time a line may come late, and several with it."""
    return re.search(r"^lazy_task +suspended ", text, re.MULTILINE) and \
        any(int(ms) >= 400 for ms in re.findall(r"at (\d+) ms", text))


def screens(text):
    """What was to be seen, each time it was drawn."""
    return [part.partition("\x1b[J")[0].replace("\x1b[K", "").split("\r\n") for part in text.split("\x1b[H")[1:]]


@case
def on_a_terminal_it_is_drawn_until_ctrl_c():
    for flags in ([], ["--clock", "virtual", "--speed", "1"]):
        on = Terminal(*MONITOR, TICKER, *flags)
        check(on.read_until(has_shown_400_ms), on.text)
        os.write(on.terminal, b"\x03")
        status = on.finish()
        check(status == 0, f"{flags}: exit status {status}: {on.text[-2000:]}")
        check(on.text.startswith(ENTER) and on.text.count(LEAVE) == 1, on.text)
        check("stopped after" in on.text.partition(LEAVE)[2], on.text[-1500:])
        check_screen(screens(on.text.partition(LEAVE)[0])[-1])


def check_screen(lines):
    check(len(lines) <= ROWS and all(len(line) <= COLUMNS for line in lines), f"{lines}")
    check(lines[0].startswith("lab-ticker") and re.fullmatch(r"at \d+\.\d{3} s", lines[1]), f"{lines}")
    rule = lines.index("-" * COLUMNS)
    rows = {line.split()[0]: line.split() for line in lines[3:rule]}
    check(set(rows) == {"clock_task", "busy_task", "lazy_task", "idle"}, f"{lines}")
    check(rows["lazy_task"][1] == "suspended" and rows["clock_task"][1] in ("blocked", "ready", "running"), f"{lines}")
    below = [int(line.split()[1]) for line in lines[rule + 1:]]
    check(below and below == sorted(below) and below[-1] >= 400, f"the console: {lines}")


@case
def a_signal_from_elsewhere_ends_it_as_well():
    for number, wanted in ((signal.SIGINT, 0), (signal.SIGTERM, 143)):
        on = Terminal(*MONITOR, TICKER)
        check(on.read_until(has_shown_400_ms), on.text)
        os.kill(on.process, number)
        status = on.finish()
        check(status == wanted and on.text.count(LEAVE) == 1, f"{number}: {status}: {on.text[-500:]}")


# ---- Trouble ---------------------------------------------------------------------------------------

@case
def what_cannot_be_is_refused():
    for value in ("x", "3", "3:", "-1:5", "3:0", "3:1e9", "3:5x"):
        done = run(ZOO, "--monitor", value, status=2)
        check("--monitor must be" in done.stderr and "usage:" in done.stderr, done.stderr)
    for value in ("soon", "0", "2000s", "-1"):
        done = run(*MONITOR, f"--interval={value}", ZOO, status=2)
        check("like 200ms" in done.stderr, done.stderr)
    unlisted = BUILD / "lab-zoo-unlisted/lab-zoo"
    check("KILN_CFG_TASK_LIST" in monitor(unlisted, status=2).stderr, "no list")
    done = monitor(ZOO, "--nonsense", status=2)
    check("nonsense" in done.stderr, done.stderr)


run_cases()
