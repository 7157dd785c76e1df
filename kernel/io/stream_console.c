/* Printed texts and what is written to the console's stream: neither splits the other.
 *
 * Both go to one device. A write that does not fit into the device waits in the stream's queue, and
 * the device's interrupt sends the rest; whoever prints finds the device busy and waits for it,
 * with the scheduler locked or in an interrupt, so the writer cannot go on. Therefore whoever
 * prints writes the rest first, for the writer, and keeps the device's interrupt from sending more
 * until its own text is out. No write is half out that is not in the queue: stream.c queues up in
 * the masked section that sent the first half. One whose writer is killed stays half out.
 *
 * A hold is not nested: an interrupt that prints meanwhile finds the console held (print.c).
 */
#include "kiln/config.h"

#if KILN_CFG_STREAM && KILN_CFG_PRINT

#include "core/waitq.h"
#include "io/print.h"
#include "io/stream.h"

struct kiln_stream *k_console_stream;

/* The memory of a writer that is done with stays as it is until the text is out: who prints holds
 * back all tasks. */
size_t k_console_hold(const char **rest)
{
    unsigned key = port_irq_save();
    struct kiln_task *writer = k_console_stream->writers.first;
    struct kiln_stream_transfer *transfer = writer != NULL ? k_stream_transfer_of(writer) : NULL;
    k_console_stream->is_held = true;
    if (transfer == NULL || transfer->done == 0) {
        port_irq_restore(key);
        return 0;
    }
    size_t count = transfer->left < KILN_STREAM_WHOLE ? transfer->left : KILN_STREAM_WHOLE;
    *rest = (const char *)transfer->at;
    kiln_trace_hook(KILN_TRACE_STREAM_WRITE, k_console_stream, count);
    k_stream_advance(transfer, count);
    if (transfer->left == 0) {
        (void)k_wake_and_release(&k_console_stream->writers, writer, key);
    } else {
        port_irq_restore(key);
    }
    return count;
}

void k_console_let_go(void)
{
    k_console_stream->is_held = false;
    if (k_console_stream->writers.first != NULL) {
        kiln_stream_ready(k_console_stream);
    }
}

static k_printer_fn *hold(struct k_printer *printer)
{
    (void)printer;
    const char *rest;
    size_t length = k_console_hold(&rest);
    if (length != 0) {
        port_console_write(rest, length);
    }
    return k_write_chunk;
}

static void let_go(struct k_printer *printer)
{
    (void)printer;
    k_console_let_go();
}

const struct k_console_stream k_console_stream_side = {.hold = hold, .let_go = let_go};

void kiln_stream_is_console(struct kiln_stream *stream)
{
    K_CHECK_OBJECT(stream, KILN_TYPE_STREAM);
    stream->is_console = true;
    k_console_stream = stream;
    k_printers_stream = &k_console_stream_side;
}

#endif
