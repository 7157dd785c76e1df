/* A program for check.py: answers each line that comes from the console with its length and itself.
 * The line "nap" lets the input wait for a while, "restart" restarts the app. The line "end", or
 * the end of the input, ends the program; after "linger" it waits for ever at the end of the input.
 */
#include <string.h>

#include "kiln/kiln.h"

#define LINE_MAX 80U

static void put(struct kiln_stream *stream, const char *text)
{
    (void)kiln_stream_write(stream, text, strlen(text), KILN_FOREVER);
}

/* Returns false at the end of the input. */
static bool read_line(struct kiln_stream *stream, char *line)
{
    size_t length = 0;
    char c = '\0';
    while (kiln_stream_read(stream, &c, 1, KILN_FOREVER) == 1 && c != '\n' && c != '\r') {
        if (length < LINE_MAX - 1) {
            line[length++] = c;
        }
    }
    line[length] = '\0';
    return c == '\n' || c == '\r';
}

/* Lets the input wait for half a second; tells how many bytes found no room meanwhile. */
static void nap(struct kiln_stream *stream)
{
    char answer[24];
    (void)kiln_task_sleep(KILN_MS(500));
    (void)kiln_snprintf(answer, sizeof(answer), "lost %u\n", (unsigned)stream->lost);
    put(stream, answer);
}

static void answer_line(struct kiln_stream *stream, const char *line)
{
    char answer[LINE_MAX + 16];
    if (strcmp(line, "nap") == 0) {
        nap(stream);
        return;
    }
    if (strcmp(line, "restart") == 0) {
        kiln_reboot();
    }
    (void)kiln_snprintf(answer, sizeof(answer), "%u %s\n", (unsigned)strlen(line), line);
    put(stream, answer);
}

static int echo(void *arg)
{
    struct kiln_stream *stream = kiln_board_console();
    char line[LINE_MAX];
    (void)arg;
    put(stream, "ready\n");
    while (read_line(stream, line) && strcmp(line, "end") != 0 && strcmp(line, "linger") != 0) {
        answer_line(stream, line);
    }
    put(stream, "done\n");
    if (strcmp(line, "linger") == 0) {
        while (read_line(stream, line)) {
        }
        (void)kiln_task_suspend(kiln_task_self());
    }
    kiln_stop(0);
    return 0;
}

KILN_TASK_DEFINE(echoer, echo, NULL, 5, 768);

int main(void)
{
    return kiln_start();
}
