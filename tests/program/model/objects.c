/* The model: semaphores, mutexes, queues, pools, timers, and the simple part of flags. */
#include <string.h>

#include "state.h"

static int wake_first(unsigned waiter)
{
    wake(waiter, KILN_OK);
    return KILN_OK;
}

/* ---- Semaphores ---------------------------------------------------------------------------------
 */

static int give(unsigned index)
{
    struct model_sem *sem = &model.sems[index];
    unsigned waiter = first_waiter(KILN_WAIT_SEM, index);
    expect(KILN_TRACE_SEM_GIVE, index, sem->count);
    if (waiter != NOBODY) {
        return wake_first(waiter);
    }
    if (sem->count == sem->limit) {
        return KILN_EOVERFLOW;
    }
    sem->count++;
    return KILN_OK;
}

static void take(struct model_call *call, unsigned index)
{
    struct model_sem *sem = &model.sems[index];
    expect(KILN_TRACE_SEM_TAKE, index, sem->count);
    if (sem->count > 0) {
        sem->count--;
    } else {
        wait_for(call, KILN_WAIT_SEM, index, op_timeout(&call->op));
    }
}

static void call_sem(struct model_call *call)
{
    unsigned index = call->op.which % PROGRAM_SEMS;
    struct model_sem *sem = &model.sems[index];
    switch (call->op.call) {
    case CALL_SEM_TAKE:
        take(call, index);
        break;
    case CALL_SEM_GIVE:
        call->outcome.result = give(index);
        break;
    case CALL_SEM_COUNT:
        call->outcome.value = sem->count;
        break;
    default:
        if (first_waiter(KILN_WAIT_SEM, index) != NOBODY) {
            call->outcome.result = KILN_ESTATE;
        } else {
            *sem = (struct model_sem){new_sem_count(call->op.value), new_sem_limit(call->op.value)};
        }
        break;
    }
}

/* ---- Mutexes ------------------------------------------------------------------------------------
 */

static void own(struct model_mutex *mutex, unsigned owner)
{
    mutex->owner = owner;
    mutex->taken = next_number();
}

void pass_on(struct model_mutex *mutex)
{
    unsigned next = first_waiter(KILN_WAIT_MUTEX, (unsigned)(mutex - model.mutexes));
    mutex->depth = 0;
    mutex->owner = NOBODY;
    if (next != NOBODY) {
        wake(next, KILN_OK);
        own(mutex, next);
    }
}

static void lock(struct model_call *call, unsigned index)
{
    struct model_mutex *mutex = &model.mutexes[index];
    if (model.in_irq) {
        call->outcome.result = KILN_EISR;
        return;
    }
    expect(KILN_TRACE_MUTEX_LOCK, index, 0);
    if (mutex->owner == NOBODY) {
        own(mutex, model.current);
    } else if (mutex->owner != model.current) {
        wait_for(call, KILN_WAIT_MUTEX, index, op_timeout(&call->op));
    } else if (mutex->options & KILN_MUTEX_RECURSIVE) {
        mutex->depth++;
    } else {
        call->outcome.result = KILN_EDEADLK;
    }
}

static int unlock(unsigned index)
{
    struct model_mutex *mutex = &model.mutexes[index];
    if (model.in_irq) {
        return KILN_EISR;
    }
    expect(KILN_TRACE_MUTEX_UNLOCK, index, 0);
    if (mutex->owner != model.current) {
        return KILN_EPERM;
    }
    if (mutex->depth > 0) {
        mutex->depth--;
    } else {
        pass_on(mutex);
    }
    return KILN_OK;
}

/* How often the caller can lock it now, and what keeps it from once more. */
static void fill(struct model_call *call, const struct model_mutex *mutex)
{
    bool is_free = mutex->owner == NOBODY, recursive = mutex->options & KILN_MUTEX_RECURSIVE;
    struct program_outcome *outcome = &call->outcome;
    if (model.in_irq) {
        outcome->result = KILN_EISR;
    } else if (!is_free && mutex->owner != model.current) {
        outcome->result = KILN_EAGAIN;
    } else {
        outcome->result = recursive ? KILN_EOVERFLOW : KILN_EDEADLK;
        outcome->value = is_free + (recursive ? KILN_MUTEX_DEPTH_MAX - mutex->depth : 0);
    }
}

