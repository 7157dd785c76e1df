/* Interrupt sweep: what looks at the kernel and what formats text. */
#include "sweep.h"

KILN_SEM_DEFINE(shown_sem, 0, 1);
KILN_MUTEX_DEFINE(shown_mutex, KILN_MUTEX_PLAIN);
KILN_FLAGS_DEFINE(shown_flags);
KILN_QUEUE_DEFINE(shown_queue, 4, 1);
KILN_POOL_DEFINE(shown_pool, 4, 1);

static void ignore(struct kiln_timer *timer)
{
    (void)timer;
}

KILN_TIMER_DEFINE(shown_timer, ignore);

/* ---- Time ------------------------------------------------------------------------------------ */

/* With a tick that is due and not counted, and without. */
SCENARIO(look_at_time)
{
    sweep_open();
    uint64_t us = kiln_uptime_us();
    unsigned key = kiln_irq_lock();
    tick_now();
    CHECK(kiln_uptime_us() >= us);
    kiln_irq_unlock(key);
    CHECK_EQ((kiln_ticks_t)kiln_uptime_ticks(), kiln_ticks());
    CHECK(!kiln_in_isr());
    sweep_close();
}

/* ---- Tasks ----------------------------------------------------------------------------------- */

static void wait_for_flags(void)
{
    CHECK_EQ(kiln_flags_wait(&shown_flags, 1, KILN_FLAGS_CLEAR, NULL, KILN_FOREVER), KILN_OK);
}

static void wait_to_send(void)
{
    uint32_t item = 0;
    CHECK_OK(kiln_queue_send(&shown_queue, &item, KILN_FOREVER));
}

static enum kiln_wait wait_of_high(const void **object)
{
    struct kiln_task_info info;
    CHECK_OK(kiln_task_get_info(helper_task(&high), &info));
    *object = info.wait_object;
    return info.wait_kind;
}

SCENARIO(look_at_tasks)
{
    struct kiln_task_info info;
    sweep_open();
    struct kiln_task *idle = kiln_task_next(NULL);
    CHECK(kiln_task_next(idle) != NULL);
    CHECK_OK(kiln_task_get_info(idle, &info));
    CHECK(kiln_task_state_name(info.state) != NULL);
    CHECK_OK(kiln_task_get_info(kiln_task_self(), &info));
    CHECK_EQ(info.state, KILN_TASK_RUNNING);
    CHECK_EQ(kiln_task_get_info(helper_task(&high), NULL), KILN_EINVAL);
    sweep_close();
}

static int end(void *arg)
{
    (void)arg;
    return 0;
}

static enum kiln_task_state state_of_victim(void)
{
    struct kiln_task_info info;
    CHECK_OK(kiln_task_get_info(&victim, &info));
    return info.state;
}

/* With a small stack: looking measures it, word by word. */
SCENARIO(look_at_states)
{
    static uint64_t stack[PORT_STACK_MIN / 8];
    struct kiln_task_def def = {
        .entry = end, .stack = stack, .stack_bytes = sizeof(stack), .priority = LOW_PRIO};
    CHECK_OK(kiln_task_init(&victim, &def));
    sweep_open();
    CHECK_EQ(state_of_victim(), KILN_TASK_NEW);
    CHECK_OK(kiln_task_start(&victim));
    CHECK_EQ(state_of_victim(), KILN_TASK_READY);
    CHECK_OK(kiln_task_suspend(&victim));
    CHECK_EQ(state_of_victim(), KILN_TASK_SUSPENDED);
    CHECK_OK(kiln_task_kill(&victim, 0));
    CHECK_EQ(state_of_victim(), KILN_TASK_TERMINATED);
    sweep_close();
}

SCENARIO(look_at_wait_for_flags)
{
    const void *object;
    helper_start(&high, wait_for_flags);
    sweep_open();
    CHECK_EQ(wait_of_high(&object), KILN_WAIT_FLAGS);
    sweep_close();
    CHECK(object == &shown_flags);
    CHECK_OK(kiln_flags_set(&shown_flags, 1));
    helper_wait(&high);
}

SCENARIO(look_at_wait_to_send)
{
    uint32_t item = 0;
    const void *object;
    wait_to_send();
    helper_start(&high, wait_to_send);
    sweep_open();
    CHECK_EQ(wait_of_high(&object), KILN_WAIT_QUEUE_SEND);
    sweep_close();
    CHECK(object == &shown_queue);
    CHECK_OK(kiln_queue_receive(&shown_queue, &item, KILN_NO_WAIT));
    CHECK_OK(kiln_queue_receive(&shown_queue, &item, KILN_NO_WAIT));
    helper_wait(&high);
}

/* ---- Text ------------------------------------------------------------------------------------ */

SCENARIO(print)
{
    sweep_open();
    (void)kiln_printf("\n");
    sweep_close();
}

SCENARIO(print_formats)
{
    char text[64];
    sweep_open();
    (void)kiln_snprintf(text, sizeof(text), "%-3s|%03u|%+d|% i", "a", 7U, -8, 9);
    (void)kiln_snprintf(text, sizeof(text), "%#x%X%o%c%%%p", 1U, 0xABU, 8U, 'c', (void *)text);
    (void)kiln_snprintf(text, sizeof(text), "%*d%.2s%.*u", -4, 1, "abc", 3, 2U);
    (void)kiln_snprintf(text, 4, "%hd%hhu%ld%lld%zu", (short)1, (unsigned char)2, 3L, 4LL,
                        (size_t)5);
    sweep_close();
    CHECK_EQ(text[0], '1');
}

SCENARIO(trace_formats)
{
    const struct {
        uint8_t event;
        const void *object;
    } events[] = {{KILN_TRACE_TASK_START, helper_task(&high)},
                  {KILN_TRACE_SEM_GIVE, &shown_sem},
                  {KILN_TRACE_MUTEX_LOCK, &shown_mutex},
                  {KILN_TRACE_QUEUE_SEND, &shown_queue},
                  {KILN_TRACE_FLAGS_SET, &shown_flags},
                  {KILN_TRACE_POOL_ALLOC, &shown_pool},
                  {KILN_TRACE_TIMER_START, &shown_timer},
                  {KILN_TRACE_BLOCK, helper_task(&high)},
                  {KILN_TRACE_WAKE, helper_task(&high)},
                  {KILN_TRACE_ISR_ENTER, NULL},
                  {KILN_TRACE_EVENT_COUNT, NULL}};
    char line[40];
    sweep_open();
    for (unsigned i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        (void)kiln_trace_format(line, sizeof(line), (enum kiln_trace_event)events[i].event,
                                events[i].object, (uintptr_t)0 - i);
    }
    sweep_close();
}
