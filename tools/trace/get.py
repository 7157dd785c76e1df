#!/usr/bin/env python3
"""Runs an image that prints its trace ring, and keeps the events as a trace file.

usage: get.py BOARD MACHINE IMAGE FILE [SECONDS]

The app's own output goes to the console. Without SECONDS the app ends by itself; with them it is
stopped after the first event that is so many seconds old.
"""
import subprocess
import sys
import threading

PREFIX = "ktr: "
TIMEOUT_S = 120


def command(board, machine, image):
    if board == "host":
        return [image, "--clock", "virtual"]
    if not machine:
        sys.exit(f"trace-get: QEMU has no machine like {board}: run the image on the board, keep what "
                 "its console prints, and give that to tools/trace.py")
    return ["qemu-system-arm", "-M", machine, "-kernel", f"{image}.elf", "-display", "none",
            "-icount", "shift=6,sleep=off", "-serial", "stdio", "-monitor", "none",
            "-semihosting-config", "enable=on,target=native"]


def events(lines):
    """Yields the ring's lines; the rest is the app's. An event may come after half a line."""
    for line in lines:
        rest, found, event = line.partition(PREFIX)
        if rest.rstrip("\r\n"):
            print(rest, end="" if rest.endswith("\n") else "\n", flush=True)
        if found:
            yield event.replace("\r", "")


def main():
    board, machine, image, path, *seconds = sys.argv[1:]
    limit = float(seconds[0]) if seconds else None
    count = 0
    with subprocess.Popen(command(board, machine, image), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, errors="replace") as run, \
            open(path, "w", encoding="utf-8") as file:
        watchdog = threading.Timer(TIMEOUT_S, run.kill)
        watchdog.start()
        for event in events(run.stdout):
            file.write(event)
            count += 1
            if limit is not None and event[0].isdigit() and float(event.split()[0]) >= limit:
                run.kill()  # QEMU writes a line about any other signal
                break
        watchdog.cancel()
    if count == 0 or (limit is None and run.returncode != 0):
        sys.exit(f"trace-get: {count} events, exit status {run.returncode}")
    print(f"trace-get: {count} lines in {path}")


main()
