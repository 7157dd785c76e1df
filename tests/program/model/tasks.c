/* The model: tasks, their end, and time. */
#include "state.h"

/* ---- End ----------------------------------------------------------------------------------------
 */

static struct model_mutex *latest_held(unsigned owner)
{
    struct model_mutex *latest = NULL;
    for (unsigned i = 0; i < PROGRAM_MUTEXES; i++) {
        struct model_mutex *mutex = &model.mutexes[i];
        if (mutex->owner == owner && (latest == NULL || mutex->taken > latest->taken)) {
            latest = mutex;
        }
    }
    return latest;
}

static void tell_code(struct model_call *join, unsigned task)
{
    join->outcome.value = op_wants_code(&join->op) ? (uint32_t)model.tasks[task].code : 0;
}

/* Each mutex that it holds and each task that joined it is a step, and so is the rest. */
static bool go_on_killing(struct model_call *call)
{
    struct model_mutex *mutex = latest_held(call->victim);
    unsigned joiner = first_waiter(KILN_WAIT_JOIN, call->victim);
    if (mutex != NULL) {
        pass_on(mutex);
        return true;
    }
    if (joiner != NOBODY) {
        tell_code(&model.calls[joiner], call->victim);
        wake(joiner, KILN_OK);
        return true;
    }
    return unlock_scheduler(call);
}

/* The first of the steps. Returns whether there are more. */
static bool kill(struct model_call *call, unsigned victim, int code)
{
    struct model_task *task = &model.tasks[victim];
    leave_wait(victim);
    task->dead = true;
    task->suspended = task->fresh = task->kill_pending = false;
    task->code = code;
    settle_priorities(); /* an owner that it waited for */
    expect(KILN_TRACE_TASK_END, victim, (uint32_t)code);
    model.locked++;
    call->victim = victim;
    call->more = go_on_killing;
    return go_on_killing(call);
}

bool unlock_scheduler(struct model_call *call)
{
    const struct model_task *task = &model.tasks[model.current];
    model.locked--;
    if (model.locked != 0 || !task->kill_pending) {
        return false;
    }
    model.masked = model.in_irq ? model.masked : 0;
    return kill(call, model.current, task->code);
}

static void begin_kill(struct model_call *call, unsigned victim, int code)
{
    call->phase = STEPPED;
    call->phase = kill(call, victim, code) ? STEPPED : DONE;
}

/* A task that ends itself loses its locks. */
static bool exit_now(struct model_call *call)
{
    model.locked = 0;
    model.masked = 0;
    return kill(call, model.current, call->op.value % 8);
}

static void call_kill(struct model_call *call, unsigned victim)
{
    struct model_task *task = &model.tasks[victim];
    int code = call->op.value % 8;
    if (victim == PROGRAM_IDLE) {
        call->outcome.result = KILN_EINVAL;
    } else if (task->dead || task->kill_pending) {
        call->outcome.result = KILN_ESTATE;
    } else if (victim != model.current || (model.in_irq && model.locked == 0)) {
        begin_kill(call, victim, code);
    } else if (model.in_irq) {
        task->kill_pending = true;
        task->code = code;
    } else {
        call->phase = STEPPED; /* first it finds that it is itself */
        call->more = exit_now;
    }
}

/* ---- Life ---------------------------------------------------------------------------------------
 */

static int start(unsigned index)
{
    struct model_task *task = &model.tasks[index];
    if (!task->fresh) {
        return KILN_ESTATE;
    }
    expect(KILN_TRACE_TASK_START, index, task->priority);
    task->fresh = false;
    to_back(index);
    return KILN_OK;
}

static int init(unsigned index, const struct program_op *op)
{
    unsigned slice = op->time % 6U, priority = op_priority(op);
    if (priority >= KILN_CFG_PRIORITIES) {
        return KILN_EINVAL;
    }
    if (model.in_irq) {
        return KILN_EISR;
    }
    if (!model.tasks[index].dead) {
        return KILN_ESTATE;
    }
    model.tasks[index] = (struct model_task){.fresh = true,
                                             .base = priority,
                                             .priority = priority,
                                             .slice = slice,
                                             .slice_left = slice,
                                             .wake_ticks = model.now};
    model.calls[index].phase = IDLE;
    if (model.runner == index) { /* not any more, if it was killed there */
        model.in_body = false;
        model.runner = NOBODY;
    }
    return op->call == CALL_TASK_CREATE ? start(index) : KILN_OK;
}

static void join(struct model_call *call, unsigned index)
{
    const struct model_task *task = &model.tasks[index];
    if (task->dead) {
        tell_code(call, index);
    } else if (index == model.current && !model.in_irq) {
        call->outcome.result = KILN_EDEADLK;
    } else {
        wait_for(call, KILN_WAIT_JOIN, index, op_timeout(&call->op));
    }
}

