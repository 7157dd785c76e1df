/* The explorer: what must hold while a run goes on, and at its end. */
#include <string.h>

#include "core/kernel.h"
#include "diag/check.h"
#include "explorer.h"
#include "kiln/kiln.h"

/* ---- Invariants --------------------------------------------------------------------------- */

#if KILN_CFG_CHECKS && KILN_CFG_TASK_LIST
/* The check is kernel code with instrumented blocks, which are none of the run's. */
void check_kernel(void)
{
    const char *what = "";
    uint64_t next_block = posix_port.next_block, blocks = posix_pause_blocks();
    posix_port.next_block = UINT64_MAX; /* it would be asked for at each block otherwise */
    bool holds = k_check(&what);
    posix_port.next_block = next_block;
    posix_resume_blocks(blocks);
    if (!holds) {
        run_fail("the kernel is inconsistent: %s", what);
    }
}
#else
void check_kernel(void)
{
}
#endif

/* ---- Waits that nobody ends --------------------------------------------------------------- */

#if KILN_CFG_TASK_LIST && KILN_CFG_NAMES

static bool has_terminated(const struct kiln_task *task)
{
    return (task->flags & K_TASK_TERMINATED) != 0;
}

#if KILN_CFG_MUTEX
static bool is_abandoned_mutex(const struct kiln_task *waiter)
{
    return (waiter->flags & K_TASK_ON_MUTEX) &&
           has_terminated(K_CONTAINER_OF(waiter->waitq, const struct kiln_mutex, waiters)->owner);
}
#else
static bool is_abandoned_mutex(const struct kiln_task *waiter)
{
    (void)waiter;
    return false;
}
#endif

#if KILN_CFG_JOIN
static bool joins_the_dead(const struct kiln_task *waiter)
{
    return waiter->wait_kind == KILN_WAIT_JOIN &&
           has_terminated(K_CONTAINER_OF(waiter->waitq, const struct kiln_task, joiners));
}
#else
static bool joins_the_dead(const struct kiln_task *waiter)
{
    (void)waiter;
    return false;
}
#endif

/* k_check() knows of semaphores, queues, pools and mutexes without an owner. */
static void check_waiters(void)
{
    for (const struct kiln_task *task = kernel.idle.all_next; task != NULL; task = task->all_next) {
        if (task->waitq == NULL) {
            continue;
        }
        if (is_abandoned_mutex(task)) {
            run_fail("lost wake-up: task %s waits for a mutex of a terminated task", task->name);
        }
        if (joins_the_dead(task)) {
            run_fail("lost wake-up: task %s joins a terminated task", task->name);
        }
    }
}
#else
static void check_waiters(void)
{
}
#endif

void check_idle(void)
{
    check_kernel();
    check_waiters();
    scenario_check_deadlines();
}

/* ---- The end ------------------------------------------------------------------------------ */

#if KILN_CFG_TASK_LIST
/* Undeclared lines are a device that may yet raise them. */
void check_deadlock(void)
{
    uint32_t undeclared = 0;
    for (unsigned line = 0; line < POSIX_LINES; line++) {
        undeclared |= explorer->declared[1 + line] == 0 ? UINT32_C(1) << line : 0;
    }
    if (posix_connected_lines() & undeclared) {
        run_end(RUN_BOUND);
    }
    for (const struct kiln_task *task = kernel.idle.all_next; task != NULL; task = task->all_next) {
        if (!scenario_is_server(task)) {
            run_fail("deadlock: task %s waits for ever, and nothing is to come", kiln_name(task));
        }
    }
}

/* But for the one that says so. */
static void check_tasks_ended(void)
{
    for (const struct kiln_task *task = kernel.idle.all_next; task != NULL; task = task->all_next) {
        if (task != kernel.current && !scenario_is_server(task)) {
            run_fail("leak: task %s is alive at the end", kiln_name(task));
        }
    }
}
#else
void check_deadlock(void)
{
}

static void check_tasks_ended(void)
{
}
#endif

/* Objects that were defined statically lie in one section for each type. */
#define EACH_OBJECT(type, object, section)                                                        \
    for (const type *object = __start_##section; (uintptr_t)object < (uintptr_t)__stop_##section; \
         object++)

#if KILN_CFG_MUTEX
extern const struct kiln_mutex __start_kiln_mutexes[] __attribute__((weak));
extern const struct kiln_mutex __stop_kiln_mutexes[] __attribute__((weak));

static void check_mutexes_free(void)
{
    EACH_OBJECT(struct kiln_mutex, mutex, kiln_mutexes)
    {
        if (mutex->owner != NULL) {
            run_fail("leak: mutex %s is locked at the end, by task %s", kiln_name(mutex),
                     kiln_name(mutex->owner));
        }
    }
}
#else
static void check_mutexes_free(void)
{
}
#endif

#if KILN_CFG_POOL && KILN_CFG_STATS
extern const struct kiln_pool __start_kiln_pools[] __attribute__((weak));
extern const struct kiln_pool __stop_kiln_pools[] __attribute__((weak));

static void check_pools_full(void)
{
    EACH_OBJECT(struct kiln_pool, pool, kiln_pools)
    {
        size_t blocks = (size_t)(pool->end - pool->start) / pool->block_bytes;
        if (pool->free_count != blocks) {
            run_fail("leak: %u of %zu blocks of pool %s are free at the end",
                     (unsigned)pool->free_count, blocks, kiln_name(pool));
        }
    }
}
#else
static void check_pools_full(void)
{
}
#endif

#if KILN_CFG_TIMER
extern const struct kiln_timer __start_kiln_timers[] __attribute__((weak));
extern const struct kiln_timer __stop_kiln_timers[] __attribute__((weak));

static void check_timers_stopped(void)
{
    EACH_OBJECT(struct kiln_timer, timer, kiln_timers)
    {
        if (timer->timeout.order != 0) {
            run_fail("leak: timer %s runs at the end", kiln_name(timer));
        }
    }
}
#else
static void check_timers_stopped(void)
{
}
#endif

void check_leaks(void)
{
    check_tasks_ended();
    check_mutexes_free();
    check_pools_full();
    check_timers_stopped();
}
