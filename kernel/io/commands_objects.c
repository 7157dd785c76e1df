/* All static objects, by kind: each kind has its linker section. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include <string.h>

#include "core/kernel.h"
#include "io/shell.h"
#include "kiln/kiln.h"

/* Names of waiting tasks, as many as fit, most urgent first. */
#define WAITERS_TEXT 40

struct waiters {
    char text[WAITERS_TEXT];
    size_t length;
};

/* The names of a list, with the scheduler locked. A timeout may take any task out between two
 * steps, so each step is masked and counts from the front. */
static const struct kiln_task *waiter_at(const struct kiln_waitq *queue, unsigned index)
{
    unsigned key = port_irq_save();
    const struct kiln_task *task = queue->first;
    while (task != NULL && index-- != 0) {
        task = task->next == queue->first ? NULL : task->next;
    }
    port_irq_restore(key);
    return task;
}

static void add_waiters(struct waiters *waiters, const struct kiln_waitq *queue)
{
    const struct kiln_task *task;
    (void)kiln_sched_lock();
    for (unsigned i = 0; i < WAITERS_TEXT / 2 && (task = waiter_at(queue, i)) != NULL; i++) {
        size_t room = sizeof(waiters->text) - waiters->length;
        int length = kiln_snprintf(waiters->text + waiters->length, room, " %s", kiln_name(task));
        if ((size_t)length >= room) {
            break;
        }
        waiters->length += (size_t)length;
    }
    (void)kiln_sched_unlock();
}

static const char *waiters_of(struct waiters *waiters, const struct kiln_waitq *one,
                              const struct kiln_waitq *other)
{
    *waiters = (struct waiters){.length = 0};
    add_waiters(waiters, one);
    if (other != NULL) {
        add_waiters(waiters, other);
    }
    return waiters->text;
}

/* One line: kind, name, state, and who waits. */
static void print_object(struct kiln_shell_call *call, const char *kind, const char *name,
                         const char *state, const char *waiting)
{
    kiln_shell_printf(call, "%-9s %-14s %-18s%s\n", kind, name, state, waiting);
}

#define STATE_TEXT 32

#if KILN_CFG_SEM
K_SECTION(struct kiln_sem, kiln_sems);

static void print_sems(struct kiln_shell_call *call)
{
    struct waiters waiters;
    char state[STATE_TEXT];
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_sems); i++) {
        const struct kiln_sem *sem = &__start_kiln_sems[i];
        (void)kiln_snprintf(state, sizeof(state), "%u", (unsigned)sem->count);
        print_object(call, "semaphore", kiln_name(sem), state,
                     waiters_of(&waiters, &sem->waiters, NULL));
    }
}
#else
static void print_sems(struct kiln_shell_call *call)
{
    (void)call;
}
#endif

#if KILN_CFG_MUTEX
K_SECTION(struct kiln_mutex, kiln_mutexes);

static void print_mutexes(struct kiln_shell_call *call)
{
    struct waiters waiters;
    char state[STATE_TEXT];
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_mutexes); i++) {
        const struct kiln_mutex *mutex = &__start_kiln_mutexes[i];
        (void)kiln_sched_lock();
        const struct kiln_task *owner = mutex->owner;
        (void)kiln_snprintf(state, sizeof(state), "%s%s", owner != NULL ? "of " : "free",
                            owner != NULL ? kiln_name(owner) : "");
        (void)kiln_sched_unlock();
        print_object(call, "mutex", kiln_name(mutex), state,
                     waiters_of(&waiters, &mutex->waiters, NULL));
    }
}
#else
static void print_mutexes(struct kiln_shell_call *call)
{
    (void)call;
}
#endif

#if KILN_CFG_QUEUE
K_SECTION(struct kiln_queue, kiln_queues);

static void print_queues(struct kiln_shell_call *call)
{
    struct waiters waiters;
    char state[STATE_TEXT];
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_queues); i++) {
        const struct kiln_queue *queue = &__start_kiln_queues[i];
        (void)kiln_snprintf(state, sizeof(state), "%u of %u", queue->count, queue->capacity);
        print_object(call, "queue", kiln_name(queue), state,
                     waiters_of(&waiters, &queue->receivers, &queue->senders));
    }
}
#else
static void print_queues(struct kiln_shell_call *call)
{
    (void)call;
}
#endif

#if KILN_CFG_FLAGS
K_SECTION(struct kiln_flags, kiln_flags_objects);

