"""Lets gdb look at a task as if it ran, without a write to the target.

An unwinder says what the registers of a frame's caller are. This one says of the innermost frame,
whatever it is, that its caller's registers are those that the task has saved; from there gdb goes
on as ever. A frame filter leaves the innermost frame out of backtraces, and before it those of the
functions inlined there, of which gdb asks no unwinder. The view ends when the program goes on.

The other thing here is the way out of an interrupt on Cortex-M. gdb knows it where the debug
probe tells the process stack pointer; QEMU before 8.0 does not, so it is looked for: see
kiln_exception.py.
"""
import gdb
from gdb.unwinder import Unwinder, register_unwinder

import kiln_context
import kiln_exception
import kiln_kernel as kernel


class FrameId:
    """What gdb tells frames apart by."""

    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


def value_of(frame, register, memory):
    """Of a register whose lowest bytes are known."""
    type_of = frame.read_register(register).type
    return gdb.Value(memory.ljust(type_of.sizeof, b"\0"), type_of)


def unwind_to(frame, context, stack):
    """The caller's registers are `context`; the frame's identity lies below all of `stack`."""
    cpu = kiln_context.processor()
    zero = bytes(cpu.BITS // 8)
    info = frame.create_unwind_info(FrameId(value_of(frame, cpu.SP, stack.to_bytes(cpu.BITS // 8, "little")),
                                            value_of(frame, cpu.PC, zero)))
    for register, memory in context.items():
        try:
            info.add_saved_register(register, value_of(frame, register, memory))
        except ValueError:
            pass  # a target without this register, as floating point
    return info


def shared(frame):
    """Registers that all tasks share. gdb unwinds with the main stack pointer where it is told it."""
    try:
        main_sp = int(frame.read_register("msp")) & kernel.WORD
    except ValueError:  # not this target
        return {}
    return {"msp": main_sp.to_bytes(4, "little")}


def innermost():
    """The frame that has the processor's registers."""
    frame = gdb.newest_frame()
    while frame.type() == gdb.INLINE_FRAME:
        frame = frame.older()
    return frame


class View(Unwinder):
    """The task that is looked at; None: the one that runs."""

    def __init__(self):
        super().__init__("kiln")
        self.task = self.context = None
        self.level = -1  # of the frame that the view starts from
        self.past_main = None  # the user's setting, while a task is looked at

    def show(self, task, context):
        """From now on backtraces are those of `task`, from `context`; None: what really runs."""
        self.end()
        gdb.invalidate_cached_frames()
        if context is not None:
            self.level = innermost().level()
            self.task, self.context = task, context
            self.look_past_main(True)
            gdb.invalidate_cached_frames()
            innermost().older().select()

    def look_past_main(self, is_needed):
        """main() may be what runs, and gdb looks no further by itself."""
        if is_needed and self.past_main is None:
            self.past_main = gdb.parameter("backtrace past-main")
            gdb.execute("set backtrace past-main on")
        elif not is_needed and self.past_main is not None:
            gdb.execute(f"set backtrace past-main {'on' if self.past_main else 'off'}")
            self.past_main = None

    def end(self, _event=None):
        self.task = self.context = None
        self.level = -1
        self.look_past_main(False)

    def __call__(self, frame):
        if self.context is not None and frame.level() == self.level:
            sp = int.from_bytes(self.context[kiln_context.processor().SP], "little")
            return unwind_to(frame, {**shared(frame), **self.context}, sp - 1024)
        return kiln_exception.unwind(frame, unwind_to)


class WithoutFirst:
    """Leaves out of a backtrace the frame that the view starts from, and the steps that
    kiln_exception puts in."""

    def __init__(self):
        self.name, self.enabled, self.priority = "kiln", True, 1000
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        for frame in frames:
            inferior = frame.inferior_frame()
            is_start = inferior.level() <= view.level
            is_end = inferior.pc() == 0  # the caller of a context's first function
            if not (is_start or is_end or kiln_exception.is_step(inferior)):
                yield frame


view = View()
register_unwinder(None, view, replace=True)
WithoutFirst()
gdb.events.cont.connect(view.end)
