/* ThreadSanitizer for tasks: the calls that the kernel's trace does not show, or not well enough.
 * See tsan.h; tsan_app.h has an app come here.
 *
 * This file is instrumented like an app, so that a report shows where the app called. It is not
 * interrupted, though: it has no block that counts.
 */
#include "tsan.h"

#if defined(SIM_TSAN)

#include <sanitizer/tsan_interface.h>

#include "core/kernel.h"
#include "kiln/kiln.h"
#include "posix.h"

void __tsan_read_range(void *address, long bytes);
void __tsan_write_range(void *address, long bytes);

/* ---- Where a task comes from ----------------------------------------------------------------- */

int sim_tsan_start(void);
int sim_tsan_start(void)
{
    return kiln_start();
}

int sim_tsan_task_init(struct kiln_task *task, const struct kiln_task_def *def);
int sim_tsan_task_init(struct kiln_task *task, const struct kiln_task_def *def)
{
    return kiln_task_init(task, def);
}

int sim_tsan_task_create(struct kiln_task *task, const struct kiln_task_def *def);
int sim_tsan_task_create(struct kiln_task *task, const struct kiln_task_def *def)
{
    return kiln_task_create(task, def);
}

#if KILN_CFG_JOIN
int sim_tsan_task_join(struct kiln_task *task, int *code, kiln_ticks_t timeout_ticks);
int sim_tsan_task_join(struct kiln_task *task, int *code, kiln_ticks_t timeout_ticks)
{
    int result = kiln_task_join(task, code, timeout_ticks);
    if (result == KILN_OK) {
        sim_tsan_acquire(task);
    }
    return result;
}
#endif

/* ---- The two locks ---------------------------------------------------------------------------
 *
 * A task that has interrupts locked is not preempted either, so among tasks it is as if it had
 * locked the scheduler too. */

unsigned sim_tsan_irq_lock(void);
unsigned sim_tsan_irq_lock(void)
{
    unsigned key = kiln_irq_lock();
    sim_tsan_acquire(&sim_tsan_irq_lock_key);
    if (!kiln_in_isr()) {
        sim_tsan_acquire(&sim_tsan_sched_lock_key);
    }
    return key;
}

void sim_tsan_irq_unlock(unsigned key);
void sim_tsan_irq_unlock(unsigned key)
{
    sim_tsan_release(&sim_tsan_irq_lock_key);
    if (!kiln_in_isr()) {
        sim_tsan_release(&sim_tsan_sched_lock_key);
    }
    kiln_irq_unlock(key);
}

int sim_tsan_sched_lock(void);
int sim_tsan_sched_lock(void)
{
    int result = kiln_sched_lock();
    if (result == KILN_OK) {
        sim_tsan_acquire(&sim_tsan_sched_lock_key);
    }
    return result;
}

int sim_tsan_sched_unlock(void);
int sim_tsan_sched_unlock(void)
{
    if (!kiln_in_isr() && kernel.locked != 0) {
        sim_tsan_release(&sim_tsan_sched_lock_key);
    }
    return kiln_sched_unlock();
}

/* ---- Queues: the caller's memory is read and written on its behalf --------------------------- */

#if KILN_CFG_QUEUE
static void read_item(const struct kiln_queue *queue, const void *item)
{
    __tsan_read_range((void *)(uintptr_t)item, queue->item_bytes);
}

int sim_tsan_queue_send(struct kiln_queue *queue, const void *item, kiln_ticks_t timeout_ticks);
int sim_tsan_queue_send(struct kiln_queue *queue, const void *item, kiln_ticks_t timeout_ticks)
{
    read_item(queue, item);
    return kiln_queue_send(queue, item, timeout_ticks);
}

int sim_tsan_queue_send_front(struct kiln_queue *queue, const void *item,
                              kiln_ticks_t timeout_ticks);
int sim_tsan_queue_send_front(struct kiln_queue *queue, const void *item,
                              kiln_ticks_t timeout_ticks)
{
    read_item(queue, item);
    sim_tsan_set_argument(queue);
    int result = kiln_queue_send_front(queue, item, timeout_ticks);
    sim_tsan_set_argument(NULL);
    return result;
}

