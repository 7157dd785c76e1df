"""Where the shell runs: on the host and in QEMU, and what a session on each is."""
import contextlib
import pathlib

from console import qemu
from session import Session

ROOT = pathlib.Path(__file__).resolve().parents[2]
# On the host, the flags of each. The others are boards.
HOST_FLAGS = {"host-virtual": ["--headless", "--clock", "virtual"],
              "host-real": ["--headless", "--clock", "real"],
              "host-pty": ["--headless", "--clock", "real", "--uart", "pty"]}
# There the machine has a say in what takes how long.
IN_REAL_TIME = ("host-real", "host-pty")


def image(board, app, sanitised=False):
    variant = "sanitised" if sanitised else "test"
    return ROOT / "build" / board / f"{app}-{variant}" / (app if board == "host" else f"{app}.elf")


def session_on(home, app, sanitised=False):
    """A board's idle time takes none, as in virtual time on the host."""
    if home not in HOST_FLAGS:
        return Session(qemu(home, image(home, app), "-icount", "shift=6,sleep=off"))
    return Session([image("host", app, sanitised), *HOST_FLAGS[home]])


@contextlib.contextmanager
def start(home, app="shell", sanitised=False):
    """A session on a home, at its first prompt."""
    session = session_on(home, app, sanitised)
    try:
        if home == "host-pty":
            session.attach()
        session.begin()
        yield session
    finally:
        session.close()
