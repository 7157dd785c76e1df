/* Coroutines that wait for a device. */
#include "async_cases.h"

#if ASYNC_CASES

#define GROUP "async"

static struct kiln_waker waker;

static uint32_t device; /* what it has; written with interrupts locked */

static int take_from_device(uint32_t *got)
{
    unsigned key = kiln_irq_lock();
    int result = device == 0 ? KILN_EAGAIN : KILN_OK;
    if (device != 0) {
        *got += 1;
        device--;
    }
    kiln_irq_unlock(key);
    return result;
}

static void device_interrupt(void)
{
    device++;
    CHECK_OK(kiln_waker_wake(&waker));
}

static enum kiln_async_step reads(struct kiln_async *async)
{
    SELF;
    KILN_ASYNC_BEGIN(async);
    while (self->count > 0) {
        KILN_AWAIT_POLL(async, &waker, take_from_device(&self->item), self->ticks);
        self->result = kiln_await_result(async);
        test_mark(self->result == KILN_OK ? self->letter : '-');
        self->count--;
    }
    KILN_ASYNC_END(async);
}

static void start_reader(unsigned n, int count, kiln_ticks_t ticks)
{
    async_frames[n].count = count;
    async_frames[n].item = 0;
    async_frames[n].ticks = ticks;
    (void)async_start(n, reads);
}

CASE(a_device_wakes_who_polls_it)
{
    CHECK_OK(kiln_waker_init(&waker));
    start_reader(0, 2, KILN_FOREVER);
    test_irq_after(2, device_interrupt);
    test_irq_after(4, device_interrupt);
    async_run();
    CHECK_LOG("aa");
    CHECK_OK(kiln_waker_wake(&waker)); /* remembered; there is nothing all the same */
    start_reader(0, 1, 3);
    start_reader(1, 1, KILN_NO_WAIT);
    async_run();
    CHECK_LOG("--");
    CHECK_EQ(async_frames[0].result, KILN_ETIMEOUT);
    CHECK_EQ(async_frames[1].result, KILN_EAGAIN);
    CHECK_OK(kiln_waker_destroy(&waker));
}

CASE_IF(the_time_of_a_poll_is_that_of_all_its_rounds, TEST_EXACT)
{
    CHECK_OK(kiln_waker_init(&waker));
    test_align();
    kiln_ticks_t began = kiln_ticks();
    for (kiln_ticks_t after = 1; after <= 4; after++) {
        test_irq_after(after, device_interrupt);
    }
    start_reader(0, 5, 4);
    async_run();
    CHECK_LOG("aaaa-");
    CHECK_EQ(kiln_ticks() - began, 8);
    CHECK_OK(kiln_waker_destroy(&waker));
}

static void wake_without_anything(void)
{
    CHECK_OK(kiln_waker_wake(&waker));
}

CASE_IF(wake_ups_for_nothing_do_not_prolong_a_poll, TEST_EXACT)
{
    CHECK_OK(kiln_waker_init(&waker));
    test_align();
    kiln_ticks_t began = kiln_ticks();
    for (kiln_ticks_t after = 1; after <= 4; after++) {
        test_irq_after(after, wake_without_anything);
    }
    start_reader(0, 1, 5);
    async_run();
    CHECK_LOG("-");
    CHECK_EQ(kiln_ticks() - began, 5);
    CHECK_OK(kiln_waker_destroy(&waker));
}

static void two_at_once(void)
{
    device += 2;
    CHECK_OK(kiln_waker_wake(&waker));
}

CASE(one_wake_up_for_two_things_reaches_two_readers)
{
    CHECK_OK(kiln_waker_init(&waker));
    start_reader(0, 1, KILN_FOREVER);
    start_reader(1, 1, KILN_FOREVER);
    test_irq_after(2, two_at_once);
    async_run();
    CHECK_LOG("ab");
    CHECK_OK(kiln_waker_destroy(&waker));
}

#endif
