"""The core behind the probe: what a debugger sees of an Armv6-M or Armv7-M processor, on top of
QEMU's server for gdb.

Memory and peripherals are QEMU's. The registers of the debug unit, which QEMU does not have, are here,
as the architecture's manuals describe them: halt, step and core registers (DHCSR, DCRSR, DCRDR), the
cause of a halt (DFSR), DEMCR, and breakpoints by the flash patch unit. QEMU's server has no way to the
stack pointer that is not in use, nor to PRIMASK and the like. So the core itself is asked for them,
as debuggers do where there is no other way: it executes one MRS, and everything else is put back.
"""
import select
import socket

DFSR, DHCSR, DCRSR, DCRDR, DEMCR = 0xE000ED30, 0xE000EDF0, 0xE000EDF4, 0xE000EDF8, 0xE000EDFC
AIRCR = 0xE000ED0C
FP_CTRL, FP_COMP, COMPARATORS = 0xE0002000, 0xE0002008, 4
PRIVATE, SYSTEM_CONTROL = range(0xE0000000, 0xE0100000), range(0xE000E000, 0xE000F000)

# DHCSR
DEBUG_ENABLED, HALT, STEP, MASK_INTERRUPTS = 1, 2, 4, 8
IS_READY, IS_HALTED, WAS_RESET = 1 << 16, 1 << 17, 1 << 25
KEY = 0xA05F
# DFSR
BY_REQUEST, BY_BREAKPOINT, BY_VECTOR = 1, 2, 8
CATCH_RESET = 1  # DEMCR
RESET_REQUEST = 4  # AIRCR

# Core registers, by their number in DCRSR: those of QEMU's server, and those that MRS reads.
XPSR, MSP, PSP, SPECIAL = 16, 17, 18, 20
QEMU_XPSR, QEMU_FLOATS, QEMU_FPSCR = 25, 26, 42
FPSCR, FLOATS = 33, range(64, 96)
BY_MRS = {MSP: (8,), PSP: (9,), SPECIAL: (16, 17, 19, 20)}  # PRIMASK, BASEPRI, FAULTMASK, CONTROL
THUMB = 1 << 24


class BusFault(Exception):
    """There is nothing at that address."""


