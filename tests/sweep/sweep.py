#!/usr/bin/env python3
"""Interrupt sweep: an interrupt at every instruction of every kernel service, on boards in QEMU.

    sweep.py [--stride N] [--list] BOARD...            all of it
    sweep.py --only SCENARIO/KIND[/OFFSET] BOARD...    one scenario, or one interrupt of it

`make sweep-images` builds what this runs. Prints a line for each board, what was interrupted of the
kernel, and last how many sweeps passed, a scenario with one kind of interrupt each.
"""
import argparse
import collections
import concurrent.futures
import dataclasses
import os
import re
import subprocess
import sys
import time

PLUGIN = "build/qsweep.so"
KINDS = ["kernel", "urgent", "kernel-fp", "urgent-fp"]
STARTUP = ["startup", "startup-urgent"]
FAILURES_MAX = 10
SECONDS_MAX = 900
HANGS = 3  # exit status of the plugin
MISSED_MAX = 0.02  # of the kernel's executed instructions, when every offset is swept

ARCHITECTURES = {"microbit": "v6-M", "mps2-an385": "v7-M", "mps2-an386": "v7E-M, FPU",
                 "mps2-an505": "v8-M, FPU"}

# Only a bug leads there, or the end of it all.
BUG_OBJECTS = ("/panic.o", "/fault.o", "/semihost.o")
BUG_FUNCTIONS = ("port_halt", "port_stop", "kiln_stop", "port_panic_putc", "Default_Handler",
                 "HardFault_Handler", "port_fault_entry")
# Not the kernel's, though in its folders: what the sweep checks with.
CHECKER = "kernel/diag/check.o"


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@dataclasses.dataclass
class Function:
    """A function of kernel or port."""
    name: str
    path: str   # of its object
    code: dict  # address -> operation and operands

    def is_for_bugs(self):
        return self.path.endswith(BUG_OBJECTS) or self.name in BUG_FUNCTIONS


# ---- The image ------------------------------------------------------------------------------

class Image:
    """Symbols, functions and instructions of a board's image."""

    def __init__(self, board):
        self.board = board
        self.folder = f"build/{board}/sweep"
        self.path = f"{self.folder}/sweep.elf"
        self.symbols = {}
        for line in output_of("arm-none-eabi-nm", self.path).splitlines():
            address, _, name = line.split()
            self.symbols[name] = int(address, 16)
        entries = [(address, name[len("scenario_"):-len("_entry")])
                   for name, address in self.symbols.items()
                   if re.fullmatch(r"scenario_\w+_entry", name)]
        self.scenarios = [name for _, name in sorted(entries)]
        self.functions = list(self.kernel_functions())

    def kernel_functions(self):
        """Those of kernel and port. A nop there is for alignment, after the end of something."""
        objects = self.objects()
        listing = output_of("arm-none-eabi-objdump", "-d", "--no-show-raw-insn", self.path)
        for name, body in re.findall(r"^[0-9a-f]+ <(\S+)>:\n((?:.+\n)*)", listing, re.MULTILINE):
            code = {int(address, 16): operation for address, operation in
                    re.findall(r"^ *([0-9a-f]+):\t([^.\s].*)$", body, re.MULTILINE)
                    if not operation.startswith("nop")}
            path = next((objects[at] for at in code if at in objects), CHECKER)
            if not path.endswith(CHECKER):
                yield Function(name, path, code)

    def objects(self):
        """Address -> object file, for the code of kernel and port."""
        with open(f"{self.folder}/sweep.map", encoding="utf-8") as file:
            text = re.sub(r"\n (\.text\S+)\n +0x", r"\n \1 0x", file.read())
        table = {}
        for start, size, path in re.findall(
                r"^ \.text\S* +0x([0-9a-f]+) +0x([0-9a-f]+) (\S*/(?:kernel|ports)/\S+\.o)$", text,
                re.MULTILINE):
            for address in range(int(start, 16), int(start, 16) + int(size, 16), 2):
                table[address] = path
        return table

    def place(self, address):
        """An address as function, file and line."""
        name, line = output_of("arm-none-eabi-addr2line", "-s", "-f", "-e", self.path,
                               f"{address:x}").split("\n")[:2]
        return f"{name} ({line.split(' ')[0]})"

    def number(self, scenario, kind):
        """As the image counts: kinds of scenarios, then the two of the start-up."""
        if kind in STARTUP:
            return len(KINDS) * len(self.scenarios) + STARTUP.index(kind)
        return KINDS.index(kind) * len(self.scenarios) + self.scenarios.index(scenario)

    def name(self, number):
        kind, scenario = divmod(number, len(self.scenarios))
        return ((self.scenarios[scenario], KINDS[kind]) if kind < len(KINDS) else
                ("reset", STARTUP[scenario]))

    def handler(self):
        return self.symbols["TIMER1_IRQHandler" if self.board == "microbit" else "TIMER0_Handler"]


# ---- A run ----------------------------------------------------------------------------------

