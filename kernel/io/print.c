/* kiln_printf(): whole texts on the console, from any context. See kiln/print.h.
 *
 * Whoever prints holds the console until all of its text is out. A task holds the scheduler lock
 * with it, so only an interrupt can find the console held: by the task or the less urgent interrupt
 * that it interrupted. That one cannot go on before this one returns, so waiting is no use. The
 * text goes into a ring instead, and the holder writes it after its own.
 *
 * Interrupts nest strictly. So each can reserve its part of the ring in a short masked section and
 * format into it unmasked: the holder does not look before all are done.
 */
#include "kiln/config.h"

#if KILN_CFG_PRINT

#include "core/kernel.h"
#include "format.h"
#include "io/print.h"
#include "kiln/print.h"

enum console_state {
    CONSOLE_FREE,
    CONSOLE_HELD, /* a text is half out: what interrupts print has to wait */
    CONSOLE_LAST, /* after a panic or a fault: everybody writes at once */
};

static struct k_printer the_console;

/* ---- Straight to the console ------------------------------------------------------------- */

#define CHUNK 32

struct direct_output {
    struct output out; /* first, so that full() finds the rest */
    char chunk[CHUNK];
};

void k_write_chunk(struct output *out)
{
    struct direct_output *direct = (struct direct_output *)(void *)out;
    port_console_write(out->start, (size_t)(out->at - out->start));
    output_continue(out, direct->chunk, CHUNK);
}

static void write_last_words(struct output *out)
{
    struct direct_output *direct = (struct direct_output *)(void *)out;
    for (const char *at = out->start; at != out->at; at++) {
        port_panic_putc(*at);
    }
    output_continue(out, direct->chunk, CHUNK);
}

static size_t print_direct(k_printer_fn *write, const char *format, va_list args)
{
    struct direct_output direct = {.out = {.full = write}};
    direct.out.at = direct.out.start = direct.chunk;
    direct.out.end = direct.chunk + CHUNK;
    k_format(&direct.out, format, args);
    write(&direct.out); /* calls: k_write_chunk, write_and_note, write_last_words */
    return output_length(&direct.out);
}

/* ---- The ring ---------------------------------------------------------------------------- */

struct ring_output {
    struct output out; /* first, so that full() finds the rest */
    size_t left;       /* of what was reserved, beyond the present room */
};

/* Goes on at the ring's start. What was reserved is enough, unless an argument grew meanwhile. */
static void wrap_ring(struct output *out)
{
    struct ring_output *ring = (struct ring_output *)(void *)out;
    if (ring->left == 0) {
        k_output_discard(out);
        return;
    }
    output_continue(out, the_console.later, ring->left);
    ring->left = 0;
}

/* The index at which `length` characters are reserved; -1 when they do not fit. */
static int reserve(size_t length)
{
    unsigned key = port_irq_save();
    int at = -1;
    if (length <= sizeof(the_console.later) - the_console.used) {
        at = (int)((the_console.first + (size_t)the_console.used) % sizeof(the_console.later));
        the_console.used = (uint16_t)(the_console.used + length);
    } else {
        the_console.lost = (uint16_t)(the_console.lost + (the_console.lost != UINT16_MAX));
    }
    port_irq_restore(key);
    return at;
}

static size_t measure(const char *format, va_list args)
{
    struct output out = {.full = k_output_discard};
    k_format(&out, format, args);
    return output_length(&out);
}

static size_t print_later(const char *format, va_list args)
{
    size_t length = measure(format, args);
    int at = reserve(length);
    if (at >= 0) {
        size_t room = sizeof(the_console.later) - (size_t)at;
        size_t first = length < room ? length : room;
        struct ring_output ring = {.out = {.full = wrap_ring}, .left = length - first};
        ring.out.at = ring.out.start = the_console.later + at;
        ring.out.end = ring.out.at + first;
        k_format(&ring.out, format, args);
        while (output_length(&ring.out) < length) {
            output_put(&ring.out, ' '); /* an argument shrank */
        }
    }
    return length;
}

/* ---- The end ------------------------------------------------------------------------------- */

/* Nothing is trusted further than it has to be: what a fault left wild must not lead astray. */
static void write_waiting(bool is_fault)
{
    const size_t size = sizeof(the_console.later);
    size_t at = the_console.first, left = the_console.used < size ? the_console.used : size;
    for (; left > 0; left--, at++) {
        const char *c = &the_console.later[at % size];
        if (is_fault) {
            port_panic_putc(*c);
        } else {
            port_console_write(c, 1);
        }
    }
}

static void give_up_locked(bool is_fault)
{
    if (the_console.state == CONSOLE_LAST) {
        return;
    }
    if (is_fault && the_console.state == CONSOLE_HELD) {
        port_panic_putc('\n');
    }
    the_console.state = is_fault ? CONSOLE_LAST : CONSOLE_FREE;
    write_waiting(is_fault);
    the_console.used = 0;
}

