/* The model: coroutines, their executor, and a waker.
 *
 * While a body is being called, what its task does next is the coroutine's, not the call's that
 * runs the executor: see active_call(). */
#include "state.h"

/* ---- Where a coroutine is ---------------------------------------------------------------------
 */

void make_ready(unsigned index)
{
    unsigned runner = first_waiter(KILN_WAIT_EXECUTOR, 0);
    model.asyncs[index].ready = true;
    model.asyncs[index].turn = next_number();
    if (runner != NOBODY) {
        wake(runner, KILN_OK);
    }
}

struct model_call *active_call(void)
{
    return model.in_body && model.current == model.runner
               ? &model.calls[PROGRAM_ASYNC + model.running]
               : &model.calls[model.current];
}

void leave_body(void)
{
    model.in_body = false;
    model.calls[model.current].phase = STEPPED;
}

bool await_is_cancelled(struct model_call *call)
{
    unsigned index = call->who - PROGRAM_ASYNC;
    if (call->who < PROGRAM_ASYNC || !model.asyncs[index].cancelled) {
        return false;
    }
    model.asyncs[index].cancelled_now = true;
    make_ready(index);
    call->phase = WAITING;
    leave_body();
    return true;
}

/* ---- The executor -----------------------------------------------------------------------------
 */

static bool go_on_running(struct model_call *call);

/* One who joined it is a step, and so is the rest. */
static bool go_on_finishing(struct model_call *call)
{
    unsigned joiner = first_waiter(KILN_WAIT_ASYNC, model.finishing);
    struct model_async *async = &model.asyncs[model.finishing];
    if (joiner != NOBODY) {
        struct model_call *join = &model.calls[joiner];
        join->outcome.value = op_wants_code(&join->op) ? (uint32_t)async->result : 0;
        wake(joiner, KILN_OK);
        return true;
    }
    *async = (struct model_async){.started = true, .ended = true, .result = async->result};
    call->more = go_on_running;
    return unlock_scheduler(call) || !model.tasks[model.current].dead;
}

static bool finish(struct model_call *call)
{
    model.finishing = model.running;
    model.running = NOBODY;
    model.locked++;
    call->more = go_on_finishing;
    return go_on_finishing(call);
}

static bool close(struct model_call *call)
{
    struct model_async *async = &model.asyncs[call->who - PROGRAM_ASYNC];
    async->cancelled = false;
    async->closed = true;
    return false;
}

static bool has_cleanup(unsigned index)
{
    return index != PROGRAM_ASYNCS - 1U;
}

/* Its body is called: to go on, or because it has been cancelled. */
static void call_body(unsigned index)
{
    struct model_async *async = &model.asyncs[index];
    struct model_call *call = &model.calls[PROGRAM_ASYNC + index];
    async->ready = false;
    model.running = index;
    model.in_body = true;
    if (async->cancelled_now) {
        async->cancelled_now = false;
        async->result = KILN_ECANCELED;
        call->outcome.result = KILN_ECANCELED;
        call->outcome.value = call->op.call == CALL_SLEEP_UNTIL
                                  ? model.tasks[PROGRAM_ASYNC + index].wake_ticks
                                  : call->told;
        call->more = close;
        call->phase = has_cleanup(index) ? STEPPED : IDLE;
    } else if (call->phase == WAITING) { /* until others had their turn */
        call->phase = DONE;
    }
}

static unsigned first_ready_async(void)
{
    unsigned first = NOBODY;
    for (unsigned i = 0; i < PROGRAM_ASYNCS; i++) {
        if (model.asyncs[i].ready &&
            (first == NOBODY || model.asyncs[i].turn < model.asyncs[first].turn)) {
            first = i;
        }
    }
    return first;
}

static bool is_alive(unsigned index)
{
    return model.asyncs[index].started && !model.asyncs[index].ended;
}

static bool any_alive(void)
{
    bool alive = false;
    for (unsigned i = 0; i < PROGRAM_ASYNCS; i++) {
        alive = alive || is_alive(i);
    }
    return alive;
}

static bool go_on_running(struct model_call *call)
{
    unsigned next = first_ready_async();
    if (model.leaving) {
        model.leaving = false;
        return finish(call);
    }
    model.running = NOBODY;
    call->outcome.result = KILN_OK;
    if (any_alive() && next != NOBODY) {
        call->phase = INSIDE;
        call_body(next);
        return true;
    }
    if (any_alive()) {
        wait_for(call, KILN_WAIT_EXECUTOR, 0, KILN_FOREVER);
    }
    if (call->phase == WAITING) {
        return true;
    }
    model.runner = NOBODY;
    return false;
}

