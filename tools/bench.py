#!/usr/bin/env python3
"""Runs Kiln's benchmarks and judges them. `make bench` builds what this needs.

    bench.py board BOARD --handler NAME   instructions per operation, and Thread-Metric, in QEMU
    bench.py host                         nanoseconds per operation of a Linux process
    bench.py footprint BOARD...           sizes, and stack used per wait
    bench.py table                        everything that is in build/bench.json

Each run replaces its rows in build/bench.json: a list of {"home", "row", "unit", "median", "min",
"max", "ratio"}. On the host `ratio` is to one swapcontext() of the same run, and the goals are
limits of it. Elsewhere it is to the goal (null where there is none), and 1 or less meets it, also
where more is better: goal / measured there, measured / goal in all other rows.

A board's loop rows are what a loop of plain calls costs, with the instructions that load the
arguments and the call itself, less an empty loop; the rows NAME_body are the same without them:
from the first instruction of the function to the first after its return. Span rows count from one
function's first instruction to the next instruction in another. See tests/bench/ops/main.c.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys

from bench_rows import PRINT_ROWS, make_row, print_table, load_rows, set_ratios, store_rows

PLUGIN = "build/qcount.so"

# ---- What is counted ------------------------------------------------------------------------

LOOP_ROWS = ["yield", "sem_roundtrip", "sem_pair", "mutex_pair", "queue4_pair", "queue16_pair",
             "pool_pair", "irq_mask_pair"]

# What tracing adds is measured with these: row -> its events. They have no interrupts, whose time the
# ring's would change.
TRACED_ROWS = {"yield": 1, "sem_pair": 2, "mutex_pair": 2}
TRACED_IMAGES = [("traced", "trace_event"), ("ring", "trace_ring_event")]

# Span rows: row -> the functions it begins and ends in; HANDLER and TICK stand for the board's.
SPAN_ROWS = {
    "give_run": ("kiln_sem_give", "helper_give_run"),
    "queue_wake": ("kiln_queue_send", "helper_queue_wake"),
    "queue16_wake": ("kiln_queue_send", "helper_queue16_wake"),
    "isr_give": ("HANDLER", "row_isr_give"),
    "isr_task": ("HANDLER", "helper_isr_task"),
    "tick_quiet": ("TICK", "row_tick_quiet"),
    "tick_wake": ("TICK", "helper_tick_wake"),
    "tick_wake_10": ("TICK", "helper_tick_wake"),
}

# Loop rows in which a task must get to run each time: row -> a span that shows it.
PROOF_SPANS = {"sem_roundtrip": ("kiln_sem_give", "helper_sem_roundtrip")}

# Bodies: row -> spans whose medians add up.
BODY_ROWS = {
    "yield": [("kiln_task_yield", "helper_yield")],
    "sem_pair": [("kiln_sem_give", "row_sem_pair"), ("kiln_sem_take", "row_sem_pair")],
    "mutex_pair": [("kiln_mutex_lock", "row_mutex_pair"), ("kiln_mutex_unlock", "row_mutex_pair")],
    "queue4_pair": [("kiln_queue_send", "row_queue4_pair"),
                    ("kiln_queue_receive", "row_queue4_pair")],
    "queue16_pair": [("kiln_queue_send", "row_queue16_pair"),
                     ("kiln_queue_receive", "row_queue16_pair")],
    "pool_pair": [("kiln_pool_alloc", "row_pool_pair"), ("kiln_pool_free", "row_pool_pair")],
}


def fail(text):
    sys.exit(f"bench: {text}")


def run(command, seconds):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              errors="replace", stdin=subprocess.DEVNULL, timeout=seconds)
    except subprocess.TimeoutExpired:
        fail(f"still running after {seconds} s: {' '.join(command)}")
    if done.returncode != 0:
        fail(f"status {done.returncode} from {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


# ---- Images ---------------------------------------------------------------------------------

def image_path(board, name, variant=None):
    folder = f"{name}-{variant}" if variant else name
    return f"build/{board}/{folder}/{name}.elf"


def symbols(image):
    """Name -> (address, size), without the Thumb bit."""
    table = {}
    for line in run(["arm-none-eabi-nm", "-S", image], 20).splitlines():
        fields = line.split()
        if len(fields) == 4:
            table[fields[3]] = (int(fields[0], 16) & ~1, int(fields[1], 16))
        elif len(fields) == 3 and fields[1] in "tTW":
            table[fields[2]] = (int(fields[0], 16) & ~1, 0)
    return table


def board_variable(board, name):
    with open(f"ports/cortex-m/boards/{board}/board.mk", encoding="utf-8") as file:
        match = re.search(rf"^{name}\s*:?=\s*(.*?)\s*$", file.read(), re.MULTILINE)
    return match.group(1) if match else None


def qemu(board, image, plugin=None, seconds=120):
    """Time is what the instructions take, and idle time takes none: with sleep=on, a sleep would
    last until the machine wakes the emulator, and the row behind it would begin late in its tick."""
    command = ["qemu-system-arm", "-M", board_variable(board, "QEMU_MACHINE"), "-kernel", image,
               "-nographic", "-monitor", "none", "-serial", "stdio", "-semihosting",
               "-icount", "shift=5,sleep=off"]
    if plugin is not None:
        command += ["-plugin", plugin]
    return run(command, seconds)


# ---- Instructions per operation -------------------------------------------------------------

class Counted:
    """What qcount saw while an image ran, per row that the image announced."""

    def __init__(self, board, name, spans, tick, variant=None):
        image = image_path(board, name, variant)
        table = symbols(image)
        out = f"{os.path.dirname(image)}/qcount.txt"
        options = [PLUGIN, f"out={out}", f"entry={table[tick][0]:x}"]
        for span, (start, end) in spans.items():
            if start in table and end in table:
                low, size = table[end]
                options.append(f"span={span}:{table[start][0]:x}:{low:x}:{low + size:x}")
        console = qemu(board, image, ",".join(options))
        self.rounds = {}  # row -> [(instructions, ticks, {span: [instructions]})]
        self.shape = {}   # row -> (turns, operations a turn)
        self.differing = re.findall(r"^differs (\S+)", console, re.MULTILINE)
        with open(out, encoding="utf-8") as file:
            self.pair(re.findall(r"^row (\S+) (\d+) (\d+)", console, re.MULTILINE), list(file))

    def pair(self, announced, lines):
        intervals, begin, spans = [], None, {}
        for fields in (line.split() for line in lines):
            if fields[0] == "span" and begin is not None:
                spans.setdefault(fields[1], []).append(int(fields[2]))
            elif fields[0] == "mark" and begin is None:
                begin, spans = [int(number) for number in fields[2:]], {}
            elif fields[0] == "mark":
                end = [int(number) for number in fields[2:]]
                intervals.append((end[0] - begin[0], end[1] - begin[1], spans))
                begin = None
        if begin is not None or len(intervals) != len(announced) or not announced:
            fail(f"{len(announced)} rows announced, {len(intervals)} measured")
        for (name, turns, operations), interval in zip(announced, intervals):
            self.rounds.setdefault(name, []).append(interval)
            self.shape[name] = (int(turns), int(operations))

    def loop_costs(self, row):
        """Instructions per operation, per round, less the empty loop."""
        turns, operations = self.shape[row]
        empty = self.rounds["empty"][0][0]
        if any(ticks for _, ticks, _ in self.rounds[row]):
            fail(f"a tick fell into row {row}: make its loop shorter")
        # What comes before the loop is less than one instruction a turn: rounding takes it off.
        return [round((total - empty) / turns) / operations for total, _, _ in self.rounds[row]]

    def span_costs(self, row, span):
        """Instructions of each time that a span was passed through in a row."""
        costs = [cost for _, _, spans in self.rounds[row] for cost in spans.get(span, [])]
        turns = self.shape[row][0]
        if len(costs) < turns * len(self.rounds[row]) - 1:
            fail(f"row {row}: span {span} was seen {len(costs)} times only")
        return costs


def body_spans():
    return {f"{row}.{start}": (start, end)
            for row, parts in BODY_ROWS.items() for start, end in parts}


def operation_rows(board, handler, tick):
    names = {"HANDLER": handler, "TICK": tick}
    spans = {row: (names.get(start, start), end) for row, (start, end) in SPAN_ROWS.items()}
    spans.update(body_spans() | PROOF_SPANS)
    ops, ticks = (Counted(board, image, spans, tick) for image in ("bench-ops", "bench-ticks"))
    costs = {row: ops.loop_costs(row) for row in LOOP_ROWS}
    for row in PROOF_SPANS:
        ops.span_costs(row, row)
    for row in SPAN_ROWS:
        costs[row] = (ticks if row.startswith("tick") else ops).span_costs(row, row)
    for row, parts in BODY_ROWS.items():
        each = [statistics.median(ops.span_costs(row, f"{row}.{start}")) for start, _ in parts]
        costs[f"{row}_body"] = [sum(each)]
    return [make_row(board, row, "instructions", values) for row, values in costs.items()]


def trace_rows(board, tick, plain):
    """What each event adds to `plain`, without a listener and into a ring."""
    medians = {row["row"]: row["median"] for row in plain}
    rows = []
    for variant, name in TRACED_IMAGES:
        counted = Counted(board, "bench-ops", {}, tick, variant)
        rows.append(make_row(board, name, "instructions",
                             [(statistics.median(counted.loop_costs(row)) - medians[row]) / events
                              for row, events in TRACED_ROWS.items()]))
    return rows


def print_rows(board, tick):
    """kiln_snprintf(), and that of either library where it writes the same."""
    costs = {}
    for library in ("nano", "newlib"):
        counted = Counted(board, "bench-print", {}, tick, library)
        for row in PRINT_ROWS:
            costs[row] = counted.loop_costs(row)
            if row not in counted.differing:
                costs[f"{row}_{library}"] = counted.loop_costs(f"{row}_newlib")
    return [make_row(board, row, "instructions", values) for row, values in costs.items()]


def metric_rows(board):
    """The Thread-Metric tests: thousands of rounds per 30 virtual seconds."""
    console = qemu(board, image_path(board, "bench-metric"))
    rows = []
    for name, count, ms in re.findall(r"^metric (\S+) (\d+) (\d+)$", console, re.MULTILINE):
        thousands = int(count) * 30 / int(ms)
        rows.append(make_row(board, f"tm_{name}", "1000/30 s", [thousands]))
    if len(rows) != 8:
        fail(f"bench-metric on {board} said\n{console}")
    return rows


def source_line(image, address):
    """The function that an address is in, and the line there, whatever was inlined."""
    name, line = run(["arm-none-eabi-addr2line", "-s", "-i", "-f", "-e", image, address],
                     20).strip().split("\n")[-2:]
    return f"{name} ({line.split(' ')[0]})"


def masked_rows(board):
    """The longest stretch with interrupts masked; says where the worst ones begin and end."""
    image = image_path(board, "bench-masked")
    out = f"build/{board}/bench-masked/qcount.txt"
    console = qemu(board, image, f"{PLUGIN},out={out},masked=on")
    with open(out, encoding="utf-8") as file:
        text = file.read()
    found = sorted(((int(length), start, end) for length, start, end in
                    re.findall(r"^masked (\d+) (\S+) (\S+)$", text, re.MULTILINE)), reverse=True)
    if not found or not re.search(r"^stress [1-9]", console, re.MULTILINE):
        fail(f"bench-masked on {board} said\n{console}")
    if "unbalanced 0\n" not in text:
        fail(f"bench-masked on {board}: cannot follow the masks: {text.splitlines()[-1]}")
    print(f"Longest masked sections on {board}, instructions, from, to:")
    for length, start, end in found[:5]:
        print(f"  {length:5} {source_line(image, start)}, {source_line(image, end)}")
    return [make_row(board, "masked_max", "instructions", [found[0][0]])]


def bench_board(board, handler, tick):
    operations = operation_rows(board, handler, tick)
    rows = set_ratios(operations + trace_rows(board, tick, operations) + print_rows(board, tick) +
                      metric_rows(board) + masked_rows(board))
    store_rows(rows)
    print_table(rows)


# ---- Nanoseconds on the host ----------------------------------------------------------------

def host_rows(image, suffix):
    """Each round's rows are compared with the swapcontext() of the same round."""
    values, ratios, swaps = {}, {}, []
    for kind, *fields in (line.split() for line in run([image], 240).splitlines()):
        if kind == "swap":
            swaps.append(float(fields[0]))
        elif kind == "row":
            values.setdefault(fields[0], []).append(float(fields[1]))
            ratios.setdefault(fields[0], []).append(float(fields[1]) / swaps[-1])
    if not values:
        fail(f"{image} measured nothing")
    rows = [make_row("host", f"swapcontext{suffix}", "ns", swaps, 1)]
    for name, each in values.items():
        in_ms = name.endswith("_ms")
        rows.append(make_row("host", name + suffix, "ms" if in_ms else "ns", each,
                             None if in_ms else statistics.median(ratios[name])))
    return rows


