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

/* True when an item at `item` can be copied by words; most are a few words. Where size counts
 * more than speed, none is. */
K_INLINE bool goes_by_words(const struct kiln_queue *queue, const void *item)
{
    return K_FOR_SPEED && ((uintptr_t)item & 3U) == 0 && queue->item_words != 0;
}

/* Copies an item that goes by words; returns the address behind it in `to`. */
K_INLINE uint8_t *copy_words(const struct kiln_queue *queue, void *to, const void *from)
{
    typedef uint32_t __attribute__((may_alias)) word;
    word *to_word = (word *)to;
    const word *from_word = (const word *)from;
    unsigned words = queue->item_words;
    do {
        *to_word++ = *from_word++;
        K_OPAQUE(to_word); /* or the compiler keeps count of the words twice */
    } while (--words != 0);
    return (uint8_t *)to_word;
}

int kiln_queue_init(struct kiln_queue *queue, void *buffer, size_t item_bytes, size_t capacity)
{
    if (queue == NULL || buffer == NULL || item_bytes == 0 ||
        item_bytes > KILN_CFG_QUEUE_ITEM_MAX || capacity == 0 || capacity > UINT16_MAX) {
        return KILN_EINVAL;
    }
    K_CHECK_NEW(queue, KILN_TYPE_QUEUE);
    uint8_t *start = (uint8_t *)buffer;
    *queue = (struct kiln_queue){
        .read = start,
        .write = start,
        .start = start,
        .end = start + item_bytes * capacity,
        .capacity = (uint16_t)capacity,
        .item_bytes = (uint16_t)item_bytes,
        .item_words = (uintptr_t)buffer % 4U == 0 ? KILN_QUEUE_ITEM_WORDS(item_bytes) : 0};
    kiln_set_name(queue, "?");
    K_SET_TAG(queue, KILN_TYPE_QUEUE);
    return KILN_OK;
}

int kiln_queue_destroy(struct kiln_queue *queue)
{
    K_CHECK_OBJECT(queue, KILN_TYPE_QUEUE);
    unsigned key = port_irq_save();
    bool in_use = queue->receivers.first != NULL || queue->senders.first != NULL;
    if (!in_use) {
        K_CLEAR_TAG(queue);
    }
    port_irq_restore(key);
    return in_use ? KILN_ESTATE : KILN_OK;
}

/* ---- The ring, for items of any size; there is room, or an item -------------------------- */

/* Puts an item at the back; at the front with K_TASK_TO_FRONT in `flags`. */
static void put(struct kiln_queue *queue, const void *item, unsigned flags)
{
    size_t bytes = queue->item_bytes;
    uint8_t *place = queue->write;
    if (flags & K_TASK_TO_FRONT) {
        place = (queue->read == queue->start ? queue->end : queue->read) - bytes;
        queue->read = place;
    } else {
        uint8_t *behind = place + bytes;
        queue->write = behind == queue->end ? queue->start : behind;
    }
    memcpy(place, item, bytes);
}

static void take_front(struct kiln_queue *queue, void *item)
{
    uint8_t *behind = queue->read + queue->item_bytes;
    memcpy(item, queue->read, queue->item_bytes);
    queue->read = behind == queue->end ? queue->start : behind;
}

/* ---- Send -------------------------------------------------------------------------------- */

/* The queue is empty and somebody waits for an item. */
static int send_to_receiver(struct kiln_queue *queue, const void *item, unsigned key,
                            struct kiln_task *receiver)
{
    if (goes_by_words(queue, item) && goes_by_words(queue, receiver->wait.arg)) {
        (void)copy_words(queue, receiver->wait.arg, item);
    } else {
        memcpy(receiver->wait.arg, item, queue->item_bytes);
    }
    return k_wake_and_release(&queue->receivers, receiver, key);
}

/* The queue is full. */
static int wait_to_send(struct kiln_queue *queue, const void *item, kiln_ticks_t timeout_ticks,
                        unsigned key, uint8_t flags)
{
    int error = k_check_wait(timeout_ticks, key);
    if (error != KILN_OK) {
        return error;
    }
    kernel.current->flags |= flags;
    kernel.current->wait.arg = (void *)(uintptr_t)item;
    return k_wait(&queue->senders, timeout_ticks, KILN_WAIT_QUEUE_SEND);
}

