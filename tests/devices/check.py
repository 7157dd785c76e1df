#!/usr/bin/env python3
"""The console as a stream, from outside: one script over the UART of each board in QEMU, and on the
host over a pipe, a terminal and a pseudo-terminal; the terminal's modes; and the board's storage.

usage: check.py BUILD_DIRECTORY BOARD..., with <board>/echo/, <board>/blinky/ and
host/keeper/ in it. Prints TAP.
"""
import contextlib
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import CASES, case, check, run_cases
from console import PATIENCE_S, Console, on_a_terminal, open_pty, path_of_pty, program, qemu, send_signal

BUILD = pathlib.Path(sys.argv[1]).resolve()
BOARDS = sys.argv[2:]
ECHO, KEEPER = BUILD / "host/echo/echo", BUILD / "host/keeper/keeper"


def console_of(process):
    return Console(process.stdin.fileno(), process.stdout.fileno(), drop_returns=True)


def ask(console, line, answer, end="\n"):
    console.type(line + end)
    console.wait(answer + "\n")


def next_word(console):
    """The next word of a line."""
    return console.wait("\n").split()[0]


def converse(console, loses):
    """The script. `loses`: the device cannot hold back what the program has no room for."""
    ask(console, "hello", "5 hello")
    ask(console, "", "0 ")
    ask(console, "with a return", "13 with a return", end="\r")
    for number in range(20):
        ask(console, f"line {number}", f"{len(f'line {number}')} line {number}")
    console.type("two\nlines\n")
    console.wait("3 two\n5 lines\n")
    console.type("nap\n" + "z" * 300)
    console.wait("lost ")
    lost = int(next_word(console))
    check((lost > 0) == loses, f"{lost} bytes were lost")
    ask_again(console, "", f"79 {'z' * 79}")
    for word in ("again", "and again"):
        ask(console, "restart", "ready")
        ask(console, word, f"{len(word)} {word}")


def ask_again(console, line, answer):
    """The device may still be full, and lose the line."""
    end = time.monotonic() + PATIENCE_S
    while console.text.find(answer + "\n", console.seen) < 0:
        check(time.monotonic() < end, f"no {answer!r} in time, but {console.text[console.seen:]!r}")
        console.type(line + "\n")
        time.sleep(0.2)
        console.look()


def finish(console, process, status=0):
    console.type("end\n")
    console.wait("done\n")
    check(process.wait(timeout=PATIENCE_S) == status, f"ended with status {process.returncode}")


# ---- Boards -------------------------------------------------------------------------------------

def on_board(board):
    with program(*qemu(board, BUILD / board / "echo/echo.elf")) as process:
        console = console_of(process)
        console.wait("ready\n")
        converse(console, loses=True)
        finish(console, process)


for name in BOARDS:
    CASES.append((f"the script over the UART of {name}", lambda name=name: on_board(name)))


# ---- Lights -------------------------------------------------------------------------------------

# Where an emulated board keeps its first light: the register, and the bit.
LIGHTS = {"microbit": (0x50000504, 7), "mps2-an385": (0x40028000, 0), "mps2-an505": (0x50302000, 0)}


def blinks(board):
    """QEMU's monitor shows the register, as the processor sees it, while blinky turns the light on and off."""
    register, bit = LIGHTS[board]
    command = ["qemu-system-arm", "-M", board, "-display", "none", "-serial", "null",
               "-monitor", "stdio", "-kernel", BUILD / board / "blinky/blinky.elf"]
    with program(*command) as process:
        console, seen, end = console_of(process), set(), time.monotonic() + PATIENCE_S
        while seen != {0, 1} and time.monotonic() < end:
            console.type(f"x /1wx {register:#x}\n")
            console.wait(f"{register:08x}: ")
            seen.add(int(next_word(console), 16) >> bit & 1)
            time.sleep(0.1)
        check(seen == {0, 1}, f"the light is always {seen}")


for name in LIGHTS:
    CASES.append((f"blinky's light on {name}", lambda name=name: blinks(name)))


# ---- Standard input and output ------------------------------------------------------------------

def over_a_pipe(*flags):
    with program(ECHO, *flags) as process:
        console = console_of(process)
        console.wait("ready\n")
        converse(console, loses=False)
        finish(console, process)


@case
def the_script_over_a_pipe():
    over_a_pipe()


@case
def the_script_over_a_pipe_in_virtual_time():
    over_a_pipe("--clock", "virtual")


def output(*command, text="", status=0):
    done = subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True,
                          timeout=PATIENCE_S, check=False)
    check(done.returncode == status, f"ended with status {done.returncode}: {done.stderr}")
    return done.stdout


@case
def nothing_of_a_long_input_is_lost():
    lines = [f"line {n}" for n in range(3000)]
    expected = "".join(f"{text}\n" for text in ["ready", *(f"{len(t)} {t}" for t in lines), "done"])
    for clock in ("real", "virtual"):
        got = output(ECHO, "--clock", clock, text="\n".join(lines) + "\n")
        check(got == expected, f"{clock}: {len(got)} bytes of {len(expected)}")


@case
def the_end_of_the_input_is_no_deadlock():
    for clock in ("real", "virtual"):
        for stdin in (subprocess.DEVNULL, None):
            closed = {"preexec_fn": lambda: os.close(0)} if stdin is None else {}
            done = subprocess.run([ECHO, "--clock", clock], stdin=stdin, capture_output=True, text=True,
                                  timeout=PATIENCE_S, check=False, **closed)
            check(done.returncode == 0 and done.stdout == "ready\ndone\n",
                  f"{clock}: {done.returncode} {done.stdout!r} {done.stderr}")


