/* The last words: what went wrong, with which object, in which task. */
#include "core/kernel.h"
#include "reset.h"

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

/* What happened, to which object if there is one, and in which task. Inline, so that an image
 * without a watchdog has its panic in one piece. */
static inline __attribute__((always_inline)) void put_words(const char *kind, const char *what,
                                                            const void *object, const char *name)
{
    k_console_give_up_locked(true);
    put_string(kind);
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
}

void kiln_panic(const char *what, const void *object, const char *name)
{
    (void)port_irq_save();
    put_words("\nkiln: panic: ", what, object, name);
    if (KILN_CFG_PANIC_REBOOT) {
        k_reboot(KILN_RESET_PANIC);
    }
    port_halt();
}

void k_watchdog_bite(const char *which)
{
    (void)port_irq_save();
    put_words("\nkiln: ", which, NULL, NULL);
    if (KILN_CFG_WATCHDOG_REBOOT) {
        k_reboot(KILN_RESET_WATCHDOG);
    }
    port_halt();
}