class Server:
    """QEMU's server for gdb: packets there and back."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.buffer = b""
        self.ask("qXfer:features:read:target.xml:0,fff")  # from then on registers can be read one by one
        self.is_running = False

    def send(self, text):
        self.socket.sendall(f"${text}#{sum(text.encode()) & 0xFF:02x}".encode())

    def has_packet(self):
        return b"#" in self.buffer[:-2]  # and the two digits after it

    def fill(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("QEMU is gone")
        self.buffer += data

    def receive(self):
        while not self.has_packet():
            self.fill()
        packet, _, rest = self.buffer.partition(b"#")
        self.buffer = rest[2:]
        self.socket.sendall(b"+")
        return packet.partition(b"$")[2].decode()

    def ask(self, text):
        self.send(text)
        return self.receive()

    # ---- Running ----

    def go(self, how):
        self.send(how)
        self.is_running = True

    def await_stop(self):
        self.receive()
        self.is_running = False

    def has_stopped(self):
        """True when it runs no more; does not wait."""
        while self.is_running and select.select([self.socket], [], [], 0)[0]:
            self.fill()
            if self.has_packet():
                self.await_stop()
        return not self.is_running

    def stop(self):
        if not self.has_stopped():
            self.socket.sendall(b"\x03")
            self.await_stop()

    # ---- State ----

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")), "little")

    def set_register(self, number, value):
        self.ask(f"P{number:x}={value.to_bytes(4, 'little').hex()}")

    def read(self, address, size):
        answer = self.ask(f"m{address:x},{size:x}")
        if len(answer) != 2 * size:
            raise BusFault
        return bytes.fromhex(answer)

    def write(self, address, data):
        if self.ask(f"M{address:x},{len(data):x}:{data.hex()}") != "OK":
            raise BusFault


class Core:
    """What the access port to memory gets at."""

    BLOCK = 1024

    def __init__(self, path):
        self.server = Server(path)
        self.blocks, self.special = {}, {}  # of this halt: memory read, registers read by MRS
        self.control, self.cause, self.catch, self.data = DEBUG_ENABLED | HALT, BY_VECTOR, 0, 0
        self.has_been_reset = True
        self.comparators, self.patch_control = [0] * COMPARATORS, 0
        self.own = {DHCSR: (self.status, self.set_control), DCRSR: (lambda: 0, self.transfer),
                    DCRDR: (lambda: self.data, self.set_data), DEMCR: (lambda: self.catch, self.set_catch),
                    DFSR: (lambda: self.cause, self.clear_cause),
                    FP_CTRL: (lambda: self.patch_control | COMPARATORS << 4, self.set_patch_control)}
        for number in range(COMPARATORS):
            self.own[FP_COMP + 4 * number] = (lambda number=number: self.comparators[number],
                                              lambda value, number=number: self.set_comparator(number, value))

    def access(self, address, size, value):
        """Reads, or writes a value."""
        if address in self.own:
            get, put = self.own[address]
            return get() if value is None else put(value)
        if address in PRIVATE and address not in SYSTEM_CONTROL:
            return 0 if value is None else None  # no watchpoints, no trace
        if address == AIRCR and value is not None and value & RESET_REQUEST:
            return self.reset()
        was_running = not self.server.has_stopped()
        self.server.stop()
        try:
            if value is None:
                return int.from_bytes(self.read(address, size), "little")
            self.blocks = {}
            return self.server.write(address, value.to_bytes(size, "little"))
        finally:
            if was_running:
                self.run("c")

    def read(self, address, size):
        """Code and RAM stay as they are while the core is halted."""
        if address >= 0x40000000:
            return self.server.read(address, size)
        start = address - address % self.BLOCK
        if start not in self.blocks:
            self.blocks[start] = self.server.read(start, self.BLOCK)
        return self.blocks[start][address - start:][:size]

    # ---- Halt, go, step ----

    def run(self, how):
        self.blocks, self.special = {}, {}
        self.server.go(how)

    def is_halted(self):
        """A core that stopped by itself met a breakpoint."""
        if self.server.is_running and self.server.has_stopped():
            self.control |= HALT
            self.cause |= BY_BREAKPOINT
        return not self.server.is_running

    def status(self):
        value = self.control | IS_READY | (IS_HALTED if self.is_halted() else 0) \
            | (WAS_RESET if self.has_been_reset else 0)
        self.has_been_reset = False
        return value

    def set_control(self, value):
        if value >> 16 != KEY:
            return
        was_halted = self.is_halted()
        self.control = value & 0xF if value & DEBUG_ENABLED else 0
        if self.control & HALT and not was_halted:
            self.server.stop()
            self.cause |= BY_REQUEST
        elif was_halted and self.control & (HALT | STEP) == STEP:
            self.step()
        elif was_halted and not self.control & HALT:
            self.run("c")

    def step(self):
        """QEMU's mask of a step: 1 to step at all, 2 without interrupts."""
        self.server.ask(f"Qqemu.sstep={3 if self.control & MASK_INTERRUPTS else 1}")
        self.run("s")
        self.server.await_stop()
        self.control |= HALT
        self.cause |= BY_REQUEST

    def reset(self):
        self.server.stop()
        self.server.ask("qRcmd," + b"system_reset".hex())
        self.blocks, self.special, self.has_been_reset = {}, {}, True
        if self.catch & CATCH_RESET and self.control & DEBUG_ENABLED:
            self.control |= HALT
            self.cause |= BY_VECTOR
        else:
            self.run("c")

    def set_catch(self, value):
        self.catch = value

    def clear_cause(self, value):
        self.cause &= ~value

    # ---- Core registers ----

    def set_data(self, value):
        self.data = value

    def transfer(self, value):
        """Between DCRDR and the register whose number was written to DCRSR."""
        number = value & 0x7F
        if value >> 16 & 1:
            self.set_register(number, self.data)
        else:
            self.data = self.register(number)

    def register(self, number):
        if number in BY_MRS:
            if number not in self.special:
                self.special[number] = self.asked(BY_MRS[number])
            return self.special[number]
        if number in FLOATS:
            both = self.server.register(QEMU_FLOATS + (number - FLOATS[0]) // 2)
            return both >> 32 * (number % 2) & 0xFFFFFFFF
        return self.server.register({XPSR: QEMU_XPSR, FPSCR: QEMU_FPSCR}.get(number, number))

    def set_register(self, number, value):
        if number not in (*range(16), XPSR):
            raise BusFault  # nothing here asks for that
        self.server.set_register(QEMU_XPSR if number == XPSR else number, value)
        self.special = {}

    def asked(self, specials):
        """The bytes of these special registers side by side, or one of them as a word: the core
        executes MRS R0 for each. Outside of an IT block, so that it does, and without interrupts."""
        kept = {number: self.server.register(number) for number in (0, 15, QEMU_XPSR)}
        code = self.server.read(kept[15], 4)
        self.server.ask("Qqemu.sstep=3")
        value = 0
        for place, special in enumerate(specials):
            instruction = (0xF3EF, 0x8000 | special)
            self.server.write(kept[15], b"".join(half.to_bytes(2, "little") for half in instruction))
            self.server.set_register(15, kept[15])
            self.server.set_register(QEMU_XPSR, kept[QEMU_XPSR] & 0x1FF | THUMB)
            self.server.go("s")
            self.server.await_stop()
            value |= self.server.register(0) << 8 * place
        self.server.write(kept[15], code)
        for number, before in kept.items():
            self.server.set_register(number, before)
        return value

    # ---- Breakpoints ----

    def set_patch_control(self, value):
        if value & 2:  # the key
            before = self.breakpoints()
            self.patch_control = value & 1
            self.change(before)

    def set_comparator(self, number, value):
        before = self.breakpoints()
        self.comparators[number] = value
        self.change(before)

    def breakpoints(self):
        """The addresses where the core stops: of a word's lower half, its upper, or both."""
        return {(value & 0x1FFFFFFC) + half for value in self.comparators for half in (0, 2)
                if self.patch_control and value & 1 and value >> 30 & (1 if half == 0 else 2)}

    def change(self, before):
        now = self.breakpoints()
        for address in before - now:
            self.server.ask(f"z1,{address:x},2")
        for address in now - before:
            self.server.ask(f"Z1,{address:x},2")