static int suspend(unsigned index)
{
    struct model_task *task = &model.tasks[index];
    if (index == PROGRAM_IDLE) {
        return KILN_EINVAL;
    }
    if (task->fresh || task->dead) {
        return KILN_ESTATE;
    }
    expect(KILN_TRACE_TASK_SUSPEND, index, 0);
    task->suspended = true;
    return KILN_OK;
}

static int resume(unsigned index)
{
    if (index == PROGRAM_IDLE || !model.tasks[index].suspended) {
        return KILN_ESTATE;
    }
    expect(KILN_TRACE_TASK_RESUME, index, 0);
    model.tasks[index].suspended = false;
    to_back(index);
    return KILN_OK;
}

/* ---- Properties ---------------------------------------------------------------------------------
 */

static int set_priority(unsigned index, unsigned priority)
{
    if (priority >= KILN_CFG_PRIORITIES || index == PROGRAM_IDLE) {
        return KILN_EINVAL;
    }
    if (model.tasks[index].dead) {
        return KILN_ESTATE;
    }
    model.tasks[index].base = priority;
    return KILN_OK;
}

static int set_slice(unsigned index, kiln_ticks_t ticks)
{
    if (ticks > 65535U) {
        return KILN_EINVAL;
    }
    model.tasks[index].slice = ticks;
    model.tasks[index].slice_left = ticks;
    return KILN_OK;
}

static enum kiln_task_state state_of(unsigned index)
{
    const struct model_task *task = &model.tasks[index];
    return task->dead                      ? KILN_TASK_TERMINATED
           : task->fresh                   ? KILN_TASK_NEW
           : task->suspended               ? KILN_TASK_SUSPENDED
           : task->waits != KILN_WAIT_NONE ? KILN_TASK_BLOCKED
           : index == model.current        ? KILN_TASK_RUNNING
                                           : KILN_TASK_READY;
}

static uint32_t info(unsigned index)
{
    const struct model_task *task = &model.tasks[index];
    enum kiln_task_state state = state_of(index);
    uint32_t wait = state == KILN_TASK_BLOCKED ? (uint32_t)task->waits : 0;
    return state == KILN_TASK_TERMINATED
               ? (uint32_t)state
               : ((uint32_t)state | wait << 4 | task->priority << 8 | task->base << 16 | 1U << 24 |
                  1U << 25 /* in the list of all tasks */);
}

/* ---- Giving way, and time -----------------------------------------------------------------------
 */

static bool has_equals(unsigned index)
{
    for (unsigned i = 0; i <= PROGRAM_IDLE; i++) {
        if (i != index && is_ready(&model.tasks[i]) &&
            model.tasks[i].priority == model.tasks[index].priority) {
            return true;
        }
    }
    return false;
}

static int yield(void)
{
    struct model_task *task = &model.tasks[model.current];
    if (model.in_irq || model.masked || model.locked != 0) {
        return model.in_irq ? KILN_EISR : KILN_ELOCKED;
    }
    if (has_equals(model.current)) {
        task->slice_left = task->slice;
        to_back(model.current);
    }
    return KILN_OK;
}

static void sleep(struct model_call *call)
{
    kiln_ticks_t ticks = op_sleep_ticks(&call->op);
    if (ticks == KILN_FOREVER) {
        call->outcome.result = KILN_EINVAL;
    } else if (ticks != 0) {
        wait_for(call, KILN_WAIT_SLEEP, 0, ticks);
    }
}

static uint32_t *wake_ticks(unsigned who)
{
    return who <= PROGRAM_DRIVER ? &model.tasks[who].wake_ticks
                                 : &model.irq_wake_ticks[who - PROGRAM_IRQ];
}

static void sleep_until(struct model_call *call)
{
    uint32_t *last = wake_ticks(call->who), next = *last + op_sleep_ticks(&call->op);
    int32_t left = (int32_t)(next - model.now);
    call->outcome.value = *last;
    if (call->op.time == 255) {
        call->outcome.result = KILN_EINVAL;
    } else if (left > 0) {
        wait_for(call, KILN_WAIT_SLEEP, 0, (kiln_ticks_t)left);
    } else {
        *last = next;
        call->outcome.value = next;
        call->outcome.result = left == 0 ? KILN_OK : KILN_ETIMEOUT;
    }
}

static void slice_passes(uint32_t ticks)
{
    struct model_task *task = &model.tasks[model.current];
    if (task->slice_left > ticks) {
        task->slice_left -= ticks;
    } else if (task->slice_left > 0) {
        task->slice_left = task->slice;
        if (is_ready(task) && has_equals(model.current)) {
            to_back(model.current);
        }
    }
}

/* What ends next: a wait, or a timer (numbered from here on). */
#define FIRST_TIMER PROGRAM_CALLERS

struct ending {
    unsigned index;
    uint32_t left;
    long number;
};

static void consider(struct ending *first, unsigned index, uint32_t deadline, long number)
{
    uint32_t left = deadline - model.now;
    if (first->index == NOBODY || left < first->left ||
        (left == first->left && number < first->number)) {
        *first = (struct ending){index, left, number};
    }
}

