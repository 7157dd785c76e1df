/* The console of the simulated board as a stream: --uart says where it leads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "kiln/board.h"
#include "kiln/stream.h"
#include "lab.h"
#include "output.h"
#include "posix.h"
#include "pty.h"
#include "raw.h"

#if KILN_CFG_STREAM

static struct kiln_stream console POSIX_IN_CHIP;
static uint8_t buffer[256] POSIX_IN_CHIP;
static bool is_started POSIX_IN_CHIP;
static bool is_held_back POSIX_IN_CHIP; /* there is more than the stream had room for */

/* The plug outlives a restart. */
static struct sim_input input;
static struct sim_output output; /* of a pty */
static bool wants_pty;

/* ---- Input ---------------------------------------------------------------------------------- */

/* The end closes the stream; and as nothing more can come, a wait for it is a deadlock. */
static void on_end(void)
{
    posix_irq_connect(SIM_LINE_UART_RECEIVE, NULL);
    kiln_stream_close(&console);
}

/* The end may come with the last bytes: two raises of a line can be one interrupt. When there may
 * be more bytes, the line has been raised again. */
static void on_received(void)
{
    char bytes[KILN_STREAM_CHUNK];
    size_t wanted = (size_t)console.size - console.count;
    if (wanted == 0) {
        is_held_back = true;
        return;
    }
    wanted = wanted < sizeof(bytes) ? wanted : sizeof(bytes);
    size_t count = sim_input_take(&input, bytes, wanted);
    (void)kiln_stream_received(&console, bytes, count);
    if (count < wanted && sim_input_has_ended(&input)) {
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

static void open_input(int file, bool comes_back)
{
    input.comes_back = comes_back;
    posix_irq_connect(SIM_LINE_UART_RECEIVE, on_received);
    sim_input_open(&input, file, SIM_LINE_UART_RECEIVE, SIM_LINE_UART_RECEIVE);
}

/* ---- Standard input and output --------------------------------------------------------------- */

/* A prompt has no line end. */
static size_t write_stdout(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    (void)stream;
    port_console_write((const char *)bytes, size);
    (void)fflush(stdout);
    return size;
}

static const struct kiln_stream_driver stdio = {.write = write_stdout, .room = room};

static void start_stdio(void)
{
    (void)kiln_stream_init(&console, buffer, sizeof(buffer), &stdio, NULL);
    if (sim_outside_is_live() && !input.is_open) {
        raw_terminal();
    }
    open_input(STDIN_FILENO, false);
}

/* ---- A pseudo-terminal ----------------------------------------------------------------------- */

static size_t write_pty(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    (void)stream;
    return sim_output_put(&output, (const char *)bytes, size);
}

static const struct kiln_stream_driver pty = {.write = write_pty, .room = room};

static void on_sent(void)
{
    sim_output_note_written(&output);
    kiln_stream_ready(&console);
}

static void print_to_pty(const char *text, size_t length)
{
    sim_output_force(&output, text, length);
}

static void finish_pty(void)
{
    sim_output_finish(&output);
    if (sim_outside_is_live()) {
        pty_finish(output.file);
    }
}

static void plug_in_pty(void)
{
    int file = sim_outside_is_live() ? pty_open() : -1;
    output.is_heard = pty_is_attached;
    sim_output_open(&output, file, SIM_LINE_UART_SENT, SIM_LINE_UART_SENT);
    posix_console = print_to_pty;
    (void)atexit(finish_pty);
}

static void start_pty(void)
{
    (void)kiln_stream_init(&console, buffer, sizeof(buffer), &pty, NULL);
    posix_irq_connect(SIM_LINE_UART_SENT, on_sent);
    if (!input.is_open) {
        plug_in_pty();
    }
    open_input(output.file, true);
}

/* ---- Which ----------------------------------------------------------------------------------- */

static void set_uart(const char *value)
{
    wants_pty = strcmp(value, "pty") == 0;
    if (!wants_pty && strcmp(value, "stdio") != 0) {
        posix_reject_option("--uart must be stdio or pty", value);
    }
}
POSIX_FLAG(uart, "stdio|pty",
           "where the console leads: stdin and stdout (default), or\n"
           "a pseudo-terminal, whose path is printed on stderr",
           set_uart);

/* The explorer's runs are one process, and lead nowhere. */
struct kiln_stream *kiln_board_console(void)
{
    if (!is_started) {
        is_started = true;
        if (wants_pty && posix_guard == NULL) {
            start_pty();
        } else {
            start_stdio();
        }
        kiln_set_name(&console, "console");
        kiln_stream_is_console(&console);
    }
    return &console;
}

#endif
