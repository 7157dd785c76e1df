/* A program for faults.py: raises lines, receives bytes, looks at pins and at the tick for four
 * seconds, and says what it has seen of each. */
#include <stdio.h>
#include <string.h>

#include "kiln/kiln.h"
#include "lab.h"
#include "posix.h"

#define LINE 3U

static unsigned raised, handled;

/* From the timer's callback, once a tick: it is handled after the tick. */
static void raise_line(struct kiln_timer *timer)
{
    (void)timer;
    raised++;
    posix_irq_raise(LINE);
}
KILN_TIMER_DEFINE(every_tick, raise_line);

static void on_line(void)
{
    handled++;
}

/* ---- Bytes ---------------------------------------------------------------------------------- */

static unsigned received, lost, flipped;

static void on_uart(void)
{
    uint8_t bytes[8];
    memset(bytes, 0x55, sizeof(bytes));
    size_t length = sim_faults_data(SIM_LINE_UART_RECEIVE, bytes, sizeof(bytes));
    received += (unsigned)length;
    lost += (unsigned)(sizeof(bytes) - length);
    for (size_t i = 0; i < length; i++) {
        flipped += (unsigned)__builtin_popcount(bytes[i] ^ 0x55U);
    }
}

static void raise_uart(struct kiln_timer *timer)
{
    (void)timer;
    posix_irq_raise(SIM_LINE_UART_RECEIVE);
}
KILN_TIMER_DEFINE(every_fourth, raise_uart);

/* ---- Pins ----------------------------------------------------------------------------------- */

static uint32_t down = 4;

static void on_buttons(void)
{
    uint32_t now = sim_faults_pins(SIM_LINE_BUTTONS, 4);
    if (now != down) {
        down = now;
        (void)printf("pins 0x%x at %u\n", (unsigned)now, (unsigned)kiln_ticks());
    }
}

/* ---- Ticks ---------------------------------------------------------------------------------- */

static unsigned jumps, longest;
static volatile bool is_over;

/* A tick that comes late comes with others. */
static int watch_ticks(void *arg)
{
    kiln_ticks_t before = kiln_ticks();
    (void)arg;
    while (!is_over) {
        kiln_ticks_t now = kiln_ticks(), jump = now - before;
        jumps += jump > 1;
        longest = jump > longest ? jump : longest;
        before = now;
    }
    return 0;
}

/* Two seconds busy, one idle in between two ticks, one idle throughout. */
static int end(void *arg)
{
    (void)arg;
    (void)kiln_task_sleep(KILN_MS(2000));
    is_over = true;
    (void)kiln_task_sleep(KILN_MS(1000));
    (void)kiln_timer_stop(&every_tick);
    (void)kiln_timer_stop(&every_fourth);
    (void)kiln_task_sleep(KILN_MS(1000));
    (void)printf("line: raised %u, handled %u\n", raised, handled);
    (void)printf("bytes: %u, lost %u, flipped bits %u\n", received, lost, flipped);
    (void)printf("ticks: %u, jumps %u, longest %u\n", (unsigned)kiln_ticks(), jumps, longest);
    kiln_stop(0);
    return 0;
}

KILN_TASK_DEFINE(ender, end, NULL, 5, 1024);
KILN_TASK_DEFINE(watcher, watch_ticks, NULL, 1, 512);

int main(void)
{
    posix_irq_connect(LINE, on_line);
    posix_irq_connect(SIM_LINE_UART_RECEIVE, on_uart);
    posix_irq_connect(SIM_LINE_BUTTONS, on_buttons);
    (void)kiln_timer_start(&every_tick, 1, 1);
    (void)kiln_timer_start(&every_fourth, 4, 4);
    return kiln_start();
}
