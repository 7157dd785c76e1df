/* Who waits for whom: over mutexes and joins. A circle is a deadlock. */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include "core/kernel.h"
#include "io/shell.h"
#include "kiln/kiln.h"

/* ---- What a task waits for ------------------------------------------------------------------ */

#define NAME_AS(type, object) kiln_name((const struct type *)(object))

const char *k_wait_name(const struct kiln_task_info *info)
{
    switch (info->wait_kind) {
#if KILN_CFG_SEM
    case KILN_WAIT_SEM:
        return NAME_AS(kiln_sem, info->wait_object);
#endif
#if KILN_CFG_MUTEX
    case KILN_WAIT_MUTEX:
        return NAME_AS(kiln_mutex, info->wait_object);
#endif
#if KILN_CFG_QUEUE
    case KILN_WAIT_QUEUE_SEND:
    case KILN_WAIT_QUEUE_RECEIVE:
        return NAME_AS(kiln_queue, info->wait_object);
#endif
#if KILN_CFG_FLAGS
    case KILN_WAIT_FLAGS:
        return NAME_AS(kiln_flags, info->wait_object);
#endif
#if KILN_CFG_POOL
    case KILN_WAIT_POOL:
        return NAME_AS(kiln_pool, info->wait_object);
#endif
    case KILN_WAIT_STREAM_READ:
    case KILN_WAIT_STREAM_WRITE:
        return NAME_AS(kiln_stream, info->wait_object);
    case KILN_WAIT_JOIN:
        return NAME_AS(kiln_task, info->wait_object);
#if KILN_CFG_ASYNC
    case KILN_WAIT_EXECUTOR:
        return NAME_AS(kiln_executor, info->wait_object);
    case KILN_WAIT_ASYNC:
        return NAME_AS(kiln_async, info->wait_object);
#endif
    default:
        return "";
    }
}

const char *k_wait_kind(const struct kiln_task_info *info)
{
    static const char *const kinds[] = {
        [KILN_WAIT_NONE] = "",
        [KILN_WAIT_SLEEP] = "sleep",
        [KILN_WAIT_SEM] = "semaphore ",
        [KILN_WAIT_MUTEX] = "mutex ",
        [KILN_WAIT_QUEUE_SEND] = "send to ",
        [KILN_WAIT_QUEUE_RECEIVE] = "receive from ",
        [KILN_WAIT_FLAGS] = "flags ",
        [KILN_WAIT_POOL] = "pool ",
        [KILN_WAIT_JOIN] = "end of ",
        [KILN_WAIT_EXECUTOR] = "executor ",
        [KILN_WAIT_ASYNC] = "end of ",
        [KILN_WAIT_WAKER] = "waker ",
        [KILN_WAIT_STREAM_READ] = "read from ",
        [KILN_WAIT_STREAM_WRITE] = "write to ",
    };
    unsigned kind = info->wait_kind;
    return kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[kind] : "?";
}

#if KILN_CFG_MUTEX
/* The wait queue is the mutex's first field. */
static struct kiln_task *owner_of(struct kiln_waitq *queue)
{
    return ((struct kiln_mutex *)(void *)queue)->owner;
}
#else
static struct kiln_task *owner_of(struct kiln_waitq *queue)
{
    (void)queue;
    return NULL;
}
#endif

/* As kiln_task_get_info() has it, but without a look at the whole stack. */
struct kiln_task *k_blocker_of(const struct kiln_task *task)
{
    struct kiln_task *blocker = NULL;
    unsigned key = port_irq_save();
    if (task->waitq != NULL && task->wait_kind == KILN_WAIT_MUTEX) {
        blocker = owner_of(task->waitq);
    } else if (task->waitq != NULL && task->wait_kind == KILN_WAIT_JOIN) {
        blocker = K_CONTAINER_OF(task->waitq, struct kiln_task, joiners);
    }
    port_irq_restore(key);
    return blocker;
}

/* ---- Chains --------------------------------------------------------------------------------- */

/* More tasks than these in a row are left out. */
#define LINKS_MAX 8

/* Kept as names, because it is written when the lock is gone. */
struct link {
    const struct kiln_task *task; /* to be compared only */
    const char *name, *kind, *object;
};

struct chain {
    struct link links[LINKS_MAX];
    unsigned count;
    unsigned circle; /* so many links at the end wait for each other in a circle */
    bool is_timed;   /* one of those ends its wait by itself */
    bool is_longer;
};

static void add_link(struct chain *chain, const struct kiln_task *task)
{
    struct kiln_task_info info;
    struct link *link = &chain->links[chain->count++];
    (void)kiln_task_get_info(task, &info);
    bool waits = info.wait_kind != KILN_WAIT_NONE;
    link->task = task;
    link->name = info.name;
    link->kind = waits ? k_wait_kind(&info) : kiln_task_state_name(info.state);
    link->object = waits ? k_wait_name(&info) : "";
}

/* How many links the circle has that `task` closes; 0: none does. */
static unsigned circle_of(const struct chain *chain, const struct kiln_task *task)
{
    for (unsigned i = 0; i < chain->count; i++) {
        if (chain->links[i].task == task) {
            return chain->count - i;
        }
    }
    return 0;
}

