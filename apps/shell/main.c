/* The board on the desk: a shell, and tasks for it to look at. Type help, ps, top, run, deadlock.
 *
 * A producer and two consumers share a queue; a worker computes now and then; the panel (panel.c)
 * has a running light, a needle and buttons, where the board has them. `run spinner` starts a task
 * that computes without an end, and `deadlock` two that wait for each other.
 */
#include "kiln/board.h"
#include "kiln/kiln.h"
#include "panel.h"

/* What a preemption takes, and what the functions below take. */
#define SMALL_STACK (PORT_STACK_MIN + 216)
/* Of a command; `make stack` says how much each needs. */
#define COMMAND_STACK (PORT_STACK_MIN + 960)
#define SHELL_STACK   (PORT_STACK_MIN + 560)

/* ---- A producer and its consumers ------------------------------------------------------------ */

KILN_QUEUE_DEFINE(parcels, sizeof(uint32_t), 4);
KILN_SEM_DEFINE(delivered, 0, 1000000);

static int produce(void *arg)
{
    (void)arg;
    for (uint32_t number = 0;; number++) {
        (void)kiln_queue_send(&parcels, &number, KILN_FOREVER);
        (void)kiln_task_sleep(KILN_MS(40));
    }
    return 0;
}

static int consume(void *arg)
{
    uint32_t number;
    (void)arg;
    for (;;) {
        (void)kiln_queue_receive(&parcels, &number, KILN_FOREVER);
        (void)kiln_sem_give(&delivered);
        (void)kiln_task_sleep(KILN_MS(100));
    }
    return 0;
}

KILN_TASK_DEFINE(producer, produce, NULL, 3, SMALL_STACK);
KILN_TASK_DEFINE(consumer_a, consume, NULL, 3, SMALL_STACK);
KILN_TASK_DEFINE(consumer_b, consume, NULL, 3, SMALL_STACK);

/* ---- One that computes ----------------------------------------------------------------------- */

/* So that the compiler does not leave it out. Whose step is lost does not matter. */
static uint32_t sum;

void panel_compute(unsigned steps)
{
    uint32_t value = steps;
    for (unsigned i = 0; i < steps; i++) {
        value = value * 1664525U + 1013904223U;
    }
    __atomic_store_n(&sum, value, __ATOMIC_RELAXED);
}

static int work(void *arg)
{
    (void)arg;
    for (;;) {
        panel_compute(2000);
        (void)kiln_task_sleep(KILN_MS(20));
    }
    return 0;
}

KILN_TASK_DEFINE(worker, work, NULL, 2, SMALL_STACK);

/* ---- Two that wait for each other ------------------------------------------------------------ */

KILN_MUTEX_DEFINE(left_fork, KILN_MUTEX_PLAIN);
KILN_MUTEX_DEFINE(right_fork, KILN_MUTEX_PLAIN);

static int dine(void *arg)
{
    bool left_first = arg != NULL;
    (void)kiln_mutex_lock(left_first ? &left_fork : &right_fork, KILN_FOREVER);
    (void)kiln_task_sleep(KILN_MS(10));
    (void)kiln_mutex_lock(left_first ? &right_fork : &left_fork, KILN_FOREVER);
    (void)kiln_mutex_unlock(&left_fork);
    (void)kiln_mutex_unlock(&right_fork);
    return 0;
}

KILN_RUN_ENTRY(kant, dine, NULL, 3, SMALL_STACK);
KILN_RUN_ENTRY(hegel, dine, &left_fork, 3, SMALL_STACK);

static int deadlock(struct kiln_shell_call *call)
{
    if (kiln_task_create(&kant, &kant_def) != KILN_OK ||
        kiln_task_create(&hegel, &hegel_def) != KILN_OK) {
        return kiln_shell_fail(call, "they dine already");
    }
    return 0;
}
KILN_SHELL_COMMAND(deadlock, "", "two tasks take two mutexes in different orders", deadlock);

/* ---- What commands write to `> scratch` ----------------------------------------------------- */

KILN_PIPE_DEFINE(scratch, 64);

static int take(struct kiln_shell_call *call)
{
    char bytes[16];
    int count = kiln_stream_read(&scratch, bytes, sizeof(bytes), KILN_NO_WAIT);
    if (count <= 0) {
        return kiln_shell_fail(call, "nothing was written to scratch");
    }
    for (; count > 0; count = kiln_stream_read(&scratch, bytes, sizeof(bytes), KILN_NO_WAIT)) {
        kiln_shell_write(call, bytes, (size_t)count);
    }
    return 0;
}
KILN_SHELL_COMMAND(take, "", "writes what a command wrote to > scratch", take);

/* ---- The shell ------------------------------------------------------------------------------ */

KILN_SHELL_DEVICE(console, kiln_board_console);
KILN_SHELL_DEFINE(shell, COMMAND_STACK);
/* stack: task stage runs run_stage on shell_stacks[0] */

static int serve(void *arg)
{
    static const char greeting[] = "\r\ntype help for the commands, and Tab to complete a word\r\n";
    struct kiln_stream *terminal = kiln_board_terminal();
    (void)arg;
    (void)kiln_stream_write(terminal, greeting, sizeof(greeting) - 1, KILN_FOREVER);
    kiln_stop(kiln_shell_run(&shell, terminal) & 0xFF);
    return 0;
}

KILN_TASK_DEFINE(server, serve, NULL, 6, SHELL_STACK);

int main(void)
{
    return kiln_start();
}
