/* What the unit tests share: a kernel that has started on the fake port, tasks to play, a wrapper
 * for each call that may block, and random numbers that can be repeated.
 *
 * Every setup has k_check() look at the whole kernel each time it unmasks, so that a test is
 * also a test of all invariants at each of its steps.
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/kernel.h"
#include "diag/check.h"
#include "fake.h"
#include "kiln/kiln.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define UNIT_TASKS 16
#define STACK_SIZE 256

extern struct kiln_task tasks[UNIT_TASKS];
extern uint64_t stacks_of[UNIT_TASKS][STACK_SIZE / 8];

/* CMocka's setup: a kernel that has started; the test plays the idle task. */
int unit_setup(void **state);

/* The same before kiln_start(). */
int unit_setup_unstarted(void **state);

/* Abandons every call in the middle. */
int unit_teardown(void **state);

/* Puts the invariants' check on or off: off for long tests that call check() themselves. */
void unit_check_always(bool on);

/* Fails the test unless every invariant of the kernel holds. Unmasked. */
void check(void);

/* What k_check() finds, "nothing" if nothing. Needs KILN_CFG_CHECKS and KILN_CFG_TASK_LIST. */
const char *found(void);

/* Puts `value` in place of `field`: the check must find these words, and nothing when the field is
 * as it was. The caller has put off the check at each unmask. */
#define EXPECT_DAMAGE(field, value, words)                          \
    do {                                                            \
        __typeof__(field) saved = (field);                          \
        (field) = (__typeof__(field))(value);                       \
        const char *what = found();                                 \
        (field) = saved;                                            \
        if (strcmp(what, "nothing") == 0 || !strstr(what, words)) { \
            fail_msg("%s = %s: found %s", #field, #value, what);    \
        }                                                           \
        assert_string_equal(found(), "nothing");                    \
    } while (0)

/* The definition of tasks[n] with a priority. */
struct kiln_task_def def_of(unsigned n, unsigned prio);

/* Creates and starts tasks[n], "task<n>". */
struct kiln_task *create(unsigned n, unsigned prio);

/* Skips a test that needs more priorities than there are. */
#define NEED_PRIORITIES(n)               \
    do {                                 \
        if (KILN_CFG_PRIORITIES < (n)) { \
            skip();                      \
        }                                \
    } while (0)

/* What the wrappers below say of a call that has not returned: the task waits, or gave way. */
#define BLOCKED 1000

/* The running task makes a call that may block. Some objects may be compiled out. */
struct kiln_sem;
struct kiln_mutex;
struct kiln_queue;
struct kiln_flags;
struct kiln_pool;
struct kiln_executor;
struct kiln_async;
struct kiln_stream;
int play_sem_take(struct kiln_sem *sem, kiln_ticks_t ticks);
int play_sem_give(struct kiln_sem *sem);
int play_mutex_lock(struct kiln_mutex *mutex, kiln_ticks_t ticks);
int play_send(struct kiln_queue *queue, const void *item, kiln_ticks_t ticks);
int play_send_front(struct kiln_queue *queue, const void *item, kiln_ticks_t ticks);
int play_receive(struct kiln_queue *queue, void *item, kiln_ticks_t ticks);
int play_flags_wait(struct kiln_flags *flags, uint32_t bits, unsigned options, uint32_t *value,
                    kiln_ticks_t ticks);
int play_flags_set(struct kiln_flags *flags, uint32_t bits);
int play_alloc(struct kiln_pool *pool, void **block, kiln_ticks_t ticks);
int play_read(struct kiln_stream *stream, void *bytes, size_t size, kiln_ticks_t ticks);
int play_write(struct kiln_stream *stream, const void *bytes, size_t size, kiln_ticks_t ticks);
int play_close(struct kiln_stream *stream);
int play_join(struct kiln_task *task, int *code, kiln_ticks_t ticks);
int play_executor(struct kiln_executor *executor);
int play_async_join(struct kiln_async *async, int *result, kiln_ticks_t ticks);
int play_sleep(kiln_ticks_t ticks);
int play_sleep_until(kiln_ticks_t *wake, kiln_ticks_t period);
int play_suspend(struct kiln_task *task);
int play_yield(void);
int play_kill(struct kiln_task *task, int code);
int play_exit(int code); /* BLOCKED: it never returns */
int play_sched_unlock(void);

/* The task, which runs again, goes on with its call. */
int play_return(struct kiln_task *task);

#define assert_running(task) assert_ptr_equal(kiln_task_self(), (task))

/* A task's state, as it tells. */
enum kiln_task_state state_of(const struct kiln_task *task);

/* Runs `action`; returns the most that progress() grew from one unmask to the next. 1: a loop over
 * things that progress() counts deals with each in a masked section of its own. */
unsigned longest_masked_step(unsigned (*progress)(void), void (*action)(void));

/* The statement must panic with these words. */
#define assert_panics(words, statement)               \
    do {                                              \
        FAKE_CATCH(statement);                        \
        if (strstr(fake.text, (words)) == NULL) {     \
            fail_msg("panicked with: %s", fake.text); \
        }                                             \
    } while (0)

/* The call, made in an interrupt, returns this. The handler must be a function of its own. */
int in_interrupt(int (*call)(void));

/* A test, with its own fresh kernel. A file names its setup, SETUP, before its list of tests. */
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, SETUP, unit_teardown)

/* What a test program is when what it tests is compiled out. */
#define NO_TESTS(what)                                              \
    int main(void)                                                  \
    {                                                               \
        print_message(what " are compiled out: nothing to test\n"); \
        return 0;                                                   \
    }

/* Starts a sequence of random numbers, from the environment's KILN_SEED or afresh, and says on
 * stdout how to repeat it. */
void random_start(void);
uint32_t random_bits(void);
uint32_t random_below(uint32_t limit);

#endif
