/* What a debugger or a shell wants to know: names, and a task's particulars. */
#include "core/kernel.h"
#include "kiln/kiln.h"
#include "sync/flags.h"

const char *kiln_error_name(int error)
{
    static const char *const names[] = {
        "KILN_OK",        "KILN_EINVAL",   "KILN_EISR",      "KILN_ELOCKED",
        "KILN_EAGAIN",    "KILN_ETIMEOUT", "KILN_EPERM",     "KILN_ESTATE",
        "KILN_EOVERFLOW", "KILN_EDEADLK",  "KILN_ECANCELED", "KILN_EIO",
    };
    return error > 0 || error < KILN_EIO ? "KILN_E?" : names[-error];
}

const char *kiln_task_state_name(enum kiln_task_state state)
{
    static const char *const names[] = {"new",     "ready",     "running",
                                        "blocked", "suspended", "terminated"};
    return (unsigned)state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

static enum kiln_task_state state_of(const struct kiln_task *task)
{
    if (task->flags & K_TASK_TERMINATED) {
        return KILN_TASK_TERMINATED;
    }
    if (task->flags & K_TASK_NEW) {
        return KILN_TASK_NEW;
    }
    if (task->flags & K_TASK_SUSPENDED) {
        return KILN_TASK_SUSPENDED;
    }
    if (task->waitq != NULL) {
        return KILN_TASK_BLOCKED;
    }
    return task == kernel.current ? KILN_TASK_RUNNING : KILN_TASK_READY;
}

static enum kiln_wait wait_kind(const struct kiln_task *task)
{
    return task->waitq == NULL ? KILN_WAIT_NONE : (enum kiln_wait)task->wait_kind;
}

/* The object that a wait queue belongs to. */
static const void *object_of(const struct kiln_task *task)
{
    const uint8_t *queue = (const uint8_t *)task->waitq;
    switch (wait_kind(task)) {
    case KILN_WAIT_NONE:
    case KILN_WAIT_SLEEP:
        return NULL;
#if KILN_CFG_QUEUE
    case KILN_WAIT_QUEUE_SEND:
        return queue - offsetof(struct kiln_queue, senders);
#endif
#if KILN_CFG_FLAGS
    case KILN_WAIT_FLAGS:
        return k_flags_waited_for(task);
#endif
#if KILN_CFG_STREAM
    case KILN_WAIT_STREAM_WRITE:
        return queue - offsetof(struct kiln_stream, writers);
#endif
#if KILN_CFG_JOIN
    case KILN_WAIT_JOIN:
        return queue - offsetof(struct kiln_task, joiners);
#endif
#if KILN_CFG_ASYNC
    case KILN_WAIT_EXECUTOR:
        return queue - offsetof(struct kiln_executor, idle);
    case KILN_WAIT_ASYNC:
        return queue - offsetof(struct kiln_async, joiners);
#endif
    default:
        return queue; /* the queue is the object's first field */
    }
}

#if KILN_CFG_STATS
static void add_stats_locked(const struct kiln_task *task, struct kiln_task_info *info)
{
    uint64_t cycles = task->cpu_cycles;
    if (task == kernel.current) {
        cycles += port_cycles() - kernel.switched_at;
    }
    info->cpu_us = cycles / PORT_CYCLES_PER_US;
    info->switches = task->switches;
}
#else
static void add_stats_locked(const struct kiln_task *task, struct kiln_task_info *info)
{
    (void)task;
    (void)info;
}
#endif

#if KILN_CFG_STACK_CHECK
static void add_stack(const struct kiln_task *task, struct kiln_task_info *info)
{
    info->stack_bytes = task->stack_bytes;
    info->stack_used_max_bytes = port_stack_used_max(&task->ctx, task->stack, task->stack_bytes);
}
#else
static void add_stack(const struct kiln_task *task, struct kiln_task_info *info)
{
    (void)task;
    (void)info;
}
#endif

int kiln_task_get_info(const struct kiln_task *task, struct kiln_task_info *info)
{
    K_CHECK_OBJECT(task, KILN_TYPE_TASK);
    if (info == NULL) {
        return KILN_EINVAL;
    }
    unsigned key = port_irq_save();
    *info = (struct kiln_task_info){.name = kiln_name(task),
                                    .state = state_of(task),
                                    .priority = task->prio,
                                    .base_priority = task->base_prio,
                                    .wait_kind = wait_kind(task),
                                    .wait_object = object_of(task)};
    add_stats_locked(task, info);
    port_irq_restore(key);
    add_stack(task, info);
    return KILN_OK;
}
