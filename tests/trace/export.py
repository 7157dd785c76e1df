#!/usr/bin/env python3
"""Tests the trace ring on its homes, and the exports of tools/trace.py with their readers.

Prints TAP.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import case, check, run_cases

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = pathlib.Path(tempfile.mkdtemp())
HOMES = ("host", "mps2-an385", "microbit", "mps2-an505")

def run(*command, status=0):
    done = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True,
                          timeout=400, stdin=subprocess.DEVNULL, check=False)
    check(done.returncode == status,
          f"{command}: exit status {done.returncode}\n{done.stdout[-500:]}{done.stderr[-1000:]}")
    return done


def get(app, home, *settings):
    path = WORK / f"{app}-{home}.txt"
    run("make", "-s", f"-j{os.cpu_count()}", "-f", "tools/mk/trace.mk", "trace-get", f"APP={app}", f"BOARD={home}",
        f"TRACE_FILE={path}", *settings)
    return path


def reference():
    """The inversion app's whole trace on the host."""
    path = WORK / "inversion.txt"
    if not path.exists():
        run("make", "-s", f"-j{os.cpu_count()}", "-f", "tools/mk/build.mk", "image", "BOARD=host", "NAME=inversion",
            "SOURCES_DIR=apps/inversion")
        run("build/host/inversion/inversion", "--clock", "virtual", "--trace", path)
    return path


def export(path, *flags):
    return run("python3", "tools/trace.py", path, *flags)


def without_times(path):
    """Events but for interrupts, of which an idle host has fewer."""
    events = [line.split(" ", 1)[1] for line in path.read_text().splitlines() if line[0].isdigit()]
    return [event for event in events if not event.startswith("isr")]


@case
def the_ring_holds_the_last_events_on_every_home():
    whole = without_times(reference())
    for home in HOMES:
        path = get("inversion", home)
        events = without_times(path)
        check(len(events) >= 5 and whole[-len(events):] == events, f"{home}: other events: {events[-5:]}")
        if home == "host":
            lines = path.read_text().splitlines()[-len(events):]
            check(reference().read_text().endswith("\n".join(lines) + "\n"), f"other times: {lines[-5:]}")
        lost = int(re.match(r"lost (\d+)\n", path.read_text())[1])
        lines = path.read_text().count("\n") - 1
        check(lines == 200 and lost > 1000, f"{home}: {lines} events and {lost} lost ones")


@case
def an_endless_app_is_streamed():
    path = get("blinky", "stm32vldiscovery", "TRACE_STREAM=2")
    wakes = [float(line.split()[0]) for line in path.read_text().splitlines()
             if "wake blinky KILN_ETIMEOUT" in line]
    check(len(wakes) in (3, 4) and "lost" not in path.read_text(), f"{wakes}")
    for number, wake in enumerate(wakes, 1):
        check(abs(wake - number / 2) < 0.001, f"{wakes}")


def babeltrace(folder):
    done = run("babeltrace2", "--clock-seconds", folder)
    check(done.stderr == "", f"babeltrace2 says: {done.stderr[:500]}")
    return done.stdout.splitlines()


def line_of(ctf_line):
    """An event as babeltrace2 prints it, as the trace has it."""
    found = re.match(r'\[(\d+\.\d{9})\] \(\+\S+\) (\w+): \{ task = "(.*?)" \}, \{ (.*) \}$', ctf_line)
    check(found, f"what is this: {ctf_line}")
    values = [value.strip('"') for value in re.findall(r"= (\"[^\"]*\"|-?\w+)", found[4])]
    return " ".join([found[1], found[2].replace("_", "-"), *values])


@case
def babeltrace2_reads_every_event_without_a_warning():
    export(reference(), "--ctf", WORK / "ctf")
    wanted = [re.sub(r" 0x([0-9a-f]+)$", lambda bits: f" {int(bits[1], 16)}", line)
              for line in reference().read_text().splitlines()]
    found = [line_of(line) for line in babeltrace(WORK / "ctf")]
    for one, other in zip(wanted, found):
        check(one == other, f"'{other}' instead of '{one}'")
    check(len(found) == len(wanted), f"{len(found)} events instead of {len(wanted)}")
    for home in HOMES:
        export(get("philosophers", home), "--ctf", WORK / home)
        check(len(babeltrace(WORK / home)) == 200, home)


@case
def lost_events_are_told():
    lines = reference().read_text().splitlines(keepends=True)
    (WORK / "gap.txt").write_text("".join(["lost 3\n", *lines[:50], "lost 7\n", *lines[60:90]]))
    done = export(WORK / "gap.txt", "--ctf", WORK / "gap", "--perfetto", WORK / "gap.json")
    check("3 lost before, 7 in between" in done.stdout, done.stdout)
    done = run("babeltrace2", WORK / "gap")
    check("discarded 7 events" in done.stderr.replace("\n", " ") or "discarded" in done.stderr,
          f"babeltrace2 says nothing of a gap: {done.stderr}")
    check(json.loads((WORK / "gap.json").read_text())["otherData"] ==
          {"events_lost": 7, "events_lost_before": 3}, "perfetto")


