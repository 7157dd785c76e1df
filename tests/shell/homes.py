"""Where the shell runs: on the host and in QEMU, and what a session on each is."""
import contextlib
import functools
import pathlib

from console import qemu
from desk.xserver import Server
from seen import ScriptSession, WindowSession
from session import Session

ROOT = pathlib.Path(__file__).resolve().parents[2]
# On the host, the flags of each. The others are boards.
HOST_FLAGS = {"host-virtual": ["--headless", "--clock", "virtual"],
              "host-real": ["--headless", "--clock", "real"],
              "host-pty": ["--headless", "--clock", "real", "--uart", "pty"],
              "host-coverage": ["--headless", "--clock", "virtual"],
              "host-script": ["--headless", "--clock", "virtual"],
              "host-window": ["--clock", "real"]}
# There the machine has a say in what takes how long.
IN_REAL_TIME = ("host-real", "host-pty", "host-window")
servers = contextlib.ExitStack()  # the X server, once a window has asked for it


@functools.cache
def server():
    return servers.enter_context(Server())


def image(board, app, variant="test"):
    return ROOT / "build" / board / f"{app}-{variant}" / (app if board == "host" else f"{app}.elf")


def session_on(home, app, variant):
    """A board's idle time takes none, as in virtual time on the host. There a case sees its screen after
    every character, so that it also sees all that are half drawn."""
    if home not in HOST_FLAGS:
        session = Session(qemu(home, image(home, app), "-icount", "shift=6,sleep=off"))
        session.at_once = 1
        return session
    command = [image("host", app, variant), *HOST_FLAGS[home]]
    if home == "host-window":
        return WindowSession(server(), command)
    if home == "host-script":
        return ScriptSession(command)
    return Session(command)


@contextlib.contextmanager
def start(home, app="shell", variant="test"):
    """A session on a home, at its first prompt."""
    session = session_on(home, app, "coverage" if home == "host-coverage" else variant)
    try:
        if home == "host-pty":
            session.attach()
        session.begin()
        yield session
    finally:
        session.close()
