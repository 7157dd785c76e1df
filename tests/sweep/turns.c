/* Interrupt sweep: whose turn it is: yielding, sleep, locks; and what a switch keeps. */
#include "sweep.h"

KILN_SEM_DEFINE(barrier, 0, 1);

static int yield_twice(void *arg)
{
    (void)arg;
    CHECK_OK(kiln_task_yield());
    CHECK_OK(kiln_task_yield());
    return 0;
}

/* ---- Giving way, and sleep ------------------------------------------------------------------- */

SCENARIO(task_yield)
{
    victim_init(yield_twice, SWEEP_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    sweep_open();
    CHECK_OK(kiln_task_yield());
    CHECK_OK(kiln_task_yield());
    CHECK_OK(kiln_task_yield());
    CHECK_OK(kiln_task_yield());
    sweep_close();
    victim_ended(0);
}

SCENARIO(task_sleep)
{
    helper_start(&low, tick_now);
    sweep_open();
    CHECK_OK(kiln_task_sleep(1));
    CHECK_OK(kiln_task_sleep(0));
    sweep_close();
    helper_wait(&low);
}

SCENARIO(task_sleep_until)
{
    kiln_ticks_t wake = kiln_ticks();
    helper_start(&low, tick_now);
    sweep_open();
    CHECK_OK(kiln_task_sleep_until(&wake, 1));
    CHECK_OK(kiln_task_sleep_until(&wake, 0));
    wake--;
    CHECK_EQ(kiln_task_sleep_until(&wake, 0), KILN_ETIMEOUT);
    CHECK_EQ(wake + 1, kiln_ticks());
    sweep_close();
    helper_wait(&low);
}

static volatile bool is_enough;

static int spin(void *arg)
{
    (void)arg;
    while (!is_enough) {
    }
    return 7;
}

/* Two tasks of one priority, a slice of one tick: the tick's interrupt changes turns. */
SCENARIO(task_slice)
{
    is_enough = false;
    victim_init(spin, SWEEP_PRIO);
    CHECK_OK(kiln_task_start(&victim));
    sweep_open();
    CHECK_OK(kiln_task_set_slice(kiln_task_self(), 2));
    tick_now();
    is_enough = true;
    tick_now();
    CHECK_OK(kiln_task_set_slice(kiln_task_self(), 0));
    sweep_close();
    victim_ended(7);
}

/* Everything sleeps, and the interrupt ends that. */
SCENARIO_WAITS(task_idle, NULL, 400)
{
    kiln_ticks_t start = kiln_ticks();
    sweep_open();
    CHECK_OK(kiln_task_sleep(1));
    sweep_close();
    CHECK_EQ(kiln_ticks() - start, 1);
}

/* Two of the idle task's priority: it lets the other run first. */
SCENARIO(task_beside_idle)
{
    int code = -1;
    victim_init(yield_twice, KILN_PRIORITY_MIN);
    CHECK_OK(kiln_task_start(&victim));
    sweep_open();
    CHECK_OK(kiln_task_join(&victim, &code, KILN_FOREVER));
    sweep_close();
    CHECK_EQ(code, 0);
}

/* ---- Locks ----------------------------------------------------------------------------------- */

static void pass_barrier(void)
{
    CHECK_OK(kiln_sem_take(&barrier, KILN_FOREVER));
}

SCENARIO(lock_of_the_scheduler)
{
    helper_start(&high, pass_barrier);
    sweep_open();
    CHECK_OK(kiln_sched_lock());
    CHECK_OK(kiln_sem_give(&barrier));
    CHECK_EQ(kiln_task_sleep(1), KILN_ELOCKED);
    CHECK_EQ(kiln_task_yield(), KILN_ELOCKED);
    CHECK_OK(kiln_sched_unlock());
    CHECK_EQ(kiln_sched_unlock(), KILN_ESTATE);
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
}

SCENARIO(lock_of_interrupts)
{
    helper_start(&high, pass_barrier);
    sweep_open();
    unsigned key = kiln_irq_lock();
    CHECK_OK(kiln_sem_give(&barrier));
    CHECK_EQ(kiln_sem_take(&barrier, KILN_FOREVER), KILN_ELOCKED);
    CHECK_EQ(kiln_sem_take(&barrier, 1), KILN_ELOCKED);
    kiln_irq_unlock(key);
    CHECK(helper_is_done(&high));
    sweep_close();
    helper_wait(&high);
}

/* ---- Registers ------------------------------------------------------------------------------- */

uint32_t hold_registers(void);

SCENARIO(registers_stay)
{
    sweep_open();
    uint32_t changed = hold_registers();
    sweep_close();
    CHECK_EQ(changed, 0);
}

#if defined(__ARM_FP)
uint32_t hold_fp_registers(const uint32_t *from);

SCENARIO(fp_registers_stay)
{
    uint32_t words[33];
    for (unsigned i = 0; i < 33; i++) {
        words[i] = i < 32 ? 0x40000000U + i : 1U << 22;
    }
    sweep_open();
    uint32_t changed = hold_fp_registers(words);
    sweep_close();
    CHECK_EQ(changed, 0);
}
#endif
