/* ThreadSanitizer for tasks: what each event of the kernel's trace orders. See tsan.h.
 *
 * Events come masked, before the kernel changes the object. So the object tells whether the call
 * is about to succeed: a call that fails orders nothing, and one that will block orders when it
 * is woken. A timeout orders nothing either: time passing is no promise about anybody's memory.
 */
#include "tsan.h"

#if defined(SIM_TSAN)

#include "core/async.h"
#include "core/kernel.h"
#include "kiln/flags.h"
#include "kiln/mutex.h"
#include "kiln/pool.h"
#include "kiln/queue.h"
#include "kiln/sem.h"
#include "kiln/stream.h"
#include "kiln/timer.h"
#include "posix.h"

#if KILN_CFG_ASYNC
/* A coroutine goes on in the task that runs its executor. NULL: that was killed, and who will be
 * the next is not known; only what starts that one orders it. */
static const struct kiln_task *task_of(const struct kiln_task *waiter)
{
    return k_is_async(waiter) && waiter->waitq != NULL ? k_async_of(waiter)->executor->runner
                                                       : waiter;
}
#else
static const struct kiln_task *task_of(const struct kiln_task *waiter)
{
    return waiter;
}
#endif

static struct sim_tsan_fiber *fiber_of(const struct kiln_task *waiter)
{
    const struct kiln_task *task = task_of(waiter);
    return task != NULL ? posix_ctx_fiber(&task->ctx) : NULL;
}

/* A second key at an object. */
static const void *other_key(const void *object)
{
    return (const char *)object + 1;
}

/* ---- Tasks ----------------------------------------------------------------------------------- */

#if KILN_CFG_MUTEX
/* They pass to their waiters, or become free, without an event of their own. */
static void release_mutexes(const struct kiln_task *task)
{
    for (const struct kiln_mutex *mutex = task->held; mutex != NULL; mutex = mutex->next_held) {
        sim_tsan_release(mutex);
    }
}
#else
static void release_mutexes(const struct kiln_task *task)
{
    (void)task;
}
#endif

static void task_started(const struct kiln_task *task)
{
    sim_tsan_set_name(fiber_of(task), kiln_name(task));
    sim_tsan_tell(fiber_of(task));
}

/* Whoever kills a task knows that it does nothing more; so does who finds it terminated. */
static void task_ended(const struct kiln_task *task)
{
    sim_tsan_learn(fiber_of(task));
    sim_tsan_release(task);
    release_mutexes(task);
}

/* The task is stopped now, and stays where it is until it is resumed. */
static void task_resumed(const struct kiln_task *task)
{
    sim_tsan_learn(fiber_of(task));
    sim_tsan_tell(fiber_of(task));
}

/* ---- Interrupts ------------------------------------------------------------------------------ */

static const struct kiln_timer *expired; /* its callback runs; NULL: none does */

static void callback_ended(void)
{
    if (expired != NULL) {
        sim_tsan_release(other_key(expired));
        expired = NULL;
    }
}

/* An interrupt comes when nobody has interrupts locked: so it is as if it held that lock. That
 * orders interrupts, too, unless one comes in the middle of another. */
static void isr_entered(unsigned number)
{
    sim_tsan_isr_enter(number);
    sim_tsan_acquire(&sim_tsan_irq_lock_key);
    if (number != POSIX_TICK_NUMBER) {
        sim_tsan_acquire(sim_tsan_raised_key(number - POSIX_TICK_NUMBER - 1));
    }
}

static void isr_ended(unsigned number)
{
    if (number == POSIX_TICK_NUMBER) {
        callback_ended();
    } else {
        sim_tsan_release(sim_tsan_handled_key(number - POSIX_TICK_NUMBER - 1));
    }
    sim_tsan_release(&sim_tsan_irq_lock_key);
    sim_tsan_isr_exit();
}

static void timer_expired(const struct kiln_timer *timer)
{
    callback_ended();
    sim_tsan_acquire(timer);
    expired = timer;
}

/* ---- Objects --------------------------------------------------------------------------------- */

/* A unit that goes straight to a waiter orders that one only, when it is woken. */
static void sem_given(const struct kiln_sem *sem)
{
    if (sem->waiters.first == NULL && sem->count < sem->limit) {
        sim_tsan_release(sem);
    }
}

/* A place in a queue's ring, by its address. Who puts an item there comes after who took the last
 * one out, and who takes it out comes after who put it there. */
static void use_place(const void *place)
{
    sim_tsan_acquire(place);
    sim_tsan_release(place);
}

static const uint8_t *place_before_front(const struct kiln_queue *queue)
{
    const uint8_t *front = queue->read == queue->start ? queue->end : queue->read;
    return front - queue->item_bytes;
}

static void item_sent(const struct kiln_queue *queue)
{
    if (queue->receivers.first == NULL && queue->count < queue->capacity) {
        bool to_front = sim_tsan_argument() == queue;
        use_place(to_front ? place_before_front(queue) : queue->write);
    }
}

/* The first waiting sender's item takes the same place, at the back as at the front: the queue was
 * full. */
static void item_received(const struct kiln_queue *queue)
{
    if (queue->count == 0) {
        return;
    }
    use_place(queue->read);
    if (queue->senders.first != NULL) {
        sim_tsan_release_as(fiber_of(queue->senders.first), queue->read);
    }
}

