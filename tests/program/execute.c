/* Makes the call that a record stands for: see program.h. objects.c has those of the objects.
 *
 * What only looks is done with interrupts masked, so that the look has a place in the order of
 * things; so is what must not be met half done: a task or an object that begins anew. */
#include "core/async.h"
#include "program.h"

#define NESTED_MASKS 2U
#define NO_MUTEX     0xFFU

/* What is known of each caller beside what the kernel knows. */
static struct {
    unsigned masks[NESTED_MASKS]; /* what kiln_irq_lock() returned */
    unsigned mask_count;
    kiln_ticks_t wake_ticks; /* for kiln_task_sleep_until() */
    uint8_t wanted;          /* the mutex that it waits for, or is about to, or NO_MUTEX */
} callers[PROGRAM_CALLERS];

void program_forget_caller(unsigned who)
{
    callers[who].mask_count = 0;
    callers[who].wake_ticks = kiln_ticks() - program_start_ticks;
    callers[who].wanted = NO_MUTEX;
}

/* A coroutine's interrupt locks are its task's. */
static unsigned holder_of_masks(unsigned who)
{
    return who < PROGRAM_ASYNC ? who : program_number_of(kernel.current);
}

bool program_is_masked(unsigned who)
{
    return callers[holder_of_masks(who)].mask_count != 0;
}

kiln_ticks_t *program_wake_ticks(unsigned who)
{
    return &callers[who].wake_ticks;
}

unsigned program_number_of(const struct kiln_task *task)
{
    const struct kiln_async *async = task == NULL ? NULL : k_async_of(task);
    if (async >= program.asyncs && async < program.asyncs + PROGRAM_ASYNCS) {
        return PROGRAM_ASYNC + (unsigned)(async - program.asyncs);
    }
    return task == NULL              ? 99U
           : task == &program.driver ? PROGRAM_DRIVER
           : task == &kernel.idle    ? PROGRAM_IDLE
                                     : (unsigned)(task - program.tasks);
}

bool program_would_deadlock(unsigned who, unsigned mutex)
{
    unsigned key = kiln_irq_lock(), next = mutex;
    bool cycle = false;
    for (unsigned step = 0; step < PROGRAM_TASKS && next < PROGRAM_MUTEXES; step++) {
        struct kiln_task *owner = kiln_mutex_owner(&program.mutexes[next]);
        cycle = owner == &program.tasks[who] && step > 0;
        next = owner == NULL || cycle ? NO_MUTEX : callers[program_number_of(owner)].wanted;
    }
    callers[who].wanted = cycle ? NO_MUTEX : (uint8_t)mutex;
    kiln_irq_unlock(key);
    return cycle;
}

/* ---- Timers ------------------------------------------------------------------------------------
 */

static int renew_timer(unsigned index)
{
    static const char *const names[PROGRAM_TIMERS] = {"c0", "c1", "c2"};
    struct kiln_timer *timer = &program.timers[index];
    int result = timer->tag == NULL ? KILN_OK : kiln_timer_destroy(timer);
    if (result == KILN_OK) {
        (void)kiln_timer_init(timer, program_timer_expired);
        kiln_set_name(timer, names[index]);
    }
    return result;
}

static void execute_timer(const struct program_op *op, struct program_outcome *outcome)
{
    unsigned index = op->which % PROGRAM_TIMERS, key;
    struct kiln_timer *timer = &program.timers[index];
    struct program_op later = {.call = CALL_SEM_GIVE};
    switch (op->call) {
    case CALL_TIMER_START:
        (void)program_next(&later);
        program_set_timer_op(index, &later);
        outcome->result = kiln_timer_start(timer, op_delay(op), op_period(op));
        break;
    case CALL_TIMER_STOP:
        outcome->result = kiln_timer_stop(timer);
        break;
    case CALL_TIMER_REMAINING:
        key = kiln_irq_lock();
        outcome->result = kiln_timer_active(timer);
        outcome->value = kiln_timer_remaining(timer);
        kiln_irq_unlock(key);
        break;
    default:
        key = kiln_irq_lock();
        outcome->result = renew_timer(index);
        kiln_irq_unlock(key);
        break;
    }
}

/* ---- Tasks -------------------------------------------------------------------------------------
 */

static struct kiln_task *any_task(const struct program_op *op)
{
    unsigned index = op_any_task(op);
    return index == PROGRAM_IDLE ? &kernel.idle : &program.tasks[index];
}

/* How often the list of all tasks has this one. */
static uint32_t times_in_list(const struct kiln_task *task)
{
    uint32_t times = 0;
    for (const struct kiln_task *at = NULL; (at = kiln_task_next(at)) != NULL;) {
        times += at == task;
    }
    return times;
}

static uint32_t look_at(const struct kiln_task *task)
{
    struct kiln_task_info info;
    (void)kiln_task_get_info(task, &info);
    uint32_t wait = info.state == KILN_TASK_BLOCKED ? (uint32_t)info.wait_kind : 0;
    uint32_t listed = times_in_list(task) << 25;
    return info.state == KILN_TASK_TERMINATED
               ? (KILN_TASK_TERMINATED | listed)
               : ((uint32_t)info.state | wait << 4 | info.priority << 8 | info.base_priority << 16 |
                  (kiln_task_priority(task) == info.priority ? 1U << 24 : 0) | listed);
}

