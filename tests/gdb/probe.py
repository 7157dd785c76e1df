#!/usr/bin/env python3
"""A debug probe without hardware: openocd drives its pins, and behind them is a core that QEMU runs.

usage: probe.py QEMU_SOCKET SOCKET

QEMU's server for gdb listens at QEMU_SOCKET. At SOCKET one openocd is served, by its adapter
remote_bitbang: one byte for each change of the pins of JTAG, one for each look at TDO. This file is
the wire: a test access port of IEEE 1149.1, and on it a debug port with one access port to memory,
as Arm's Debug Interface specification (ADIv5) has them. core.py is the core and its memory.
"""
import contextlib
import pathlib
import socket
import sys

from core import BusFault, Core

# The states of a test access port: where a rising clock leads with TMS at 0 and at 1.
STATES = {
    "reset": ("idle", "reset"), "idle": ("idle", "select-dr"),
    "select-dr": ("capture-dr", "select-ir"), "select-ir": ("capture-ir", "reset"),
    **{state: after for kind in ("dr", "ir") for state, after in {
        f"capture-{kind}": (f"shift-{kind}", f"exit1-{kind}"),
        f"shift-{kind}": (f"shift-{kind}", f"exit1-{kind}"),
        f"exit1-{kind}": (f"pause-{kind}", f"update-{kind}"),
        f"pause-{kind}": (f"pause-{kind}", f"exit2-{kind}"),
        f"exit2-{kind}": (f"shift-{kind}", f"update-{kind}"),
        f"update-{kind}": ("idle", "select-dr")}.items()},
}

# Instructions of the port, of 4 bits, and the length of the data register that each selects.
ABORT, DPACC, APACC, IDCODE, BYPASS = 0x8, 0xA, 0xB, 0xE, 0xF
LENGTHS = {ABORT: 35, DPACC: 35, APACC: 35, IDCODE: 32}  # 1 for all others: they bypass

ID = 0x4BA00477  # a JTAG debug port of Arm's
ACK_OK = 2


class Wire:
    """The test access port: bits in, bits out."""

    def __init__(self, debug_port):
        self.port = debug_port
        self.state, self.clock = "reset", 0
        self.instruction, self.shifted, self.length = IDCODE, 0, 1

    def bytes_in(self, data):
        """What openocd sends; returns what it is to read, or None at its end."""
        out = bytearray()
        for byte in data:
            if 0x30 <= byte < 0x38:  # the digits: TCK, TMS, TDI from the highest bit
                if byte & 4 > self.clock:
                    self.rise(byte >> 1 & 1, byte & 1)
                self.clock = byte & 4
            elif byte == ord("R"):
                out.append(0x30 + (self.shifted & 1))
            elif byte == ord("Q"):
                return None
            elif byte in b"tu":  # the port's own reset, TRST
                self.enter("reset")
        return bytes(out)

    def rise(self, tms, tdi):
        if self.state in ("shift-dr", "shift-ir"):
            self.shifted = self.shifted >> 1 | tdi << self.length - 1
            if not tms:
                return
        elif self.state == "capture-ir":
            self.shifted, self.length = 1, 4
        elif self.state == "capture-dr":
            self.shifted, self.length = self.captured(), LENGTHS.get(self.instruction, 1)
        self.enter(STATES[self.state][tms])

    def captured(self):
        if self.instruction in (DPACC, APACC):
            return self.port.result << 3 | ACK_OK
        return ID if self.instruction == IDCODE else 0

    def enter(self, state):
        self.state = state
        if state == "reset":
            self.instruction = IDCODE
        elif state == "update-ir":
            self.instruction = self.shifted
        elif state == "update-dr" and self.instruction in (DPACC, APACC):
            access = self.port.debug if self.instruction == DPACC else self.port.memory
            access(self.shifted >> 1 << 2 & 0xC, None if self.shifted & 1 else self.shifted >> 3)


class DebugPort:
    """The registers of the debug port and of its access port to memory. An access is posted: its
    result comes out with the next one. A value of None reads."""

    # CTRL/STAT
    STICKY_ERROR, STICKY = 1 << 5, 0x32
    POWER_ASKED, POWER_GIVEN = 0x50000000, 0xA0000000
    AHB = 0x24770011  # the identification of an access port of this kind
    NO_ROM_TABLE = 0xFFFFFFFF
    SIZE, INCREMENT, PACKED, ENABLED = 0x7, 0x10, 0x20, 0x40

    def __init__(self, core):
        self.core, self.result = core, 0
        self.control = self.select = self.access = self.address = 0

    def debug(self, register, value):
        if value is None:
            if register != 0xC:  # RDBUFF only brings out what is there
                self.result = {0: ID, 4: self.control, 8: self.select}[register]
        elif register == 4:
            self.control = self.control & self.STICKY & ~value | value & ~self.STICKY & ~self.POWER_GIVEN \
                | (value & self.POWER_ASKED) << 1
        elif register == 8:
            self.select = value

    def memory(self, register, value):
        """An access port other than 0 is not there: it reads as 0. After a fault all wait until
        openocd has seen and cleared it."""
        if self.select >> 24 != 0:
            self.result = 0
        elif not self.control & self.STICKY_ERROR:
            try:
                self.result = self.memory_port(self.select & 0xF0 | register, value) or 0
            except BusFault:
                self.control |= self.STICKY_ERROR

    def memory_port(self, register, value):
        if register == 0x0C:
            return self.data(value)
        if register & 0xF0 == 0x10:  # four words from the address on
            return self.core.access(self.address & ~0xF | register & 0xC, 4, value)
        if value is None:
            return {0x00: self.access | self.ENABLED, 0x04: self.address, 0xF8: self.NO_ROM_TABLE,
                    0xFC: self.AHB}.get(register, 0)
        if register == 0x00:
            self.access = value & ~self.PACKED
        elif register == 0x04:
            self.address = value
        return None

    def data(self, value):
        """A byte or half a word is on its own lanes of the bus."""
        size, lane = 1 << (self.access & self.SIZE), 8 * (self.address & 3)
        mask = (1 << 8 * size) - 1
        got = self.core.access(self.address, size, None if value is None else value >> lane & mask)
        if self.access & self.INCREMENT:
            self.address = self.address + size & 0xFFFFFFFF
        return None if got is None else got << lane


def serve(path, core):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        pins, _ = server.accept()
    wire = Wire(DebugPort(core))
    with pins, contextlib.suppress(BrokenPipeError, ConnectionResetError):  # openocd may be killed
        while data := pins.recv(65536):
            answer = wire.bytes_in(data)
            if answer is None:
                return
            if answer:
                pins.sendall(answer)


if __name__ == "__main__":
    serve(sys.argv[2], Core(pathlib.Path(sys.argv[1])))
