/* Message queues: items of one fixed size, copied in and out.
 *
 * An item goes straight from a sender to a waiting receiver, so a woken task always has its
 * item, and nobody can take it away before it runs.
 */
#ifndef KILN_QUEUE_H
#define KILN_QUEUE_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_queue {
    struct kiln_waitq receivers; /* empty whenever count > 0 */
    struct kiln_waitq senders;   /* empty whenever count < capacity */
    uint8_t *read;               /* the front item, if any */
    uint8_t *write;              /* the slot behind the last item */
    uint8_t *start, *end;        /* the caller's buffer */
    uint16_t count;
    uint16_t capacity;
    uint16_t item_bytes;
    uint16_t item_words; /* 0: not a whole number of words */
    KILN_OBJECT_FIELDS
};

#define KILN_QUEUE_ITEM_WORDS(bytes) ((uint16_t)((bytes) % 4U == 0 ? (bytes) / 4U : 0U))

/* Defines a queue of `capacity_` items of `bytes` bytes each, with its buffer. */
#define KILN_QUEUE_DEFINE(queue, bytes, capacity_)                                           \
    KILN_STATIC_ASSERT((bytes) >= 1 && (bytes) <= KILN_CFG_QUEUE_ITEM_MAX,                   \
                       "the items of queue " #queue " must be 1 to KILN_CFG_QUEUE_ITEM_MAX " \
                       "bytes");                                                             \
    KILN_STATIC_ASSERT((capacity_) >= 1 && (capacity_) <= 0xFFFF,                            \
                       "the capacity of queue " #queue " must be 1 to 65535 items");         \
    static uint32_t queue##_buffer[((size_t)(bytes) * (capacity_) + 3U) / 4U];               \
    struct kiln_queue queue KILN_SECTION(kiln_queues) = {                                    \
        .receivers = {NULL},                                                                 \
        .senders = {NULL},                                                                   \
        .read = (uint8_t *)queue##_buffer,                                                   \
        .write = (uint8_t *)queue##_buffer,                                                  \
        .start = (uint8_t *)queue##_buffer,                                                  \
        .end = (uint8_t *)queue##_buffer + (size_t)(bytes) * (capacity_),                    \
        .count = 0,                                                                          \
        .capacity = (capacity_),                                                             \
        .item_bytes = (bytes),                                                               \
        .item_words = KILN_QUEUE_ITEM_WORDS(bytes),                                          \
        KILN_OBJECT_INIT(queue, KILN_TYPE_QUEUE)}

/* Initialises a queue on storage that the caller owns, over a buffer of capacity x item_bytes
 * bytes that the caller owns too and keeps as long as the queue. A buffer aligned to 4 and
 * items of a multiple of 4 bytes copy fastest. Any context. Never blocks.
 * KILN_EINVAL: no queue or buffer, a capacity outside 1 to 65535, items outside 1 to
 *   KILN_CFG_QUEUE_ITEM_MAX bytes.
 * A queue that is alive already panics (with KILN_CFG_CHECKS); see kiln_queue_destroy(). */
int kiln_queue_init(struct kiln_queue *queue, void *buffer, size_t item_bytes, size_t capacity);

/* Ends a queue's life, so that its storage can be reused. Any context. Never blocks.
 * KILN_ESTATE: tasks wait at it. */
int kiln_queue_destroy(struct kiln_queue *queue);

/* Copies an item of item_bytes bytes, which must not be NULL, to the back of the queue; waits
 * while it is full. Any context with KILN_NO_WAIT, else a task. Blocks. May switch.
 * KILN_EAGAIN, KILN_ETIMEOUT: the queue was full (to the end).
 * KILN_EISR, KILN_ELOCKED: the queue is full, and the caller cannot block. */
int kiln_queue_send(struct kiln_queue *queue, const void *item, kiln_ticks_t timeout_ticks);

/* As kiln_queue_send(), but the item goes to the front: it is received next. A task that
 * waits to send to the front still gets its turn in order of priority. */
int kiln_queue_send_front(struct kiln_queue *queue, const void *item, kiln_ticks_t timeout_ticks);

/* Moves the front item to the caller's memory of item_bytes bytes; waits while the queue is
 * empty. Any context with KILN_NO_WAIT, else a task. Blocks. May switch to a waiting sender.
 * KILN_EAGAIN, KILN_ETIMEOUT: the queue was empty (to the end).
 * KILN_EISR, KILN_ELOCKED: the queue is empty, and the caller cannot block. */
int kiln_queue_receive(struct kiln_queue *queue, void *item, kiln_ticks_t timeout_ticks);

/* Copies the front item and leaves it in the queue. Any context. Never blocks.
 * KILN_EAGAIN: the queue is empty. */
int kiln_queue_peek(struct kiln_queue *queue, void *item);

/* Items in the queue, and free places. Any context. */
size_t kiln_queue_count(const struct kiln_queue *queue);
size_t kiln_queue_space(const struct kiln_queue *queue);

#ifdef __cplusplus
}
#endif

#endif
