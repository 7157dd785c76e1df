"""The script's cases for apps/onetask alone, where a coroutine serves the shell."""
from cases import check
from script import (CTRL_C, CTRL_U, ONE_TASK, answers_come_at_once, expect, not_on, one_task, only_on, row_of,
                    with_keys)
from session import PROMPT

__all__ = ["ONE_TASK"]  # with those of the script that are for both


@one_task
def the_only_task_runs_an_executor(session):
    rows = session.run("ps")
    check(len(rows) == 4 and row_of(rows, "everything")[-2:] == ["executor", "executor"], f"{rows}")
    row_of(rows, "idle")
    row_of(rows, "ps")


@not_on("host-window")
@one_task
def the_light_blinks_while_commands_write(session):
    """Kernel time is the shell's output; in real time a busy machine may be late."""
    session.type("top 20 100 20\r")
    session.wait(PROMPT)
    blinks, _, elapsed_ms, _ = session.run("blinks")[0].split()
    due = int(elapsed_ms) // 500
    check(int(blinks) >= 3 and int(blinks) in (due - 1, due), f"{blinks} blinks in {elapsed_ms} ms")
    expect(session, "pace")
    before = int(session.run("blinks")[0].split()[0])
    session.type("top 20 100 20\r")
    session.wait(PROMPT)
    check(int(session.run("blinks")[0].split()[0]) >= before + 15, "not faster")


@one_task
def a_coroutine_says_what_is_wrong(session):
    expect(session, "echo 'abc", "this quote is not closed, at column 6: 'abc")
    expect(session, "nonsense", "there is no command 'nonsense': help lists them")
    expect(session, "ps > nowhere", "there is no device 'nowhere': objects lists the streams")
    expect(session, "status", "1")


@with_keys
@one_task
def a_coroutine_lists_what_tab_could_mean(session):
    expect(session, "ec\tx", "x")
    session.type("su\t\x15s\t")
    session.wait("\r\n")
    check(set(session.wait("\r\n").split()) == {"stack", "status", "suspend"}, "the list")
    session.wait(PROMPT)
    session.type(CTRL_U)


@one_task
def a_coroutine_ends_what_runs(session):
    for line in ("wait everything", "wait everything | grep x", "help | wait everything"):
        session.type(line + "\r")
        session.wait("\r\n")
        session.type("typed before" + CTRL_C)
        session.wait("^C\r\n")
        session.wait(PROMPT)
    check(len(session.run("ps")) == 4, "one was left over")


@only_on("host-script")
@with_keys
@one_task
def a_coroutine_answers_at_once(session):
    answers_come_at_once(session, "everything")


@one_task
def what_is_typed_ahead_is_for_a_coroutines_next_line(session):
    session.type("wait everything 50\recho next\recho last\r")
    session.wait("wait: 'everything' has not ended")
    session.wait("\r\nnext\r\n")
    session.wait("\r\nlast\r\n")
    session.wait(PROMPT)
