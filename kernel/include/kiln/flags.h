/* Event flags: 32 bits that tasks set, clear and wait for. */
#ifndef KILN_FLAGS_H
#define KILN_FLAGS_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_flags {
    struct kiln_waitq waiters[2]; /* [active] takes newcomers; the other empties during a set */
    uint32_t value;
    uint32_t set_later; /* bits set by an interrupt while a set is under way */
    uint8_t active;
    bool setting;
    KILN_OBJECT_FIELDS
};

enum kiln_flags_option {
    KILN_FLAGS_ANY = 0,   /* wait for any of the bits */
    KILN_FLAGS_ALL = 1,   /* wait for all of the bits */
    KILN_FLAGS_CLEAR = 2, /* clear the bits waited for when the wait succeeds */
};

/* What somebody who waits wants. A task's is on its stack; a coroutine's is part of its frame. */
struct kiln_flags_condition {
    const struct kiln_flags *flags;
    uint32_t bits;
    unsigned options; /* enum kiln_flags_option, or-ed */
    uint32_t value;   /* out: the flags when the wait succeeded */
};

/* Defines a set of flags, all clear. */
#define KILN_FLAGS_DEFINE(object)                                 \
    struct kiln_flags object KILN_SECTION(kiln_flags_objects) = { \
        .waiters = {{NULL}, {NULL}},                              \
        .value = 0,                                               \
        .set_later = 0,                                           \
        .active = 0,                                              \
        .setting = false,                                         \
        KILN_OBJECT_INIT(object, KILN_TYPE_FLAGS)}

/* Initialises flags on storage that the caller owns, all clear. Any context. Never blocks.
 * KILN_EINVAL: no flags.
 * Flags that are alive already panic (with KILN_CFG_CHECKS); see kiln_flags_destroy(). */
int kiln_flags_init(struct kiln_flags *flags);

/* Ends the flags' life, so that their storage can be reused. Any context. Never blocks.
 * KILN_ESTATE: tasks wait for them, or an interrupt finds a kiln_flags_set() under way. */
int kiln_flags_destroy(struct kiln_flags *flags);

/* Sets bits, and wakes every task whose condition now holds, in order of priority. All of
 * them see the same value; the bits that they clear are cleared after the last. Waiters are
 * looked at one by one with interrupts enabled in between. Any context. May switch.
 * Returns KILN_OK. */
int kiln_flags_set(struct kiln_flags *flags, uint32_t bits);

/* Clears bits. Any context. Returns KILN_OK. */
int kiln_flags_clear(struct kiln_flags *flags, uint32_t bits);

/* Returns the flags. Any context. */
uint32_t kiln_flags_get(const struct kiln_flags *flags);

/* Waits until any or all of `bits` are set, as `options` (enum kiln_flags_option, or-ed) say;
 * stores the flags as they were then, before clearing, unless `value` is NULL. Any context
 * with KILN_NO_WAIT, else a task. Blocks.
 * KILN_EINVAL: no bits, or an unknown option.
 * KILN_EAGAIN, KILN_ETIMEOUT: the condition does not hold (in time); *value is unchanged.
 * KILN_EISR, KILN_ELOCKED: it does not hold, and the caller cannot block. */
int kiln_flags_wait(struct kiln_flags *flags, uint32_t bits, unsigned options, uint32_t *value,
                    kiln_ticks_t timeout_ticks);

#ifdef __cplusplus
}
#endif

#endif