static bool has_runner(void)
{
    return model.runner != NOBODY && !model.tasks[model.runner].dead;
}

/* The last task was killed in the middle of it. */
static bool finish_abandoned(struct model_call *call)
{
    unsigned waiter = PROGRAM_ASYNC + model.running;
    leave_wait(waiter);
    model.calls[waiter].phase = IDLE;
    model.asyncs[model.running].ready = false;
    model.asyncs[model.running].result = KILN_ECANCELED;
    model.leaving = false;
    return finish(call);
}

static void run(struct model_call *call)
{
    if (model.in_irq || model.masked || model.locked != 0) {
        call->outcome.result = model.in_irq ? KILN_EISR : KILN_ELOCKED;
    } else if (has_runner()) {
        call->outcome.result = KILN_ESTATE;
    } else {
        model.runner = model.current;
        model.in_body = false;
        more_steps(call, model.running != NOBODY ? finish_abandoned : go_on_running);
    }
}

/* ---- Coroutines -------------------------------------------------------------------------------
 */

static void start(struct model_call *call, unsigned index)
{
    if (is_alive(index)) {
        call->outcome.result = KILN_ESTATE;
    } else {
        model.asyncs[index] = (struct model_async){.started = true};
        model.calls[PROGRAM_ASYNC + index].phase = IDLE;
        model.tasks[PROGRAM_ASYNC + index] = (struct model_task){.wake_ticks = model.now};
        make_ready(index);
    }
}

static void cancel(struct model_call *call, unsigned index)
{
    struct model_async *async = &model.asyncs[index];
    if (async->ended || async->closed || async->cancelled) {
        call->outcome.result = KILN_ESTATE;
        return;
    }
    async->cancelled = true;
    if (model.tasks[PROGRAM_ASYNC + index].waits != KILN_WAIT_NONE) {
        async->cancelled_now = true;
        wake(PROGRAM_ASYNC + index, KILN_ECANCELED);
    }
}

static void join(struct model_call *call, unsigned index)
{
    const struct model_async *async = &model.asyncs[index];
    bool awaited = call->who >= PROGRAM_ASYNC;
    if (async->ended) {
        call->outcome.value = op_wants_code(&call->op) ? (uint32_t)async->result : 0;
    } else if (awaited ? call->who - PROGRAM_ASYNC == index
                       : !model.in_irq && model.runner == model.current) {
        call->outcome.result = KILN_EDEADLK;
    } else {
        wait_for(call, KILN_WAIT_ASYNC, index, op_timeout(&call->op));
    }
}

static void end(struct model_call *call)
{
    model.asyncs[call->who - PROGRAM_ASYNC].result = call->op.value % 8;
    (void)close(call);
}

static void leave(struct model_call *call)
{
    unsigned index = call->who - PROGRAM_ASYNC;
    if (!has_cleanup(index) && model.asyncs[index].result == 0) {
        model.asyncs[index].result = call->op.value % 8;
    }
    model.leaving = true;
    call->phase = IDLE;
    leave_body();
}

/* ---- Wakers -----------------------------------------------------------------------------------
 */

static void wake_waker(void)
{
    unsigned waiter = first_waiter(KILN_WAIT_WAKER, 0);
    if (waiter != NOBODY) {
        wake(waiter, KILN_OK);
    } else {
        model.waker_woken = true;
    }
}

static void wait_for_waker(struct model_call *call, kiln_ticks_t ticks)
{
    if (model.waker_woken) {
        model.waker_woken = false;
        call->outcome.result = KILN_OK;
    } else {
        wait_for(call, KILN_WAIT_WAKER, 0, ticks);
    }
}

/* A poll, which takes a semaphore for a device, is a step; the wait after one that failed is
 * another; and after one that did not, the wake-up of the next who waits. */
static bool go_on_polling(struct model_call *call);

static bool end_poll(struct model_call *call)
{
    unsigned waiter = first_waiter(KILN_WAIT_WAKER, 0);
    call->outcome.result = KILN_OK;
    if (waiter != NOBODY) {
        wake(waiter, KILN_OK);
    }
    return false;
}

static bool wait_for_poll(struct model_call *call)
{
    kiln_ticks_t timeout = op_timeout(&call->op), left = call->deadline - model.now;
    call->more = go_on_polling;
    if (timeout == KILN_FOREVER) {
        left = KILN_FOREVER;
    } else if (left == 0 || left > INT32_MAX) {
        call->outcome.result = KILN_ETIMEOUT;
        return true;
    }
    if (!await_is_cancelled(call)) {
        wait_for_waker(call, left);
    }
    return true;
}

