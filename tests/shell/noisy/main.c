/* A shell on the console, and a task that prints there at every tick once it is started. */
#include "kiln/board.h"
#include "kiln/kiln.h"

static int make_noise(void *arg)
{
    (void)arg;
    for (;;) {
        kiln_printf("<<<<%s>>>>\r\n", "noisy");
        (void)kiln_task_sleep(1);
    }
    return 0;
}

KILN_RUN_ENTRY(noise, make_noise, NULL, 7, 1024);

/* And one that does so in interrupts. */
static void print(struct kiln_timer *of)
{
    (void)of;
    kiln_printf("<<<<%s>>>>\r\n", "timer");
}

KILN_TIMER_DEFINE(timer, print);

static int ring(struct kiln_shell_call *call)
{
    (void)call;
    return kiln_timer_start(&timer, 3, 3);
}
KILN_SHELL_COMMAND(ring, "", "prints at every third tick", ring);

KILN_SHELL_DEFINE(shell, 2048);

static int serve(void *arg)
{
    (void)arg;
    kiln_stop(kiln_shell_run(&shell, kiln_board_terminal()) & 0xFF);
    return 0;
}

KILN_TASK_DEFINE(server, serve, NULL, 6, 1024);

int main(void)
{
    return kiln_start();
}