static void print_flags(struct kiln_shell_call *call)
{
    struct waiters waiters;
    char state[STATE_TEXT];
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_flags_objects); i++) {
        const struct kiln_flags *flags = &__start_kiln_flags_objects[i];
        (void)kiln_snprintf(state, sizeof(state), "0x%x", (unsigned)kiln_flags_get(flags));
        print_object(call, "flags", kiln_name(flags), state,
                     waiters_of(&waiters, &flags->waiters[0], &flags->waiters[1]));
    }
}
#else
static void print_flags(struct kiln_shell_call *call)
{
    (void)call;
}
#endif

#if KILN_CFG_POOL
K_SECTION(struct kiln_pool, kiln_pools);

static void print_pools(struct kiln_shell_call *call)
{
    struct waiters waiters;
    char state[STATE_TEXT];
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_pools); i++) {
        const struct kiln_pool *pool = &__start_kiln_pools[i];
        (void)kiln_snprintf(state, sizeof(state), "%u x %u bytes",
                            (unsigned)((size_t)(pool->end - pool->start) / pool->block_bytes),
                            (unsigned)pool->block_bytes);
        print_object(call, "pool", kiln_name(pool), state,
                     waiters_of(&waiters, &pool->waiters, NULL));
    }
}

size_t k_pool_bytes(void)
{
    size_t bytes = 0;
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_pools); i++) {
        const struct kiln_pool *pool = &__start_kiln_pools[i];
        bytes += (size_t)(pool->end - pool->start);
    }
    return bytes;
}
#else
static void print_pools(struct kiln_shell_call *call)
{
    (void)call;
}

size_t k_pool_bytes(void)
{
    return 0;
}
#endif

#if KILN_CFG_TIMER
K_SECTION(struct kiln_timer, kiln_timers);

static void print_timers(struct kiln_shell_call *call)
{
    char state[STATE_TEXT];
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_timers); i++) {
        const struct kiln_timer *timer = &__start_kiln_timers[i];
        kiln_ticks_t left = kiln_timer_remaining(timer);
        (void)kiln_snprintf(state, sizeof(state), left != 0 ? "%u ticks left" : "stopped",
                            (unsigned)left);
        print_object(call, "timer", kiln_name(timer), state, "");
    }
}
#else
static void print_timers(struct kiln_shell_call *call)
{
    (void)call;
}
#endif

static void print_streams(struct kiln_shell_call *call)
{
    struct waiters waiters;
    char state[STATE_TEXT];
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_streams); i++) {
        const struct kiln_stream *stream = &__start_kiln_streams[i];
        (void)kiln_snprintf(state, sizeof(state), "%u of %u bytes%s", stream->count, stream->size,
                            stream->is_closed ? ", closed" : "");
        print_object(call, "stream", kiln_name(stream), state,
                     waiters_of(&waiters, &stream->readers, &stream->writers));
    }
}

#if KILN_CFG_ASYNC
K_SECTION(struct kiln_executor, kiln_executors);
K_SECTION(struct kiln_waker, kiln_wakers);

static void print_executors(struct kiln_shell_call *call)
{
    char state[STATE_TEXT];
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_executors); i++) {
        const struct kiln_executor *executor = &__start_kiln_executors[i];
        (void)kiln_sched_lock();
        const struct kiln_task *runner = executor->runner;
        (void)kiln_snprintf(state, sizeof(state), "%u%s%s", (unsigned)executor->alive,
                            runner != NULL ? ", run by " : "",
                            runner != NULL ? kiln_name(runner) : "");
        (void)kiln_sched_unlock();
        print_object(call, "executor", kiln_name(executor), state, "");
    }
}

static void print_wakers(struct kiln_shell_call *call)
{
    struct waiters waiters;
    for (size_t i = 0; i < K_SECTION_COUNT(kiln_wakers); i++) {
        const struct kiln_waker *waker = &__start_kiln_wakers[i];
        print_object(call, "waker", kiln_name(waker), waker->woken ? "woken" : "",
                     waiters_of(&waiters, &waker->waiters, NULL));
    }
}
#else
static void print_executors(struct kiln_shell_call *call)
{
    (void)call;
}

static void print_wakers(struct kiln_shell_call *call)
{
    (void)call;
}
#endif

static int objects(struct kiln_shell_call *call)
{
    kiln_shell_printf(call, "%-9s %-14s %-18s %s\n", "kind", "name", "state", "waiting");
    print_sems(call);
    print_mutexes(call);
    print_queues(call);
    print_flags(call);
    print_pools(call);
    print_timers(call);
    print_streams(call);
    print_executors(call);
    print_wakers(call);
    return 0;
}
KILN_SHELL_COMMAND(objects, "", "static objects, their state and who waits", objects);

#endif