def check_trace_event_format(entries):
    """The rules of the format that a viewer depends on."""
    needs = {"X": {"ts", "dur", "pid", "tid", "name"}, "i": {"ts", "pid", "tid", "name", "s"},
             "C": {"ts", "pid", "name", "args"}, "M": {"pid", "name", "args"}}
    busy = {}
    for entry in entries:
        check(entry["ph"] in needs and needs[entry["ph"]] <= set(entry), f"what is this: {entry}")
        if entry["ph"] == "X":
            track = (entry["pid"], entry["tid"])
            check(entry["dur"] >= 0, f"backwards: {entry}")
            check(round(entry["ts"] * 1000) >= busy.get(track, 0), f"slices overlap: {entry}")
            busy[track] = round((entry["ts"] + entry["dur"]) * 1000)
        if entry["ph"] == "C":
            check(all(isinstance(value, int) for value in entry["args"].values()), f"{entry}")


@case
def perfetto_gets_tasks_interrupts_mutexes_and_counters():
    export(reference(), "--perfetto", WORK / "trace.json")
    entries = json.loads((WORK / "trace.json").read_text())["traceEvents"]
    check_trace_event_format(entries)
    names = {(entry["pid"], entry["tid"]): entry["args"]["name"] for entry in entries
             if entry["name"] == "thread_name"}
    check({"low", "medium", "high", "referee", "15", "lock_mutex"} <= set(names.values()), f"{names}")
    owners = [entry["name"] for entry in entries if entry.get("cat") == "mutex" and
              entry["ph"] == "X"]
    check(owners[:4] == ["low", "high", "low", "high"], f"owners: {owners}")
    counts = [entry["args"]["count"] for entry in entries if entry["ph"] == "C"]
    check(counts[:3] == [1, 0, 0], f"the semaphore's counts: {counts[:6]}")
    running = sum(round(entry["dur"] * 1000) for entry in entries if entry["name"] == "running")
    lines = reference().read_text().splitlines()
    first = next(line for line in lines if " switch " in line)
    total = round((float(lines[-1].split()[0]) - float(first.split()[0])) * 1e9)
    check(abs(running - total) < 10, f"tasks ran for {running} ns of {total}")


@case
def the_timeline_is_well_formed_and_shows_who_ran():
    export(reference(), "--svg", WORK / "t.svg", "--from", "0.035", "--to", "0.056")
    tree = xml.etree.ElementTree.parse(WORK / "t.svg")
    titles = [element.text for element in tree.iter("{http://www.w3.org/2000/svg}title")]
    owned = [title for title in titles if title.startswith("lock_mutex")]
    check(len(owned) == 2 and "low" in owned[0] and "high" in owned[1], f"{owned}")
    for element in tree.iter("{http://www.w3.org/2000/svg}rect"):
        check(float(element.get("width")) > 0 and float(element.get("x", "0")) >= 0, "outside")


# Two tasks; the first event is of one that ran before, and woken is one that waited.
MADE_UP = """1.000 isr-enter 15
1.010 isr-exit 15
1.020 block main sleep
1.020 switch idle
1.030 isr-enter 15
1.030 wake main KILN_ETIMEOUT
1.040 isr-exit 15
1.040 switch main
1.050 wake other KILN_OK
1.060 suspend third
1.070 switch other
1.080 resume third
1.085 end other 0
1.085 switch main
1.090 isr-enter 16
1.090 isr-exit 16
1.100 isr-enter 15
"""
DRAWN = """# runs   | runs, for less than half of the column   + ready   . waits   _ suspended
isr 15  ##    ##           |
isr 16                    |
main    ####..++######+++###
idle    ++++####++++++++++++
other   ..........++++###
third               ____++++
        ' ' ' ' ' ' ' ' ' ''
        1000 ms 1040 ms
17 events, 0 lost before, 0 in between
"""


@case
def a_timeline_in_text_tells_states_apart():
    (WORK / "made-up.txt").write_text(re.sub(r"^(\S+)", r"\g<1>000000", MADE_UP, flags=re.MULTILINE))
    out = export(WORK / "made-up.txt", "--text", "--width", "28").stdout
    check(out == DRAWN, f"{out}")


@case
def what_is_no_trace_is_refused():
    for text, words in (("hello\n", "no event"),
                        ("1.000000000 switch a\n0.500000000 switch b\n", "time steps back")):
        (WORK / "bad.txt").write_text(text)
        done = run("python3", "tools/trace.py", WORK / "bad.txt", "--svg", "/dev/null", status=1)
        check(words in done.stderr, done.stderr)
    (WORK / "good.txt").write_text("1.000000000 switch a\n")
    (WORK / "file").write_text("")
    for flag, path in (("--svg", "/no/such/x.svg"), ("--perfetto", "/no/such/x.json"), ("--svg", WORK),
                       ("--ctf", WORK / "file"), ("--ctf", WORK / "file/folder")):
        done = run("python3", "tools/trace.py", WORK / "good.txt", flag, path, status=2)
        check(f"{flag}: " in done.stderr and str(path) in done.stderr and "Traceback" not in done.stderr, done.stderr)
    done = run("python3", "tools/trace.py", "/no/such/file", "--svg", "/dev/null", status=1)
    check("/no/such/file" in done.stderr and "Traceback" not in done.stderr, done.stderr)


run_cases()
