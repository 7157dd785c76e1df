/* A shell for tests/gdb/zoo, whose tasks wait for every kind of object: zoo.py asks it for them. */
#include "kiln/board.h"
#include "kiln/kiln.h"

KILN_SHELL_DEFINE(shell, PORT_STACK_MIN + 1200);

static int serve(void *arg)
{
    (void)arg;
    kiln_stop(kiln_shell_run(&shell, kiln_board_terminal()) & 0xFF);
    return 0;
}
KILN_TASK_DEFINE(server, serve, NULL, 6, PORT_STACK_MIN + 800);
