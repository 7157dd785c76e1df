"""The script: cases for apps/shell, and those of them that are for apps/onetask as well. Each is given
a session (session.py, seen.py) and knows of no home but where one differs.
"""
import re

from cases import check
from homes import HOST_FLAGS, IN_REAL_TIME, ROOT
from session import PROMPT

UP, DOWN, RIGHT, LEFT, HOME, END, DELETE = (f"\x1b[{key}" for key in ("A", "B", "C", "D", "H", "F", "3~"))
CTRL_A, CTRL_C, CTRL_D, CTRL_K, CTRL_U, CTRL_W = "\x01", "\x03", "\x04", "\x0b", "\x15", "\x17"
HELP = "help | head 99"  # the long form
SCRIPT, ONE_TASK = [], []


def script(function):
    """A case, once on each home."""
    SCRIPT.append(function)
    return function


def one_task(function):
    """A case for apps/onetask, once on each home."""
    ONE_TASK.append(function)
    return function


def only_on(*homes):
    """A case that makes sense there, and nowhere else."""
    def mark(function):
        function.homes = homes
        return function
    return mark


def not_on(*homes):
    def mark(function):
        function.other_homes = homes
        return function
    return mark


def with_keys(function):
    """A case that is about keys or about the display: also where a file says what is typed."""
    function.has_keys = True
    return function


def belongs_on(home, function):
    return (home in getattr(function, "homes", [home]) and home not in getattr(function, "other_homes", [])
            and (home != "host-script" or hasattr(function, "has_keys")))


def expect(session, line, *wanted):
    """The line's output is exactly this."""
    found = session.run(line)
    check(found == list(wanted), f"{line}: {found}, not {list(wanted)}")


def row_of(rows, name, column=1):
    """The words of the row whose word in a column is a name."""
    found = [row.split() for row in rows if len(row.split()) > column and row.split()[column] == name]
    check(len(found) == 1, f"{len(found)} rows of {name} in {rows}")
    return found[0]


def state_of(session, task):
    return row_of(session.run("ps"), task)[2]


@with_keys
@script
def help_lists_every_command(session):
    rows = session.run_long(HELP)
    names = [row.split()[0] for row in rows]
    check(names == sorted(names) and len(set(names)) == len(names), f"{names}")
    for name in ("ps top kill suspend resume prio wait chain mem stack objects irq uptime log trace "
                 "dump reboot run help echo grep head wc clear deadlock").split():
        check(name in names, f"no {name} in {names}")
    check(all(len(row) < 80 for row in rows), "a row is too long")
    short = session.run("help")
    check(len(short) < 24 and all(len(row) < 80 for row in short), f"{short}")
    shown = [row[column:column + 9].split()[0] for row in short[:-1] for column in (0, 39) if row[column:].strip()]
    check(shown == names, f"{shown}")
    expect(session, "help kill", "kill TASK [CODE]", "    ends a task")


@script
def ps_shows_tasks_and_what_they_wait_for(session):
    session.run("wait worker 100")  # so that all have run
    rows = session.run("ps")
    check(row_of(rows, "attendant")[2:4] == ["blocked", "5"] and "flags" in row_of(rows, "attendant"),
          f"{rows}")
    check(row_of(rows, "ps")[2] == "running", f"{rows}")
    check([row.split()[0] for row in rows[1:]] == [str(i) for i in range(len(rows) - 1)], f"{rows}")
    check(row_of(rows, "server")[-2:] == ["semaphore", "shell"], f"{rows}")


@with_keys
@script
def pipes_carry_more_than_they_hold(session):
    whole = session.run_long(HELP)
    expect(session, "help | wc", f"{len(whole)} {sum(len(row.split()) for row in whole)} "
           f"{sum(len(row) + 1 for row in whole)}")
    expect(session, "help|grep task|head 2", *[row for row in whole if "task" in row][:2])
    expect(session, "help | head 1", whole[0])
    expect(session, "echo | wc", "1 0 1")
    check(state_of(session, "attendant") == "blocked", "the shell goes on")


