#!/usr/bin/env python3
"""Worst-case stack of every task of an image, against its stack's size.

A task's worst case is the deepest path from its entry function, plus what a preemption at its
deepest point puts on the same stack. What cannot be known is listed, not guessed: recursion, an
indirect call without an annotation, a frame whose size is known at run time only. Then the figure
is a lower bound.

Exit status 1: a stack is smaller than its task's worst case, or more was measured than the worst
case; with --strict, also when something is unknown.
"""
import argparse
import dataclasses
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "stack"))
# pylint: disable=wrong-import-position
from frames import Code
from image import CALLS, GDB_SCRIPT, OTHER, Sources, gdb, lines_of

# ports/cortex-m/switch.S draws what a preempted task has on its stack.
BASIC_FRAME, FP_FRAME = 32, 104
ALIGNMENT = 4  # an exception aligns the stack to 8
FP_CALLEE_SAVED = 64
REMEMBERED = 8  # with an FPU: EXC_RETURN, and a word for alignment
DETOUR_FRAME = 32
# Assembler that runs as part of a switch, and may save what a task has of floating point.
SWITCH_CODE = {"port_switch", "resume_fp", "preempted", "port_task_start", "port_start_first"}
# Masks before it calls anything, and never returns: there is no preemption on top of it.
LAST_WORDS = ("kiln_panic",)


@dataclasses.dataclass
class Row:
    name: str
    size: int
    worst: int
    path: list
    unknown: list
    measured: int = None


class Depths:
    """The deepest path from each function."""

    def __init__(self, code, targets, leaves=()):
        """`targets`: for the address of an indirect call, starts of functions; None: not known.
        What functions of the names in `leaves` call does not count."""
        self.code, self.targets, self.leaves, self.known = code, targets, leaves, {}

    def edges(self, function):
        """(depth, callee's start) of each call, and what is not known about the function."""
        if function.name in self.leaves:
            return [], set()
        edges = [(depth, target) for target, depth in function.calls.items()]
        unknown = {f"{function.name}: {problem}" for problem in function.problems}
        for address, depth in function.indirect.items():
            targets = self.targets[address]
            if targets is None:
                unknown.add(f"{function.name}: an indirect call at {address:#x}, not annotated")
            edges += [(depth, target) for target in targets or ()]
        return edges, unknown

    def of(self, start, above=()):
        """(bytes, path, unknown, every function reached) from a function's entry."""
        if start in self.known:
            return self.known[start]
        function = self.code.functions.get(start)
        if function is None:
            return 0, [], {f"a call of {start:#x}, where no function is"}, set()
        deepest, path = function.depth, []
        reached = {function.name}
        edges, unknown = self.edges(function)
        for depth, target in edges:
            if target in (*above, start):
                unknown.add(f"{function.name}: recursion into {self.code.functions[target].name}")
                continue
            below, below_path, below_unknown, below_reached = self.of(target, (*above, start))
            unknown |= below_unknown
            reached |= below_reached
            if depth + below > deepest:
                deepest, path = depth + below, below_path
        self.known[start] = deepest, [function.name, *path], unknown, reached
        return self.known[start]