/* All cases. */
static inline __attribute__((always_inline)) int send(struct kiln_queue *queue, const void *item,
                                                      kiln_ticks_t timeout_ticks, unsigned key,
                                                      uint8_t flags)
{
    struct kiln_task *receiver = queue->receivers.first;
    if (receiver != NULL) {
        return send_to_receiver(queue, item, key, receiver);
    }
    if (queue->count == queue->capacity) {
        return wait_to_send(queue, item, timeout_ticks, key, flags);
    }
    queue->count++;
    put(queue, item, flags);
    port_irq_restore(key);
    return KILN_OK;
}

static K_SLOW int send_other(struct kiln_queue *queue, const void *item, kiln_ticks_t timeout_ticks,
                             unsigned key)
{
    return send(queue, item, timeout_ticks, key, 0);
}

int kiln_queue_send(struct kiln_queue *queue, const void *item, kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(queue, KILN_TYPE_QUEUE);
    K_ASSERT(item != NULL, "null item", queue);
    unsigned key = port_irq_save();
    unsigned count = queue->count;
    kiln_trace_hook(KILN_TRACE_QUEUE_SEND, queue, count);
    if (queue->receivers.first != NULL || count == queue->capacity || !goes_by_words(queue, item)) {
        return send_other(queue, item, timeout_ticks, key);
    }
    queue->count = (uint16_t)(count + 1);
    uint8_t *behind = copy_words(queue, queue->write, item);
    queue->write = behind == queue->end ? queue->start : behind;
    port_irq_restore(key);
    return KILN_OK;
}

int kiln_queue_send_front(struct kiln_queue *queue, const void *item, kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(queue, KILN_TYPE_QUEUE);
    K_ASSERT(item != NULL, "null item", queue);
    unsigned key = port_irq_save();
    kiln_trace_hook(KILN_TRACE_QUEUE_SEND, queue, queue->count);
    return send(queue, item, timeout_ticks, key, K_TASK_TO_FRONT);
}

/* ---- Receive ----------------------------------------------------------------------------- */

/* An item left a full queue: the first waiting sender's takes its place. */
static int refill(struct kiln_queue *queue, unsigned key)
{
    struct kiln_task *sender = queue->senders.first;
    put(queue, sender->wait.arg, sender->flags);
    return k_wake_and_release(&queue->senders, sender, key);
}

/* All but the plain case: the queue is empty, somebody waits for room, or the item does not go
 * by words. */
static K_SLOW int receive_other(struct kiln_queue *queue, void *item, kiln_ticks_t timeout_ticks,
                                unsigned key)
{
    if (queue->count == 0) {
        return k_block_with(item, &queue->receivers, timeout_ticks, key, KILN_WAIT_QUEUE_RECEIVE);
    }
    take_front(queue, item);
    if (queue->senders.first != NULL) {
        return refill(queue, key);
    }
    queue->count--;
    port_irq_restore(key);
    return KILN_OK;
}

int kiln_queue_receive(struct kiln_queue *queue, void *item, kiln_ticks_t timeout_ticks)
{
    K_CHECK_OBJECT(queue, KILN_TYPE_QUEUE);
    K_ASSERT(item != NULL, "null item", queue);
    unsigned key = port_irq_save();
    unsigned count = queue->count;
    kiln_trace_hook(KILN_TRACE_QUEUE_RECEIVE, queue, count);
    if (count == 0 || queue->senders.first != NULL || !goes_by_words(queue, item)) {
        return receive_other(queue, item, timeout_ticks, key);
    }
    queue->count = (uint16_t)(count - 1);
    uint8_t *read = queue->read, *behind = read + queue->item_bytes;
    queue->read = behind == queue->end ? queue->start : behind;
    (void)copy_words(queue, item, read);
    port_irq_restore(key);
    return KILN_OK;
}

int kiln_queue_peek(struct kiln_queue *queue, void *item)
{
    K_CHECK_OBJECT(queue, KILN_TYPE_QUEUE);
    K_ASSERT(item != NULL, "null item", queue);
    unsigned key = port_irq_save();
    int result = KILN_EAGAIN;
    if (queue->count != 0) {
        memcpy(item, queue->read, queue->item_bytes);
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