@with_keys
@one_task
@script
def quotes_are_literal(session):
    expect(session, """echo 'a  b' "c | \\"d\\"" e\\ f""", "a  b c | \"d\" e f")
    session.run_on_console("echo '>' x'y'>console", "> xy")
    expect(session, "echo ''", "")


@script
def errors_name_the_place_or_the_value(session):
    expect(session, "nonsense 1 2", "there is no command 'nonsense': help lists them")
    expect(session, "ps | nonsense", "there is no command 'nonsense': help lists them")
    expect(session, "ps > nowhere", "there is no device 'nowhere': objects lists the streams")
    expect(session, "echo 'abc", "this quote is not closed, at column 6: 'abc")
    expect(session, "ps | | wc", "there is no command before this, at column 6: | wc")
    expect(session, "ps |", "no command follows this, at column 4: |")
    expect(session, "a | b | c | d", "this is a command too many, at column 11: | d")
    expect(session, "prio worker 99", "prio: '99' is no number from 0 to 31")
    expect(session, "prio worker x", "prio: 'x' is no number from 0 to 31")
    expect(session, "kill nobody", "kill: there is no task 'nobody': ps lists them")
    expect(session, "kill 99", "kill: there is no task '99': ps lists them")
    expect(session, "kill", "kill: something is missing: usage: kill TASK [CODE]")
    expect(session, "suspend a b", "suspend: that is too much: usage: suspend TASK")
    expect(session, "kill idle", "kill: 'idle': not the idle task")
    expect(session, "resume worker", "resume: 'worker': it is in no state for that")
    expect(session, "run nothing", "run: there is no entry 'nothing': run lists them")
    expect(session, "trace maybe", "trace: 'maybe' is neither on nor off")
    expect(session, "dump 0xF0000000", "dump: there is no memory at 0xf0000000")
    expect(session, "status", "1")
    expect(session, "status", "0")
    expect(session, "")


@not_on("host-window")
@script
def every_command_counts_its_arguments(session):
    commands = {row.split()[0] for row in session.run_long(HELP)} - {"echo"}  # which takes any number
    for command in sorted(commands):
        session.type(f"{command} 1 2 3 4 5\r")
        session.wait(f"{command}: that is too much: usage: {command}")
        session.wait(PROMPT)
    expect(session, "status", "1")


@script
def entries_are_run_as_often_as_they_have_ended(session):
    check(set(session.run("run")) == {"spinner", "kant", "hegel"}, "the list")
    expect(session, "run spinner")
    expect(session, "run spinner", "run: 'spinner' runs already")
    expect(session, "kill spinner")
    expect(session, "run spinner")
    expect(session, "wait spinner 50", "wait: 'spinner' has not ended")
    expect(session, "kill spinner")
    expect(session, "run kant | wait kant", "kant ended with code 0")


@script
def help_explains_a_command(session):
    expect(session, "help wait", "wait TASK [MS]", "    waits for a task's end")
    expect(session, "help nothing", "help: there is no command 'nothing'")


@with_keys
@script
def output_goes_to_a_device(session):
    expect(session, "echo hello > scratch")
    check(row_of(session.run_long("objects"), "scratch")[2] == "6", "not in the stream")
    expect(session, "take", "hello")
    expect(session, "take", "take: nothing was written to scratch")
    session.run_on_console("echo to you > console", "to you")


@with_keys
@one_task
@script
def lines_can_be_edited(session):
    expect(session, "ecko" + LEFT + "\b" + "h" + END + " b" + LEFT + "a " + RIGHT + "!", "a b!")
    expect(session, "x" + HOME + "echo " + END + "yz" + LEFT + DELETE, "xy")
    expect(session, "echo one two" + CTRL_W + "three", "one three")
    expect(session, "rubbish" + CTRL_U + "echo ok", "ok")
    expect(session, "rubbish" + CTRL_A + CTRL_K + "echo ok", "ok")
    session.type("nonsense" + CTRL_C)
    session.wait("nonsense\r\n")
    check(session.wait(PROMPT) == PROMPT, "a line that was cancelled is run")
    expect(session, "echo ok", "ok")


