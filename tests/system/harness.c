/* System tests: the runner, its tasks and objects. See harness.h. */
#include <string.h>

#include "core/kernel.h"
#include "diag/check.h"
#include "harness.h"

#if !KILN_CFG_PRINT || !KILN_CFG_TIMER
#error "the system tests print, and bring interrupts with timers"
#endif
KILN_STATIC_ASSERT(KILN_CFG_PRIORITIES >= 24, "the system tests use priorities up to 23");

#if defined(__ARM_FP)
#define WORKER_STACK_BYTES 768
#else
#define WORKER_STACK_BYTES 480
#endif

/* A case that is not over by then hangs. */
#define CASE_TICKS_MAX KILN_MS(60000)

#define FAILURES_KEPT 6
#define LOG_MAX       64

struct failure {
    const char *file, *what;
    const char *text; /* instead of the values, for a log */
    long long actual, expected;
    int line;
};

struct later {
    struct kiln_timer timer;
    void (*fn)(void);
};

/* Everything a case can leave behind. Written by tasks and interrupts alike, with interrupts
 * masked; the controller alone reads it, when the case's tasks are gone. */
static struct {
    struct failure failures[FAILURES_KEPT];
    unsigned failed; /* may exceed FAILURES_KEPT */
    unsigned task_count;
    struct later later[TEST_LATER];
    char log[LOG_MAX];
    char log_seen[LOG_MAX]; /* the log that was wrong, for the failure's text */
    unsigned log_length;
    const struct test_case *running;
    unsigned number;
} test;

static struct kiln_task workers[TEST_TASKS];
static uint64_t worker_stacks[TEST_TASKS][WORKER_STACK_BYTES / 8];

extern const struct test_case __start_test_cases[], __stop_test_cases[];

/* ---- Checks -------------------------------------------------------------------------------- */

static void note(const struct failure *failure)
{
    unsigned key = kiln_irq_lock();
    if (test.failed < FAILURES_KEPT) {
        test.failures[test.failed] = *failure;
    }
    test.failed++;
    kiln_irq_unlock(key);
}

void test_fail(const char *file, int line, const char *what, long long actual, long long expected)
{
    struct failure failure = {
        .file = file, .what = what, .actual = actual, .expected = expected, .line = line};
    note(&failure);
}

void test_fail_text(const char *what, const char *text)
{
    struct failure failure = {.file = "harness", .what = what, .text = text};
    note(&failure);
}

void test_mark(char letter)
{
    unsigned key = kiln_irq_lock();
    if (test.log_length < LOG_MAX - 1) {
        test.log[test.log_length++] = letter;
    }
    kiln_irq_unlock(key);
}

void test_check_log(const char *file, int line, const char *expected)
{
    unsigned key = kiln_irq_lock();
    test.log[test.log_length] = '\0';
    test.log_length = 0;
    bool same = strcmp(test.log, expected) == 0;
    if (!same) {
        memcpy(test.log_seen, test.log, LOG_MAX);
    }
    kiln_irq_unlock(key);
    if (!same) {
        struct failure failure = {
            .file = file, .what = expected, .text = test.log_seen, .line = line};
        note(&failure);
    }
}

/* ---- Tasks --------------------------------------------------------------------------------- */

static void init_worker(unsigned index, kiln_task_fn entry, void *arg, unsigned priority)
{
    static const char *const names[TEST_TASKS] = {"w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7"};
    struct kiln_task_def def = {.entry = entry,
                                .arg = arg,
                                .stack = worker_stacks[index],
                                .stack_bytes = WORKER_STACK_BYTES,
                                .name = names[index],
                                .priority = (uint8_t)priority};
    CHECK_OK(kiln_task_init(&workers[index], &def));
}

struct kiln_task *test_new_task(kiln_task_fn entry, void *arg, unsigned priority)
{
    if (test.task_count == TEST_TASKS) {
        kiln_panic("a case creates too many tasks", NULL, NULL);
    }
    unsigned index = test.task_count++;
    init_worker(index, entry, arg, priority);
    return &workers[index];
}

struct kiln_task *test_task(kiln_task_fn entry, void *arg, unsigned priority)
{
    struct kiln_task *task = test_new_task(entry, arg, priority);
    CHECK_OK(kiln_task_start(task));
    return task;
}

void test_task_again(struct kiln_task *task, kiln_task_fn entry, void *arg, unsigned priority)
{
    init_worker((unsigned)(task - workers), entry, arg, priority);
    CHECK_OK(kiln_task_start(task));
}

