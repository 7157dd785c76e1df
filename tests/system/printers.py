#!/usr/bin/env python3
"""Checks what tests/system/printers prints, line by line.

usage: printers.py TITLE HELD_MIN COMMAND...   prints TAP

Every line is one printer's, whole and in its order. Only an interrupt's may be missing: as many as
the console says were lost. HELD_MIN: so many interrupts at least came in the middle of a text.
"""
import re
import subprocess
import sys

LINE = re.compile(r"([abci]) (\d+) (\.*)\|")
LOST = re.compile(r"kiln: (\d+) printed texts lost")
END = re.compile(r"end a (\d+) b (\d+) c (\d+) i (\d+) held (\d+)")
DOTS = 73  # the length of a line's tail is its number modulo this


def problems(text: str, held_min: int) -> list[str]:
    numbers: dict[str, list[int]] = {who: [] for who in "abci"}
    lost, end, found = 0, None, []
    for line in text.replace("\r", "").splitlines():
        if match := LINE.fullmatch(line):
            number = int(match[2])
            if len(match[3]) != number % DOTS:
                found.append(f"cut or stretched: {line!r}")
            numbers[match[1]].append(number)
        elif match := LOST.fullmatch(line):
            lost += int(match[1])
        elif match := END.fullmatch(line):
            end = dict(zip("abcih", map(int, match.groups())))
        else:
            found.append(f"nobody's line: {line!r}")
    if end is None:
        return found + ["no end"]
    for who in "abc":
        if numbers[who] != list(range(1, end[who] + 1)):
            found.append(f"{who}: {len(numbers[who])} lines of {end[who]}, or out of order")
    if numbers["i"] != sorted(set(numbers["i"])) or len(numbers["i"]) + lost != end["i"]:
        found.append(f"i: {len(numbers['i'])} lines and {lost} lost of {end['i']}, or out of order")
    if end["h"] < held_min:
        found.append(f"only {end['h']} interrupts came in the middle of a text")
    return found


def main() -> None:
    title, held_min, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=280,
                          stdin=subprocess.DEVNULL, check=False)
    found = problems(done.stdout, held_min)
    if done.returncode != 0:
        found.append(f"exit status {done.returncode}")
    print(f"1..1\n{'not ok' if found else 'ok'} 1 - {title}: lines of three tasks and an interrupt")
    print("".join(f"# {problem}\n" for problem in found[:10]), end="")
    sys.exit(1 if found else 0)


main()
