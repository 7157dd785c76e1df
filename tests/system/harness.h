/* System tests: what a case file uses.
 *
 * The cases run one after the other in the controller, a task of priority TEST_PRIO, on every
 * home: as a Linux process in virtual and in real time, and on boards. What they print is TAP
 * (https://testanything.org). A case sees a fresh world and must leave one: at its end the
 * harness destroys the case's objects, and fails it when a task still lives, an object is still
 * in use, a timer is still running, or the controller kept a lock.
 *
 * Checks only note what went wrong, so that they can be made on small stacks and in
 * interrupts; the controller prints it when the case is over.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include "kiln/kiln.h"

/* ---- Cases --------------------------------------------------------------------------------- */

enum test_flag {
    TEST_EXACT = 1,   /* counts ticks exactly: not on the host in real time, which may be held up */
    TEST_VIRTUAL = 2, /* only on the host in virtual time */
    TEST_REAL = 4,    /* only on the host in real time, where it looks at the wall clock */
};

struct test_case {
    const char *name; /* "group: what_it_promises" */
    void (*run)(void);
    uintptr_t flags; /* enum test_flag, or-ed */
};

/* Defines a case of GROUP, a string that each file defines. Cases run in the order of their
 * files' names, and of their definitions within a file. */
#define CASE(name) CASE_IF(name, 0)
#define CASE_IF(name, flags_)                                                      \
    static void case_##name(void);                                                 \
    static const struct test_case case_##name##_entry KILN_SECTION(test_cases) = { \
        GROUP ": " #name, case_##name, (flags_)};                                  \
    static void case_##name(void)

/* ---- Checks: any context ------------------------------------------------------------------- */

/* What went wrong, for the controller to print. Both values are shown. */
void test_fail(const char *file, int line, const char *what, long long actual, long long expected);

/* A failure of the harness's own checks, about `what`, a text that stays. */
void test_fail_text(const char *what, const char *text);

#define CHECK(condition) ((condition) ? (void)0 : test_fail(__FILE__, __LINE__, #condition, 0, 1))
#define CHECK_EQ(actual, expected) \
    test_check_eq(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))
#define CHECK_OK(call) CHECK_EQ(call, KILN_OK)
#define CHECK_SAME(actual, expected) \
    CHECK_EQ((uintptr_t)(const void *)(actual), (uintptr_t)(const void *)(expected))
/* actual is in [from, to]. */
#define CHECK_WITHIN(actual, from, to)                                                     \
    test_check_within(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(from), \
                      (long long)(to))

static inline void test_check_eq(const char *file, int line, const char *what, long long actual,
                                 long long expected)
{
    if (actual != expected) {
        test_fail(file, line, what, actual, expected);
    }
}

static inline void test_check_within(const char *file, int line, const char *what, long long actual,
                                     long long from, long long to)
{
    if (actual < from || actual > to) {
        test_fail(file, line, what, actual, actual < from ? from : to);
    }
}

/* ---- The log: who came when ---------------------------------------------------------------- */

/* Appends a letter. Any context. */
void test_mark(char letter);

/* Checks what was marked since the last check or the start of the case. */
#define CHECK_LOG(expected) test_check_log(__FILE__, __LINE__, expected)
void test_check_log(const char *file, int line, const char *expected);

/* ---- Tasks --------------------------------------------------------------------------------- */

#define TEST_PRIO  10U /* the controller's */
#define TEST_TASKS 8   /* most tasks of one case */

/* Creates and starts a task on a stack of the harness's. It runs at once when it is more urgent
 * than the caller. Controller only. */
struct kiln_task *test_task(kiln_task_fn entry, void *arg, unsigned priority);

/* The same, without starting it. */
struct kiln_task *test_new_task(kiln_task_fn entry, void *arg, unsigned priority);

/* Creates one of the case's tasks that has terminated anew, in the same storage, and starts it. */
void test_task_again(struct kiln_task *task, kiln_task_fn entry, void *arg, unsigned priority);

/* Creates one with a time slice, if the kernel has those, and starts it. */
struct kiln_task *test_sliced_task(kiln_task_fn entry, void *arg, unsigned priority,
                                   kiln_ticks_t slice_ticks);

/* Entries: one marks its argument, a letter; one sleeps so long that its case must kill it, and
 * marks '!' otherwise. */
int test_mark_arg(void *arg);
int test_sleep_long(void *arg);

/* Waits until all tasks of the case have terminated. Controller only. */
void test_join_all(void);

/* A task's argument that is a letter or a number, and back. */
#define ARG(value)   ((void *)(intptr_t)(value))
#define ARG_INT(arg) ((int)(intptr_t)(arg))

enum kiln_task_state test_state(const struct kiln_task *task);

/* Checks what a task waits for, as far as the configuration lets the kernel tell. */
#define CHECK_WAITS(task, kind) \
    CHECK_EQ(test_wait_kind(task), KILN_CFG_NAMES ? (int)(kind) : (int)KILN_WAIT_NONE)
enum kiln_wait test_wait_kind(const struct kiln_task *task);

/* Runs for so many ticks without blocking. */
void test_spin(kiln_ticks_t ticks);

/* Gives the case so much time from now, instead of a minute of kernel time in all. */
void test_allow(kiln_ticks_t ticks);

/* Sleeps, and then sees what interrupts have written meanwhile. Time that passes makes nobody's
 * memory safe to read; having had interrupts locked does. */
void test_sleep(kiln_ticks_t ticks);

/* Sleeps to the start of a tick, so that what follows has all of it. */
void test_align(void);

/* ---- Objects: initialised now, destroyed and checked for leaks when the case ends ---------- */

#if KILN_CFG_SEM
void test_sem(struct kiln_sem *sem, uint32_t initial, uint32_t limit);
#endif
#if KILN_CFG_MUTEX
void test_mutex(struct kiln_mutex *mutex, unsigned options);
#endif
#if KILN_CFG_QUEUE
void test_queue(struct kiln_queue *queue, void *buffer, size_t item_bytes, size_t capacity);
#endif
#if KILN_CFG_FLAGS
void test_flags(struct kiln_flags *flags);
#endif
#if KILN_CFG_POOL
void test_pool(struct kiln_pool *pool, void *buffer, size_t block_bytes, size_t count);
#endif
void test_timer(struct kiln_timer *timer, kiln_timer_fn callback);

/* For the runner, at the end of a case: destroys them, and fails the case when one is in use. */
void test_end_objects(void);

/* ---- Interrupts ---------------------------------------------------------------------------- */

/* Raises an interrupt whose handler calls `fn`: now, or when unmasked. From a timer's callback,
 * a board takes it at once, nested, because it is more urgent than the tick; the host as soon
 * as the tick is over. In ports: tests/system/posix, tests/system/cortex-m. */
void test_irq_trigger(void (*fn)(void));

/* Has the tick's interrupt call `fn` in `ticks` ticks. At most TEST_LATER at a time. */
#define TEST_LATER 4
void test_irq_after(kiln_ticks_t ticks, void (*fn)(void));

/* ---- Homes --------------------------------------------------------------------------------- */

/* TEST_HOST_TAPED: in real time too, but recorded, or replayed from that. */
enum test_home { TEST_HOST_VIRTUAL, TEST_HOST_REAL, TEST_HOST_TAPED, TEST_BOARD };
enum test_home test_home(void);

#endif
