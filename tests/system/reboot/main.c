/* A program for reboot.py and the boards: restarts itself in every way there is, and says each time
 * why it has started and whether the world is new. */
#include "kiln/kiln.h"

/* 0: every way in turn. Otherwise kiln_reboot() so many times. */
#ifndef REBOOT_TIMES
#define REBOOT_TIMES 0U
#endif

/* The board's own watchdog is there, also in QEMU. */
#ifndef REBOOT_HARDWARE
#define REBOOT_HARDWARE 0
#endif

#define MAGIC UINT32_C(0xB0071234)

static struct {
    uint32_t magic;
    uint32_t boots; /* since power-on */
} survivor KILN_NOINIT;

static uint32_t in_data = 1234;
static uint32_t in_bss;

KILN_SEM_DEFINE(counted, 3, 10);
static struct kiln_sem initialised;
static struct kiln_task child;
KILN_STACK_DEFINE(child_stack, 512);

/* ---- Ways to start over --------------------------------------------------------------------- */

static void on_timer(struct kiln_timer *timer)
{
    (void)timer;
    kiln_reboot();
}
KILN_TIMER_DEFINE(restart_timer, on_timer);

static void from_an_interrupt(void)
{
    (void)kiln_timer_start(&restart_timer, 3, 0);
    (void)kiln_task_sleep(KILN_FOREVER - 1);
}

static volatile uint32_t work;

/* More urgent than this loop is nobody: only the tick gets through. */
static void hang(void)
{
    (void)kiln_watchdog_start(20);
    for (;;) {
        work = work + 1;
    }
}

static void hang_with_the_scheduler_locked(void)
{
    (void)kiln_watchdog_start(5);
    (void)kiln_sched_lock();
    hang();
}

static void panic(void)
{
    (void)kiln_sem_init(&counted, 0, 1);
}

static void fault(void)
{
#if defined(__arm__)
    __asm__ volatile("udf #1");
#else
    static volatile uint32_t *volatile nowhere = (volatile uint32_t *)16;
    *nowhere = 1;
#endif
}

/* Feeding keeps both quiet for longer than either waits; a watch that is stopped is none. */
static void feed(void)
{
    int stopped = kiln_watchdog_stop();
    int started = kiln_watchdog_start(10);
    for (int i = 0; i < 10; i++) {
        (void)kiln_task_sleep(9);
        kiln_watchdog_feed();
    }
    kiln_printf("fed: %d %d %d\n", stopped, started, kiln_watchdog_stop());
    (void)kiln_task_sleep(50);
    kiln_printf("unfed and stopped: %d %d\n", kiln_watchdog_start(0), kiln_watchdog_stop());
    kiln_reboot();
}

/* Where there is none, as before. QEMU makes a sleep with -icount sleep=off twice as long as its
 * ticks, for this watchdog. */
static void hang_with_interrupts_locked(void)
{
    bool has_hardware = REBOOT_HARDWARE && kiln_watchdog_start_hardware(50) == KILN_OK &&
                        kiln_watchdog_start_hardware(50) == KILN_ESTATE;
    for (int i = 0; i < 10 && has_hardware; i++) {
        (void)kiln_task_sleep(20);
        kiln_watchdog_feed();
    }
    if (has_hardware) {
        kiln_printf("fed the hardware's\n");
        (void)kiln_irq_lock();
    }
    hang();
}

static int child_entry(void *arg)
{
    (void)arg;
    kiln_reboot();
    return 0;
}

/* With a task in the middle of a wait, a mutex held, an object initialised. */
static void from_a_busy_world(void)
{
    static const struct kiln_task_def def = {.entry = child_entry,
                                             .stack = child_stack,
                                             .stack_bytes = sizeof(child_stack),
                                             .name = "child"};
    (void)kiln_sem_init(&initialised, 0, 1);
    (void)kiln_sem_take(&counted, KILN_NO_WAIT);
    (void)kiln_task_create(&child, &def);
    (void)kiln_sem_take(&initialised, KILN_FOREVER);
}

static void end(void)
{
    kiln_stop(0);
}

static void (*const ways[])(void) = {kiln_reboot,
                                     from_an_interrupt,
                                     NULL /* out of main() */,
                                     from_a_busy_world,
                                     hang,
                                     hang_with_the_scheduler_locked,
                                     panic,
                                     fault,
                                     fault,
                                     feed,
                                     hang_with_interrupts_locked,
                                     end};

/* ---- What a start finds --------------------------------------------------------------------- */

static void count_boot(void)
{
    if (survivor.magic != MAGIC) {
        survivor.magic = MAGIC;
        survivor.boots = 0;
    } else {
        survivor.boots++;
    }
}

static bool is_world_new(void)
{
    bool is_new = in_data == 1234 && in_bss == 0 && kiln_uptime_us() == 0 &&
                  kiln_uptime_ticks() == KILN_CFG_START_TICKS && initialised.tag == NULL &&
                  kiln_sem_count(&counted) == 3 && !kiln_timer_active(&restart_timer);
    in_data = 99;
    in_bss = 1;
    return is_new;
}

/* Time that the app takes to start is not the kernel's. */
static void start_slowly(void)
{
    for (work = 0; work < 300000;) {
        work = work + 1;
    }
}

/* Asleep or busy: an interrupt that a restart has cut short is none the less the last one's end. */
static void let_pass(kiln_ticks_t ticks)
{
    kiln_ticks_t start = kiln_ticks();
    if (survivor.boots % 2 != 0 || REBOOT_TIMES != 0) {
        (void)kiln_task_sleep(ticks);
    }
    while (kiln_ticks() - start < ticks) {
        work = work + 1;
    }
}

static int run(void *arg)
{
    (void)arg;
    let_pass(5);
    kiln_printf("boot %u at %u ticks\n", (unsigned)survivor.boots,
                (unsigned)(kiln_ticks() - (kiln_ticks_t)KILN_CFG_START_TICKS));
    if (REBOOT_TIMES == 0) {
        ways[survivor.boots]();
    } else if (survivor.boots == REBOOT_TIMES) {
        kiln_stop(0);
    }
    kiln_reboot();
    return 0;
}

KILN_TASK_DEFINE(runner, run, NULL, 5, 1024);

int main(void)
{
    count_boot();
    kiln_printf("boot %u: %s, %s\n", (unsigned)survivor.boots,
                kiln_reset_cause_name(kiln_reset_cause()), is_world_new() ? "new" : "NOT NEW");
    if (REBOOT_TIMES != 0) {
        return kiln_start();
    }
    if (survivor.boots >= sizeof(ways) / sizeof(ways[0])) {
        kiln_stop(3);
    }
    if (ways[survivor.boots] == NULL) {
        kiln_reboot();
    }
    start_slowly();
    return kiln_start();
}