struct kiln_task *test_sliced_task(kiln_task_fn entry, void *arg, unsigned priority,
                                   kiln_ticks_t slice_ticks)
{
    struct kiln_task *task = test_new_task(entry, arg, priority);
#if KILN_CFG_SLICE
    CHECK_OK(kiln_task_set_slice(task, slice_ticks));
#else
    (void)slice_ticks;
#endif
    CHECK_OK(kiln_task_start(task));
    return task;
}

int test_mark_arg(void *arg)
{
    test_mark((char)ARG_INT(arg));
    return 0;
}

int test_sleep_long(void *arg)
{
    (void)arg;
    CHECK_OK(kiln_task_sleep(KILN_MS(20000)));
    test_mark('!');
    return 0;
}

enum kiln_task_state test_state(const struct kiln_task *task)
{
    struct kiln_task_info info;
    CHECK_OK(kiln_task_get_info(task, &info));
    return info.state;
}

enum kiln_wait test_wait_kind(const struct kiln_task *task)
{
    struct kiln_task_info info;
    CHECK_OK(kiln_task_get_info(task, &info));
    return info.wait_kind;
}

#define JOIN_TICKS_MAX KILN_MS(30000)

void test_join_all(void)
{
    for (unsigned i = 0; i < test.task_count; i++) {
#if KILN_CFG_JOIN
        CHECK_OK(kiln_task_join(&workers[i], NULL, JOIN_TICKS_MAX));
#else
        for (kiln_ticks_t start = kiln_ticks(); test_state(&workers[i]) != KILN_TASK_TERMINATED &&
                                                kiln_ticks() - start < JOIN_TICKS_MAX;) {
            (void)kiln_task_sleep(1);
        }
        CHECK_EQ(test_state(&workers[i]), KILN_TASK_TERMINATED);
#endif
    }
}

void test_spin(kiln_ticks_t ticks)
{
    kiln_ticks_t start = kiln_ticks();
    while (kiln_ticks() - start < ticks) {
    }
}

void test_sleep(kiln_ticks_t ticks)
{
    CHECK_OK(kiln_task_sleep(ticks));
    kiln_irq_unlock(kiln_irq_lock());
}

void test_align(void)
{
    CHECK_OK(kiln_task_sleep(1));
}

/* ---- Interrupts that come later ------------------------------------------------------------ */

static void later_expired(struct kiln_timer *timer)
{
    ((struct later *)(void *)timer)->fn();
}

void test_irq_after(kiln_ticks_t ticks, void (*fn)(void))
{
    unsigned i = 0;
    while (i < TEST_LATER && kiln_timer_active(&test.later[i].timer)) {
        i++;
    }
    if (i == TEST_LATER) {
        kiln_panic("a case has too many interrupts under way", NULL, NULL);
    }
    unsigned key = kiln_irq_lock(); /* its last user was an interrupt */
    test.later[i].fn = fn;
    kiln_irq_unlock(key);
    CHECK_OK(kiln_timer_start(&test.later[i].timer, ticks, 0));
}

/* ---- The runner ---------------------------------------------------------------------------- */

/* Prints a case's name with its underscores as spaces, piece by piece: the console may be slow,
 * but the text has no bound. */
static void print_name(const char *name)
{
    for (; *name != '\0'; name++) {
        kiln_printf("%c", *name == '_' ? ' ' : *name);
    }
}

static void print_result(const char *result, const char *note_text)
{
    kiln_printf("%s %u - ", result, test.number);
    print_name(test.running->name);
    kiln_printf("%s\n", note_text);
}

static void print_failure(const struct failure *failure)
{
    if (failure->text != NULL && failure->line != 0) {
        kiln_printf("# %s:%d: log \"%s\", ", failure->file, failure->line, failure->text);
        kiln_printf("expected \"%s\"\n", failure->what);
    } else if (failure->text != NULL) {
        kiln_printf("# %s: %s\n", failure->what, failure->text);
    } else {
        kiln_printf("# %s:%d: ", failure->file, failure->line);
        kiln_printf("%s: ", failure->what);
        kiln_printf("%lld, expected %lld\n", failure->actual, failure->expected);
    }
}

static void print_failures(void)
{
    unsigned kept = test.failed < FAILURES_KEPT ? test.failed : FAILURES_KEPT;
    for (unsigned i = 0; i < kept; i++) {
        print_failure(&test.failures[i]);
    }
    if (test.failed > kept) {
        kiln_printf("# and %u more\n", test.failed - kept);
    }
}

