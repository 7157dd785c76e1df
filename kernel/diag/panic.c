/* The last words: what went wrong, with which object, in which task. */
#include "core/kernel.h"

static void put_string(const char *text)
{
    while (*text != '\0') {
        port_panic_putc(*text++);
    }
}

static void put_hex(uintptr_t value)
{
    put_string("0x");
    for (int shift = (int)sizeof(value) * 8 - 4; shift >= 0; shift -= 4) {
        port_panic_putc("0123456789abcdef"[(value >> shift) & 15U]);
    }
}

void kiln_panic(const char *what, const void *object, const char *name)
{
    (void)port_irq_save();
    k_console_give_up_locked(true);
    put_string("\nkiln: panic: ");
    put_string(what);
    if (object != NULL) {
        put_string(": object ");
        put_string(name != NULL ? name : "?");
        put_string(" at ");
        put_hex((uintptr_t)object);
    }
    put_string(", in task ");
    put_string(kiln_name(kernel.current));
    put_string(port_in_isr() ? " (interrupted)\n" : "\n");
    port_halt();
}
