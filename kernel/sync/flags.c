/* Event flags: see kiln/flags.h.
 *
 * A set looks at every waiter, and there may be many, so each look is a masked section of its
 * own. The waiters move one by one from the active queue to the other, which becomes the
 * active one, so that each is looked at once and none twice; those that wait on keep their
 * order. The scheduler is locked meanwhile: no task runs before all are looked at, so they
 * wake as if in one instant. What can come in between is an interrupt: a timeout or a kill
 * takes a waiter out of whichever queue it is in; another set leaves its bits in set_later,
 * and the set under way starts over with them.
 */
#include "kiln/config.h"

#if KILN_CFG_FLAGS

#include "core/waitq.h"
#include "kiln/flags.h"
#include "sync/flags.h"

#define OPTIONS_ALL (KILN_FLAGS_ANY | KILN_FLAGS_ALL | KILN_FLAGS_CLEAR)

int kiln_flags_init(struct kiln_flags *flags)
{
    if (flags == NULL) {
        return KILN_EINVAL;
    }
    K_CHECK_NEW(flags, KILN_TYPE_FLAGS);
    *flags = (struct kiln_flags){.value = 0};
    kiln_set_name(flags, "?");
    K_SET_TAG(flags, KILN_TYPE_FLAGS);
    return KILN_OK;
}

int kiln_flags_destroy(struct kiln_flags *flags)
{
    K_CHECK_OBJECT(flags, KILN_TYPE_FLAGS);
    unsigned key = port_irq_save();
    bool in_use =
        flags->setting || flags->waiters[0].first != NULL || flags->waiters[1].first != NULL;
    if (!in_use) {
        K_CLEAR_TAG(flags);
    }
    port_irq_restore(key);
    return in_use ? KILN_ESTATE : KILN_OK;
}

K_INLINE bool is_satisfied(const struct kiln_flags_condition *wait, uint32_t value)
{
    uint32_t found = value & wait->bits;
    return (wait->options & KILN_FLAGS_ALL) ? found == wait->bits : found != 0;
}

K_INLINE uint32_t bits_to_clear(const struct kiln_flags_condition *wait)
{
    return (wait->options & KILN_FLAGS_CLEAR) ? wait->bits : 0;
}

/* Looks at every waiter once. Called and returns masked. */
static unsigned wake_satisfied(struct kiln_flags *flags, unsigned key)
{
    struct kiln_waitq *from = &flags->waiters[flags->active];
    struct kiln_waitq *to = &flags->waiters[flags->active ^ 1U];
    struct kiln_task *task;
    uint32_t value = flags->value, clear = 0;
    flags->active ^= 1U;
    while ((task = from->first) != NULL) {
        struct kiln_flags_condition *wait = (struct kiln_flags_condition *)task->wait.arg;
        if (is_satisfied(wait, value)) {
            wait->value = value;
            clear |= bits_to_clear(wait);
            k_wake_locked(task, KILN_OK);
        } else {
            k_waitq_remove_locked(from, task);
            k_waitq_insert_locked(to, task);
        }
        port_irq_restore(key);
        key = port_irq_save();
    }
    flags->value &= ~clear;
    return key;
}

static K_SLOW void set_with_waiters(struct kiln_flags *flags, unsigned key)
{
    flags->setting = true;
    kernel.locked++;
    for (;;) {
        key = wake_satisfied(flags, key);
        if (flags->set_later == 0) {
            break;
        }
        flags->value |= flags->set_later;
        flags->set_later = 0;
    }
    flags->setting = false;
    k_unlock_and_reschedule(key);
}

int kiln_flags_set(struct kiln_flags *flags, uint32_t bits)
{
    K_CHECK_OBJECT(flags, KILN_TYPE_FLAGS);
    unsigned key = port_irq_save();
    kiln_trace_hook(KILN_TRACE_FLAGS_SET, flags, bits);
    if (flags->setting) {
        flags->set_later |= bits;
    } else {
        flags->value |= bits;
        if (flags->waiters[flags->active].first != NULL) {
            set_with_waiters(flags, key);
            return KILN_OK;
        }
    }
    port_irq_restore(key);
    return KILN_OK;
}

int kiln_flags_clear(struct kiln_flags *flags, uint32_t bits)
{
    K_CHECK_OBJECT(flags, KILN_TYPE_FLAGS);
    unsigned key = port_irq_save();
    flags->value &= ~bits;
    flags->set_later &= ~bits;
    port_irq_restore(key);
    return KILN_OK;
}

uint32_t kiln_flags_get(const struct kiln_flags *flags)
{
    K_CHECK_OBJECT(flags, KILN_TYPE_FLAGS);
    return flags->value | flags->set_later;
}

int kiln_flags_wait(struct kiln_flags *flags, uint32_t bits, unsigned options, uint32_t *value_out,
                    kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(flags, KILN_TYPE_FLAGS);
    struct kiln_flags_condition wait = {.flags = flags, .bits = bits, .options = options};
    if (bits == 0 || (options & ~(unsigned)OPTIONS_ALL) != 0) {
        return KILN_EINVAL;
    }
    int result = KILN_OK;
    unsigned key = port_irq_save();
    kiln_trace_hook(KILN_TRACE_FLAGS_WAIT, flags, bits);
    uint32_t value = flags->value | flags->set_later;
    if (is_satisfied(&wait, value)) {
        wait.value = value;
        flags->value &= ~bits_to_clear(&wait);
        flags->set_later &= ~bits_to_clear(&wait);
        port_irq_restore(key);
    } else {
        result = k_block_with(&wait, &flags->waiters[flags->active], timeout_ticks, key,
                              KILN_WAIT_FLAGS);
    }
    if (result == KILN_OK && value_out != NULL) {
        *value_out = wait.value;
    }
    return result;
}

const void *k_flags_waited_for(const struct kiln_task *task)
{
    return ((const struct kiln_flags_condition *)task->wait.arg)->flags;
}

#endif
