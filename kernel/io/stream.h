/* What waits at streams: tasks, and coroutines, share it. */
#ifndef K_STREAM_H
#define K_STREAM_H

#include "core/kernel.h"
#include "kiln/stream.h"

/* A transfer of so many bytes, as far as their number can be returned. */
static inline struct kiln_stream_transfer k_stream_transfer(const void *bytes, size_t size)
{
    return (struct kiln_stream_transfer){.at = (uint8_t *)(uintptr_t)bytes,
                                         .left = size < INT32_MAX ? size : INT32_MAX};
}

static inline void k_stream_advance(struct kiln_stream_transfer *transfer, size_t count)
{
    transfer->at += count;
    transfer->left -= count;
    transfer->done += count;
}

/* Of one who waits. */
static inline struct kiln_stream_transfer *k_stream_transfer_of(const struct kiln_task *task)
{
    return (struct kiln_stream_transfer *)task->wait.arg;
}

/* Moves what can be moved without a wait. Returns how that ended; or KILN_EAGAIN when there is
 * nothing to read, or no room for the rest: then the masked section is open that found that out,
 * with its key in *key, and whoever wants to wait queues up in it, with the transfer in
 * wait.arg. */
int k_stream_read_now(struct kiln_stream *stream, struct kiln_stream_transfer *transfer,
                      unsigned *key);
int k_stream_write_now(struct kiln_stream *stream, struct kiln_stream_transfer *transfer,
                       unsigned *key);

/* The console's stream, when there is one, and how those who print deal with it. */
extern struct kiln_stream *k_console_stream;
extern const struct k_console_stream k_console_stream_side;

/* Its two parts: from the first on, the driver is not asked. That returns how many bytes of a write
 * that is half out are to be written first. */
size_t k_console_hold(const char **rest);
void k_console_let_go(void);

#endif
