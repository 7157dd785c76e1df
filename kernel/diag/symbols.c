/* The table for debuggers: see symbols.h. It costs its size in flash and nothing else. */
#include "symbols.h"

#if KILN_CFG_DEBUG_SYMBOLS

#include "kiln/kiln.h"

#define TASK(field) ((uint16_t)offsetof(struct kiln_task, field))

#if KILN_CFG_NAMES
#define NAMED(offset) (offset)
#else
#define NAMED(offset) KILN_DEBUG_ABSENT
#endif

#if KILN_CFG_STATS
#define STATS(field) TASK(field)
#else
#define STATS(field) KILN_DEBUG_ABSENT
#endif

#if KILN_CFG_STACK_CHECK
#define STACK(field) TASK(field)
#else
#define STACK(field) KILN_DEBUG_ABSENT
#endif

#if KILN_CFG_TASK_LIST
#define LIST(field) TASK(field)
#else
#define LIST(field) KILN_DEBUG_ABSENT
#endif

#if KILN_CFG_JOIN
#define JOIN(field) TASK(field)
#else
#define JOIN(field) KILN_DEBUG_ABSENT
#endif

#if KILN_CFG_MUTEX
#define OWNER(field) TASK(field)
#define MUTEX(field) ((uint16_t)offsetof(struct kiln_mutex, field))
#else
#define OWNER(field) KILN_DEBUG_ABSENT
#define MUTEX(field) KILN_DEBUG_ABSENT
#endif

extern const struct kiln_debug_symbols kiln_debug_symbols;

const struct kiln_debug_symbols kiln_debug_symbols = {
    .magic = {'K', 'I', 'L', 'N'},
    .version = KILN_DEBUG_VERSION,
    .count = KILN_DEBUG_COUNT,
    .value =
        {
            [KILN_DEBUG_KERNEL_CURRENT] = offsetof(struct kernel, current),
            [KILN_DEBUG_KERNEL_LOCKED] = offsetof(struct kernel, locked),
            [KILN_DEBUG_KERNEL_NOW] = offsetof(struct kernel, now),
            [KILN_DEBUG_KERNEL_IDLE] = offsetof(struct kernel, idle),
            [KILN_DEBUG_KERNEL_READY] = offsetof(struct kernel, ready),
            [KILN_DEBUG_PRIORITIES] = KILN_CFG_PRIORITIES,
            [KILN_DEBUG_TASK_SP] = TASK(ctx.sp),
            [KILN_DEBUG_TASK_NEXT] = TASK(next),
            [KILN_DEBUG_TASK_PRIO] = TASK(prio),
            [KILN_DEBUG_TASK_BASE_PRIO] = TASK(base_prio),
            [KILN_DEBUG_TASK_FLAGS] = TASK(flags),
            [KILN_DEBUG_TASK_WAIT_KIND] = NAMED(TASK(wait_kind)),
            [KILN_DEBUG_TASK_WAITQ] = TASK(waitq),
            [KILN_DEBUG_TASK_DEADLINE] = TASK(timeout.deadline),
            [KILN_DEBUG_TASK_ALL_NEXT] = LIST(all_next),
            [KILN_DEBUG_TASK_STACK] = STACK(stack),
            [KILN_DEBUG_TASK_STACK_SIZE] = STACK(stack_bytes),
            [KILN_DEBUG_TASK_CPU_CYCLES] = STATS(cpu_cycles),
            [KILN_DEBUG_TASK_SWITCHES] = STATS(switches),
            [KILN_DEBUG_TASK_HELD] = OWNER(held),
            [KILN_DEBUG_TASK_JOINERS] = JOIN(joiners),
            [KILN_DEBUG_TASK_NAME] = NAMED(TASK(name)),
            [KILN_DEBUG_TASK_SIZE] = sizeof(struct kiln_task),
            [KILN_DEBUG_FLAG_TIMED] = K_TASK_TIMED,
            [KILN_DEBUG_FLAG_SUSPENDED] = K_TASK_SUSPENDED,
            [KILN_DEBUG_FLAG_NEW] = K_TASK_NEW,
            [KILN_DEBUG_FLAG_TERMINATED] = K_TASK_TERMINATED,
            [KILN_DEBUG_MUTEX_WAITERS] = MUTEX(waiters),
            [KILN_DEBUG_MUTEX_OWNER] = MUTEX(owner),
            [KILN_DEBUG_MUTEX_NEXT_HELD] = MUTEX(next_held),
            [KILN_DEBUG_MUTEX_NAME] = NAMED(MUTEX(name)),
            [KILN_DEBUG_WAIT_SLEEP] = KILN_WAIT_SLEEP,
            [KILN_DEBUG_WAIT_SEM] = KILN_WAIT_SEM,
            [KILN_DEBUG_WAIT_MUTEX] = KILN_WAIT_MUTEX,
            [KILN_DEBUG_WAIT_QUEUE_SEND] = KILN_WAIT_QUEUE_SEND,
            [KILN_DEBUG_WAIT_QUEUE_RECEIVE] = KILN_WAIT_QUEUE_RECEIVE,
            [KILN_DEBUG_WAIT_FLAGS] = KILN_WAIT_FLAGS,
            [KILN_DEBUG_WAIT_POOL] = KILN_WAIT_POOL,
            [KILN_DEBUG_WAIT_JOIN] = KILN_WAIT_JOIN,
            [KILN_DEBUG_WAIT_STREAM_READ] = KILN_WAIT_STREAM_READ,
            [KILN_DEBUG_WAIT_STREAM_WRITE] = KILN_WAIT_STREAM_WRITE,
            [KILN_DEBUG_WAIT_EXECUTOR] = KILN_WAIT_EXECUTOR,
            [KILN_DEBUG_WAIT_ASYNC] = KILN_WAIT_ASYNC,
            [KILN_DEBUG_WAIT_WAKER] = KILN_WAIT_WAKER,
        },
};

#endif