def host_trace_rows(plain):
    """What each event adds to sem_pair, without a listener and into a ring."""
    def median(rows):
        return next(row["median"] for row in rows if row["row"] == "sem_pair")
    return [make_row("host", name, "ns",
                     [(median(host_rows(f"build/host/bench-host-{variant}/bench-host", "")) -
                       median(plain)) / TRACED_ROWS["sem_pair"]])
            for variant, name in TRACED_IMAGES]


MASKED_RUNS = 7


def host_masked_rows():
    """The longest masked section, and all but one in a thousand: nanoseconds in real time, and
    blocks executed in virtual time, where nothing else is in the way."""
    found = []
    for _ in range(MASKED_RUNS):
        found.append(masked_line("bench-masked", "real"))
    blocks = masked_line("bench-masked-blocks", "virtual")[2]
    return [make_row("host", "masked_max", "ns", [longest for longest, _, _ in found]),
            make_row("host", "masked_999_permille", "ns", [most for _, most, _ in found]),
            make_row("host", "masked_max_blocks", "blocks", [blocks])]


def masked_line(image, clock):
    text = run([f"build/host/{image}/bench-masked", "--clock", clock], 60)
    match = re.search(r"^masked (\d+) (\d+) (\d+)$", text, re.MULTILINE)
    if match is None:
        fail(f"{image} said\n{text}")
    return [int(number) for number in match.groups()]