static struct ending next_to_end(void)
{
    struct ending first = {.index = NOBODY};
    for (unsigned i = 0; i < PROGRAM_CALLERS; i++) {
        const struct model_task *task = &model.tasks[i];
        if (task->timed) {
            consider(&first, i, task->deadline, task->timeout_number);
        }
    }
    for (unsigned i = 0; i < PROGRAM_TIMERS; i++) {
        const struct model_timer *timer = &model.timers[i];
        if (timer->running) {
            consider(&first, FIRST_TIMER + i, timer->deadline, timer->timeout_number);
        }
    }
    return first;
}

uint32_t ticks_to_next_end(void)
{
    struct ending next = next_to_end();
    return next.index == NOBODY ? KILN_FOREVER : next.left;
}

static void timer_ends(unsigned index)
{
    model.timers[index].running = false;
    expect(KILN_TRACE_TIMER_EXPIRE, index, 0);
    if (model.timers[index].period != 0) {
        start_timer(index, model.timers[index].period);
    }
    model.callback = index;
}

/* One timeout a step. */
static bool go_on_ticking(struct model_call *call)
{
    struct ending next = next_to_end();
    if (next.index == NOBODY || next.left > call->ticks_left) {
        model.now += call->ticks_left;
        return false;
    }
    call->ticks_left -= next.left;
    model.now += next.left;
    if (next.index < FIRST_TIMER) {
        wake(next.index, KILN_ETIMEOUT);
    } else {
        timer_ends(next.index - FIRST_TIMER);
    }
    return true;
}

void begin_tick(struct model_call *call)
{
    call->ticks_left = op_ticks(&call->op);
    slice_passes(call->ticks_left);
    call->more = go_on_ticking;
    call->phase = go_on_ticking(call) ? STEPPED : DONE;
}

/* ---- Printing -----------------------------------------------------------------------------------
 */

/* It locks the scheduler, takes the console and gives it back, a step each, and unlocks. */
static bool go_on_printing(struct model_call *call)
{
    if (call->steps_left > 0) {
        call->steps_left--;
        return true;
    }
    return unlock_scheduler(call);
}

static void print(struct model_call *call)
{
    if (!model.in_irq) {
        model.locked++;
        call->steps_left = 2;
        call->more = go_on_printing;
        call->phase = STEPPED;
    }
}

/* ---- All ----------------------------------------------------------------------------------------
 */

static void call_scheduler(struct model_call *call)
{
    switch (call->op.call) {
    case CALL_YIELD:
        call->outcome.result = yield();
        break;
    case CALL_SLEEP:
        sleep(call);
        break;
    case CALL_SLEEP_UNTIL:
        sleep_until(call);
        break;
    case CALL_SCHED_LOCK:
        call->outcome.result = model.in_irq ? KILN_EISR : KILN_OK;
        model.locked += !model.in_irq;
        break;
    case CALL_SCHED_UNLOCK:
        if (model.in_irq || model.locked == 0) {
            call->outcome.result = model.in_irq ? KILN_EISR : KILN_ESTATE;
        } else {
            call->phase = unlock_scheduler(call) ? STEPPED : DONE;
        }
        break;
    case CALL_PRINT:
        print(call);
        break;
    case CALL_WRONG:
        call->outcome.result = KILN_EINVAL;
        break;
    case CALL_MISUSE:
        call_misuse(call);
        break;
    case CALL_IRQ_LOCK:
        model.masked += model.masked < 2;
        break;
    default:
        call->outcome.value = model.now;
        break;
    }
}

void begin_task_call(struct model_call *call)
{
    const struct program_op *op = &call->op;
    switch (op->call) {
    case CALL_TASK_INIT:
    case CALL_TASK_CREATE:
        call->outcome.result = init(op_task(op), op);
        break;
    case CALL_TASK_START:
        call->outcome.result = start(op_task(op));
        break;
    case CALL_TASK_KILL:
        call_kill(call, op_any_task(op));
        break;
    case CALL_TASK_EXIT:
        call->phase = exit_now(call) ? STEPPED : DONE;
        break;
    case CALL_TASK_JOIN:
        join(call, op_task(op));
        break;
    case CALL_TASK_SUSPEND:
        call->outcome.result = suspend(op_any_task(op));
        break;
    case CALL_TASK_RESUME:
        call->outcome.result = resume(op_any_task(op));
        break;
    case CALL_TASK_SET_PRIORITY:
        call->outcome.result = set_priority(op_any_task(op), op_priority(op));
        break;
    case CALL_TASK_SET_SLICE:
        call->outcome.result = set_slice(op_task(op), op_slice(op));
        break;
    case CALL_TASK_INFO:
        call->outcome.value = info(op_task(op));
        break;
    default:
        call_scheduler(call);
        break;
    }
}