int sim_tsan_queue_receive(struct kiln_queue *queue, void *item, kiln_ticks_t timeout_ticks);
int sim_tsan_queue_receive(struct kiln_queue *queue, void *item, kiln_ticks_t timeout_ticks)
{
    int result = kiln_queue_receive(queue, item, timeout_ticks);
    if (result == KILN_OK) {
        __tsan_write_range(item, queue->item_bytes);
    }
    return result;
}

int sim_tsan_queue_peek(struct kiln_queue *queue, void *item);
int sim_tsan_queue_peek(struct kiln_queue *queue, void *item)
{
    unsigned key = kiln_irq_lock(); /* or the front item could be another by the next line */
    int result = kiln_queue_peek(queue, item);
    if (result == KILN_OK) {
        sim_tsan_acquire(queue->read);
        __tsan_write_range(item, queue->item_bytes);
    }
    kiln_irq_unlock(key);
    return result;
}
#endif

/* ---- Streams ------------------------------------------------------------------------------- */

#if KILN_CFG_STREAM
int sim_tsan_stream_read(struct kiln_stream *stream, void *bytes, size_t size,
                         kiln_ticks_t timeout_ticks);
int sim_tsan_stream_read(struct kiln_stream *stream, void *bytes, size_t size,
                         kiln_ticks_t timeout_ticks)
{
    int result = kiln_stream_read(stream, bytes, size, timeout_ticks);
    if (result > 0) {
        __tsan_write_range(bytes, result);
    }
    return result;
}

int sim_tsan_stream_write(struct kiln_stream *stream, const void *bytes, size_t size,
                          kiln_ticks_t timeout_ticks);
int sim_tsan_stream_write(struct kiln_stream *stream, const void *bytes, size_t size,
                          kiln_ticks_t timeout_ticks)
{
    __tsan_read_range((void *)(uintptr_t)bytes, (long)size);
    return kiln_stream_write(stream, bytes, size, timeout_ticks);
}
#endif

/* ---- Other objects --------------------------------------------------------------------------- */

#if KILN_CFG_FLAGS
int sim_tsan_flags_wait(struct kiln_flags *flags, uint32_t bits, unsigned options,
                        uint32_t *value_out, kiln_ticks_t timeout_ticks);
int sim_tsan_flags_wait(struct kiln_flags *flags, uint32_t bits, unsigned options,
                        uint32_t *value_out, kiln_ticks_t timeout_ticks)
{
    int result = kiln_flags_wait(flags, bits, options, value_out, timeout_ticks);
    if (result == KILN_OK) {
        sim_tsan_acquire(flags);
    }
    return result;
}

uint32_t sim_tsan_flags_get(const struct kiln_flags *flags);
uint32_t sim_tsan_flags_get(const struct kiln_flags *flags)
{
    uint32_t value = kiln_flags_get(flags);
    sim_tsan_acquire(flags);
    return value;
}
#endif

#if KILN_CFG_POOL
int sim_tsan_pool_free(struct kiln_pool *pool, void *block);
int sim_tsan_pool_free(struct kiln_pool *pool, void *block)
{
    sim_tsan_set_argument(block);
    int result = kiln_pool_free(pool, block);
    sim_tsan_set_argument(NULL);
    return result;
}
#endif

/* ---- Interrupt lines ------------------------------------------------------------------------- */

void sim_tsan_irq_connect(unsigned line, void (*handler)(void));
void sim_tsan_irq_connect(unsigned line, void (*handler)(void))
{
    sim_tsan_release(sim_tsan_raised_key(line));
    posix_irq_connect(line, handler);
}

/* A task that is not masked goes on when the handler has returned. */
void sim_tsan_irq_raise(unsigned line);
void sim_tsan_irq_raise(unsigned line)
{
    bool waits = sim_tsan_on_kernel_thread() && (posix_port.masked | posix_port.in_isr) == 0;
    sim_tsan_release(sim_tsan_raised_key(line));
    posix_irq_raise(line);
    if (waits) {
        sim_tsan_acquire(sim_tsan_handled_key(line));
    }
}

#endif
