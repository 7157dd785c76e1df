/* Trace ring: the last kernel events, or the first, in memory that the caller owns.
 *
 * With KILN_CFG_TRACE, kiln_ring_start() sends every kernel event into a ring. A record takes no
 * formatting and no copying of names; what reads it out, a task or a debugger, does that later.
 * With KILN_CFG_TRACE_RING the kernel has such a ring of its own from the first event on, and
 * prints it in kiln_stop().
 *
 * A debugger that stopped the processor reads a ring in place. The layout below is version 1: it
 * starts with `magic`; the `count` records before `next` (circularly) are valid, oldest first. Only
 * when it stopped inside kiln_ring_put() of a ring that is full, the oldest may be torn.
 */
#ifndef KILN_RING_H
#define KILN_RING_H

#include "kiln/trace.h"
#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What happens to an event that finds the ring full. Either way it counts as lost. */
enum kiln_ring_mode {
    KILN_RING_OVERWRITE, /* the oldest record goes */
    KILN_RING_STOP,      /* the event is dropped */
};

#define KILN_RING_MAGIC   UINT32_C(0x474E524B) /* "KRNG" in memory, where bytes are little-endian */
#define KILN_RING_VERSION 1

/* port_cycles() in the lower bits of a stamp, the event above. */
#define KILN_RING_CYCLE_BITS 56

struct kiln_ring_record {
    uint64_t stamp;
    const void *object;
    uintptr_t value;
};

struct kiln_ring {
    uint32_t magic;
    uint16_t version;
    uint8_t pointer_bytes; /* of `object`, `value` and `records` */
    uint8_t mode;          /* enum kiln_ring_mode */
    uint32_t cycles_per_us;
    uint32_t capacity; /* in records, like the next three */
    uint32_t next;     /* where the next one goes */
    uint32_t count;    /* how many it holds */
    uint32_t lost;     /* overwritten or dropped; stays at UINT32_MAX */
    struct kiln_ring_record *records;
};

/* Makes an empty ring of the caller's records. Any context.
 * KILN_EINVAL: no ring, no records, no such mode. */
int kiln_ring_init(struct kiln_ring *ring, struct kiln_ring_record *records, uint32_t capacity,
                   enum kiln_ring_mode mode);

/* From now on kernel events go into `ring`; NULL: into none. A ring must stay while it is the one.
 * Any context. Does nothing without KILN_CFG_TRACE. */
void kiln_ring_start(struct kiln_ring *ring);

/* For a kiln_trace_hook() of one's own: what the default one does. Puts an event into the ring of
 * kiln_ring_start(), if there is one. Any context. */
void kiln_ring_event(enum kiln_trace_event event, const void *object, uintptr_t value);

/* Puts an event with the time of now into a ring. Any context, of any urgency that may call the
 * kernel. Never blocks or switches. */
void kiln_ring_put(struct kiln_ring *ring, enum kiln_trace_event event, const void *object,
                   uintptr_t value);

/* Takes out the oldest record; false when there is none. Any context. */
bool kiln_ring_get(struct kiln_ring *ring, struct kiln_ring_record *record);

/* Returns the number of lost records, and sets it to 0. Any context. */
uint32_t kiln_ring_take_lost(struct kiln_ring *ring);

/* Formats a record as one line like those of --trace on the host, "0.001234560 switch blinky",
 * without a line end, into `line` of `size` bytes; returns its length, as cut off to fit. Any
 * context. The object is looked at for its name: with KILN_CFG_CHECKS one that is gone shows as its
 * address, without, it must still exist. */
size_t kiln_ring_format(char *line, size_t size, const struct kiln_ring_record *record);

/* Takes out all that is in the ring now and writes it to the console, each record a line that
 * begins with "ktr: ". tools/trace.py reads that, also out of other output. What interrupts print
 * meanwhile comes after the line. Any context; a task holds the scheduler lock for each line. Not
 * in an interrupt that came into another such call, unless something else has been printed. */
void kiln_ring_print(struct kiln_ring *ring);

#ifdef __cplusplus
}
#endif

#endif
