/* The bodies of the K_SHARED functions: see kernel.h, which includes this for speed. */
#ifndef SHARED_H
#define SHARED_H

#include "kernel.h"

#if KILN_CFG_CHECKS
/* By offset: no field of a null object may be named, not even for its address. */
K_SHARED void k_check_tag(const void *object, size_t tag_offset, int type)
{
    if (K_UNLIKELY(object == NULL)) {
        kiln_panic("null object", NULL, NULL);
    }
    const void *const *tag = (const void *)((const char *)object + tag_offset);
    if (K_UNLIKELY(*tag != (const char *)object + type)) { /* so it has no name either */
        kiln_panic("not an initialised object of this type", object, NULL);
    }
}
#endif

K_SHARED void k_list_leave(struct kiln_waitq *list, struct kiln_task *task)
{
    struct kiln_task *next = task->next, *prev = task->prev;
    if (list->first == task) {
        list->first = next;
    }
    prev->next = next;
    next->prev = prev;
    task->next = task;
    task->prev = task;
}

K_SHARED void k_ready_append_locked(struct kiln_task *task)
{
    unsigned prio = task->prio;
    if (K_UNLIKELY(k_ready_is_marked(prio))) {
        k_list_insert_before(kernel.ready[prio].first, task);
    } else {
        kernel.ready[prio].first = task;
        k_ready_mark(prio);
    }
}

K_SHARED void k_ready_remove_locked(struct kiln_task *task)
{
    unsigned prio = task->prio;
    if (K_LIKELY(task->next == task)) {
        k_ready_unmark(prio);
    } else {
        k_list_leave(&kernel.ready[prio], task);
    }
}

/* Looks at no list: this task is the only one that may be more urgent. */
K_INLINE void release_after_ready(struct kiln_task *task, unsigned key)
{
    struct kiln_task *from = kernel.current;
    if (K_LIKELY(task->prio > from->prio && kernel.locked == 0)) {
        if (K_LIKELY(port_can_switch(key))) {
            k_switch_locked(from, task);
        } else {
            port_switch_pend();
        }
    }
    port_irq_restore(key);
}

K_SHARED void k_ready_and_release(struct kiln_task *task, unsigned key)
{
    k_ready_append_locked(task);
    if (K_FOR_SPEED) {
        release_after_ready(task, key);
    } else {
        k_release_and_reschedule(key);
    }
}

#endif