@one_task
@script
def a_line_that_is_too_long_does_not_run(session):
    line = "echo " + "x" * 67
    expect(session, line, "x" * 67)
    expect(session, line + "y", "a line of more than 72 characters does not run")
    expect(session, "status", "1")
    expect(session, UP + UP, "x" * 67)
    expect(session, line + "yz\bz", "x" * 66 + "z")


@with_keys
@one_task
@script
def the_history_is_recalled(session):
    expect(session, "echo one", "one")
    expect(session, "echo two", "two")
    expect(session, UP, "two")
    expect(session, UP + UP, "one")
    expect(session, "echo draft" + UP + UP + DOWN + DOWN + "!", "draft!")


@with_keys
@script
def words_are_completed(session):
    expect(session, "ec\tx", "x")
    expect(session, "suspend bli\t")
    check(state_of(session, "blinker") == "suspended", "not suspended")
    expect(session, "res\tbl\t")
    session.type("su\t\x15s\t")
    session.wait("\r\n")
    check(set(session.wait("\r\n").split()) == {"stack", "status", "suspend"}, "the list")
    session.wait(PROMPT)
    session.type(CTRL_U)
    expect(session, "echo hello > scr\t")
    expect(session, "run sp\t")
    expect(session, "kill spi\t")


@script
def tasks_can_be_changed(session):
    expect(session, "suspend worker")
    check(state_of(session, "worker") == "suspended", "not suspended")
    expect(session, "resume worker")
    check(state_of(session, "worker") in ("blocked", "ready"), "not resumed")
    expect(session, "prio worker 3")
    check(row_of(session.run("ps"), "worker")[3] == "3", "another priority")
    expect(session, "run spinner")
    check(state_of(session, "spinner") == "ready", "it does not run")
    expect(session, "run spinner", "run: 'spinner' runs already")
    expect(session, "wait spinner 20", "wait: 'spinner' has not ended")
    expect(session, "kill spinner 5")
    check("spinner" not in " ".join(session.run("ps")), "it has not ended")
    expect(session, "run spinner")
    number = row_of(session.run("ps"), "spinner")[0]
    expect(session, f"kill {number}")


@with_keys
@script
def ctrl_c_ends_what_runs(session):
    for line in ("wait worker", "wait worker | grep x", "grep x", "help | wait worker",
                 "wait worker | wait blinker | wc"):
        session.type(line + "\r")
        session.wait("\r\n")
        session.type("typed before" + CTRL_C)
        session.wait("^C\r\n")
        session.wait(PROMPT)
    check(state_of(session, "attendant") == "blocked", "the shell goes on")
    check("grep" not in " ".join(session.run("ps")), "one was left over")


def answers_come_at_once(session, task):
    """The shell also looks twice a second at what nobody told it. Here it is told: by a command that
    has returned, by what is typed while one runs, by one that has read Ctrl-C itself; that one does
    not get to say that its input has ended."""
    for keys, answer in (("echo x\r", "echo x\r\nx\r\n" + PROMPT),
                         (f"wait {task}\r", f"wait {task}\r\n"), (CTRL_C, "^C\r\n" + PROMPT),
                         ("wc\r", "wc\r\n"), (CTRL_C, "^C\r\n" + PROMPT)):
        session.type(keys)
        start_ms = session.now_ms
        found, took_ms = session.wait(answer), session.now_ms - start_ms
        check(found == answer and took_ms <= 10, f"{keys!r}: {found!r} after {took_ms} ms")


@only_on("host-script")
@with_keys
@script
def a_task_answers_at_once(session):
    answers_come_at_once(session, "worker")


@one_task
@script
def commands_read_what_is_typed(session):
    session.type("wc\r")
    session.wait("\r\n")
    session.type("two words\rmore\r" + CTRL_D)
    check("2 3 15" in session.wait(PROMPT), session.text[-200:])


