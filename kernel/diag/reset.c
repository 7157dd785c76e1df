/* Reset: see kiln/reset.h. Why the system starts over is noted in memory that outlives it. */
#include "reset.h"
#include "core/kernel.h"

/* After power-on the memory holds anything: these words agree by chance once in 2^64 times. */
#define NOTE_MAGIC UINT32_C(0x4E4C494B) /* "KILN" */

static struct {
    uint32_t magic;
    uint32_t cause;   /* enum kiln_reset_cause */
    uint32_t inverse; /* of the cause */
} note KILN_NOINIT;

void k_reboot(enum kiln_reset_cause cause)
{
    (void)port_irq_save();
    note.magic = NOTE_MAGIC;
    note.cause = cause;
    note.inverse = ~note.cause;
    port_reboot();
}

void kiln_reboot(void)
{
    k_reboot(KILN_RESET_SOFTWARE);
}

/* A watchdog of the board's that resets without a word leaves no note, but a trace in the chip. */
static enum kiln_reset_cause find_cause(void)
{
    bool noted = note.magic == NOTE_MAGIC && note.inverse == ~note.cause;
    note.magic = 0;
    if (port_watchdog_fired()) {
        return KILN_RESET_WATCHDOG;
    }
    return noted ? (enum kiln_reset_cause)note.cause : KILN_RESET_POWER_ON;
}

enum kiln_reset_cause kiln_reset_cause(void)
{
    static bool known;
    static enum kiln_reset_cause cause;
    unsigned key = port_irq_save();
    if (!known) {
        cause = find_cause();
        known = true;
    }
    port_irq_restore(key);
    return cause;
}

const char *kiln_reset_cause_name(enum kiln_reset_cause cause)
{
    switch (cause) {
    case KILN_RESET_POWER_ON:
        return "power-on";
    case KILN_RESET_SOFTWARE:
        return "software";
    case KILN_RESET_WATCHDOG:
        return "watchdog";
    case KILN_RESET_PANIC:
        return "panic";
    default:
        return "?";
    }
}
