#!/usr/bin/env python3
"""Tests of reset and watchdog with tests/system/reboot, which restarts itself in every way.

usage: reboot.py host BUILD_DIRECTORY, with system-reboot*/ in it
       reboot.py BOARD MACHINE IMAGE, which runs in QEMU
Prints TAP.
"""
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import case, check, run_cases

CAUSES = ["power-on", "software", "software", "software", "software", "watchdog", "watchdog",
          "panic", "panic", "panic", "software", "watchdog"]
# The third restart is out of main(), before there is a task.
LINES = [line for number, cause in enumerate(CAUSES)
         for line in [f"boot {number}: {cause}, new", f"boot {number} at 5 ticks"][:1 if number == 2 else 2]]
FED = ["fed: -7 0 0", "unfed and stopped: -1 -7"]
HOME = sys.argv[1]
# Last words name the running task; a fault's text is the home's.
WORDS = ["kiln: watchdog: not fed in time, in task runner (interrupted)"] * 2 + \
    ["kiln: panic: initialised twice: object counted at"]


def run(*command, status=0, **options):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=60, stdin=subprocess.DEVNULL, check=False, **options)
    check(result.returncode == status,
          f"{command}: exit status {result.returncode}\n{result.stdout[-500:]}{result.stderr[-1500:]}")
    return result


def check_story(text, *further):
    lines = text.replace("\r", "").split("\n")
    expected = LINES[:]
    at = expected.index("boot 10: software, new")
    expected[at:at] = FED
    found = [line for line in lines if re.match(r"boot|fed:|unfed", line)]
    check(found == expected, f"{found}\ninstead of {expected}")
    check_words(lines, *further)


def check_words(lines, *further):
    for word in WORDS + list(further):
        check(sum(word in line for line in lines) >= (WORDS + list(further)).count(word),
              f"no '{word}' in: {lines}")


FAULT = "kiln: task runner made an invalid memory access"


def tell(*command):
    result = run(*command)
    check_story(result.stdout + result.stderr, FAULT)
    return result.stdout


def tell_in_real_time(*command):
    """A host that holds the process up has every tick late, and the watchdog unfed."""
    result = run(*command)
    causes = re.findall(r"^boot \d+: (\S+), new$", result.stdout, re.MULTILINE)
    check(causes[:10] + causes[11:] == CAUSES[:10] + CAUSES[11:], result.stdout)
    check(all(int(ticks) >= 5 for ticks in re.findall(r"at (\d+) ticks", result.stdout)), result.stdout)
    check_words(result.stderr.split("\n"), FAULT)
    return result.stdout


def host():
    build = pathlib.Path(sys.argv[2]).resolve()
    reboot = build / "system-reboot/system-reboot"

    @case
    def every_restart_finds_a_new_world_in_virtual_time():
        tell(reboot, "--clock", "virtual")

    @case
    def every_restart_finds_a_new_world_in_real_time():
        tell_in_real_time(reboot)

    @case
    def runs_with_restarts_have_the_same_trace():
        with tempfile.TemporaryDirectory() as folder:
            for name in ("first", "second"):
                tell(reboot, "--clock", "virtual", "--trace", f"{folder}/{name}")
            first = pathlib.Path(folder, "first").read_text()
            check(first == pathlib.Path(folder, "second").read_text(), "traces differ")
        times = [float(line.split()[0]) for line in first.splitlines()]
        check(times == sorted(times), "the trace's time runs backwards")
        check(times[-1] > 0.2, f"the trace's time started again: it ends at {times[-1]}")

    @case
    def a_recorded_run_with_restarts_is_repeated_to_the_byte():
        for clock, story in (("real", tell_in_real_time), ("virtual", tell)):
            with tempfile.TemporaryDirectory() as folder:
                recorded = story(reboot, "--clock", clock, "--record", f"{folder}/log", "--trace", f"{folder}/one")
                replayed = story(reboot, "--replay", f"{folder}/log", "--trace", f"{folder}/other")
                check(recorded == replayed, "the output differs")
                check(pathlib.Path(folder, "one").read_bytes() == pathlib.Path(folder, "other").read_bytes(),
                      f"{clock}: traces differ")

    @case
    def until_goes_on_over_restarts():
        result = run(reboot, "--clock", "virtual", "--until", "21ms")
        check("boot 3: software" in result.stdout and "boot 4:" not in result.stdout, result.stdout)
        check("stopped after 0.002 s, restarted 3 times before" in result.stderr, result.stderr)

    @case
    def restarts_take_no_stack():
        """Within 256 KB of stack, and addresses for far fewer task stacks than there are restarts."""
        def limit():
            resource.setrlimit(resource.RLIMIT_STACK, (256 * 1024, 256 * 1024))
            resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20))
        many = build / "system-reboot-many/system-reboot"
        result = run(many, "--clock", "virtual", preexec_fn=limit)
        lines = result.stdout.splitlines()
        check(lines[-1].startswith("boot 20000 at 5") and "NOT" not in result.stdout, lines[-1])

    @case
    def restarts_work_with_a_sanitizer():
        result = run(build / "system-reboot-sanitised/system-reboot", "--clock", "virtual")
        check("boot 300 at 5" in result.stdout and "NOT" not in result.stdout, result.stdout[-300:])

    @case
    def a_restart_fails_an_explored_run():
        result = run(reboot, "--schedule", "", status=1)
        check("task runner restarted the system" in result.stdout, result.stdout)


def board():
    machine, image = sys.argv[2:]

    @case
    def every_restart_finds_a_new_world():
        done = run("qemu-system-arm", "-M", machine, "-kernel", image, "-display", "none",
                   "-monitor", "none", "-serial", "stdio", "-icount", "shift=6,sleep=off",
                   "-semihosting-config", "enable=on,target=native")
        check_story(done.stdout, "kiln: fault at 0x")
        hardware = "kiln: hardware watchdog: not fed in time, in task runner (interrupted)" in done.stdout
        check(hardware == HOME.startswith("mps2") and ("fed the hardware's" in done.stdout) == hardware,
              done.stdout[-400:])


(host if HOME == "host" else board)()
run_cases()
