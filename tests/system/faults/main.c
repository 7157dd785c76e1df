/* A program for faults.py: does the wrong that `wrong_case` says, on a board. Each must end with
 * one line that says what happened and in which task, and with exit status 1. */
#include "kiln/kiln.h"

/* Written by the emulator before the reset, where the start-up code leaves the RAM alone. */
extern volatile uint32_t wrong_case;
volatile uint32_t wrong_case __attribute__((section(".bss.kiln_stacks")));

KILN_SEM_DEFINE(wrong_sem, 0, 1);

/* Writes over all of its stack and a little more, as a deep call would, and then switches. */
static void overflow_stack(void)
{
    volatile uint8_t deep[1024];
    for (size_t i = 0; i < sizeof(deep); i++) {
        deep[i] = (uint8_t)i;
    }
    (void)kiln_task_sleep(1);
    (void)deep[0];
}

static void execute_nothing(void)
{
    __asm__ volatile("udf #1");
}

/* An interrupt prints while a task's text is half out; then the task's own goes wrong. */
static void on_tick(struct kiln_timer *timer)
{
    (void)timer;
    (void)kiln_printf("from the interrupt\n");
}

KILN_TIMER_DEFINE(tick_timer, on_tick);

static void print_from_nowhere(void)
{
    (void)kiln_timer_start(&tick_timer, 1, 0);
    (void)kiln_printf("half a text %4000d, and then %s\n", 1, (const char *)0xB0000000U);
}

static int guilty_entry(void *arg)
{
    (void)arg;
    switch (wrong_case) {
    case 1:
        (void)kiln_sem_init(&wrong_sem, 0, 1);
        break;
    case 2:
        overflow_stack();
        break;
    case 3:
        execute_nothing();
        break;
    case 4:
        (void)kiln_sem_give(NULL);
        break;
    case 5:
        print_from_nowhere();
        break;
    default:
        break;
    }
    kiln_stop(0);
}

/* Below the guilty one's, so that what runs over the end of that runs into this. */
KILN_STACK_DEFINE(room_below, 1024);
KILN_TASK_DEFINE(guilty_task, guilty_entry, NULL, 1, 512);

int main(void)
{
    room_below[0] = 1;
    return kiln_start();
}