static void call_mutex(struct model_call *call)
{
    unsigned index = op_mutex(&call->op);
    struct model_mutex *mutex = &model.mutexes[index];
    switch (call->op.call) {
    case CALL_MUTEX_LOCK:
        lock(call, index);
        break;
    case CALL_MUTEX_UNLOCK:
        call->outcome.result = unlock(index);
        break;
    case CALL_MUTEX_FILL:
        fill(call, mutex);
        break;
    case CALL_MUTEX_OWNER:
        call->outcome.value = mutex->owner;
        break;
    default:
        if (mutex->owner != NOBODY) {
            call->outcome.result = KILN_ESTATE;
        } else {
            mutex->options = new_mutex_options(call->op.value);
        }
        break;
    }
}

/* ---- Queues -------------------------------------------------------------------------------------
 */

static void put(struct model_queue *queue, uint8_t item, bool front)
{
    unsigned at = front ? 0 : queue->count;
    memmove(&queue->items[at + 1], &queue->items[at], queue->count - at);
    queue->items[at] = item;
    queue->count++;
}

static uint8_t get(struct model_queue *queue)
{
    uint8_t item = queue->items[0];
    queue->count--;
    memmove(&queue->items[0], &queue->items[1], queue->count);
    return item;
}

static void send(struct model_call *call, unsigned index)
{
    struct model_queue *queue = &model.queues[index];
    unsigned receiver = first_waiter(KILN_WAIT_QUEUE_RECEIVE, index);
    expect(KILN_TRACE_QUEUE_SEND, index, queue->count);
    if (receiver != NOBODY) {
        model.calls[receiver].outcome.value = call->op.value;
        wake(receiver, KILN_OK);
    } else if (queue->count == queue->room) {
        wait_for(call, KILN_WAIT_QUEUE_SEND, index, op_timeout(&call->op));
    } else {
        put(queue, call->op.value, call->op.call == CALL_QUEUE_SEND_FRONT);
    }
}

static void receive(struct model_call *call, unsigned index)
{
    struct model_queue *queue = &model.queues[index];
    unsigned sender = first_waiter(KILN_WAIT_QUEUE_SEND, index);
    expect(KILN_TRACE_QUEUE_RECEIVE, index, queue->count);
    if (queue->count == 0) {
        wait_for(call, KILN_WAIT_QUEUE_RECEIVE, index, op_timeout(&call->op));
        return;
    }
    call->outcome.value = get(queue);
    if (sender != NOBODY) {
        const struct program_op *op = &model.calls[sender].op;
        put(queue, op->value, op->call == CALL_QUEUE_SEND_FRONT);
        wake(sender, KILN_OK);
    }
}

static void peek(struct model_call *call, const struct model_queue *queue)
{
    if (queue->count == 0) {
        call->outcome.result = KILN_EAGAIN;
    } else {
        call->outcome.value = queue->items[0];
    }
}

static void renew_queue(struct model_call *call, unsigned index)
{
    if (first_waiter(KILN_WAIT_QUEUE_SEND, index) != NOBODY ||
        first_waiter(KILN_WAIT_QUEUE_RECEIVE, index) != NOBODY) {
        call->outcome.result = KILN_ESTATE;
    } else {
        model.queues[index] = (struct model_queue){.room = new_room(call->op.value)};
    }
}

static void call_queue(struct model_call *call)
{
    unsigned index = call->op.which % PROGRAM_QUEUES;
    struct model_queue *queue = &model.queues[index];
    switch (call->op.call) {
    case CALL_QUEUE_SEND:
    case CALL_QUEUE_SEND_FRONT:
        send(call, index);
        break;
    case CALL_QUEUE_RECEIVE:
        receive(call, index);
        break;
    case CALL_QUEUE_PEEK:
        peek(call, queue);
        break;
    case CALL_QUEUE_COUNT:
        call->outcome.value = queue->count * 16 + queue->room - queue->count;
        break;
    default:
        renew_queue(call, index);
        break;
    }
}

/* ---- Pools --------------------------------------------------------------------------------------
 */

static unsigned free_blocks(const struct model_pool *pool)
{
    return pool->room - pool->fresh + pool->free_count;
}

static unsigned take_block(struct model_pool *pool)
{
    return pool->free_count > 0 ? pool->free[--pool->free_count] : pool->fresh++;
}

static void allocate(struct model_call *call, unsigned index, kiln_ticks_t timeout)
{
    struct model_pool *pool = &model.pools[index];
    expect(KILN_TRACE_POOL_ALLOC, index, free_blocks(pool));
    if (free_blocks(pool) > 0) {
        call->outcome.value = take_block(pool);
    } else {
        wait_for(call, KILN_WAIT_POOL, index, timeout);
    }
}

