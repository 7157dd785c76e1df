/* A program for check.py: answers each line that comes from the console with its length and itself.
 * The line "end", or the end of the input, ends it. */
#include <string.h>

#include "kiln/board.h"
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

static int echo(void *arg)
{
    struct kiln_stream *stream = kiln_board_console();
    char line[LINE_MAX], answer[LINE_MAX + 16];
    (void)arg;
    put(stream, "ready\n");
    while (read_line(stream, line) && strcmp(line, "end") != 0) {
        (void)kiln_snprintf(answer, sizeof(answer), "%u %s\n", (unsigned)strlen(line), line);
        put(stream, answer);
    }
    put(stream, "done\n");
    kiln_stop(0);
    return 0;
}

KILN_TASK_DEFINE(echoer, echo, NULL, 5, 768);

int main(void)
{
    return kiln_start();
}