static bool go_on_polling(struct model_call *call)
{
    struct model_sem *sem = &model.sems[0];
    expect(KILN_TRACE_SEM_TAKE, 0, sem->count);
    if (sem->count > 0) {
        sem->count--;
        call->more = end_poll;
        return true;
    }
    call->more = wait_for_poll;
    return call->outcome.result == KILN_OK;
}

/* The last time that is looked at is the one that counts. */
void model_looks_at_time(void)
{
    struct model_call *call = active_call();
    if (!model.in_irq && call->op.call == CALL_WAKER_POLL && call->phase == BEGUN) {
        call->deadline = model.now + op_timeout(&call->op);
    }
}

static void poll(struct model_call *call)
{
    call->deadline = model.masked ? model.now + op_timeout(&call->op) : call->deadline;
    call->outcome.result = op_timeout(&call->op) == KILN_NO_WAIT ? KILN_EAGAIN : KILN_OK;
    more_steps(call, go_on_polling);
}

/* ---- Awaits of what tasks call, too -------------------------------------------------------------
 */

static void await_yield(struct model_call *call)
{
    call->phase = WAITING;
    make_ready(call->who - PROGRAM_ASYNC);
    leave_body();
}

static void await_sleep(struct model_call *call)
{
    kiln_ticks_t ticks = op_sleep_ticks(&call->op);
    if (ticks == KILN_FOREVER) {
        call->outcome.result = KILN_EINVAL;
    } else if (ticks != 0) {
        wait_for(call, KILN_WAIT_SLEEP, 0, ticks);
    }
}

static void await_until(struct model_call *call)
{
    uint32_t *last = &model.tasks[call->who].wake_ticks;
    bool wrong = call->op.time == 255 || op_has_no_place(&call->op);
    *last += wrong ? 0 : op_sleep_ticks(&call->op);
    int32_t left = (int32_t)(*last - model.now);
    call->outcome.value = *last;
    if (wrong || left < 0) {
        call->outcome.result = wrong ? KILN_EINVAL : KILN_ETIMEOUT;
    } else if (left > 0) {
        wait_for(call, KILN_WAIT_SLEEP, 0, (kiln_ticks_t)left);
    }
}

static void begin_other(struct model_call *call)
{
    switch (call->op.call) {
    case CALL_YIELD:
        await_yield(call);
        break;
    case CALL_SLEEP:
        await_sleep(call);
        break;
    case CALL_SLEEP_UNTIL:
        await_until(call);
        break;
    case CALL_WAKER_WAIT:
        wait_for_waker(call, op_timeout(&call->op));
        break;
    default:
        begin_call(call);
        break;
    }
}

void begin_await(struct model_call *call)
{
    if (call->op.call == CALL_WAKER_POLL) {
        poll(call);
    } else if (!await_is_cancelled(call)) {
        begin_other(call);
    }
}

/* ---- All --------------------------------------------------------------------------------------
 */

static void renew(struct model_call *call)
{
    bool in_use = call->op.call == CALL_EXECUTOR_RENEW ? any_alive() || has_runner()
                                                       : first_waiter(KILN_WAIT_WAKER, 0) != NOBODY;
    call->outcome.result = in_use ? KILN_ESTATE : KILN_OK;
    if (!in_use && call->op.call == CALL_EXECUTOR_RENEW) {
        model.runner = NOBODY;
    } else if (!in_use) {
        model.waker_woken = false;
    }
}

void call_async(struct model_call *call)
{
    unsigned index = call->op.which % PROGRAM_ASYNCS;
    switch (call->op.call) {
    case CALL_ASYNC_CANCEL:
        cancel(call, index);
        break;
    case CALL_ASYNC_JOIN:
        join(call, index);
        break;
    case CALL_ASYNC_END:
        end(call);
        break;
    case CALL_ASYNC_LEAVE:
        leave(call);
        break;
    case CALL_EXECUTOR_RUN:
        run(call);
        break;
    case CALL_WAKER_WAKE:
        wake_waker();
        break;
    case CALL_ASYNC_START:
        start(call, index);
        break;
    case CALL_EXECUTOR_RENEW:
    case CALL_WAKER_RENEW:
        renew(call);
        break;
    default:
        break;
    }
    if (call->op.call == CALL_ASYNC_START || call->op.call == CALL_ASYNC_INFO ||
        call->op.call == CALL_EXECUTOR_RENEW || call->op.call == CALL_WAKER_RENEW) {
        call->outcome.value = is_alive(index);
    }
}