@dataclasses.dataclass
class Plan:
    """What the image finds in its memory: struct plan in main.c."""
    first: int = 0
    is_one: int = 0
    has_offset: int = 0
    offset: int = 0
    stride: int = 1

    def options(self, address):
        words = dataclasses.astuple(self)
        return [word for i, value in enumerate(words) for word in
                ("-device", f"loader,addr={address + 4 * i:#x},data={value},data-len=4")]


def boot(image, plan, out):
    """Returns exit status (None: too long) and output."""
    at = image.symbols
    options = {"flash": at["__flash_start"], "bytes": min(at["__flash_end"] - at["__flash_start"],
                                                          1 << 20),
               "handler": image.handler(), "go": at["sweep_go"]}
    plugin = ",".join([f"{PLUGIN},out={out}", f"go={at['sweep_go_at_reset_load']:x}"] +
                      [f"{name}={value:x}" for name, value in options.items()] +
                      [f"{name}={at['sweep_tell_' + name]:x}"
                       for name in ("scenario", "offset", "fired", "begun", "waking", "woken")])
    command = ["qemu-system-arm", "-M", image.board, "-nographic", "-monitor", "none", "-serial",
               "stdio", "-icount", "shift=6,sleep=off", "-semihosting-config",
               "enable=on,target=native", "-plugin", plugin, "-kernel", image.path,
               *plan.options(at["sweep_plan"])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX,
                              errors="replace", stdin=subprocess.DEVNULL, check=False)
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired as expired:
        return None, (expired.stdout or b"").decode(errors="replace")


class Result:
    """What the runs of a board said, taken together."""

    def __init__(self, image):
        self.image = image
        self.passed, self.failures = [], []
        self.executed, self.taken, self.due = set(), set(), set()
        self.interrupts = self.late = 0
        self.responses = collections.Counter()
        self.response_at = {}
        self.last = [0, 0, 0, 0]

    def read(self, out):
        with open(out, encoding="utf-8") as file:
            for kind, *fields in (line.split() for line in file):
                if kind == "at":
                    self.add_site(int(fields[0], 16), *map(int, fields[1:]))
                elif kind == "runs":
                    self.interrupts += int(fields[0])
                    self.late += int(fields[1])
                elif kind == "response":
                    self.add_response(int(fields[0]), int(fields[1]), int(fields[2], 16))
                elif kind == "last":
                    self.last = [int(fields[0]), int(fields[1]), int(fields[2], 16),
                                 int(fields[3], 16)]

    def add_site(self, address, executed, taken, due):
        for number, sites in ((executed, self.executed), (taken, self.taken), (due, self.due)):
            if number:
                sites.add(address)

    def add_response(self, number, instructions, address):
        if instructions > self.responses[number]:
            self.responses[number] = instructions
            self.response_at[number] = address

    def longest_responses(self, count):
        """Without the start-up: until the tasks start, none can run."""
        return [(number, instructions) for number, instructions in self.responses.most_common()
                if self.image.name(number)[1] in KINDS][:count]

    def add_failure(self, status, text):
        """The last run is to blame, whatever became of it."""
        scenario, kind = self.image.name(self.last[0])
        offset, due, taken = self.last[1:]
        how = {None: "does not end", HANGS: "hangs"}.get(status, f"exit status {status}")
        lines = [f"FAILED {self.image.board} {scenario}/{kind}/{offset}: {how}"]
        if due < 1 << 32:
            lines.append(f"  due at {due:#x} {self.image.place(due)}")
        if taken < 1 << 32 and taken != due:
            lines.append(f"  taken at {taken:#x} {self.image.place(taken)}")
        lines += ["  | " + line for line in text.splitlines()
                  if line and not line.startswith("pass ")][-6:]
        lines.append(f"  repeat: python3 tests/sweep/sweep.py --only {scenario}/{kind}/{offset} "
                     f"{self.image.board}")
        self.failures.append("\n".join(lines))


def run_board(image, plan):
    """Goes on after a failure with the next scenario, in a new image."""
    result = Result(image)
    out = f"{image.folder}/qsweep.txt"
    end = image.number("reset", STARTUP[-1])
    while True:
        if os.path.exists(out):
            os.remove(out)
        status, text = boot(image, plan, out)
        result.passed += re.findall(r"^pass (\S+ \S+) \d+", text, re.MULTILINE)
        if os.path.exists(out):
            result.read(out)
        if status == 0:
            break
        result.add_failure(status, text)
        plan = dataclasses.replace(plan, first=result.last[0] + 1)
        if status is None or plan.is_one or plan.first > end or \
                len(result.failures) == FAILURES_MAX:
            break
    if result.late:
        result.failures.append(f"FAILED {image.board}: {result.late} interrupts were not due when "
                               "they were meant to be")
    if status == 0 and not result.passed:
        result.failures.append(f"FAILED {image.board}: nothing was swept")
    return result


# ---- What it says ---------------------------------------------------------------------------