@with_keys
@script
def what_is_typed_ahead_is_for_the_next_line(session):
    session.type("wait worker 50\recho next\recho last\r")
    session.wait("wait: 'worker' has not ended")
    session.wait("\r\nnext\r\n")
    session.wait("\r\nlast\r\n")
    session.wait(PROMPT)


@with_keys
@script
def chain_finds_a_deadlock(session):
    expect(session, "chain", "no task waits for another one")
    expect(session, "deadlock")
    expect(session, "wait kant 50", "wait: 'kant' has not ended")
    rows = session.run("chain")
    check(len(rows) == 2 and rows[1] in ("DEADLOCK of kant hegel", "DEADLOCK of hegel kant"), f"{rows}")
    check("kant: mutex left_fork" in rows[0] and "hegel: mutex right_fork" in rows[0], f"{rows}")
    check(session.run("chain hegel")[1] == "DEADLOCK of hegel kant", "from one")
    check(row_of(session.run_long("objects"), "left_fork")[2:] == ["of", "hegel", "kant"], "objects")
    expect(session, "deadlock", "deadlock: they dine already")
    expect(session, "kill kant")
    session.run("wait worker 20")
    expect(session, "chain", "no task waits for another one")
    check("hegel" not in " ".join(session.run("ps")), "it dines still")


def is_by_id(screen):
    """Then tasks keep their rows, whatever they do. All numbers are there once, so that no row is left
    from another order: the screen could be half drawn."""
    head = re.search(r" (\d+) tasks, .* by id$", screen.line(0))
    return head is not None and ([line[:3] for line in screen.lines()[2:19] if line.strip()] ==
                                 [f"{number:3}" for number in range(int(head[1]))])


def row_on_top(screen, task):
    """None while it is not shown."""
    return next((row for row in range(2, 19) if f" {task} " in screen.line(row)), None)


@with_keys
@one_task
@script
def the_shells_own_task_is_not_ended(session):
    [server] = [row.split()[1] for row in session.run("ps") if row.split()[1] in ("server", "everything")]
    refusal = "not the task that serves this shell"
    expect(session, f"kill {server}", f"kill: '{server}': {refusal}")
    expect(session, f"suspend {server}", f"suspend: '{server}': {refusal}")
    session.type("top 20 100\ro")
    session.wait_screen(lambda screen: is_by_id(screen) and row_on_top(screen, server), "tasks in their order")
    session.type(DOWN * (row_on_top(session.screen, server) - 1) + "k")
    session.wait_screen(lambda screen: screen.line(19).rstrip() == refusal, "why it is not ended")
    session.type("o")
    session.wait_screen(lambda screen: "q quit" in screen.line(19), "the keys again")
    session.type("s")
    session.wait_screen(lambda screen: screen.line(19).rstrip() == refusal, "why it is not suspended")
    session.type("q")
    session.wait(PROMPT)


@script
def a_shell_of_the_least_priority_still_runs_commands(session):
    expect(session, "prio server 0")
    check(row_of(session.run("ps"), "ps")[3] == "0", "the command's priority")
    expect(session, "echo a b | wc", "1 2 4")
    session.type("wait worker\r")
    session.wait("\r\n")
    session.type(CTRL_C)
    session.wait(PROMPT)
    expect(session, "prio server 6")
    check(row_of(session.run("ps"), "ps")[3] == "5", "the command's priority")


@script
def the_system_is_shown(session):
    check(re.fullmatch(r"0:\d\d:\d\d\.\d{3}, \d+ ticks at 1000 Hz; last reset: power-on",
                       session.run("uptime")[0]), "uptime")
    memory = {row.split()[0]: int(row.split()[1].rstrip(",")) for row in session.run("mem")}
    check(memory["text"] > 20000 and memory["bss"] > 2000 and memory["stacks"] > 3000, f"{memory}")
    check(any("enabled" in row for row in session.run("irq")[1:]), "no interrupt is enabled")
    check(row_of(session.run_long("objects"), "parcels")[3:5] == ["of", "4"], "objects")


