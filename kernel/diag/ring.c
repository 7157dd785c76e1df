/* The trace ring: see kiln/ring.h.
 *
 * A ring is protected by masking interrupts. Most events come masked already, but an interrupt
 * reports itself unmasked, and a more urgent one may come just then. */
#include "kiln/ring.h"

#include "core/kernel.h"
#include "core/ring.h"

#define CYCLE_MASK ((UINT64_C(1) << KILN_RING_CYCLE_BITS) - 1U)

int kiln_ring_init(struct kiln_ring *ring, struct kiln_ring_record *records, uint32_t capacity,
                   enum kiln_ring_mode mode)
{
    if (ring == NULL || records == NULL || capacity == 0 || (unsigned)mode > KILN_RING_STOP) {
        return KILN_EINVAL;
    }
    *ring = (struct kiln_ring){.magic = KILN_RING_MAGIC,
                               .version = KILN_RING_VERSION,
                               .pointer_bytes = sizeof(void *),
                               .mode = (uint8_t)mode,
                               .cycles_per_us = PORT_CYCLES_PER_US,
                               .capacity = capacity,
                               .records = records};
    return KILN_OK;
}

/* The record is whole before the ring says that it is there: a debugger may stop anywhere. The time
 * is asked for first, because little has to be kept over that call: every stack has room for this
 * function twice. */
void kiln_ring_put(struct kiln_ring *ring, enum kiln_trace_event event, const void *object,
                   uintptr_t value)
{
    unsigned key = port_irq_save();
    uint64_t stamp = (port_cycles() & CYCLE_MASK) | (uint64_t)event << KILN_RING_CYCLE_BITS;
    bool full = ring->count == ring->capacity;
    if (full && ring->lost != UINT32_MAX) {
        ring->lost++;
    }
    if (!full || ring->mode == KILN_RING_OVERWRITE) {
        uint32_t at = ring->next;
        struct kiln_ring_record *record = &ring->records[at];
        record->stamp = stamp;
        record->object = object;
        record->value = value;
        ring->next = at + 1 == ring->capacity ? 0 : at + 1;
        ring->count += full ? 0U : 1U;
    }
    port_irq_restore(key);
}

bool kiln_ring_get(struct kiln_ring *ring, struct kiln_ring_record *record)
{
    unsigned key = port_irq_save();
    bool found = ring->count != 0;
    if (found) {
        uint32_t past = ring->next + ring->capacity - ring->count;
        *record = ring->records[past >= ring->capacity ? past - ring->capacity : past];
        ring->count--;
    }
    port_irq_restore(key);
    return found;
}

uint32_t kiln_ring_take_lost(struct kiln_ring *ring)
{
    unsigned key = port_irq_save();
    uint32_t lost = ring->lost;
    ring->lost = 0;
    port_irq_restore(key);
    return lost;
}

/* ---- Text ----------------------------------------------------------------------------------- */

#define TIME_CHARS 31 /* 19 digits of seconds at most, a point, nine more, a space */

/* Writes `value` with at least `digits` digits; returns where it ended. */
static char *put_digits(char *at, uint64_t value, unsigned digits)
{
    char reversed[20];
    unsigned count = 0;
    while (value != 0 || count < digits) {
        reversed[count++] = (char)('0' + value % 10U);
        value /= 10U;
    }
    while (count != 0) {
        *at++ = reversed[--count];
    }
    return at;
}

static char *put_time(char *at, uint64_t cycles)
{
    uint64_t us = cycles / PORT_CYCLES_PER_US;
    uint64_t ns = us % 1000000U * 1000U + cycles % PORT_CYCLES_PER_US * 1000U / PORT_CYCLES_PER_US;
    at = put_digits(at, us / 1000000U, 1);
    *at++ = '.';
    at = put_digits(at, ns, 9);
    *at++ = ' ';
    return at;
}

size_t kiln_ring_format(char *line, size_t size, const struct kiln_ring_record *record)
{
    char time[TIME_CHARS];
    size_t length = (size_t)(put_time(time, record->stamp & CYCLE_MASK) - time);
    if (size <= length) { /* half a time is worse than none */
        return kiln_trace_format(line, size, KILN_TRACE_EVENT_COUNT, NULL, 0);
    }
    for (size_t i = 0; i < length; i++) {
        line[i] = time[i];
    }
    enum kiln_trace_event event = (enum kiln_trace_event)(record->stamp >> KILN_RING_CYCLE_BITS);
    return length +
           kiln_trace_format(line + length, size - length, event, record->object, record->value);
}

#define PREFIX        "ktr: "
#define PREFIX_LENGTH (sizeof(PREFIX) - 1)
#define LINE_CHARS    96

