"""The way out of an interrupt on Cortex-M, for targets that do not tell the process stack pointer.

gdb unwinds through an interrupt by itself where it knows that pointer: a debug probe tells it, QEMU
does from 8.0 on. For the others it is looked for: the interrupted task's stack has the exception
frame on it, and it is the right one when gdb, unwinding from there, ends exactly at the top of the
stack, in port_task_start. Below it may lie frames of earlier interrupts, so the search goes from
the top down. In PendSV that skips the frame of the detour through `preempted`, if there is one:
what is shown is where the task was interrupted before.

gdb then still has to be told. The address that a handler returns to is no address but EXC_RETURN,
and bit 2 of it says which stack the frame is on. The unwinder here puts one more step in between:
to the same EXC_RETURN with that bit clear, and the stack pointer at the frame. gdb does the rest,
floating point included.
"""
import gdb

import kiln_context
import kiln_kernel as kernel

ON_PROCESS_STACK = 4
FRAME_BYTES = 32  # r0-r3, r12, lr, pc, xPSR

found = None  # the process stack pointer, of this stop; 0: not to be found


def is_exc_return(pc):
    return pc >> 24 == 0xFF and pc & 0xFF0000FF != 0xFF000000


def has_register(name):
    try:
        gdb.newest_frame().read_register(name)
        return True
    except (ValueError, gdb.error):
        return False


def unwind(frame, unwind_to):
    """What a frame returns to that is none but EXC_RETURN, to the process stack."""
    if found is None or kiln_context.processor() is not kiln_context.CortexM:
        return None
    pc = int(frame.read_register("pc")) & kernel.WORD
    if not is_exc_return(pc) or not pc & ON_PROCESS_STACK:
        return None
    kept = {name: bytes_of(frame, name) for name in ("r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11")}
    caller = pc & ~ON_PROCESS_STACK if found else 0  # 0 ends a backtrace
    return unwind_to(frame, {**kept, **kiln_context.CortexM.XPSR, "pc": caller.to_bytes(4, "little"),
                             "lr": caller.to_bytes(4, "little"), "sp": found.to_bytes(4, "little")},
                     int(frame.read_register("sp")))


def bytes_of(frame, name):
    return (int(frame.read_register(name)) & kernel.WORD).to_bytes(4, "little")


def is_step(frame):
    """True for the frame that unwind() puts in."""
    return frame.type() == gdb.NORMAL_FRAME and is_exc_return(frame.pc()) \
        and kiln_context.processor() is kiln_context.CortexM


# ---- The search -----------------------------------------------------------------------------

def stack_of(task):
    """The first byte of a task's stack and the one after its last."""
    if task.value.type.has_key("stack"):
        start, size = int(task.value["stack"]), int(task.value["stack_bytes"])
    else:
        symbol = kernel.symbol_at(task.value["ctx"]["sp"]).partition("+")[0]
        start, size = (int(kernel.evaluate(text)) for text in (f"(char *)&{symbol}", f"sizeof({symbol})"))
    return start, start + size // 8 * 8


def may_be_frame(words):
    """An exception frame of a thread has an address in flash and an xPSR with the Thumb bit and
    without the number of an exception."""
    pc, xpsr = words[6], words[7]
    flash = range(int(kernel.evaluate("(char *)&__flash_start")), int(kernel.evaluate("(char *)&__flash_end")))
    return pc in flash and pc % 2 == 0 and xpsr >> 24 & 1 == 1 and xpsr & 0x1FF == 0


def candidates(low, high):
    memory = kernel.read_memory(low, high - low)
    for at in range(high - low - FRAME_BYTES, -1, -8):
        words = [int.from_bytes(memory[at + 4 * i:at + 4 * i + 4], "little") for i in range(8)]
        if may_be_frame(words):
            yield low + at


def ends_at(top):
    """True when the present frames end in port_task_start, with nothing above them."""
    frame = gdb.newest_frame()
    while frame.older() is not None:
        frame = frame.older()
    return frame.name() == "port_task_start" and int(frame.read_register("sp")) == top


def search():
    global found
    low, high = stack_of(kernel.Task(kernel.evaluate("kernel.current")))
    for found in candidates(low, high):
        gdb.invalidate_cached_frames()
        try:
            if ends_at(high):
                return
        except gdb.error:
            pass
    found = 0
    gdb.invalidate_cached_frames()


def is_needed():
    """In an interrupt, of a task, on a target that does not tell."""
    if kiln_context.processor() is not kiln_context.CortexM or has_register("psp"):
        return False
    ipsr = int(gdb.newest_frame().read_register("xpsr")) & 0x1FF
    return ipsr != 0 and kernel.is_up() and kernel.is_started()


def look(_event=None):
    """At each stop."""
    global found
    found = None
    try:
        if is_needed():
            search()
    except (gdb.error, gdb.GdbError):
        pass  # no image of Kiln, or not far enough yet: gdb does what it can


gdb.events.stop.connect(look)