/* The ring's line is out. An interrupt that comes before the call prints at once, and all that
 * waited as well. */
static void take_over(void)
{
    unsigned key = port_irq_save();
    if (the_console.state == CONSOLE_HELD) {
        the_console.state = CONSOLE_FREE;
    }
    port_irq_restore(key);
    (void)kiln_printf("%s", ""); /* not release(), which is to be part of kiln_vprintf() */
}

static const struct k_console kernel_side = {.self = &kernel_side,
                                             .give_up_locked = give_up_locked,
                                             .print = kiln_printf,
                                             .take_over = take_over};

/* ---- Holding the console ----------------------------------------------------------------- */

/* The first text of all: the kernel is new, or only the trace ring has written, and may be half
 * through a line. */
static void begin_locked(void)
{
    if (kernel.console != &kernel_side) {
        the_console.state = kernel.console == NULL ? CONSOLE_FREE : CONSOLE_HELD;
        the_console.first = the_console.used = the_console.lost = 0;
        kernel.console = &kernel_side;
    }
}

/* Returns the state before: free, and it is the caller's now, or what it stays. */
static enum console_state hold(void)
{
    unsigned key = port_irq_save();
    begin_locked();
    enum console_state state = (enum console_state)the_console.state;
    if (state == CONSOLE_FREE) {
        the_console.state = CONSOLE_HELD;
    }
    port_irq_restore(key);
    return state;
}

/* Gives the console back, unless there is something to write; returns how much of it is in a
 * piece, or with nothing in the ring how many texts were lost. */
static size_t release_if_done(unsigned *lost)
{
    unsigned key = port_irq_save();
    size_t to_end = sizeof(the_console.later) - the_console.first;
    size_t piece = the_console.used < to_end ? the_console.used : to_end;
    *lost = 0;
    if (piece == 0) {
        *lost = the_console.lost;
        the_console.lost = 0;
        if (*lost == 0 && the_console.state == CONSOLE_HELD) {
            the_console.state = CONSOLE_FREE;
        }
    }
    port_irq_restore(key);
    return piece;
}

static void drop_piece(size_t piece)
{
    unsigned key = port_irq_save();
    the_console.first = (uint16_t)((the_console.first + piece) % sizeof(the_console.later));
    the_console.used = (uint16_t)(the_console.used - piece);
    port_irq_restore(key);
}

/* Tells of texts that were lost. */
static void write_lost(unsigned count)
{
    char text[40];
    int length = kiln_snprintf(text, sizeof(text), "kiln: %u printed texts lost\n", count);
    port_console_write(text, (size_t)length);
}

static void release(void)
{
    for (;;) {
        unsigned lost;
        size_t piece = release_if_done(&lost);
        if (piece != 0) {
            port_console_write(the_console.later + the_console.first, piece);
            drop_piece(piece);
        } else if (lost != 0) {
            write_lost(lost);
        } else {
            return;
        }
    }
}

/* ---- The console's stream ------------------------------------------------------------------ */

#if KILN_CFG_STREAM
const struct k_console_stream *k_printers_stream;

/* What is half out of a write goes first; the rest has to wait. Returns what writes the text. */
static k_printer_fn *hold_stream(void)
{
    return k_printers_stream != NULL
               ? k_printers_stream->hold(&the_console) /* calls: hold, hold_line */
               : k_write_chunk;
}

static void let_stream_go(void)
{
    if (k_printers_stream != NULL) {
        k_printers_stream->let_go(&the_console); /* calls: let_go, let_line_go */
    }
}
#else
static k_printer_fn *hold_stream(void)
{
    return k_write_chunk;
}

static void let_stream_go(void)
{
}
#endif

/* ---- Public ------------------------------------------------------------------------------ */

int kiln_vprintf(const char *format, va_list args)
{
    bool is_task = kiln_sched_lock() == KILN_OK;
    enum console_state state = hold();
    size_t length;
    if (state == CONSOLE_FREE) {
        k_printer_fn *write = hold_stream();
        length = print_direct(write, format, args);
        release();
        let_stream_go();
    } else if (state == CONSOLE_HELD) {
        length = print_later(format, args);
    } else {
        length = print_direct(write_last_words, format, args);
    }
    if (is_task) {
        (void)kiln_sched_unlock();
    }
    return k_format_result(length);
}

int kiln_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = kiln_vprintf(format, args);
    va_end(args);
    return length;
}

void kiln_print_last_words(void)
{
    unsigned key = port_irq_save();
    k_console_give_up_locked(true);
    begin_locked();
    the_console.state = CONSOLE_LAST;
    port_irq_restore(key);
}

#endif
