/* Mutexes with priority inheritance: see kiln/mutex.h.
 *
 * A task's mutexes form a list, latest first, because they are mostly unlocked in reverse
 * order. What a task inherits is the priority of the first waiter of any of them. Unlocking
 * hands the mutex to its first waiter in the same masked section, so there is no moment at
 * which it is free and wanted, and no way to forget that the new owner inherits from the
 * waiters that remain.
 */
#include "core/mutex.h"

#if KILN_CFG_MUTEX

#include "core/waitq.h"

#if KILN_CFG_MUTEX_RECURSIVE
K_INLINE void set_options(struct kiln_mutex *mutex, unsigned options)
{
    mutex->options = (uint16_t)options;
}

/* The owner locks once more. */
static int lock_again(struct kiln_mutex *mutex)
{
    if ((mutex->options & KILN_MUTEX_RECURSIVE) == 0) {
        return KILN_EDEADLK;
    }
    if (mutex->depth == KILN_MUTEX_DEPTH_MAX) {
        return KILN_EOVERFLOW;
    }
    mutex->depth++;
    return KILN_OK;
}

K_INLINE bool is_locked_again(const struct kiln_mutex *mutex)
{
    return mutex->depth != 0;
}

/* True when the owner unlocked one of several locks. */
K_INLINE bool unlock_once(struct kiln_mutex *mutex)
{
    if (mutex->depth == 0) {
        return false;
    }
    mutex->depth--;
    return true;
}

K_INLINE void forget_depth(struct kiln_mutex *mutex)
{
    mutex->depth = 0;
}
#define OPTIONS_ALL KILN_MUTEX_RECURSIVE
#else
K_INLINE void set_options(struct kiln_mutex *mutex, unsigned options)
{
    (void)mutex;
    (void)options;
}

K_INLINE int lock_again(struct kiln_mutex *mutex)
{
    (void)mutex;
    return KILN_EDEADLK;
}

K_INLINE bool is_locked_again(const struct kiln_mutex *mutex)
{
    (void)mutex;
    return false;
}

K_INLINE bool unlock_once(struct kiln_mutex *mutex)
{
    (void)mutex;
    return false;
}

K_INLINE void forget_depth(struct kiln_mutex *mutex)
{
    (void)mutex;
}
#define OPTIONS_ALL KILN_MUTEX_PLAIN
#endif

int kiln_mutex_init(struct kiln_mutex *mutex, unsigned options)
{
    if (mutex == NULL || (options & ~(unsigned)OPTIONS_ALL) != 0) {
        return KILN_EINVAL;
    }
    K_CHECK_NEW(mutex, KILN_TYPE_MUTEX);
    *mutex = (struct kiln_mutex){.owner = NULL};
    set_options(mutex, options);
    kiln_set_name(mutex, "?");
    K_SET_TAG(mutex, KILN_TYPE_MUTEX);
    return KILN_OK;
}

int kiln_mutex_destroy(struct kiln_mutex *mutex)
{
    K_CHECK_OBJECT(mutex, KILN_TYPE_MUTEX);
    unsigned key = port_irq_save();
    bool in_use = mutex->owner != NULL;
    if (!in_use) {
        K_CLEAR_TAG(mutex);
    }
    port_irq_restore(key);
    return in_use ? KILN_ESTATE : KILN_OK;
}

K_INLINE struct kiln_mutex *mutex_of(struct kiln_waitq *waiters)
{
    return K_CONTAINER_OF(waiters, struct kiln_mutex, waiters);
}

/* The greatest priority among those who wait for any mutex that a task holds. */
static unsigned inherited(const struct kiln_task *task)
{
    unsigned prio = 0;
    for (const struct kiln_mutex *mutex = task->held; mutex != NULL; mutex = mutex->next_held) {
        const struct kiln_task *first = mutex->waiters.first;
        if (first != NULL && first->prio > prio) {
            prio = first->prio;
        }
    }
    return prio;
}

/* The owner that a task waits for, or NULL. */
static struct kiln_task *next_owner(const struct kiln_task *task)
{
    return (task->flags & K_TASK_ON_MUTEX) ? mutex_of(task->waitq)->owner : NULL;
}

/* A task of priority `prio` is about to wait for `owner`: raises it, the owner that it waits
 * for, and so on, up to one that is as urgent already. Each of them changes once, so a cycle
 * of owners ends the walk. */
static void raise_owners(struct kiln_task *owner, uint8_t prio)
{
    while (owner != NULL && owner->prio < prio) {
        k_task_set_prio_locked(owner, prio);
        owner = next_owner(owner);
    }
}

void k_mutex_update_prio_locked(struct kiln_task *task)
{
    while (task != NULL) {
        unsigned prio = inherited(task);
        prio = prio > task->base_prio ? prio : task->base_prio;
        if (prio == task->prio) {
            return;
        }
        k_task_set_prio_locked(task, (uint8_t)prio);
        task = next_owner(task);
    }
}