class Analysis:
    def __init__(self, image, folders, su_folder):
        self.image, self.su_folder = image, su_folder
        self.sources = Sources(folders)
        self.code = Code(image)
        interesting = [address for address, (operation, operands, *_) in
                       self.code.instructions.items()
                       if operands.startswith("sp, ") or operation in ("bx", "blx")]
        places = lines_of(image, interesting)
        other = frozenset(address for address in interesting
                          if self.sources.annotation(OTHER, places[address]))
        self.code = Code(image, other)
        self.plain = Code(image, other, with_fp=False)
        named = list(self.sources.tasks())
        self.facts = gdb(image, f"source {GDB_SCRIPT}",
                         f"python static_facts({[stack for _, _, stack in named]})")
        self.targets = {address: self.resolve(address, places[address])
                        for function in self.code.functions.values()
                        for address in function.indirect}
        self.depths = Depths(self.code, self.targets)
        self.tasks = self.facts["tasks"] + [self.named_task(*task) for task in named]
        self.disagreements = self.compare_with_compiler()

    def named_task(self, name, entry, stack):
        start, size = self.facts["stacks"][stack]
        return {"name": name, "entry": self.code.by_name[entry][0].start, "stack": start,
                "bytes": size}

    def resolve(self, address, places):
        found = self.sources.annotation(CALLS, places)
        if not found:
            return None
        targets = []
        for name in found[1].replace(",", " ").split():
            targets += [start & ~1 for start in self.facts["functions"].get(name, ())]
            targets += [function.start for function in self.code.by_name.get(name, ())]
        return targets

    def compare_with_compiler(self):
        """-fstack-usage against the disassembly: both must say the same of a compiled function, but
        for the arguments that a variadic one pushes."""
        said = {}
        for path in pathlib.Path(self.su_folder).rglob("*.su"):
            for line in path.read_text().splitlines():
                place, size, _ = line.split("\t")
                said.setdefault(place.rsplit(":", 1)[1], set()).add(int(size))
        return [f"{name}: {function.depth} bytes in the disassembly, {sorted(said[name])} by "
                "-fstack-usage" for name, functions in sorted(self.code.by_name.items())
                if name in said for function in functions
                if function.depth - function.variadic not in said[name]]

    def uses_fp(self, reached):
        return any(function.uses_fp for name in reached - SWITCH_CODE
                   for function in self.code.by_name[name])

    def preemption(self, with_fp):
        """Bytes on a task's stack while another one runs that an interrupt made ready."""
        has_fpu = any(function.uses_fp for function in self.code.by_name["port_switch"])
        frame = BASIC_FRAME + ALIGNMENT
        held = (FP_FRAME + ALIGNMENT + FP_CALLEE_SAVED if with_fp else frame) + \
            (REMEMBERED if has_fpu else 0)
        calm = Depths(self.plain, self.targets, leaves=LAST_WORDS)
        inside, _, unknown, _ = calm.of(self.code.by_name["preempted"][0].start)
        # One more interrupt may come meanwhile: a more urgent one that the kernel does not mask.
        return held + max(DETOUR_FRAME, inside + frame), unknown

    def row(self, task):
        entry = task["entry"] & ~1
        with_fp = self.uses_fp(self.depths.of(entry)[3])
        code = self.code if with_fp else self.plain
        calm, last = Depths(code, self.targets, LAST_WORDS), Depths(code, self.targets)
        extra, unknown = self.preemption(with_fp)
        masked = (FP_FRAME if with_fp else BASIC_FRAME) + ALIGNMENT
        ways = []
        roots = [entry]
        if self.code.functions[entry].returns:  # to what ends the task, on its stack
            roots.append(self.code.by_name["port_task_start"][0].start)
        for root in roots:
            depth, path, _, _ = calm.of(root)
            ways.append((depth + extra, [*path, f"preemption {extra}"]))
            depth, path, not_known, _ = last.of(root)
            ways.append((depth + masked, [*path, f"interrupt {masked}"]))
            unknown = unknown | not_known
        worst, path = max(ways)
        return Row(task["name"], task["bytes"], worst, path, sorted(unknown))

    def main_rows(self):
        """The main stack: main(), and later interrupts, all of the same urgency but for PendSV."""
        handlers = [function.start for function in self.code.functions.values()
                    if function.name.endswith(("_Handler", "_IRQHandler")) and function.name not in
                    ("Reset_Handler", "PendSV_Handler", "HardFault_Handler", "Default_Handler")]
        pend = self.depths.of(self.code.by_name["PendSV_Handler"][0].start)
        deepest = max((self.depths.of(start) for start in handlers), default=(0, [], set(), set()))
        size = self.facts["main_bytes"]
        reset = self.depths.of(self.code.by_name["Reset_Handler"][0].start)
        yield Row("(main)", size, reset[0], reset[1], sorted(reset[2]))
        frame = (FP_FRAME if self.uses_fp(deepest[3] | pend[3]) else BASIC_FRAME) + ALIGNMENT
        yield Row("(interrupts)", size, pend[0] + frame + deepest[0], ["PendSV_Handler", *deepest[1]],
                  sorted(pend[2] | deepest[2]))

    def rows(self):
        return [self.row(task) for task in self.tasks]


