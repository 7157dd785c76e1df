/* The text of every trace event, and that the kernel reports what it does. */
#include "unit.h"

#include "core/async.h"

static char line[80];

static const char *text_of(enum kiln_trace_event event, const void *object, uintptr_t value)
{
    size_t length = kiln_trace_format(line, sizeof(line), event, object, value);
    assert_int_equal(length, strlen(line));
    return line;
}

/* An event, the object that it is about and its value make this text. */
#define EXPECT(event, object, value, text) \
    assert_string_equal(text_of(KILN_TRACE_##event, object, value), text)

#if KILN_CFG_NAMES
#define NAME(name) name
#else
#define NAME(name) "?"
#endif

static void task_events_read_well(void **state)
{
    (void)state;
    const struct kiln_task *task = create(0, 0);
    EXPECT(TASK_START, task, 7, "start " NAME("task0") " 7");
    EXPECT(TASK_END, task, (uintptr_t)-3, "end " NAME("task0") " -3");
    EXPECT(TASK_END, task, (uintptr_t)INT32_MIN, "end " NAME("task0") " -2147483648");
    EXPECT(TASK_SUSPEND, task, 9, "suspend " NAME("task0"));
    EXPECT(TASK_RESUME, task, 9, "resume " NAME("task0"));
    EXPECT(TASK_PRIORITY, task, 5, "priority " NAME("task0") " 5");
    EXPECT(SWITCH, task, 5, "switch " NAME("task0"));
    EXPECT(BLOCK, task, KILN_WAIT_QUEUE_SEND, "block " NAME("task0") " queue-send");
    EXPECT(BLOCK, task, 99, "block " NAME("task0") " ?");
    EXPECT(WAKE, task, (uintptr_t)KILN_ETIMEOUT, "wake " NAME("task0") " KILN_ETIMEOUT");
    EXPECT(WAKE, task, 0, "wake " NAME("task0") " KILN_OK");
}

#if KILN_CFG_ASYNC && KILN_CFG_CHECKS
static enum kiln_async_step never_called(struct kiln_async *async)
{
    (void)async;
    return KILN_ASYNC_ENDS;
}

/* A waiter that is no task: of another kind, and of no task's name. */
static void a_coroutine_wakes_under_its_own_name(void **state)
{
    (void)state;
    static struct kiln_executor executor;
    static struct kiln_async async;
    memset(&executor, 0, sizeof(executor));
    memset(&async, 0, sizeof(async));
    assert_int_equal(kiln_executor_init(&executor), KILN_OK);
    assert_int_equal(kiln_async_start(&async, &executor, never_called, "echo"), KILN_OK);
    EXPECT(WAKE, k_waiter_of(&async), 0, "async-wake " NAME("echo") " KILN_OK");
}
#endif

/* KILN_WAIT_STREAM_WRITE is the last kind: a table that fell behind the enum would show here. */
static void every_kind_of_wait_has_its_name(void **state)
{
    (void)state;
    const struct kiln_task *task = create(0, 0);
    static const struct {
        enum kiln_wait kind;
        const char *name;
    } waits[] = {{KILN_WAIT_NONE, "none"},
                 {KILN_WAIT_SLEEP, "sleep"},
                 {KILN_WAIT_SEM, "sem"},
                 {KILN_WAIT_MUTEX, "mutex"},
                 {KILN_WAIT_QUEUE_RECEIVE, "queue-receive"},
                 {KILN_WAIT_FLAGS, "flags"},
                 {KILN_WAIT_POOL, "pool"},
                 {KILN_WAIT_JOIN, "join"},
                 {KILN_WAIT_EXECUTOR, "executor"},
                 {KILN_WAIT_ASYNC, "async"},
                 {KILN_WAIT_WAKER, "waker"},
                 {KILN_WAIT_STREAM_READ, "stream-read"},
                 {KILN_WAIT_STREAM_WRITE, "stream-write"}};
    for (unsigned n = 0; n < COUNT_OF(waits); n++) {
        const char *text = text_of(KILN_TRACE_BLOCK, task, waits[n].kind);
        assert_string_equal(strrchr(text, ' ') + 1, waits[n].name);
    }
}

#if KILN_CFG_STREAM
KILN_PIPE_DEFINE(hose, 4);

static void stream_events_read_well(void **state)
{
    (void)state;
    EXPECT(STREAM_READ, &hose, 3, "stream-read " NAME("hose") " 3");
    EXPECT(STREAM_WRITE, &hose, 0, "stream-write " NAME("hose") " 0");
    EXPECT(STREAM_RECEIVE, &hose, 1, "stream-receive " NAME("hose") " 1");
    EXPECT(STREAM_CLOSE, &hose, 1, "stream-close " NAME("hose"));
}
#endif

static void other_events_read_well(void **state)
{
    (void)state;
    EXPECT(ISR_ENTER, NULL, 15, "isr-enter 15");
    EXPECT(ISR_EXIT, NULL, 0, "isr-exit 0");
    EXPECT(EVENT_COUNT, NULL, 3, "? 3");
    assert_string_equal(text_of((enum kiln_trace_event)1000, NULL, 3), "? 3");
}

#if KILN_CFG_SEM && KILN_CFG_MUTEX && KILN_CFG_QUEUE && KILN_CFG_FLAGS && KILN_CFG_POOL && \
    KILN_CFG_TIMER
static void on_timer(struct kiln_timer *timer)
{
    (void)timer;
}

KILN_SEM_DEFINE(slots, 1, 9);
KILN_MUTEX_DEFINE(door, KILN_MUTEX_PLAIN);
KILN_QUEUE_DEFINE(mail, 4, 2);
KILN_FLAGS_DEFINE(lamps);
KILN_POOL_DEFINE(bricks, 8, 2);
KILN_TIMER_DEFINE(clock_, on_timer);

static void object_events_read_well(void **state)
{
    (void)state;
    EXPECT(SEM_TAKE, &slots, 3, "sem-take " NAME("slots") " 3");
    EXPECT(SEM_GIVE, &slots, 0, "sem-give " NAME("slots") " 0");
    EXPECT(MUTEX_LOCK, &door, 3, "mutex-lock " NAME("door"));
    EXPECT(MUTEX_UNLOCK, &door, 3, "mutex-unlock " NAME("door"));
    EXPECT(QUEUE_SEND, &mail, 1, "queue-send " NAME("mail") " 1");
    EXPECT(QUEUE_RECEIVE, &mail, 1, "queue-receive " NAME("mail") " 1");
    EXPECT(FLAGS_SET, &lamps, 0x80000001, "flags-set " NAME("lamps") " 0x80000001");
    EXPECT(FLAGS_WAIT, &lamps, 0x10, "flags-wait " NAME("lamps") " 0x10");
    EXPECT(FLAGS_SET, &lamps, 0, "flags-set " NAME("lamps") " 0x0");
    EXPECT(POOL_ALLOC, &bricks, 2, "pool-alloc " NAME("bricks") " 2");
    EXPECT(POOL_FREE, &bricks, 1, "pool-free " NAME("bricks") " 1");
    EXPECT(TIMER_START, &clock_, 100, "timer-start " NAME("clock_") " 100");
    EXPECT(TIMER_STOP, &clock_, 0, "timer-stop " NAME("clock_"));
    EXPECT(TIMER_EXPIRE, &clock_, 0, "timer-expire " NAME("clock_"));
}

#if KILN_CFG_TRACE
/* The last events, oldest first. */
static void expect_events(const enum kiln_trace_event *events, unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        assert_int_equal(fake_last_event(count - n)->event, events[n]);
    }
}

static void the_kernel_reports_what_it_does(void **state)
{
    (void)state;
    NEED_PRIORITIES(4);
    static const enum kiln_trace_event created[] = {KILN_TRACE_TASK_START, KILN_TRACE_SWITCH};
    (void)create(0, 3);
    expect_events(created, COUNT_OF(created));
    assert_ptr_equal(fake_last_event(1)->object, &tasks[0]);
    assert_int_equal(kiln_sem_take(&slots, 0), KILN_OK);
    assert_int_equal(fake_last_event(1)->value, 1); /* the count before */
    static const enum kiln_trace_event waited[] = {KILN_TRACE_SEM_TAKE, KILN_TRACE_BLOCK,
                                                   KILN_TRACE_SWITCH};
    assert_int_equal(play_sem_take(&slots, 5), BLOCKED);
    expect_events(waited, COUNT_OF(waited));
    assert_int_equal(fake_last_event(2)->value, KILN_WAIT_SEM);
    static const enum kiln_trace_event woken[] = {KILN_TRACE_SEM_GIVE, KILN_TRACE_WAKE,
                                                  KILN_TRACE_SWITCH};
    assert_int_equal(kiln_sem_give(&slots), KILN_OK);
    expect_events(woken, COUNT_OF(woken));
    assert_int_equal((int)fake_last_event(2)->value, KILN_OK);
    assert_int_equal(play_return(&tasks[0]), KILN_OK);
    assert_int_equal(kiln_sem_give(&slots), KILN_OK); /* as it was */
    static const enum kiln_trace_event ended[] = {KILN_TRACE_TASK_END, KILN_TRACE_SWITCH};
    assert_int_equal(play_exit(11), BLOCKED);
    expect_events(ended, COUNT_OF(ended));
    assert_int_equal(fake_last_event(2)->value, 11);
}

static void handler(void)
{
    kiln_trace_isr_enter(4);
    kiln_trace_isr_exit(4);
}

static void interrupts_report_themselves(void **state)
{
    (void)state;
    fake_interrupt(handler);
    assert_int_equal(fake_last_event(2)->event, KILN_TRACE_ISR_ENTER);
    assert_int_equal(fake_last_event(1)->event, KILN_TRACE_ISR_EXIT);
    assert_int_equal(fake_last_event(1)->value, 4);
}
#endif
#endif

static void long_lines_are_cut(void **state)
{
    (void)state;
    char text[8] = "abcdefg";
    const struct kiln_task *task = create(0, 0);
    assert_int_equal(kiln_trace_format(text, 0, KILN_TRACE_SWITCH, task, 0), 0);
    assert_string_equal(text, "abcdefg");
    assert_int_equal(kiln_trace_format(text, 1, KILN_TRACE_SWITCH, task, 0), 0);
    assert_string_equal(text, "");
    assert_int_equal(kiln_trace_format(text, 5, KILN_TRACE_SWITCH, task, 0), 4);
    assert_string_equal(text, "swit");
}

#define SETUP unit_setup

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(task_events_read_well),
        TEST(every_kind_of_wait_has_its_name),
#if KILN_CFG_ASYNC && KILN_CFG_CHECKS
        TEST(a_coroutine_wakes_under_its_own_name),
#endif
        TEST(other_events_read_well),
#if KILN_CFG_STREAM
        TEST(stream_events_read_well),
#endif
#if KILN_CFG_SEM && KILN_CFG_MUTEX && KILN_CFG_QUEUE && KILN_CFG_FLAGS && KILN_CFG_POOL && \
    KILN_CFG_TIMER
        TEST(object_events_read_well),
#if KILN_CFG_TRACE
        TEST(the_kernel_reports_what_it_does),
        TEST(interrupts_report_themselves),
#endif
#endif
        TEST(long_lines_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