def bench_host():
    plain = host_rows("build/host/bench-host/bench-host", "")
    rows = (plain + host_trace_rows(plain) +
            host_rows("build/host/bench-host-default/bench-host", "_default") +
            host_masked_rows())
    store_rows(rows)
    print_table(rows)


# ---- Footprint ------------------------------------------------------------------------------

# Counted as the kernel: all of kernel/, and of the port what starts tasks, switches and ticks.
# Not counted, as it is not in the peers' figures: vectors and reset, console, faults, exit of the
# emulator, the C library, the program with its objects and stacks.
KERNEL_FILES = re.compile(
    r"/(kernel/.*|ports/cortex-m/(port|switch|switch_\w+|systick|nrf51_timer))\.o$")
MAP_LINE = re.compile(r"^ (\.\S+|kiln_\S+)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S+)$")


def map_sections(board, name):
    """Every input section that the linker kept: (name, address, size, object file)."""
    folder = f"build/{board}/{name}"
    with open(f"{folder}/{name.split('-')[0]}.map", encoding="utf-8") as file:
        text = file.read().split("Linker script and memory map", 1)[1]
    text = re.sub(r"\n (\.\S+|kiln_\S+)\n +0x", r"\n \1 0x", text)
    for line in text.splitlines():
        match = MAP_LINE.match(line)
        if match and match.group(1) and int(match.group(3), 16) != 0:
            yield (match.group(1), int(match.group(2), 16), int(match.group(3), 16),
                   match.group(4))