void k_mutex_waiter_left_locked(struct kiln_waitq *queue)
{
    k_mutex_update_prio_locked(mutex_of(queue)->owner);
}

K_INLINE void give_to(struct kiln_mutex *mutex, struct kiln_task *task)
{
    mutex->owner = task;
    mutex->next_held = task->held;
    task->held = mutex;
}

/* The mutex is taken: by the caller, or by a task that inherits from it while it waits. The
 * owner is raised in the same masked section in which the caller blocks; when the wait ends
 * without success, whoever ends it calls k_mutex_waiter_left_locked(). */
static K_SLOW int lock_taken(struct kiln_mutex *mutex, kiln_ticks_t timeout_ticks, unsigned key,
                             struct kiln_task *owner)
{
    struct kiln_task *task = kernel.current;
    if (owner == task) {
        int result = lock_again(mutex);
        port_irq_restore(key);
        return result;
    }
    int error = k_check_wait(timeout_ticks, key);
    if (error != KILN_OK) {
        return error;
    }
    raise_owners(owner, task->prio);
    task->flags |= K_TASK_ON_MUTEX;
    return k_wait(&mutex->waiters, timeout_ticks, KILN_WAIT_MUTEX);
}

int kiln_mutex_lock(struct kiln_mutex *mutex, kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(mutex, KILN_TYPE_MUTEX);
    if (K_CHECKS && port_in_isr()) {
        return KILN_EISR;
    }
    if (K_CHECKS && (kernel.locked & K_LOCKED_BEFORE_START)) {
        return KILN_ESTATE;
    }
    unsigned key = port_irq_save();
    kiln_trace_hook(KILN_TRACE_MUTEX_LOCK, mutex, 0);
    struct kiln_task *owner = mutex->owner;
    if (owner != NULL) {
        return lock_taken(mutex, timeout_ticks, key, owner);
    }
    give_to(mutex, kernel.current);
    port_irq_restore(key);
    return KILN_OK;
}

/* Takes a mutex out of its owner's list. */
static void leave_owner(struct kiln_mutex *mutex)
{
    struct kiln_mutex **link = &mutex->owner->held;
    while (*link != mutex) {
        link = &(*link)->next_held;
    }
    *link = mutex->next_held;
}

/* Passes a mutex that has left its owner's list on to its first waiter, if any. The new owner
 * is the most urgent of those who waited, so it inherits nothing yet. */
static K_NOINLINE void pass_on(struct kiln_mutex *mutex)
{
    struct kiln_task *next = mutex->waiters.first;
    forget_depth(mutex);
    mutex->owner = NULL;
    if (next != NULL) {
        k_wake_locked(next, KILN_OK);
        give_to(mutex, next);
    }
}

/* All but the plain case: not the owner, one of several locks, somebody waits, or mutexes are
 * unlocked out of order. */
static K_SLOW int unlock_other(struct kiln_mutex *mutex, unsigned key, struct kiln_task *task)
{
    if (mutex->owner != task) {
        port_irq_restore(key);
        return KILN_EPERM;
    }
    if (unlock_once(mutex)) {
        port_irq_restore(key);
        return KILN_OK;
    }
    leave_owner(mutex);
    pass_on(mutex);
    k_mutex_update_prio_locked(task);
    k_release_and_reschedule(key);
    return KILN_OK;
}

int kiln_mutex_unlock(struct kiln_mutex *mutex)
{
    K_CHECK_OBJECT(mutex, KILN_TYPE_MUTEX);
    if (K_CHECKS && port_in_isr()) {
        return KILN_EISR;
    }
    unsigned key = port_irq_save();
    struct kiln_task *task = kernel.current;
    kiln_trace_hook(KILN_TRACE_MUTEX_UNLOCK, mutex, 0);
    if (!K_FOR_SPEED || task->held != mutex || mutex->waiters.first != NULL ||
        is_locked_again(mutex)) {
        return unlock_other(mutex, key, task);
    }
    task->held = mutex->next_held;
    mutex->owner = NULL;
    port_irq_restore(key);
    return KILN_OK;
}

struct kiln_task *kiln_mutex_owner(const struct kiln_mutex *mutex)
{
    K_CHECK_OBJECT(mutex, KILN_TYPE_MUTEX);
    return mutex->owner;
}

unsigned k_mutex_release_all(struct kiln_task *task, unsigned key)
{
    struct kiln_mutex *mutex;
    while ((mutex = task->held) != NULL) {
        task->held = mutex->next_held;
        pass_on(mutex);
        port_irq_restore(key);
        key = port_irq_save();
    }
    return key;
}

#endif
