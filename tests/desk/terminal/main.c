/* A program for tests/desk: it writes back to the terminal what it reads from it. */
#include "kiln/board.h"
#include "kiln/kiln.h"

static int echo(void *arg)
{
    struct kiln_stream *terminal = kiln_board_terminal();
    (void)arg;
    for (;;) {
        char bytes[16];
        int count = kiln_stream_read(terminal, bytes, sizeof(bytes), KILN_FOREVER);
        if (count <= 0) {
            return 0;
        }
        (void)kiln_stream_write(terminal, bytes, (size_t)count, KILN_FOREVER);
    }
}

KILN_TASK_DEFINE(echoer, echo, NULL, 2, PORT_STACK_MIN + 512);

int main(void)
{
    return kiln_start();
}