static bool is_timed(const struct chain *chain)
{
    bool timed = false;
    for (unsigned i = chain->count - chain->circle; i < chain->count; i++) {
        timed = timed || (chain->links[i].task->flags & K_TASK_TIMED) != 0;
    }
    return timed;
}

/* Follows a chain, with the scheduler locked. Interrupts may change it meanwhile; the steps are
 * bounded all the same. */
static void follow(struct chain *chain, const struct kiln_task *task)
{
    *chain = (struct chain){.count = 0};
    while (task != NULL && chain->count < LINKS_MAX) {
        add_link(chain, task);
        task = k_blocker_of(task);
        chain->circle = task != NULL ? circle_of(chain, task) : 0;
        if (chain->circle != 0) {
            chain->is_timed = is_timed(chain);
            return;
        }
    }
    chain->is_longer = task != NULL;
}

/* ---- Rows ----------------------------------------------------------------------------------- */

/* A row is written when all of it is there, so that no printed text comes in between. */
struct row {
    struct kiln_shell_call *call;
    size_t length;
    char text[1 + KILN_SHELL_TEXT_MAX]; /* the first is for k_shell_write_rows() */
};

static void end_row(struct row *row)
{
    row->text[1 + row->length] = '\n'; /* where the closing zero was */
    k_shell_write_rows(row->call, row->text + 1, row->length + 1U);
    row->length = 0;
}

/* False when the rest of the row has no room for it; an empty one has, for as much as fits. */
static bool fits(struct row *row, const char *format, va_list args)
{
    size_t room = KILN_SHELL_TEXT_MAX - row->length;
    size_t length = (size_t)kiln_vsnprintf(row->text + 1 + row->length, room, format, args);
    if (length >= room) {
        if (row->length != 0) {
            return false;
        }
        length = room - 1U;
    }
    row->length += length;
    return true;
}

__attribute__((format(printf, 2, 3))) static void add(struct row *row, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    if (!fits(row, format, args)) {
        end_row(row);
        (void)fits(row, format, again);
    }
    va_end(again);
    va_end(args);
}

static void print(struct kiln_shell_call *call, const struct chain *chain)
{
    struct row row = {.call = call};
    for (unsigned i = 0; i < chain->count; i++) {
        const struct link *link = &chain->links[i];
        add(&row, "%s%s: %s%s", i != 0 ? " -> " : "", link->name, link->kind, link->object);
    }
    add(&row, "%s", chain->is_longer ? " -> ..." : "");
    end_row(&row);
    if (chain->circle == 0) {
        return;
    }
    add(&row, "%s", chain->is_timed ? "deadlock until a timeout of" : "DEADLOCK of");
    for (unsigned i = chain->count - chain->circle; i < chain->count; i++) {
        add(&row, " %s", chain->links[i].name);
    }
    end_row(&row);
}

void k_chain_print(struct kiln_shell_call *call, const struct kiln_task *task)
{
    struct chain chain;
    (void)kiln_sched_lock();
    follow(&chain, task);
    (void)kiln_sched_unlock();
    print(call, &chain);
}

/* ---- The command ---------------------------------------------------------------------------- */

static bool is_waited_for(const struct kiln_task *task)
{
    bool found = false;
    for (struct kiln_task *at = kiln_task_next(NULL); at != NULL; at = kiln_task_next(at)) {
        found = found || k_blocker_of(at) == task;
    }
    return found;
}

/* True when a chain is to be shown from this one: it waits for a task and nobody waits for it, or
 * it is the first of a circle, by address. */
static bool is_start(const struct kiln_task *task, struct chain *chain)
{
    if (k_blocker_of(task) == NULL) {
        return false;
    }
    if (!is_waited_for(task)) {
        return true;
    }
    follow(chain, task);
    bool is_first = chain->circle == chain->count;
    for (unsigned i = 0; i < chain->count; i++) {
        is_first = is_first && chain->links[i].task >= task;
    }
    return is_first;
}

/* One chain from each start, the lock being held for one task at a time. */
static int print_all(struct kiln_shell_call *call)
{
    struct chain chain;
    const struct kiln_task *task;
    unsigned count = 0;
    for (unsigned index = 0;; index++) {
        (void)kiln_sched_lock();
        task = k_task_at(index);
        bool found = task != NULL && is_start(task, &chain);
        if (found) {
            follow(&chain, task);
        }
        (void)kiln_sched_unlock();
        if (task == NULL) {
            break;
        }
        if (found) {
            print(call, &chain);
            count++;
        }
    }
    if (count == 0) {
        kiln_shell_printf(call, "no task waits for another one\n");
    }
    return 0;
}

static int chain_command(struct kiln_shell_call *call)
{
    struct chain chain;
    if (!k_shell_arguments(call, 0, 1)) {
        return 1;
    }
    if (call->argc == 1) {
        return print_all(call);
    }
    const struct kiln_task *task = k_shell_task(call, 1);
    if (task == NULL) {
        return 1;
    }
    follow(&chain, task);
    (void)kiln_sched_unlock();
    print(call, &chain);
    return 0;
}
KILN_SHELL_COMMAND(chain, "[TASK]", "who waits for whom; finds deadlocks", chain_command);

#endif
