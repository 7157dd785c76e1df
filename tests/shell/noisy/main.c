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

/* One text in three pieces, the first of which comes while the prompt is there. */
static void print_piece(struct kiln_timer *of)
{
    static const char *const pieces[] = {"<<<<", "in ", "pieces>>>>\r\n"};
    static unsigned next;
    kiln_printf("%s", pieces[next]);
    next = (next + 1U) % 3U;
    if (next != 0) {
        (void)kiln_timer_start(of, 20, 0);
    }
}

KILN_TIMER_DEFINE(pieces, print_piece);

static int print_pieces(struct kiln_shell_call *call)
{
    (void)call;
    return kiln_timer_start(&pieces, 20, 0);
}
KILN_SHELL_COMMAND(pieces, "", "prints a text in three pieces", print_pieces);

/* The host's stream shows what was printed with what is written, and here that is a bell. */
static void print_open(struct kiln_timer *of)
{
    (void)of;
    kiln_printf("<<<<it goes on: ");
    (void)kiln_stream_write(kiln_board_console(), "\a", 1, KILN_NO_WAIT);
}

KILN_TIMER_DEFINE(open_timer, print_open);

static int open(struct kiln_shell_call *call)
{
    (void)call;
    return kiln_timer_start(&open_timer, 20, 0);
}
KILN_SHELL_COMMAND(open, "", "prints a text without its end", open);

KILN_SHELL_DEFINE(shell, 2048);

static int serve(void *arg)
{
    (void)arg;
    kiln_stop(kiln_shell_run(&shell, kiln_board_terminal()) & 0xFF);
    return 0;
}

KILN_TASK_DEFINE(server, serve, NULL, 6, 1024);

/* For `chain` to show, as soon as there is a prompt. */
static int follow(void *arg)
{
    return kiln_task_join((struct kiln_task *)arg, NULL, KILN_FOREVER);
}

KILN_TASK_DEFINE(one, follow, &server, 8, 512);
KILN_TASK_DEFINE(two, follow, &one, 8, 512);

int main(void)
{
    return kiln_start();
}