@not_on(*HOST_FLAGS)
@script
def stacks_are_measured(session):
    size, used, left = map(int, row_of(session.run("stack"), "server")[2:])
    check(size - used == left and used > 50, f"{used} of {size}, {left} left")


@only_on(*HOST_FLAGS)
@script
def stacks_of_the_host_are_not_told_as_the_boards(session):
    size, used, left = row_of(session.run("stack"), "server")[2:]
    check(int(size) > 500 and used == left == "-", f"{used} of {size}, {left} left")
    session.type("top 20 100 1\r")
    session.wait(f" -/{size} ")
    session.wait(PROMPT)


@script
def a_reboot_starts_the_app_anew_and_is_remembered(session):
    for _ in range(2):
        session.clear()
        session.type("reboot\r")
        session.wait("type help")
        session.wait(PROMPT)
        found = session.run("uptime")[0]
        check(found.endswith("last reset: software"), found)


@script
def memory_is_dumped(session):
    rows = session.run("dump blinker")
    check(rows[0].startswith("stack pointer 0x") and len(rows) > 4, f"{rows}")
    address = rows[0].split()[2].rstrip(";")
    rows = session.run(f"dump {address} 40")
    check(len(rows) == 3 and rows[0].startswith(f"{address}: ") and len(rows[2].split()) >= 9, f"{rows}")


@script
def events_are_recorded(session):
    expect(session, "log", "no events: trace on records them")
    expect(session, "trace on")
    expect(session, "wait worker 100", "wait: 'worker' has not ended")
    expect(session, "trace off")
    rows = session.run_long("log")
    check(len(rows) == 32 and all(re.match(r"\d+\.\d{9} \S", row) for row in rows), f"{rows}")
    check(session.run_long("log") == rows, "it is not the same any more")


@with_keys
@script
def top_shows_and_changes_tasks(session):
    session.type("top 20 100\r")
    session.wait_screen(lambda screen: "q quit" in screen.line(19), "the screen")
    lines = session.screen.lines()
    check(lines[0].startswith("up ") and "by cpu" in lines[0], f"{lines}")
    check(not session.screen.shows_cursor, "a cursor")
    check(row_of(lines[2:], "idle")[0] == "0", f"{lines}")
    session.type("o")  # by id
    session.wait_screen(lambda screen: is_by_id(screen) and row_on_top(screen, "attendant"), "tasks in their order")
    attendant = row_on_top(session.screen, "attendant")
    session.type(DOWN * (attendant - 1) + "s")
    session.wait_screen(lambda screen: "suspended" in screen.line(attendant), "suspended")
    session.type("s+")
    session.wait_screen(lambda screen: "blocked" in screen.line(attendant) and
                        row_of(screen.lines()[2:], "attendant")[5] == "6", "resumed, more urgent")
    session.type("c")
    session.wait("attendant: flags buttons\r\n")
    session.wait("press a key")
    session.type("x")
    session.wait_screen(lambda screen: "q quit" in screen.line(19), "the screen again")
    session.type("d")
    session.wait("stack pointer 0x")
    session.wait("press a key")
    session.type("xk")
    session.wait_screen(lambda screen: "q quit" in screen.line(19) and
                        not any(" attendant " in line for line in screen.lines()), "its end")
    session.type("q")
    session.wait(PROMPT)
    check(session.screen.shows_cursor, "no cursor")
    session.type("top 10 50\r")
    session.wait("q quit")
    session.type(CTRL_C)
    session.wait(PROMPT)
    session.type("top 10 50 3\r")
    session.wait(PROMPT)


def share_of(text):
    """On the host, whose frames are of another size: of the size alone."""
    used, size = text.split("/")
    return int(size) if used == "-" else int(used) * 1000 // int(size)