/* A program that has printed has print.c to keep a line whole. In one that has not, the ring holds
 * the console itself, by this in kernel.console: so the first text of all, when an interrupt prints
 * it, finds the console held and waits. */
static void give_up_ring_locked(bool is_fault)
{
    kernel.console = NULL;
    if (is_fault) {
        port_panic_putc('\n');
    }
}

static const struct k_console ring_side = {.self = &ring_side,
                                           .give_up_locked = give_up_ring_locked};

/* Returns who had the console before; nobody: the ring has it now. */
static const struct k_console *hold(void)
{
    unsigned key = port_irq_save();
    const struct k_console *console = kernel.console;
    if (console == NULL) {
        kernel.console = &ring_side;
    }
    port_irq_restore(key);
    return console;
}

static void release(void)
{
    unsigned key = port_irq_save();
    const struct k_console *console = kernel.console;
    if (console == &ring_side) {
        kernel.console = NULL;
    }
    port_irq_restore(key);
    if (console != NULL && console != &ring_side) {
        console->take_over(); /* calls: take_over */
    }
}

/* Whole, whoever prints meanwhile; but an interrupt that prints a ring where nobody has printed
 * anything else has nowhere to wait. */
static void write_line(const char *line, size_t length)
{
    bool is_task = kiln_sched_lock() == KILN_OK;
    const struct k_console *console = hold();
    if (console != NULL && console != &ring_side) {
        (void)console->print("%.*s", (int)length, line); /* calls: kiln_printf */
    } else {
        port_console_write(line, length);
    }
    if (console == NULL) {
        release();
    }
    if (is_task) {
        (void)kiln_sched_unlock();
    }
}

/* `line` has the prefix and `length` characters behind it, and room for one more. */
static void print_line(char *line, size_t length)
{
    line[PREFIX_LENGTH + length] = '\n';
    write_line(line, PREFIX_LENGTH + length + 1);
}

static void print_lost(char *line, uint32_t lost)
{
    static const char text[] = "lost ";
    char *at = line + PREFIX_LENGTH;
    for (const char *from = text; *from != '\0';) {
        *at++ = *from++;
    }
    print_line(line, (size_t)(put_digits(at, lost, 1) - line) - PREFIX_LENGTH);
}

/* Not more than the ring holds at a time, or printing would go on for ever: it makes events. `line`
 * begins with the prefix. */
static void print_with(struct kiln_ring *ring, char line[LINE_CHARS])
{
    struct kiln_ring_record record;
    uint32_t lost = kiln_ring_take_lost(ring);
    if (lost != 0) {
        print_lost(line, lost);
    }
    for (uint32_t left = ring->count; left != 0 && kiln_ring_get(ring, &record); left--) {
        print_line(line,
                   kiln_ring_format(line + PREFIX_LENGTH, LINE_CHARS - PREFIX_LENGTH, &record));
    }
}

void kiln_ring_print(struct kiln_ring *ring)
{
    char line[LINE_CHARS] = PREFIX;
    print_with(ring, line);
}

/* ---- The ring that the kernel's events go into ----------------------------------------------- */

#if KILN_CFG_TRACE
void kiln_ring_start(struct kiln_ring *ring)
{
    unsigned key = port_irq_save();
    kernel.ring = ring;
    port_irq_restore(key);
}

void kiln_ring_event(enum kiln_trace_event event, const void *object, uintptr_t value)
{
    struct kiln_ring *ring = kernel.ring; /* one aligned word: read whole */
    if (ring != NULL) {
        kiln_ring_put(ring, event, object, value);
    }
}

/* A port, a test or an app may have its own instead. */
__attribute__((weak)) void kiln_trace_hook(enum kiln_trace_event event, const void *object,
                                           uintptr_t value)
{
    kiln_ring_event(event, object, value);
}
#else
void kiln_ring_start(struct kiln_ring *ring)
{
    (void)ring;
}

void kiln_ring_event(enum kiln_trace_event event, const void *object, uintptr_t value)
{
    (void)event;
    (void)object;
    (void)value;
}
#endif

#if KILN_CFG_TRACE_RING
static struct kiln_ring_record own_records[KILN_CFG_TRACE_RING];
static struct kiln_ring own_ring;

void k_ring_reset(void)
{
    (void)kiln_ring_init(&own_ring, own_records, KILN_CFG_TRACE_RING, KILN_RING_OVERWRITE);
    kiln_ring_start(&own_ring);
}

/* Once, at the end: the line is no part of the stack of whoever stops the kernel. */
void k_ring_flush(void)
{
    static char line[LINE_CHARS] = PREFIX;
    kiln_ring_start(NULL);
    print_with(&own_ring, line);
}
#endif
