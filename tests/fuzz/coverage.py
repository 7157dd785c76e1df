#!/usr/bin/env python3
"""Which branches of kernel/ the fuzz corpus reached: reads what `make fuzz-coverage` ran.

A branch is one outcome of one condition in the source; a function in a header counts once, however
many files have it. Those that no program can reach are listed in unreachable.txt, with the reason.
Fails when a branch was missed that is not listed, or one that is listed was reached.
"""
import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LISTED = ROOT / "tests/fuzz/unreachable.txt"
# What checks the kernel, and what only prints, is no part of what programs are to reach. Nor is the
# rest of kernel/io: shell, terminal, printing and drivers' interfaces have no waits of their own but
# those of streams, and their inputs are text, which the unit tests and tests/shell make up.
LEFT_OUT = ("kernel/diag/check", "kernel/diag/trace", "kernel/io/")
BUT_NOT = ("kernel/io/stream.", "kernel/io/stream_await.")

Place = collections.namedtuple("Place", "file function text")


def gcov(data: pathlib.Path) -> list[dict]:
    command = ["gcov", "--json-format", "--stdout", "--branch-probabilities", str(data)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["files"]


def function_at(file: dict, line: int) -> str:
    return next((function["name"] for function in file["functions"]
                 if function["start_line"] <= line <= function["end_line"]), "?")


def is_counted(file: str) -> bool:
    left_out = file.startswith(LEFT_OUT) and not file.startswith(BUT_NOT)
    return file.startswith("kernel/") and not left_out


def count_branches(folder: pathlib.Path) -> dict[tuple[str, int, str], list[int]]:
    """How often each branch of a line was taken, over all files that were compiled."""
    counts: dict[tuple[str, int, str], list[int]] = {}
    files = [file for data in sorted(folder.glob("kernel/**/*.gcda")) for file in gcov(data)]
    for file in files:
        if not is_counted(file["file"]):
            continue
        for line in filter(lambda line: line["branches"], file["lines"]):
            key = (file["file"], line["line_number"], function_at(file, line["line_number"]))
            new = [branch["count"] for branch in line["branches"]]
            old = counts.setdefault(key, [0] * len(new))
            counts[key] = [a + b for a, b in zip(old, new, strict=True)]
    return counts


def read_listed() -> dict[Place, int]:
    lines = [line for line in LISTED.read_text().splitlines() if line and line[0] not in "# "]
    fields = [[field.strip() for field in line.split(" | ")] for line in lines]
    return {Place(*field[:3]): int(field[3]) for field in fields}


def main() -> None:
    counts = count_branches(ROOT / sys.argv[1])
    listed, wrong, unreachable = read_listed(), 0, 0
    found = set()
    for (file, number, function), taken in sorted(counts.items()):
        text = (ROOT / file).read_text().splitlines()[number - 1].strip()
        place = next((place for place in listed
                      if place[:2] == (file, function) and place.text in text), None)
        missed, known = taken.count(0), listed[place] if place else 0
        found.add(place)
        unreachable += known
        if missed != known:
            wrong += 1
            print(f"{file}:{number}: {function}: {missed} of {len(taken)} branches missed, "
                  f"{known} listed as unreachable: {text}")
    for place in listed.keys() - found:
        wrong += 1
        print(f"{LISTED.relative_to(ROOT)}: no such condition: {' | '.join(place)}")
    total = sum(map(len, counts.values()))
    reached = sum(len(taken) - taken.count(0) for taken in counts.values())
    print(f"fuzz-coverage: {reached} of {total} branches reached, "
          f"{unreachable} unreachable as listed")
    print(f"fuzz-coverage: {int(wrong == 0)} passed, {int(wrong != 0)} failed")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
