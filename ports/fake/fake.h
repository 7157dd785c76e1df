/* The fake port, seen by a test: it records what the kernel asks for, checks the port contract,
 * and runs no task.
 *
 * The test plays the tasks. After kiln_start() it is the running task, kernel.current: a call
 * that it makes is that task's call. When the kernel switches away from a task that is still
 * ready (it was preempted, it yielded), port_switch() just returns, and from then on the test
 * plays the other one; the tail of the call that was left runs out at once instead of later,
 * and after a switch no kernel call does anything there that others could see.
 *
 * A call that may block needs a stack to wait on. fake_call() makes it on one of its own:
 *
 *     fake_call(take, &sem, &result)     false: the running task waits in the middle of it;
 *                                        the test plays kernel.current from now on
 *     fake_return(&task, &result)        once the kernel has switched back to `task`: goes on
 *                                        with its call; true when it returned
 *
 * Interrupts come when a test calls fake_interrupt(), which it may do from `gap`: the hook that
 * is called each time the kernel unmasks.
 */
#ifndef FAKE_H
#define FAKE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port.h"
#include "port_arch.h"

struct kiln_task;

#define FAKE_NESTING_MAX 8
#define FAKE_EVENTS_MAX  64

struct fake_event {
    int event; /* enum kiln_trace_event */
    const void *object;
    uintptr_t value;
};

struct fake {
    /* The processor. */
    unsigned depth; /* masked sections that are open */
    unsigned keys[FAKE_NESTING_MAX];
    bool in_isr;
    bool pended; /* port_switch_pend() was called and kernel_switch() not yet */
    uint64_t cycles;

    /* Hooks; NULL: none. Neither is called from within itself or the other. */
    void (*gap)(void);        /* the processor is unmasked now */
    void (*check)(void);      /* the same, called masked and after `gap`: to look at the kernel */
    void (*written)(void);    /* the console has got a character, unmasked */
    const char *check_failed; /* set by `check`: the test has failed */

    /* What was asked for. */
    unsigned switches, pends, unmasks, starts, idles;
    const struct port_ctx *from, *to; /* of the last switch */
    uint32_t idle_ticks;              /* of the last port_idle() */
    size_t stack_used;                /* what port_stack_used_max() says */
    char text[1024];                  /* console and last words */
    size_t text_length;
    unsigned events; /* trace events so far; the last ones are kept */
    struct fake_event event[FAKE_EVENTS_MAX];

    /* How a test gets control back from calls that do not return. */
    bool catching;
    jmp_buf jump;
    bool stopped; /* port_stop() was called, with this code: */
    int stop_code;

    /* Reset. */
    unsigned reboots;
    uint32_t watchdog_ms;    /* 0: the board's watchdog does not run */
    uint32_t watchdog_feeds; /* of that one */
    bool watchdog_fired;     /* what the chip says */
};
extern struct fake fake;

/* Supplied by the test: ends it as failed. Does not return. */
void fake_failed(const char *what) __attribute__((noreturn));

/* Back to how a processor wakes up; abandons every call that has not returned. */
void fake_reset(void);

/* Calls fn(arg) as the running task. True when it returned: *result is what it returned. False
 * when the kernel switched to another task in the middle. */
bool fake_call(int (*fn)(void *), void *arg, int *result);

/* Goes on with the call that `task` is in the middle of; it must be the running task again. As
 * fake_call(). */
bool fake_return(struct kiln_task *task, int *result);

/* True when the task is in the middle of a call. */
bool fake_in_call(const struct kiln_task *task);

/* Calls `handler` in an interrupt; then comes the switch that it asked for. Unmasked. */
void fake_interrupt(void (*handler)(void));

/* A tick, or several at once, as an interrupt. */
void fake_tick(uint32_t ticks);

/* Forgets the console's text. */
void fake_forget_text(void);

/* The n-th last trace event, 1 being the last. Needs KILN_CFG_TRACE. */
const struct fake_event *fake_last_event(unsigned n);

/* Runs a statement that must end in port_halt(), port_stop() or port_reboot(); fails the test
 * otherwise. */
#define FAKE_CATCH(statement)                                       \
    do {                                                            \
        fake_catch_begin();                                         \
        if (_setjmp(fake.jump) == 0) {                              \
            statement;                                              \
            fake_failed("neither halted nor stopped: " #statement); \
        }                                                           \
        fake_catch_end();                                           \
    } while (0)
void fake_catch_begin(void);
void fake_catch_end(void);

#endif