static void block_allocated(const struct kiln_pool *pool)
{
    if (pool->free != NULL) {
        sim_tsan_acquire(pool->free);
    }
}

static void block_freed(const struct kiln_pool *pool)
{
    if (pool->waiters.first == NULL && sim_tsan_argument() != NULL) {
        sim_tsan_release(sim_tsan_argument());
    }
}

#if KILN_CFG_STREAM
/* A place in a stream's buffer, `n` bytes behind the oldest. */
static const uint8_t *place_in(const struct kiln_stream *stream, size_t n)
{
    return &stream->buffer[(stream->read + n) % stream->size];
}

/* Bytes that go to a waiting reader use no place. */
static void bytes_came(const struct kiln_stream *stream, size_t count)
{
    for (size_t n = 0; stream->readers.first == NULL && n < count; n++) {
        use_place(place_in(stream, stream->count + n));
    }
}

/* The first waiting writer's take the same places: the pipe was full. */
static void bytes_read(const struct kiln_stream *stream, size_t count)
{
    const struct kiln_task *writer = stream->driver == NULL ? stream->writers.first : NULL;
    for (size_t n = 0; n < count; n++) {
        use_place(place_in(stream, n));
        if (writer != NULL) {
            sim_tsan_release_as(fiber_of(writer), place_in(stream, n));
        }
    }
}

static void on_stream_event(enum kiln_trace_event event, const struct kiln_stream *stream,
                            size_t count)
{
    switch (event) {
    case KILN_TRACE_STREAM_READ:
        bytes_read(stream, count);
        if (stream->is_closed) {
            sim_tsan_acquire(stream);
        }
        break;
    case KILN_TRACE_STREAM_WRITE: /* or they are the device's now */
        bytes_came(stream, stream->driver == NULL ? count : 0);
        break;
    case KILN_TRACE_STREAM_RECEIVE:
        bytes_came(stream, count);
        break;
    default:
        sim_tsan_release(stream);
        break;
    }
}
#else
static void on_stream_event(enum kiln_trace_event event, const void *stream, size_t count)
{
    (void)event;
    (void)stream;
    (void)count;
}
#endif

/* ---- Events ---------------------------------------------------------------------------------- */

static void on_task_event(enum kiln_trace_event event, const struct kiln_task *task,
                          uintptr_t value)
{
    switch (event) {
    case KILN_TRACE_TASK_START:
        task_started(task);
        break;
    case KILN_TRACE_TASK_END:
        task_ended(task);
        break;
    case KILN_TRACE_TASK_SUSPEND:
        sim_tsan_learn(fiber_of(task));
        break;
    case KILN_TRACE_TASK_RESUME:
        task_resumed(task);
        break;
    case KILN_TRACE_WAKE:
        if ((int)value == KILN_OK) {
            sim_tsan_tell(fiber_of(task));
        }
        break;
    default:
        break;
    }
}

static void on_object_event(enum kiln_trace_event event, const void *object)
{
    switch (event) {
    case KILN_TRACE_SEM_TAKE:
        if (((const struct kiln_sem *)object)->count > 0) {
            sim_tsan_acquire(object);
        }
        break;
    case KILN_TRACE_SEM_GIVE:
        sem_given((const struct kiln_sem *)object);
        break;
    case KILN_TRACE_MUTEX_LOCK:
        if (((const struct kiln_mutex *)object)->owner == NULL) {
            sim_tsan_acquire(object);
        }
        break;
    case KILN_TRACE_MUTEX_UNLOCK:
        if (((const struct kiln_mutex *)object)->owner == kernel.current) {
            sim_tsan_release(object);
        }
        break;
    case KILN_TRACE_QUEUE_SEND:
        item_sent((const struct kiln_queue *)object);
        break;
    case KILN_TRACE_QUEUE_RECEIVE:
        item_received((const struct kiln_queue *)object);
        break;
    case KILN_TRACE_FLAGS_SET:
        sim_tsan_release(object);
        break;
    case KILN_TRACE_POOL_ALLOC:
        block_allocated((const struct kiln_pool *)object);
        break;
    case KILN_TRACE_POOL_FREE:
        block_freed((const struct kiln_pool *)object);
        break;
    default:
        break;
    }
}

static void on_timer_event(enum kiln_trace_event event, const struct kiln_timer *timer)
{
    switch (event) {
    case KILN_TRACE_TIMER_START:
        sim_tsan_release(timer);
        break;
    case KILN_TRACE_TIMER_STOP:
        sim_tsan_acquire(other_key(timer));
        break;
    case KILN_TRACE_TIMER_EXPIRE:
        timer_expired(timer);
        break;
    default:
        break;
    }
}

static void on_event(enum kiln_trace_event event, const void *object, uintptr_t value)
{
    if (event == KILN_TRACE_ISR_ENTER) {
        isr_entered((unsigned)value);
    } else if (event == KILN_TRACE_ISR_EXIT) {
        isr_ended((unsigned)value);
    } else if (event < KILN_TRACE_ISR_ENTER) {
        on_task_event(event, (const struct kiln_task *)object, value);
    } else if (event < KILN_TRACE_STREAM_READ) {
        on_object_event(event, object);
    } else if (event < KILN_TRACE_TIMER_START) {
        on_stream_event(event, object, value);
    } else {
        on_timer_event(event, (const struct kiln_timer *)object);
    }
}

void sim_tsan_listen(void)
{
    posix_trace_listen(on_event);
}

#endif