static void join(const struct program_op *op, struct program_outcome *outcome)
{
    int code = 0;
    outcome->result = kiln_task_join(&program.tasks[op_task(op)], op_wants_code(op) ? &code : NULL,
                                     op_timeout(op));
    outcome->value = (uint32_t)code;
}

static void execute_task_state(const struct program_op *op, struct program_outcome *outcome)
{
    struct kiln_task *task = &program.tasks[op_task(op)];
    unsigned key;
    switch (op->call) {
    case CALL_TASK_INIT:
    case CALL_TASK_CREATE:
        key = kiln_irq_lock();
        outcome->result = program_init_task(op_task(op), op, op->call == CALL_TASK_CREATE);
        kiln_irq_unlock(key);
        break;
    case CALL_TASK_START:
        outcome->result = kiln_task_start(task);
        break;
    case CALL_TASK_KILL:
        outcome->result = kiln_task_kill(any_task(op), op->value % 8);
        break;
    case CALL_TASK_EXIT:
        kiln_task_exit(op->value % 8);
    case CALL_TASK_SUSPEND:
        outcome->result = kiln_task_suspend(any_task(op));
        break;
    default:
        outcome->result = kiln_task_resume(any_task(op));
        break;
    }
}

static void execute_task(const struct program_op *op, struct program_outcome *outcome)
{
    struct kiln_task *task = &program.tasks[op_task(op)];
    unsigned key;
    switch (op->call) {
    case CALL_TASK_JOIN:
        join(op, outcome);
        break;
    case CALL_TASK_SET_PRIORITY:
        outcome->result = kiln_task_set_priority(any_task(op), op_priority(op));
        break;
    case CALL_TASK_SET_SLICE:
        outcome->result = kiln_task_set_slice(task, op_slice(op));
        break;
    case CALL_TASK_INFO:
        key = kiln_irq_lock();
        outcome->value = look_at(task);
        kiln_irq_unlock(key);
        break;
    default:
        execute_task_state(op, outcome);
        break;
    }
}

/* ---- The scheduler, time, interrupts ------------------------------------------------------------
 */

static void sleep_until(unsigned who, const struct program_op *op, struct program_outcome *outcome)
{
    kiln_ticks_t wake = program_start_ticks + callers[who].wake_ticks;
    outcome->result = kiln_task_sleep_until(&wake, op_until_period(op));
    callers[who].wake_ticks = wake - program_start_ticks;
    outcome->value = wake - program_start_ticks;
}

static void mask(unsigned who)
{
    who = holder_of_masks(who);
    if (callers[who].mask_count < NESTED_MASKS) {
        callers[who].masks[callers[who].mask_count++] = kiln_irq_lock();
    }
}

static void unmask(unsigned who)
{
    who = holder_of_masks(who);
    if (callers[who].mask_count > 0) {
        kiln_irq_unlock(callers[who].masks[--callers[who].mask_count]);
    }
}

static void raise_interrupt(unsigned who, const struct program_op *op)
{
    struct program_op next = *op;
    if (who == PROGRAM_IRQ || who == PROGRAM_CALLBACK) {
        __real_kernel_tick(op_ticks(op));
        return;
    }
    if (op->call != CALL_TICK) {
        next = (struct program_op){.call = CALL_TICK};
        (void)program_next(&next);
    }
    if (op->call != CALL_PLACE || !program_place(op_blocks(op), &next, op_more(op))) {
        program_interrupt(&next);
    }
}

static void execute_other(unsigned who, const struct program_op *op,
                          struct program_outcome *outcome)
{
    unsigned key;
    switch (op->call) {
    case CALL_YIELD:
        outcome->result = kiln_task_yield();
        break;
    case CALL_SLEEP:
        outcome->result = kiln_task_sleep(op_sleep_ticks(op));
        break;
    case CALL_SLEEP_UNTIL:
        sleep_until(who, op, outcome);
        break;
    case CALL_SCHED_LOCK:
        outcome->result = kiln_sched_lock();
        break;
    case CALL_SCHED_UNLOCK:
        outcome->result = kiln_sched_unlock();
        break;
    case CALL_IRQ_LOCK:
        mask(who);
        break;
    case CALL_IRQ_UNLOCK:
        unmask(who);
        break;
    case CALL_TICKS:
        key = kiln_irq_lock();
        outcome->value = kiln_ticks() - program_start_ticks;
        kiln_irq_unlock(key);
        break;
    case CALL_PRINT:
        outcome->result = kiln_printf("%s", "");
        break;
    case CALL_WRONG:
        outcome->result = program_call_wrong(op->value);
        break;
    case CALL_MISUSE:
        program_misuse(op, outcome);
        break;
    default:
        raise_interrupt(who, op);
        break;
    }
}

void program_execute(unsigned who, const struct program_op *op, struct program_outcome *outcome)
{
    if (op->call <= CALL_POOL_RENEW || op->call == CALL_MUTEX_FILL) {
        program_execute_object(op, outcome);
        callers[who].wanted = NO_MUTEX; /* it waits for none any longer */
    } else if (op->call <= CALL_TIMER_RENEW) {
        execute_timer(op, outcome);
    } else if (op->call <= CALL_TASK_INFO) {
        execute_task(op, outcome);
    } else if (op->call >= CALL_ASYNC_START) {
        program_execute_async(op, outcome);
    } else if (op->call >= CALL_STREAM_READ) {
        program_execute_stream(who, op, outcome);
    } else {
        execute_other(who, op, outcome);
    }
}
