/* Message queues: see kiln/queue.h.
 *
 * The items lie in a ring between `start` and `end`. Receivers wait only while it is empty and
 * senders only while it is full, so a send finds either a receiver, which gets the item
 * straight from the sender's memory, or a place, or it waits; and a receive that makes a
 * place fills it at once from the memory of the first waiting sender.
 */
#include "kiln/config.h"

#if KILN_CFG_QUEUE

#include <string.h>

#include "core/waitq.h"
#include "kiln/queue.h"

/* Copies by words where it can: items are mostly a few words. */
K_INLINE void copy_item(void *to, const void *from, size_t bytes)
{
    typedef uint32_t __attribute__((may_alias)) word;
    if ((((uintptr_t)to | (uintptr_t)from | bytes) & 3U) != 0) {
        memcpy(to, from, bytes);
        return;
    }
    word *to_word = (word *)to;
    const word *from_word = (const word *)from;
    do {
        *to_word++ = *from_word++;
        bytes -= sizeof(word);
    } while (bytes != 0);
}

int kiln_queue_init(struct kiln_queue *queue, void *buffer, size_t item_bytes, size_t capacity)
{
    if (queue == NULL || buffer == NULL || item_bytes == 0 ||
        item_bytes > KILN_CFG_QUEUE_ITEM_MAX || capacity == 0 || capacity > UINT16_MAX) {
        return KILN_EINVAL;
    }
    K_CHECK_NEW(queue, KILN_TYPE_QUEUE);
    uint8_t *start = (uint8_t *)buffer;
    *queue = (struct kiln_queue){.read = start,
                                 .write = start,
                                 .start = start,
                                 .end = start + item_bytes * capacity,
                                 .capacity = (uint16_t)capacity,
                                 .item_bytes = (uint16_t)item_bytes};
    kiln_set_name(queue, "?");
    K_SET_TAG(queue, KILN_TYPE_QUEUE);
    return KILN_OK;
}

int kiln_queue_destroy(struct kiln_queue *queue)
{
    K_CHECK_OBJECT(queue, KILN_TYPE_QUEUE);
    if (queue->receivers.first != NULL || queue->senders.first != NULL) {
        return KILN_ESTATE;
    }
    K_CLEAR_TAG(queue);
    return KILN_OK;
}

/* ---- The ring; there is room, or an item ------------------------------------------------ */

K_INLINE void put_back(struct kiln_queue *queue, const void *item)
{
    uint8_t *write = queue->write;
    copy_item(write, item, queue->item_bytes);
    write += queue->item_bytes;
    queue->write = write == queue->end ? queue->start : write;
}

K_INLINE void put_front(struct kiln_queue *queue, const void *item)
{
    uint8_t *read = queue->read == queue->start ? queue->end : queue->read;
    read -= queue->item_bytes;
    copy_item(read, item, queue->item_bytes);
    queue->read = read;
}

K_INLINE void take_front(struct kiln_queue *queue, void *item)
{
    uint8_t *read = queue->read;
    copy_item(item, read, queue->item_bytes);
    read += queue->item_bytes;
    queue->read = read == queue->end ? queue->start : read;
}

/* ---- Send -------------------------------------------------------------------------------- */

/* The queue is empty and somebody waits for an item. */
static K_NOINLINE int send_to_receiver(struct kiln_queue *queue, const void *item, unsigned key)
{
    struct kiln_task *receiver = queue->receivers.first;
    copy_item(receiver->wait.arg, item, queue->item_bytes);
    return k_wake_first_and_release(&queue->receivers, key);
}

static K_NOINLINE int wait_to_send(struct kiln_queue *queue, const void *item,
                                   kiln_ticks_t timeout_ticks, uint8_t flags, unsigned key)
{
    k_prepare_to_block(KILN_WAIT_QUEUE_SEND, flags, (void *)(uintptr_t)item, timeout_ticks, key);
    return k_block(&queue->senders, timeout_ticks, key);
}

int kiln_queue_send(struct kiln_queue *queue, const void *item, kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(queue, KILN_TYPE_QUEUE);
    unsigned key = port_irq_save();
    unsigned count = queue->count;
    kiln_trace_hook(KILN_TRACE_QUEUE_SEND, queue, count);
    if (queue->receivers.first != NULL) {
        return send_to_receiver(queue, item, key);
    }
    if (count == queue->capacity) {
        return wait_to_send(queue, item, timeout_ticks, 0, key);
    }
    queue->count = (uint16_t)(count + 1);
    put_back(queue, item);
    port_irq_restore(key);
    return KILN_OK;
}

int kiln_queue_send_front(struct kiln_queue *queue, const void *item, kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(queue, KILN_TYPE_QUEUE);
    unsigned key = port_irq_save();
    unsigned count = queue->count;
    kiln_trace_hook(KILN_TRACE_QUEUE_SEND, queue, count);
    if (queue->receivers.first != NULL) {
        return send_to_receiver(queue, item, key);
    }
    if (count == queue->capacity) {
        return wait_to_send(queue, item, timeout_ticks, K_TASK_TO_FRONT, key);
    }
    queue->count = (uint16_t)(count + 1);
    put_front(queue, item);
    port_irq_restore(key);
    return KILN_OK;
}

/* ---- Receive ----------------------------------------------------------------------------- */

/* An item left a full queue: the first waiting sender's takes its place. */
static K_NOINLINE int refill(struct kiln_queue *queue, unsigned key)
{
    struct kiln_task *sender = queue->senders.first;
    if (sender->flags & K_TASK_TO_FRONT) {
        put_front(queue, sender->wait.arg);
    } else {
        put_back(queue, sender->wait.arg);
    }
    return k_wake_first_and_release(&queue->senders, key);
}

static K_NOINLINE int wait_to_receive(struct kiln_queue *queue, void *item,
                                      kiln_ticks_t timeout_ticks, unsigned key)
{
    k_prepare_to_block(KILN_WAIT_QUEUE_RECEIVE, 0, item, timeout_ticks, key);
    return k_block(&queue->receivers, timeout_ticks, key);
}

int kiln_queue_receive(struct kiln_queue *queue, void *item, kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(queue, KILN_TYPE_QUEUE);
    unsigned key = port_irq_save();
    unsigned count = queue->count;
    kiln_trace_hook(KILN_TRACE_QUEUE_RECEIVE, queue, count);
    if (count == 0) {
        return wait_to_receive(queue, item, timeout_ticks, key);
    }
    take_front(queue, item);
    if (queue->senders.first != NULL) {
        return refill(queue, key);
    }
    queue->count = (uint16_t)(count - 1);
    port_irq_restore(key);
    return KILN_OK;
}

int kiln_queue_peek(struct kiln_queue *queue, void *item)
{
    K_CHECK_OBJECT(queue, KILN_TYPE_QUEUE);
    unsigned key = port_irq_save();
    int result = KILN_EAGAIN;
    if (queue->count != 0) {
        copy_item(item, queue->read, queue->item_bytes);
        result = KILN_OK;
    }
    port_irq_restore(key);
    return result;
}

size_t kiln_queue_count(const struct kiln_queue *queue)
{
    K_CHECK_OBJECT(queue, KILN_TYPE_QUEUE);
    return queue->count;
}

size_t kiln_queue_space(const struct kiln_queue *queue)
{
    K_CHECK_OBJECT(queue, KILN_TYPE_QUEUE);
    return (size_t)queue->capacity - queue->count;
}

#endif