def kernel_sizes(board, name):
    """Bytes of code and constants, and of variables without stacks."""
    text = data = 0
    for section, address, size, file in map_sections(board, name):
        if not KERNEL_FILES.search(file) or section.startswith((".debug", ".comment", ".ARM")):
            continue
        if section.startswith((".text", ".rodata")):
            text += size
        elif address >= 0x20000000 and "stack" not in section:
            data += size
            text += size if section.startswith(".data") else 0
    return text, data


def image_ram(board, name):
    """All of an image's RAM, stacks and the program's own objects too."""
    sections = run(["arm-none-eabi-size", "-A", f"build/{board}/{name}/{name.split('-')[0]}.elf"], 20)
    return sum(int(size) for size, address in re.findall(r"^\S+ +(\d+) +(\d+)$", sections, re.M)
               if int(address) >= 0x20000000)


def footprint_rows(board, name, suffix):
    text, data = kernel_sizes(board, name)
    table = symbols(f"build/{board}/{name}/{name.split('-')[0]}.elf")
    sizes = {"text_rodata": text, "data_bss": data, "ram_image": image_ram(board, name)}
    sizes.update({kind: table[f"size_{kind}"][1] for kind in ("tcb", "sem", "mutex", "queue",
                                                              "timer")})
    if not text or not data:
        fail(f"no kernel in the map of {name} on {board}")
    return [make_row(board, kind + suffix, "bytes", [size]) for kind, size in sizes.items()]


def stack_rows(board):
    console = qemu(board, image_path(board, "bench-stack"))
    found = re.findall(r"^(?:stack|ram) (\S+) (\d+)$", console, re.MULTILINE)
    if len(found) != 6:
        fail(f"bench-stack on {board} said\n{console}")
    return [make_row(board, name, "bytes", [int(size)]) for name, size in found]


def bench_footprint(boards):
    rows = []
    for board in boards:
        rows += footprint_rows(board, "footprint", "") + stack_rows(board)
        rows += footprint_rows(board, "footprint-default", "_default")
    store_rows(set_ratios(rows))
    print_table(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    board = commands.add_parser("board")
    board.add_argument("board")
    board.add_argument("--handler", required=True, help="the interrupt that the images use")
    board.add_argument("--tick", default="SysTick_Handler", help="the tick's handler")
    commands.add_parser("host")
    footprint = commands.add_parser("footprint")
    footprint.add_argument("boards", nargs="+")
    commands.add_parser("table")
    args = parser.parse_args()
    if args.command == "board":
        bench_board(args.board, args.handler, args.tick)
    elif args.command == "host":
        bench_host()
    elif args.command == "footprint":
        bench_footprint(args.boards)
    else:
        print_table(load_rows())


if __name__ == "__main__":
    main()
