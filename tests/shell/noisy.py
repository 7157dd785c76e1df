"""A console on which something is printed all the time: neither that nor what commands write is torn."""
import fcntl
import re

from cases import check
from script import LEFT, only_on
from session import ANSI, PROMPT

NOISY = []
TIMES = 20


def noisy(function):
    """A case, on one home of each kind."""
    NOISY.append(only_on("host-virtual", "host-coverage", "microbit", "mps2-an385")(function))
    return function


@noisy
def rows_and_printed_texts_stay_whole(session):
    session.screen = None  # rows may be beyond its last column: the text that tells of lost ones has no CR
    rows = session.run("help") + session.run("chain") + session.run("nonsense")
    check(len(rows) > 10 and "two: end of one -> one: end of server -> server: " in rows[-2], f"{rows}")
    session.type("run noise\r")
    session.wait(">>>>\r\n")
    session.type("ring\r")
    session.wait("<<<<timer>>>>\r\n")
    begin = len(session.text)
    for _ in range(TIMES):
        for line, last in (("help", rows[-3]), ("chain", rows[-2]), ("nonsense", rows[-1])):
            session.type(line + "\r")
            session.wait(last)
            session.wait(PROMPT)
    lines = [line.rstrip("\r") for line in ANSI.sub("", session.text[begin:]).split("\n")[:-1]]
    noise = {"<<<<noisy>>>>", "<<<<timer>>>>"}
    for row in rows:
        check(lines.count(row) == TIMES, f"{lines.count(row)} times: {row}")
    # What is shown of the line that is edited is taken off in the same row.
    torn = [line for line in lines if "<" in line and line.split("\r")[-1] not in noise]
    check(not torn, f"{torn}")
    check(sum(line.split("\r")[-1] in noise for line in lines) > TIMES, "it was quiet")


def look_closely(session):
    """In virtual time one text comes right after the other: the line is there for a few characters only,
    and what is typed shows behind all that a pipe holds."""
    session.at_once = 1
    fcntl.fcntl(session.read_from, fcntl.F_SETPIPE_SZ, 4096)


def shows(session, line, cursor, above):
    """Waits until prompt and line are the last thing on the screen, with the cursor so many columns
    from the line's end; each row above is as it is to be."""
    def is_there(screen):
        return (screen.column == len(PROMPT + line) - cursor and
                screen.line(screen.row) == (PROMPT + line).rstrip() and
                not any(screen.lines()[screen.row + 1:]))
    session.wait_screen(is_there, f"the line {line!r}")
    rows = [row for row in session.screen.lines() if row][:-1]
    check(all(re.fullmatch(above, row) for row in rows), f"{rows}")


@noisy
def a_line_stays_whole_while_texts_are_printed(session):
    look_closely(session)
    above = r"<<<<(noisy|timer)>>>>|kiln> (run noise|ring)?|kiln: \d+ printed texts lost"
    session.clear()
    session.type("run noise\r")
    session.wait(">>>>\r\n")
    session.type("ring\r")
    session.wait("<<<<timer>>>>\r\n")
    line = ""
    for char in "echo one two three":
        session.type(char)
        line += char
        shows(session, line, 0, above)
    session.type(LEFT * 5)
    shows(session, line, 5, above)
    session.type("and ")
    line = "echo one two and three"
    shows(session, line, 5, above)
    session.type("\r")
    session.wait("\r\none two and three\r\n")
    shows(session, "", 0, above + "|kiln> " + line + "|one two and three")


@noisy
def a_text_that_has_not_ended_keeps_its_row(session):
    session.clear()
    session.type("pieces\r")
    session.wait_screen(lambda screen: "<<<<in pieces>>>>" in screen.lines(), "all pieces in a row")
    shows(session, "", 0, "kiln> pieces|<<<<in pieces>>>>|kiln>")
    session.clear()
    session.type("open\r")
    session.wait_screen(lambda screen: screen.line(screen.row) == "<<<<it goes on:", "the text's row")
    session.type("p")
    shows(session, "p", 0, "kiln> open|<<<<it goes on:|kiln>")
    session.type("ieces\r")
    shows(session, "", 0, "kiln> (open|pieces)|<<<<it goes on:|<<<<in pieces>>>>|kiln>")