def measure(image, machine, stacks, seconds):
    """Runs the image in QEMU to its end, or for so long; (used bytes of each stack, other tasks)."""
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/gdb"
        with subprocess.Popen(
                ["qemu-system-arm", "-M", machine, "-kernel", image, "-display", "none", "-serial",
                 "null", "-monitor", "none", "-icount", "shift=6,sleep=off", "-S",
                 "-semihosting-config", "enable=on,target=native",
                 "-gdb", f"unix:{socket},server=on,wait=off"], stdin=subprocess.DEVNULL) as qemu:
            try:
                while not os.path.exists(socket) and qemu.poll() is None:
                    time.sleep(0.05)
                facts = gdb(image, f"target remote {socket}", "hbreak semihost_exit",
                            f"python import threading, os, signal; threading.Timer({seconds}, "
                            "lambda: os.kill(os.getpid(), signal.SIGINT)).start()",
                            "continue", f"source {GDB_SCRIPT}",
                            f"python measured_facts({stacks})", "python gdb.flush(); os._exit(0)",
                            timeout=seconds + 300)
            finally:
                qemu.kill()
    return facts["used"], facts["strangers"]


def show(rows, verbose):
    print(f"{'task':<18} {'stack':>6} {'worst':>6} {'left':>6} {'measured':>9}")
    for row in rows:
        bound = ">" if row.unknown else " "
        measured = "-" if row.measured is None else row.measured
        print(f"{row.name:<18} {row.size:>6} {bound}{row.worst:>5} {row.size - row.worst:>6} "
              f"{measured:>9}")
        if verbose:
            print("    " + " > ".join(row.path))


def verdicts(rows):
    for row in rows:
        if row.worst > row.size:
            yield f"{row.name}: its stack of {row.size} bytes is smaller than its worst case, " \
                  f"{row.worst}: {' > '.join(row.path)}"
        if row.measured is not None and row.measured > row.worst and not row.unknown:
            yield f"{row.name}: {row.measured} bytes measured, more than the worst case"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("image")
    parser.add_argument("--sources", nargs="+", default=[], help="folders with more annotations")
    parser.add_argument("--machine", help="QEMU's name for the board: measure there, too")
    parser.add_argument("--seconds", type=int, default=15, help="of real time, to measure")
    parser.add_argument("--strict", action="store_true", help="fail when something is unknown")
    parser.add_argument("--paths", action="store_true", help="show each deepest path")
    parser.add_argument("--quiet", action="store_true", help="nothing, when all is well")
    options = parser.parse_args()
    analysis = Analysis(options.image, ["kernel/core", *options.sources],
                        pathlib.Path(options.image).parent)
    rows, strangers = analysis.rows(), []
    if options.machine:
        stacks = [(task["stack"], task["bytes"]) for task in analysis.tasks]
        used, strangers = measure(options.image, options.machine, stacks, options.seconds)
        for row, bytes_ in zip(rows, used):
            row.measured = bytes_
    rows += analysis.main_rows()
    unknown = sorted({line for row in rows for line in row.unknown}) + analysis.disagreements + \
        [f"task {name}: made at run time, not annotated" for name in strangers]
    wrong = list(verdicts(rows))
    if wrong or not options.quiet:
        show(rows, options.paths)
    for line in unknown if wrong or not options.quiet else ():
        print(f"unknown: {line}")
    for line in wrong:
        print(f"stack: {line}", file=sys.stderr)
    sys.exit(1 if wrong or options.strict and unknown else 0)


main()
