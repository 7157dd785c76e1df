#!/usr/bin/env python3
"""Faults on a board: faults.py BOARD MACHINE IMAGE. Prints TAP.

Each case runs the image of tests/system/faults in QEMU once, with the number of the case written
into its RAM before the reset, and looks for the line and the exit status that it must end with.
"""
import subprocess
import sys

CASES = [
    (0, "ends well without a fault", 0, []),
    (1, "double init names object and task", 1,
     ["panic: initialised twice", "wrong_sem", "guilty_task"]),
    (2, "stack overflow is caught and names the task", 1, ["stack overflow", "guilty_task"]),
    (3, "an undefined instruction says where, and the task", 1, ["fault at 0x", "guilty_task"]),
    (4, "a null object names the task", 1, ["panic: null object", "guilty_task"]),
    (5, "a fault while printing: what an interrupt printed meanwhile comes first", 1,
     ["half a text  ", "\nfrom the interrupt\n\nkiln: fault at 0x", "guilty_task"]),
]


def address_of(image, symbol):
    table = subprocess.run(["arm-none-eabi-nm", image], capture_output=True, text=True, check=True)
    return next(line.split()[0] for line in table.stdout.splitlines()
                if line.split()[-1] == symbol)


def run(machine, image, address, case):
    return subprocess.run(
        ["qemu-system-arm", "-M", machine, "-kernel", image, "-display", "none", "-monitor", "none",
         "-serial", "stdio", "-icount", "shift=6,sleep=off",
         "-semihosting-config", "enable=on,target=native",
         "-device", f"loader,addr=0x{address},data={case},data-len=4"],
        capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL, check=False)


def main():
    board, machine, image = sys.argv[1:]
    address = address_of(image, "wrong_case")
    failed = 0
    print(f"1..{len(CASES)}")
    for number, (case, title, status, words) in enumerate(CASES, 1):
        done = run(machine, image, address, case)
        missing = [word for word in words if word not in done.stdout]
        good = done.returncode == status and not missing
        print(f"{'ok' if good else 'not ok'} {number} - faults on {board}: {title}")
        if not good:
            failed += 1
            print(f"# exit status {done.returncode}, missing {missing}, printed {done.stdout!r}")
    sys.exit(1 if failed else 0)


main()
