"""What a linked Thumb image does to its stack: for each function, how deep it is at each call.

Read from the disassembly of the image, so it holds for assembler and the C library, too, and for
what the linker dropped, inlined or made a tail call. Depths are bytes since the function's entry,
followed along every path; where paths meet, the deepest counts.
"""
import dataclasses
import re
import subprocess

CROSS = "arm-none-eabi-"
DEEPEST = 1 << 16  # a depth that only a loop which keeps pushing can reach

LINE = re.compile(r"^\s*([0-9a-f]+):\t(\S+)(?:\t(.*))?$")
TARGET = re.compile(r"^(?:r\d+, )?([0-9a-f]+) <")
CONDITIONAL = re.compile(r"^(b(eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|hs|lo)|cbn?z)(\.[nw])?$")
REGISTERS = re.compile(r"([a-z]+\d*)(?:-([a-z]+\d*))?")
CASE_HELPER = "__gnu_thumb1_case_"


@dataclasses.dataclass
class Function:
    name: str
    start: int
    end: int
    depth: int = 0
    calls: dict = dataclasses.field(default_factory=dict)  # target -> greatest depth
    indirect: dict = dataclasses.field(default_factory=dict)  # address of the call -> depth
    problems: set = dataclasses.field(default_factory=set)
    returns: bool = True
    uses_fp: bool = False
    variadic: int = 0  # bytes of register arguments that it pushes first


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def register_count(listing):
    """Registers in "{r4-r7, lr}": how many words; a d register has two."""
    words = 0
    for first, last in REGISTERS.findall(listing):
        number = int(last[1:]) - int(first[1:]) + 1 if last else 1
        words += number * (2 if first[0] == "d" else 1)
    return words


def immediate(text):
    found = re.search(r"#(-?\d+)", text)
    return int(found[1]) if found else None


class Code:
    def __init__(self, image, other_stack=frozenset(), with_fp=True):
        """Past the addresses in `other_stack` the code runs on another one. Without `with_fp` no path
        goes through floating-point instructions: for a task that has none of its own."""
        self.other_stack, self.with_fp = other_stack, with_fp
        self.instructions, self.words = {}, {}
        self.read_instructions(image)
        self.functions = self.read_functions(image)
        self.by_name = {}
        for function in self.functions.values():
            self.by_name.setdefault(function.name, []).append(function)
        self.follow_until_stable()

    def read_instructions(self, image):
        previous = None
        for line in output(CROSS + "objdump", "-d", "--no-show-raw-insn", image).splitlines():
            found = LINE.match(line)
            if not found:
                continue
            address, operation = int(found[1], 16), found[2]
            operands = re.split(r"\s*[;@]", found[3] or "")[0].strip()
            comment = (found[3] or "")[len(operands):]
            if operation.startswith("."):
                if operation == ".word":
                    self.words[address] = int(operands, 16)
                continue
            self.instructions[address] = [operation, operands, comment, None]
            if previous is not None:
                self.instructions[previous][3] = address
            previous = address

    def read_functions(self, image):
        """By start. Local labels of assembler files are none: their symbols have no type."""
        symbols = {}
        for line in output(CROSS + "readelf", "-sW", image).splitlines():
            words = line.split()
            if len(words) == 8 and words[3] == "FUNC" and words[6] != "UND":
                start = int(words[1], 16) & ~1
                if start in self.instructions:
                    symbols.setdefault(start, (int(words[2]), words[7]))
        starts = sorted(symbols)
        nexts = dict(zip(starts, starts[1:] + [max(self.instructions) + 4]))
        return {start: Function(name, start, start + size if size else nexts[start])
                for start, (size, name) in symbols.items()}

    def function_at(self, address):
        return next((function for function in self.functions.values()
                     if function.start <= address < function.end), None)

    def follow_until_stable(self):
        """Which functions return decides where their callers go on, and so which of those return."""
        while True:
            before = {start for start, function in self.functions.items() if function.returns}
            for function in self.functions.values():
                Follower(self, function).follow()
            if before == {start for start, f in self.functions.items() if f.returns}:
                return