static void give_back(unsigned index, unsigned block)
{
    struct model_pool *pool = &model.pools[index];
    unsigned waiter = first_waiter(KILN_WAIT_POOL, index);
    expect(KILN_TRACE_POOL_FREE, index, free_blocks(pool));
    if (waiter != NOBODY) {
        model.calls[waiter].outcome.value = block;
        wake(waiter, KILN_OK);
    } else {
        pool->free[pool->free_count++] = (uint8_t)block;
    }
}

static void free_twice(struct model_call *call, unsigned index)
{
    allocate(call, index, KILN_NO_WAIT);
    if (call->outcome.result == KILN_OK) {
        give_back(index, call->outcome.value);
        call->outcome = (struct program_outcome){KILN_ESTATE, 0};
    }
}

/* Of blocks that were never allocated it knows nothing. */
static int free_when_full(const struct model_pool *pool, unsigned block)
{
    int refusal = block < pool->fresh ? KILN_ESTATE : KILN_EINVAL;
    return free_blocks(pool) == pool->room ? refusal : KILN_OK;
}

static void renew_pool(struct model_call *call, unsigned index)
{
    struct model_pool *pool = &model.pools[index];
    if (first_waiter(KILN_WAIT_POOL, index) != NOBODY || free_blocks(pool) != pool->room) {
        call->outcome.result = KILN_ESTATE;
    } else {
        *pool = (struct model_pool){.room = new_room(call->op.value)};
    }
}

static void call_pool(struct model_call *call)
{
    unsigned index = call->op.which % PROGRAM_POOLS;
    switch (call->op.call) {
    case CALL_POOL_ALLOC:
        allocate(call, index, op_timeout(&call->op));
        break;
    case CALL_POOL_FREE:
        give_back(index, call->op.value % PROGRAM_ROOM);
        break;
    case CALL_POOL_FREE_TWICE:
        if (op_frees_when_full(&call->op)) {
            call->outcome.result =
                free_when_full(&model.pools[index], call->op.value % PROGRAM_ROOM);
        } else {
            free_twice(call, index);
        }
        break;
    case CALL_POOL_FREE_WRONG:
        call->outcome.result = KILN_EINVAL;
        break;
    case CALL_POOL_COUNT:
        call->outcome.value = free_blocks(&model.pools[index]);
        break;
    default:
        renew_pool(call, index);
        break;
    }
}

/* ---- Timers -------------------------------------------------------------------------------------
 */

void start_timer(unsigned index, uint32_t ticks)
{
    model.timers[index].running = true;
    model.timers[index].deadline = model.now + ticks;
    model.timers[index].timeout_number = next_number();
}

static int start(unsigned index, const struct program_op *op)
{
    if (op_delay(op) == 0 || op_delay(op) == KILN_FOREVER || op_period(op) == KILN_FOREVER) {
        return KILN_EINVAL;
    }
    expect(KILN_TRACE_TIMER_START, index, op_delay(op));
    model.timers[index].period = op_period(op);
    start_timer(index, op_delay(op));
    return KILN_OK;
}

static int stop(unsigned index)
{
    if (!model.timers[index].running) {
        return KILN_ESTATE;
    }
    expect(KILN_TRACE_TIMER_STOP, index, 0);
    model.timers[index].running = false;
    return KILN_OK;
}

static void call_timer(struct model_call *call)
{
    unsigned index = call->op.which % PROGRAM_TIMERS;
    const struct model_timer *timer = &model.timers[index];
    switch (call->op.call) {
    case CALL_TIMER_START:
        call->outcome.result = start(index, &call->op);
        break;
    case CALL_TIMER_STOP:
        call->outcome.result = stop(index);
        break;
    case CALL_TIMER_REMAINING:
        call->outcome.result = timer->running;
        call->outcome.value = timer->running ? timer->deadline - model.now : 0;
        break;
    default:
        call->outcome.result = timer->running ? KILN_ESTATE : KILN_OK;
        break;
    }
}

void begin_object_call(struct model_call *call)
{
    if (call->op.call <= CALL_SEM_RENEW) {
        call_sem(call);
    } else if (call->op.call <= CALL_MUTEX_RENEW || call->op.call == CALL_MUTEX_FILL) {
        call_mutex(call);
    } else if (call->op.call <= CALL_QUEUE_RENEW) {
        call_queue(call);
    } else if (call->op.call <= CALL_FLAGS_RENEW) {
        call_flags(call);
    } else if (call->op.call <= CALL_POOL_RENEW) {
        call_pool(call);
    } else {
        call_timer(call);
    }
}
