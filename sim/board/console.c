/* The console of the simulated board as a stream: standard input, which a helper thread reads, and
 * standard output. */
#include <stdio.h>
#include <unistd.h>

#include "input.h"
#include "kiln/board.h"
#include "kiln/stream.h"
#include "lab.h"
#include "posix.h"

static struct kiln_stream console;
static uint8_t buffer[256];
static struct sim_input input;
static bool is_started;
static bool is_held_back; /* there is more than the stream had room for */

/* The end closes the stream; and as nothing more can come, a wait for it is a deadlock. */
static void on_end(void)
{
    posix_irq_connect(SIM_LINE_UART_RECEIVE, NULL);
    kiln_stream_close(&console);
}

static void on_received(void)
{
    char bytes[KILN_STREAM_CHUNK];
    size_t room = (size_t)console.size - console.count;
    if (room == 0) {
        is_held_back = true;
        return;
    }
    size_t count = sim_input_take(&input, bytes, room < sizeof(bytes) ? room : sizeof(bytes));
    if (count != 0) {
        (void)kiln_stream_received(&console, bytes, count);
    } else if (sim_input_has_ended(&input)) {
        on_end();
    }
}

static void room(struct kiln_stream *stream)
{
    (void)stream;
    if (is_held_back) {
        is_held_back = false;
        posix_irq_raise(SIM_LINE_UART_RECEIVE);
    }
}

/* A prompt has no line end. */
static size_t write_stdout(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    (void)stream;
    port_console_write((const char *)bytes, size);
    (void)fflush(stdout);
    return size;
}

static const struct kiln_stream_driver driver = {.write = write_stdout, .room = room};

struct kiln_stream *kiln_board_console(void)
{
    if (!is_started) {
        is_started = true;
        (void)kiln_stream_init(&console, buffer, sizeof(buffer), &driver, NULL);
        kiln_set_name(&console, "console");
        posix_irq_connect(SIM_LINE_UART_RECEIVE, on_received);
        sim_input_open(&input, STDIN_FILENO, SIM_LINE_UART_RECEIVE, SIM_LINE_UART_RECEIVE);
    }
    return &console;
}