/* Tick's interrupt. Nothing can be trusted any more, so the run ends here. */
static void case_hangs(struct kiln_timer *timer)
{
    (void)timer;
    print_result("not ok", "");
    print_failures();
    kiln_printf("Bail out! The case hangs; the running task is %s\n", kiln_name(kiln_task_self()));
    kiln_stop(1);
}

static struct kiln_timer watchdog;

void test_allow(kiln_ticks_t ticks)
{
    CHECK_OK(kiln_timer_start(&watchdog, ticks, 0));
}

/* In the build variant that tests the 32-bit wrap of the tick count, every case begins a few
 * ticks before one. Time only moves forward, and nothing is pending. */
static void approach_wrap(void)
{
#if defined(TEST_WRAP)
    unsigned key = kiln_irq_lock();
    CHECK(kernel.timeouts == NULL);
    kernel.now = (kernel.now | UINT32_MAX) - test.number % 7U;
    kiln_irq_unlock(key);
#endif
}

static void begin_case(const struct test_case *entry)
{
    unsigned number = test.number + 1;
    memset(&test, 0, sizeof(test));
    test.running = entry;
    test.number = number;
    for (unsigned i = 0; i < TEST_LATER; i++) {
        CHECK_OK(kiln_timer_init(&test.later[i].timer, later_expired));
    }
    approach_wrap();
    CHECK_OK(kiln_timer_start(&watchdog, CASE_TICKS_MAX, 0));
}

/* Every task of the case must have ended by itself. */
static void end_tasks(void)
{
    for (unsigned i = 0; i < test.task_count; i++) {
        if (test_state(&workers[i]) != KILN_TASK_TERMINATED) {
            test_fail_text(kiln_name(&workers[i]), "the task is still alive when the case ends");
            (void)kiln_task_kill(&workers[i], 0);
        }
    }
#if KILN_CFG_TASK_LIST
    unsigned count = 0;
    for (struct kiln_task *task = kiln_task_next(NULL); task != NULL; task = kiln_task_next(task)) {
        count++;
    }
    CHECK_EQ(count, 2); /* idle and the controller */
#endif
}

static void end_later(void)
{
    for (unsigned i = 0; i < TEST_LATER; i++) {
        if (kiln_timer_stop(&test.later[i].timer) == KILN_OK) {
            test_fail_text("an interrupt for later", "still to come when the case ends");
        }
        CHECK_OK(kiln_timer_destroy(&test.later[i].timer));
    }
}

#if KILN_CFG_CHECKS && KILN_CFG_TASK_LIST
static void check_kernel(void)
{
    const char *what = NULL;
    unsigned key = kiln_irq_lock();
    bool sound = k_check(&what);
    kiln_irq_unlock(key);
    if (!sound) {
        test_fail_text("kernel", what);
    }
}
#else
static void check_kernel(void)
{
}
#endif

static void end_case(void)
{
    check_kernel();
    CHECK_OK(kiln_timer_stop(&watchdog));
    CHECK_EQ(kiln_sched_unlock(), KILN_ESTATE);
    CHECK_EQ(kiln_task_priority(kiln_task_self()), TEST_PRIO);
    end_tasks();
    test_end_objects();
    end_later();
    CHECK_LOG("");
    CHECK(kernel.timeouts == NULL);
    check_kernel();
    print_result(test.failed != 0 ? "not ok" : "ok", "");
    print_failures();
}

static bool is_skipped(uintptr_t flags)
{
    enum test_home home = test_home();
    bool is_held_up = home == TEST_HOST_REAL || home == TEST_HOST_TAPED;
    return ((flags & TEST_EXACT) && is_held_up) ||
           ((flags & TEST_REAL) && home != TEST_HOST_REAL) ||
           ((flags & TEST_VIRTUAL) && home != TEST_HOST_VIRTUAL);
}

static bool run_case(const struct test_case *entry)
{
    if (is_skipped(entry->flags)) {
        test.number++;
        test.running = entry;
        print_result("ok", " # SKIP not on this home");
        return true;
    }
    begin_case(entry);
    entry->run();
    end_case();
    return test.failed == 0;
}

static int controller(void *arg)
{
    int failed = 0;
    (void)arg;
    CHECK_OK(kiln_timer_init(&watchdog, case_hangs));
    kiln_printf("1..%u\n", (unsigned)(__stop_test_cases - __start_test_cases));
    for (const struct test_case *entry = __start_test_cases; entry < __stop_test_cases; entry++) {
        failed += run_case(entry) ? 0 : 1;
    }
    kiln_stop(failed != 0 ? 1 : 0);
    return 0;
}

KILN_TASK_DEFINE(test_controller, controller, NULL, TEST_PRIO, 1536);

int main(void)
{
    return kiln_start();
}
