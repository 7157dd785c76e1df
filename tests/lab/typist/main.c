/* A program for replay.py with a live device: a helper thread reads standard input and raises a
 * line for each piece; the line's handler queues the bytes, and a task echoes them with the time. A
 * 'q' ends it, an 'R' restarts it. A task of lower priority computes meanwhile, unless
 * TYPIST_ALONE. */
#include <stdio.h>
#include <unistd.h>

#include "input.h"
#include "kiln/kiln.h"
#include "posix.h"

#ifndef TYPIST_ALONE
#define TYPIST_ALONE 0
#endif

#define KEYBOARD_LINE 3

static struct sim_input keyboard KILN_NOINIT;

KILN_QUEUE_DEFINE(keys, sizeof(char), 64);

static void on_keyboard(void)
{
    char bytes[16];
    size_t length = sim_input_take(&keyboard, bytes, sizeof(bytes));
    for (size_t i = 0; i < length; i++) {
        (void)kiln_queue_send(&keys, &bytes[i], KILN_NO_WAIT);
    }
}

static int echo(void *arg)
{
    char key = 0;
    (void)arg;
    (void)fprintf(stderr, "listening\n"); /* a restart has emptied the queue by now */
    while (key != 'q') {
        (void)kiln_queue_receive(&keys, &key, KILN_FOREVER);
        (void)printf("%u ms: %c\n", (unsigned)kiln_ticks(), key >= ' ' ? key : '.');
        if (key == 'R') {
            kiln_reboot();
        }
    }
    (void)fflush(stdout);
    kiln_stop(0);
}

static volatile unsigned work;

static int compute(void *arg)
{
    (void)arg;
    while (!TYPIST_ALONE) {
        for (unsigned i = 0; i < 50000; i++) {
            work = work + i;
        }
        (void)kiln_task_sleep(work % 4);
    }
    return 0;
}

KILN_TASK_DEFINE(echoer, echo, NULL, 5, 1024);
KILN_TASK_DEFINE(worker, compute, NULL, 3, 512);

int main(void)
{
    posix_irq_connect(KEYBOARD_LINE, on_keyboard);
    sim_input_open(&keyboard, STDIN_FILENO, KEYBOARD_LINE, 1);
    return kiln_start();
}