@case
def a_wait_after_the_end_of_the_input_is_one():
    done = subprocess.run([ECHO, "--clock", "virtual"], input="linger\nmore\n", capture_output=True,
                          text=True, timeout=PATIENCE_S, check=False)
    check(done.returncode == 1 and "every task is blocked for ever" in done.stderr, done.stderr)


# ---- A terminal ---------------------------------------------------------------------------------

def modes(terminal):
    return termios.tcgetattr(terminal)[3] & (termios.ICANON | termios.ECHO)


def settings_of_a_new_one():
    ends = pty.openpty()
    settings = termios.tcgetattr(ends[1])
    for end in ends:
        os.close(end)
    return settings


def ends_on_a_terminal(end, statuses):
    """`end` ends the program somehow: the terminal is as it was then."""
    with on_a_terminal(ECHO, drop_returns=True) as (process, console, terminal):
        console.wait("ready\n")
        check(modes(terminal) == 0, "the terminal is not raw")
        end(console, process)
        process.wait(timeout=PATIENCE_S)
        check(process.returncode in statuses, f"ended with status {process.returncode}")
        check(termios.tcgetattr(terminal) == settings_of_a_new_one(), "the terminal is not as it was")


@case
def the_script_over_a_terminal():
    def end(console, process):
        converse(console, loses=False)
        finish(console, process)
    ends_on_a_terminal(end, [0])


@case
def the_terminal_is_restored_after_ctrl_c():
    ends_on_a_terminal(lambda console, process: console.type("\x03"), [0])


@case
def the_terminal_is_restored_after_signals():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGABRT):
        ends_on_a_terminal(lambda console, process, number=number: process.send_signal(number), [-number])


@case
def the_terminal_is_restored_after_a_fault():
    def end(console, process):  # a handler that returns is called again, by a fault; not so by a signal
        send_signal(process, signal.SIGSEGV)
        process.send_signal(signal.SIGSEGV)
    ends_on_a_terminal(end, [-signal.SIGSEGV])


# ---- A pseudo-terminal --------------------------------------------------------------------------

@contextlib.contextmanager
def attached(path):
    file = open_pty(path)
    try:
        yield Console(file, file, drop_returns=True)
    finally:
        os.close(file)


@contextlib.contextmanager
def on_a_pty(*flags):
    with program(ECHO, "--uart", "pty", *flags, stdin=subprocess.DEVNULL) as process:
        yield process, path_of_pty(process.stderr)


def over_a_pty(*flags):
    with on_a_pty(*flags) as (process, path):
        with attached(path) as console:
            converse(console, loses=False)
            finish(console, process)
        return process.stdout.read().decode()


@case
def the_script_over_a_pty():
    check(over_a_pty() == "", "something came out of standard output")


@case
def the_script_over_a_pty_in_virtual_time():
    over_a_pty("--clock", "virtual")


@case
def programs_attach_to_a_pty_and_detach():
    with on_a_pty() as (process, path):
        for number in range(3):
            with attached(path) as console:
                ask(console, f"visit {number}", f"7 visit {number}")
            time.sleep(0.1)
        check(process.poll() is None, "ended with its visitor")
        with attached(path) as console:
            finish(console, process)


@case
def what_nobody_reads_is_gone():
    with on_a_pty() as (process, path):
        with attached(path) as console:
            console.type("x\n" * 2000 + "nap\n")
        time.sleep(1)
        with attached(path) as console:
            ask(console, "still here", "10 still here")
            finish(console, process)


# ---- Recorded -----------------------------------------------------------------------------------

@case
def runs_with_a_console_are_repeated():
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "log")
        first = output(ECHO, "--record", log, text="one\ntwo\nnap\nend\n")
        check(output(ECHO, "--replay", log) == first, "another output")
        over_a_pty("--record", log)
        again = output(ECHO, "--uart", "pty", "--replay", log)
        check(again.startswith("ready\n5 hello\n0 \n") and again.endswith("done\n"), again)


# ---- Storage and the date -----------------------------------------------------------------------

def start_of(*flags):
    found = re.fullmatch(r"start (\d+), (\d+) bytes, at (\d+)\n", output(KEEPER, *flags))
    check(found, "a check of the program failed")
    return tuple(map(int, found.groups()))


@case
def storage_in_memory_is_erased_at_each_start():
    for _ in range(2):
        check(start_of("--clock", "virtual") == (1, 262144, 946684800), "not the same each time")


@case
def storage_in_a_file_is_kept():
    with tempfile.TemporaryDirectory() as folder:
        flash, log = pathlib.Path(folder, "flash"), pathlib.Path(folder, "log")
        for count in (1, 2):
            check(start_of("--clock", "virtual", "--storage", flash)[0] == count, "not kept")
        third = start_of("--storage", flash, "--record", log)
        check(third[0] == 3 and abs(third[2] - time.time()) < 60, f"another date: {third}")
        contents = flash.read_bytes()
        check(start_of("--storage", flash, "--replay", log) == third, "a replay found something else")
        check(flash.read_bytes() == contents, "a replay wrote to the file")


@case
def storage_that_is_none_is_refused():
    with tempfile.TemporaryDirectory() as folder:
        short = pathlib.Path(folder, "short")
        short.write_bytes(b"x")
        fifo = pathlib.Path(folder, "fifo")
        os.mkfifo(fifo)
        for path in (short, folder, fifo, "/dev/null"):
            done = subprocess.run([KEEPER, "--storage", path], capture_output=True, text=True, timeout=60,
                                  stdin=subprocess.DEVNULL, check=False)
            check(done.returncode == 2 and f"'{path}'" in done.stderr, f"{path}: {done.returncode}: {done.stderr}")


run_cases()