def leads_to_panic(code, executed):
    """The addresses of a function from where every way ends in kiln_panic(), but for executed
    ones."""
    order = sorted(code)
    follower = dict(zip(order, order[1:]))
    found = {at for at in order if "<kiln_panic>" in code[at]}

    def leads(at):
        operation, _, operands = code[at].partition("\t")
        jump = re.match(r"(?:\w+, )?([0-9a-f]+) <", operands)
        ways = []
        if not re.fullmatch(r"(b|bx|b\.n|b\.w)", operation) and "pc}" not in operands:
            ways.append(follower.get(at))
        if jump and not operation.startswith("bl"):
            ways.append(int(jump[1], 16))
        return bool(ways) and all(way in found for way in ways)

    while True:
        more = {at for at in order if at not in executed and at not in found and leads(at)}
        if not more:
            return found
        found |= more


def classes_of(result):
    """Instructions of kernel and port by what befell them: class -> {function: addresses}."""
    classes = {name: {} for name in ("taken", "due", "executed", "bug", "other")}
    for function in result.image.functions:
        panics = leads_to_panic(function.code, result.executed)
        for address in function.code:
            if address in result.taken:
                kind = "taken"
            elif address in result.due:
                kind = "due"
            elif address in result.executed:
                kind = "executed"
            else:
                kind = "bug" if function.is_for_bugs() or address in panics else "other"
            classes[kind].setdefault(function.name, []).append(address)
    return classes


def size(functions):
    return sum(map(len, functions.values()))


TABLE = "{:11} {:11} {:>10} {:>8} {:>8} {:>8} {:>8} {:>9} {:>11} {:>8}"


def print_table(results):
    print("\nInstructions of kernel and port:")
    print(TABLE.format("board", "", "interrupts", "in image", "executed", "taken", "due only",
                       "only seen", "bugs' paths", "unreached"))
    for result in results:
        found = {name: size(functions) for name, functions in classes_of(result).items()}
        total = sum(found.values())
        print(TABLE.format(result.image.board, ARCHITECTURES[result.image.board],
                           result.interrupts, total, found["taken"] + found["due"] +
                           found["executed"], found["taken"], found["due"], found["executed"],
                           found["bug"], found["other"]))


def check_reach(result):
    """A sweep that hardly interrupts anything proves nothing."""
    found = {name: size(functions) for name, functions in classes_of(result).items()}
    reached = found["taken"] + found["due"]
    if found["executed"] > MISSED_MAX * (reached + found["executed"]):
        result.failures.append(f"FAILED {result.image.board}: {found['executed']} instructions "
                               "were executed and never interrupted")


def print_functions(title, functions):
    if functions:
        print(f"{title}: " + ", ".join(f"{name} {len(code)}"
                                       for name, code in sorted(functions.items())))


def print_lists(result, addresses):
    found = classes_of(result)
    print(f"\n{result.image.board}:")
    for title, name in (("due there, never taken", "due"), ("executed, never due", "executed"),
                        ("only a bug leads there", "bug"), ("not reached", "other")):
        if addresses or name in ("executed", "other"):
            print_functions("  " + title, found[name])
        if addresses and name in ("executed", "other"):
            for code in found[name].values():
                print("\n".join(f"    {at:x} {result.image.place(at)}" for at in code))
    for number, instructions in result.longest_responses(6 if addresses else 3):
        print(f"  due to woken: {instructions:4} instructions in "
              f"{'/'.join(result.image.name(number))}, due at "
              f"{result.image.place(result.response_at[number])}")


def plan_of(image, only, stride):
    if only is None:
        return Plan(stride=stride)
    scenario, kind, *offset = only.split("/")
    return Plan(first=image.number(scenario, kind), is_one=1, has_offset=len(offset),
                offset=int(offset[0]) if offset else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--stride", type=int, default=1, help="every N-th offset only")
    parser.add_argument("--only", metavar="SCENARIO/KIND[/OFFSET]", help="one of them")
    parser.add_argument("--list", action="store_true", help="addresses that were not interrupted")
    parser.add_argument("boards", nargs="+", choices=ARCHITECTURES, metavar="BOARD")
    args = parser.parse_args()
    start = time.monotonic()
    images = [Image(board) for board in args.boards]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        # The longest first: those with floating point.
        order = sorted(images, key=lambda image: "FPU" not in ARCHITECTURES[image.board])
        futures = {image.board: pool.submit(run_board, image,
                                            plan_of(image, args.only, args.stride))
                   for image in order}
        results = [futures[board].result() for board in args.boards]
    if args.only is None:
        for result in results:
            if args.stride == 1 and not result.failures:
                check_reach(result)
        print_table(results)
        for result in results:
            print_lists(result, args.list)
        print()
    for result in results:
        print("\n".join(result.failures), end="\n" if result.failures else "")
    passed = sum(len(result.passed) for result in results)
    failed = sum(len(result.failures) for result in results)
    print(f"{sum(result.interrupts for result in results)} interrupts, "
          f"{time.monotonic() - start:.1f} s")
    print(f"sweep: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