class Follower:
    """Follows one function."""

    def __init__(self, code, function):
        self.code, self.function = code, function
        function.depth, function.calls, function.indirect = 0, {}, {}
        function.problems, function.uses_fp = set(), False
        self.depths = {}
        self.table_depth = None  # at a jump through a table: any label may come next
        self.returned = False

    def follow(self):
        self.function.variadic = self.pushed_arguments()
        self.spread(self.function.start, 0)
        unvisited = [address for address in self.code.instructions
                     if self.function.start <= address < self.function.end]
        for address in sorted(unvisited):
            if self.table_depth is not None and address not in self.depths:
                self.spread(address, self.table_depth)
        self.function.returns = self.returned

    def pushed_arguments(self):
        """What a variadic function pushes first: arguments alone. The compiler may put other
        instructions before that."""
        address = self.function.start
        while address in self.code.instructions and address < self.function.end:
            operation, operands, _, following = self.code.instructions[address]
            if operation.startswith("push"):
                is_variadic = re.fullmatch(r"\{(r[0-3](, )?)+\}", operands)
                return 4 * register_count(operands) if is_variadic else 0
            address = following
        return 0

    def spread(self, address, depth):
        work = [(address, depth)]
        while work:
            address, depth = work.pop()
            inside = self.function.start <= address < self.function.end
            if not inside or address not in self.code.instructions or \
                    self.depths.get(address, -1) >= depth:
                continue
            if depth > DEEPEST:
                self.function.problems.add("a loop that keeps pushing")
                return
            self.depths[address] = depth
            work += self.step(address, depth)

    def step(self, address, depth):
        """What may come after an instruction, with the depth there."""
        operation, operands, comment, following = self.code.instructions[address]
        base = operation.split(".")[0]
        if base.startswith("v") and base != "vlldm":
            if not self.code.with_fp:
                return []
            self.function.uses_fp = True
        if address in self.code.other_stack:
            return []
        after = depth + self.change(address, base, operands, comment)
        self.function.depth = max(self.function.depth, after, depth)
        target = TARGET.match(operands)
        if base in ("bl", "blx") and target:
            return self.call(int(target[1], 16), depth, following)
        if base == "blx":
            self.function.indirect[address] = depth
            return [(following, after)]
        if target and (base == "b" or CONDITIONAL.match(operation)):
            goes_on = [(following, depth)] if base != "b" else []
            return goes_on + self.jump(int(target[1], 16), depth)
        return self.leave(address, base, operands, after, following)

    def call(self, target, depth, following):
        calls = self.function.calls
        calls[target] = max(calls.get(target, 0), depth)
        callee = self.code.functions.get(target)
        if callee and callee.name.startswith(CASE_HELPER):
            self.table_depth = max(self.table_depth or 0, depth)
            return []
        return [(following, depth)] if callee is None or callee.returns else []

    def jump(self, target, depth):
        if self.function.start <= target < self.function.end:
            return [(target, depth)]
        callee = self.code.functions.get(target) or self.code.function_at(target)
        if callee is None:
            self.function.problems.add(f"a jump to {target:#x}, where no function is")
            return []
        self.function.calls[callee.start] = max(self.function.calls.get(callee.start, 0), depth)
        self.returned = self.returned or callee.returns
        return []

    def leave(self, address, base, operands, depth, following):
        """Returns, jumps through registers and tables, and what goes on."""
        writes_pc = operands.endswith("pc}") or operands.startswith("pc, ")
        if base == "bx" and self.is_return(address, operands) or \
                writes_pc and base in ("pop", "ldmia") or \
                base in ("ldr", "mov") and operands in ("pc, [sp]", "pc, lr") or \
                base == "ldr" and operands.startswith("pc, [sp], "):
            self.returned = True
            return []
        if base == "bx":
            self.function.indirect[address] = depth
            self.returned = True
            return []
        if base in ("tbb", "tbh") or writes_pc:
            self.table_depth = max(self.table_depth or 0, depth)
            return []
        return [(following, depth)] if base != "udf" else []

    def is_return(self, address, register):
        """"bx lr", or on v6-M a return address that was popped into another register."""
        if register == "lr":
            return True
        before = [self.code.instructions[at][:2] for at in range(address - 6, address, 2)
                  if at in self.code.instructions]
        return ["pop", "{%s}" % register] in before

    def change(self, address, base, operands, comment):
        """What an instruction adds to the depth."""
        if base == "push" or base == "vpush":
            return 4 * register_count(operands)
        if base == "pop" or base == "vpop":
            return -4 * register_count(operands)
        if operands.startswith("sp!, "):
            words = register_count(operands[len("sp!, "):])
            return 4 * words if base in ("stmdb", "vstmdb") else -4 * words
        if re.search(r"\[sp, #-\d+\]!", operands):
            return -immediate(operands)
        if re.search(r"\[sp\], #\d+", operands):
            return -immediate(operands)
        if operands == "sp" or not operands.startswith("sp, ") or base in ("cmp", "str", "tst"):
            return 0
        return self.arithmetic(address, base, operands)

    def arithmetic(self, address, base, operands):
        amount = immediate(operands)
        if base in ("add", "addw", "sub", "subw") and amount is None:
            amount = self.constant(address, operands.split(", ")[-1])
        if base in ("add", "addw", "sub", "subw") and amount is not None:
            return amount if base.startswith("sub") else -amount
        self.function.problems.add("the size of its frame is known at run time only")
        return 0

    def constant(self, address, register):
        """A register that was loaded from the literal pool just before: a large frame on v6-M."""
        for at in range(address - 2, max(address - 24, self.function.start - 2), -2):
            operation, operands, comment, _ = self.code.instructions.get(at, ("", "", "", None))
            if operands.startswith(register + ","):
                pool = re.search(r"\(([0-9a-f]+)", comment)
                word = self.code.words.get(int(pool[1], 16)) if operation == "ldr" and pool else None
                return word - (1 << 32) if word is not None and word >> 31 else word
        return None