def is_sorted(screen, order, key, descends):
    """Also false while the screen is being written."""
    rows = [line.split() for line in screen.lines()[2:19] if line.strip()]
    if not screen.line(0).rstrip().endswith(f" by {order}") or not rows:
        return False
    try:
        keys = [key(row) for row in rows]
    except (IndexError, ValueError):
        return False
    return keys == sorted(keys, reverse=descends)


@script
def top_sorts_by_what_is_asked_for(session):
    session.type("top 20 100\r")
    for order, key, descends in (("cpu", lambda row: float(row[3]), True),
                                 ("id", lambda row: int(row[0]), False),
                                 ("name", lambda row: row[1], False),
                                 ("stack", lambda row: share_of(row[4]), True),
                                 ("priority", lambda row: int(row[5]), True),
                                 ("switches", lambda row: int(row[6]), True)):
        session.wait_screen(lambda screen, how=(order, key, descends): is_sorted(screen, *how), f"by {order}")
        session.type("o")
    session.type("q")
    session.wait(PROMPT)


@with_keys
@script
def top_scrolls_to_the_selected_task(session):
    def shows(*ids):
        return lambda screen: [line.split()[:1] for line in screen.lines()[2:5]] == [[str(i)] for i in ids]
    session.type("top 6 100\ro")
    session.wait_screen(shows(0, 1, 2), "the first tasks, by id")
    session.type(DOWN * 7)
    session.wait_screen(shows(4, 5, 6), "what is selected")
    session.type("s")
    session.wait_screen(lambda screen: "suspended" in screen.line(4), "it is that one")
    session.type("s" + UP * 2)
    session.wait_screen(shows(2, 3, 4), "what is selected")
    session.type(UP * 6)
    session.wait_screen(shows(0, 1, 2), "the first again")
    session.type("q")
    session.wait(PROMPT)


@script
def top_has_its_keys_from_the_terminal(session):
    expect(session, "echo kkkq | top 20 100", "top: it has its keys from the terminal, not from a pipe")


@script
def top_refuses_a_screen_that_is_too_small(session):
    expect(session, "top 1", "top: it needs at least 4 rows and 1 ms")
    expect(session, "top 20 0", "top: it needs at least 4 rows and 1 ms")
    expect(session, "top x", "top: 'x' is no number from 0 to 50")


@not_on(*IN_REAL_TIME)
@script
def top_costs_little(session):
    """Kernel time is measured; in real time the machine has a say."""
    idle = []
    for interval_ms in (1000, 60000):
        session.type(f"top 24 {interval_ms} 5\r")
        session.wait(PROMPT)
        idle.append(float(row_of(session.screen.lines()[1:-3], "idle")[3]))
        check(float(row_of(session.screen.lines()[1:-3], "top")[3]) < 1, f"{session.screen.lines()}")
    check(idle[1] - idle[0] < 1, f"one refresh a second takes more than 1 %: idle for {idle} %")


def plain(line):
    """Numbers and the width of columns are another matter."""
    return re.sub(r"[\d.]+", "N", " ".join(line.split()))


@not_on("host-coverage")  # virtual time follows what is executed: another build, another order
@script
def the_session_of_the_manual_is_right(session):
    text = (ROOT / "docs" / "shell.md").read_text()
    shown = re.search(r"^```\n(kiln> .*?)^```", text, re.MULTILINE | re.DOTALL)[1]
    for part in shown.split(PROMPT)[1:]:
        line, *wanted = part.splitlines()
        found = session.run(line)
        check([plain(row) for row in found] == [plain(row) for row in wanted], f"{line}: {found}")


@with_keys
@one_task
@script
def exit_ends_the_app(session):
    session.type("nonsense\rexit\r")
    check(session.end() == 1, "the last status")


@only_on("host-virtual", "host-real")
@one_task
@script
def the_end_of_the_input_ends_the_app(session):
    session.type("echo last\r")
    session.process.stdin.close()
    check(session.end() == 0 and "\r\nlast\r\n" in session.text, session.text[-200:])
