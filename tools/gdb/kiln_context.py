"""Where the ports keep the registers of a task that does not run: the frames of
ports/posix/switch_<cpu>.S and ports/cortex-m/switch.S, above the saved stack pointer.

A context is a dictionary: the name of a register, its bytes. A task that never ran gets that of
its entry function, about to begin.
"""
import gdb

import kiln_kernel as kernel


def address_of(symbol):
    return int(kernel.evaluate(f"(char *)&{symbol}"))


def words(memory, size, names):
    """Registers that lie one after the other; None for a word of no interest."""
    return {name: memory[i * size:(i + 1) * size] for i, name in enumerate(names) if name}


def number(memory):
    return int.from_bytes(memory, "little")


class X86:
    """From low to high: mxcsr and the x87 control word, the saved registers, the address."""
    PC, SP, BITS = "rip", "rsp", 64
    FRAME = (None, "r15", "r14", "r13", "r12", "rbx", "rbp", "rip")
    # A word that port_ctx_init() leaves 0, for the return address of a frame that has no caller.
    ZERO = 8

    @classmethod
    def saved(cls, sp):
        context = words(kernel.read_memory(sp, 64), 8, cls.FRAME)
        return dict(context, rsp=(sp + 64).to_bytes(8, "little"))

    @classmethod
    def begin(cls, sp, entry, arg):
        return {"rip": (entry + 1).to_bytes(8, "little"), "rsp": (sp + cls.ZERO).to_bytes(8, "little"),
                "rbp": bytes(8), "rdi": arg.to_bytes(8, "little")}

    @classmethod
    def first(cls, sp):
        """The entry and its argument when the task never ran, else None."""
        return host_first(sp, 56, 32)


class AArch64:
    """From low to high: d8-d15, x19-x28, x29, x30, fpcr."""
    PC, SP, BITS = "pc", "sp", 64
    FRAME = tuple(f"v{n}" for n in range(8, 16)) + tuple(f"x{n}" for n in range(19, 30)) + ("pc",)

    @classmethod
    def saved(cls, sp):
        context = words(kernel.read_memory(sp, 160), 8, cls.FRAME)
        for n in range(8, 16):  # a call preserves the lowest 8 bytes; with SVE, v8 is the beginning of z8
            context[f"z{n}"] = context[f"v{n}"]
        return dict(context, x30=context["pc"], sp=(sp + 176).to_bytes(8, "little"))

    @classmethod
    def begin(cls, sp, entry, arg):
        return {"pc": (entry + 4).to_bytes(8, "little"), "sp": sp.to_bytes(8, "little"),
                "x29": bytes(8), "x30": bytes(8), "x0": arg.to_bytes(8, "little")}

    @classmethod
    def first(cls, sp):
        return host_first(sp, 152, 64)


def host_first(sp, resume, stack):
    """ucontext runs what the port wrote down at the high end of the host's stack."""
    if kernel.read_word(sp + resume, 8) != address_of("posix_first_entry"):
        return None
    start = kernel.at(kernel.read_word(sp + stack, 8), "struct stack")
    return int(start["entry"]), int(start["arg"])


class CortexM:
    """From low to high: r4-r11 and the address to go on at; on v6-M r8-r11 come first. openocd calls
    the status register xPSR and tells both stack pointers; QEMU calls it xpsr."""
    PC, SP, BITS = "pc", "sp", 32
    LOW, HIGH = ("r4", "r5", "r6", "r7"), ("r8", "r9", "r10", "r11")
    XPSR = dict.fromkeys(("xpsr", "xPSR"), (0x01000000).to_bytes(4, "little"))  # Thumb

    @staticmethod
    def is_v6m():
        return "6" in gdb.selected_inferior().architecture().name()

    @classmethod
    def frame(cls):
        return (cls.HIGH + cls.LOW if cls.is_v6m() else cls.LOW + cls.HIGH) + ("pc",)

    @classmethod
    def saved(cls, sp):
        context = words(kernel.read_memory(sp, 36), 4, cls.frame())
        sp += 36
        if cls.saved_floating_point(context):
            memory = kernel.read_memory(sp, 64)
            context.update(words(memory, 8, [f"d{n}" for n in range(8, 16)]))
            context.update(words(memory, 4, [f"s{n}" for n in range(16, 32)]))  # gdb 13 asks for both
            context["pc"] = kernel.read_memory(sp + 68, 4)  # after fpscr
            sp += 72
        context["pc"] = (number(context["pc"]) & ~1).to_bytes(4, "little")
        return dict(context, lr=context["pc"], **cls.on_stack(sp))

    @classmethod
    def on_stack(cls, sp):
        """A thread's: on the process stack."""
        sp = sp.to_bytes(4, "little")
        return {"sp": sp, "psp": sp, **cls.XPSR}

    @staticmethod
    def saved_floating_point(context):
        return kernel.has_symbol("resume_fp") and number(context["pc"]) & ~1 == address_of("resume_fp") & ~1

    @classmethod
    def begin(cls, sp, entry, arg):
        return {"pc": ((entry & ~1) + 2).to_bytes(4, "little"), "lr": bytes(4),
                "r0": arg.to_bytes(4, "little"), **cls.on_stack(sp + 36)}

    @classmethod
    def first(cls, sp):
        context = words(kernel.read_memory(sp, 36), 4, cls.frame())
        if number(context["pc"]) & ~1 != address_of("port_task_start") & ~1:
            return None
        return number(context["r5"]), number(context["r4"])


def processor():
    name = gdb.selected_inferior().architecture().name()
    if name == "i386:x86-64":
        return X86
    return AArch64 if name == "aarch64" else CortexM


def of(task):
    """The context of a task that does not run."""
    cpu, sp = processor(), int(task.value["ctx"]["sp"])
    first = cpu.first(sp)
    return cpu.saved(sp) if first is None else cpu.begin(sp, *first)
