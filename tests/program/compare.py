#!/usr/bin/env python3
"""The differential test: the same random programs on the host and on boards in QEMU.

Every image prints, for each block of programs, a number that every call, result and kernel event
went into. Where two homes differ, or one fails, the first program that does so is found and run
again with everything printed, and the first difference is shown with what came before.
"""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = 50
CONTEXT = 12


def command(home: str, arguments: str) -> list[str]:
    if home == "host":
        return ["build/host/differential/differential", "--clock", "virtual"]
    return ["qemu-system-arm", "-M", home, "-nographic", "-monitor", "none", "-serial", "stdio",
            "-icount", "shift=6,sleep=off", "-semihosting-config",
            f"enable=on,target=native,arg=programs,arg={arguments}",
            "-kernel", f"build/{home}/differential/differential.elf"]


def run(home: str, seed: int, count: int, block: int = BLOCK, verbose: bool = False,
        timeout: int = 900) -> tuple[list[str], str]:
    """The lines that an image printed, and what went wrong, if anything did."""
    arguments = f"{seed} {count} {block} {int(verbose)}"
    try:
        done = subprocess.run(command(home, arguments), cwd=ROOT, timeout=timeout,
                              env=os.environ | {"PROGRAM": arguments}, capture_output=True,
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        text = (error.stdout or b"").decode(errors="replace")
        return text.replace("\r", "").splitlines(), f"no end within {timeout} s"
    text = done.stdout.decode(errors="replace").replace("\r", "")
    wrong = done.stderr.decode(errors="replace").strip() or f"exit status {done.returncode}"
    return text.splitlines(), wrong if done.returncode else ""


def first_difference(a: list[str], b: list[str]) -> int:
    return next((i for i, pair in enumerate(zip(a, b)) if pair[0] != pair[1]),
                min(len(a), len(b)))


def finished(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("programs to ")]


def show_failure(home: str, seed: int, wrong: str) -> None:
    lines, _ = run(home, seed, 1, 1, verbose=True)
    print(f"  {home}: program {seed}: {wrong}")
    for line in lines[-CONTEXT:]:
        print(f"    {line}")


def show_difference(home: str, seed: int) -> None:
    host, board = (run(name, seed, 1, 1, verbose=True)[0] for name in ("host", home))
    at = first_difference(host, board)
    print(f"  program {seed} differs on {home} in line {at + 1} of what it does")
    for line in host[max(at - CONTEXT, 0):at]:
        print(f"    both: {line}")
    print(f"    host: {' | '.join(host[at:at + 3])}")
    print(f"    {home}: {' | '.join(board[at:at + 3])}")


def explain(home: str, seed: int, count: int) -> int:
    """Finds the first bad program of a range that has one; returns its seed."""
    host, _ = run("host", seed, count, 1)
    mine, wrong = (host, "") if home == "host" else run(home, seed, count, 1)
    at = len(finished(host)) if home == "host" else first_difference(finished(host),
                                                                     finished(mine))
    bad = seed + min(at, count - 1)
    wrong = wrong or run(home, bad, 1, 1)[1]
    if wrong:
        show_failure(home, bad, wrong)
    else:
        show_difference(home, bad)
    return bad


def check(home: str, result: tuple[list[str], str], host: list[str], seed: int,
          count: int) -> bool:
    """Compares as far as the host got: where that failed, it says so itself."""
    lines, wrong = result
    same = finished(lines)[:len(host)] == host
    complete = home != "host" or len(host) == -(-count // BLOCK)
    if same and complete and not wrong:
        print(f"  ok    {home:<12} {min(count, len(host) * BLOCK)} programs, {total(host)} calls")
        return True
    print(f"  FAIL  {home:<12} {wrong.splitlines()[-1] if wrong else 'differs from the host'}")
    start = first_difference(finished(lines), host) if home != "host" else len(host)
    bad = explain(home, seed + start * BLOCK, min(BLOCK, count - start * BLOCK))
    print(f"  repeat: make differential SEED={bad} PROGRAMS=1")
    return False


def total(lines: list[str]) -> int:
    return sum(int(line.split()[3]) for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("boards", nargs="*")
    options = parser.parse_args()
    if options.programs < 1:
        parser.error(f"--programs must be 1 or more: {options.programs}")
    homes = ["host"] + options.boards
    print(f"differential: SEED={options.seed} PROGRAMS={options.programs}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda home: run(home, options.seed, options.programs), homes))
    host = finished(results[0][0])
    passed = [check(home, result, host, options.seed, options.programs)
              for home, result in zip(homes, results)]
    print(f"differential: {passed.count(True)} passed, {passed.count(False)} failed")
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
