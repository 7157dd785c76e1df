"""A console on which something is printed all the time: neither that nor what commands write is torn."""
import re

from cases import check
from script import only_on
from session import ANSI, PROMPT

NOISY = []
TIMES = 20


def noisy(function):
    """A case, on one home of each kind."""
    NOISY.append(only_on("host-virtual", "host-coverage", "microbit", "mps2-an385")(function))
    return function


@noisy
def rows_and_printed_texts_stay_whole(session):
    rows = session.run("help")
    session.type("run noise\r")
    session.wait(">>>>\r\n")
    session.type("ring\r")
    session.wait("<<<<timer>>>>\r\n")
    begin = len(session.text)
    for _ in range(TIMES):
        session.type("help\r")
        session.wait(rows[-1])
        session.wait(PROMPT)
    lines = [line.rstrip("\r") for line in ANSI.sub("", session.text[begin:]).split("\n")[:-1]]
    noise = {"<<<<noisy>>>>", "<<<<timer>>>>"}
    for row in rows:
        check(lines.count(row) == TIMES, f"{lines.count(row)} times: {row}")
    # Only the row that is edited is written piece by piece.
    torn = [line for line in lines if "<" in line and not re.fullmatch("(kiln> )?h?e?l?p?<<<<(noisy|timer)>>>>", line)]
    check(not torn, f"{torn}")
    check(sum(line in noise for line in lines) > TIMES, "it was quiet")
