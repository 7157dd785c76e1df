/* Kiln configuration: every option, its default and its legal range.
 *
 * An app overrides an option in its own kiln_config.h, which is found first on the
 * include path, or on the compiler's command line. Everything is checked here, so that
 * a wrong value stops the build with a sentence instead of a surprise at run time.
 */
#ifndef KILN_CONFIG_H
#define KILN_CONFIG_H

#include "kiln_config.h"

/* Number of priorities: 0 is the least urgent (the idle task has it too, and lets every other
 * task go first), KILN_CFG_PRIORITIES - 1 the most urgent. */
#ifndef KILN_CFG_PRIORITIES
#define KILN_CFG_PRIORITIES 32
#endif

/* Ticks a second. */
#ifndef KILN_CFG_TICK_HZ
#define KILN_CFG_TICK_HZ 1000
#endif

/* Tick count at start. Tests set it just below the 32-bit wrap. */
#ifndef KILN_CFG_START_TICKS
#define KILN_CFG_START_TICKS 0
#endif

/* Check arguments, contexts and object tags; a bug is reported by kiln_panic(). */
#ifndef KILN_CFG_CHECKS
#define KILN_CFG_CHECKS 1
#endif

/* Objects and tasks carry their names, and a task knows what kind of object it waits for. */
#ifndef KILN_CFG_NAMES
#define KILN_CFG_NAMES 1
#endif

/* CPU time and switch count per task, free blocks per pool. */
#ifndef KILN_CFG_STATS
#define KILN_CFG_STATS 1
#endif

/* Paint stacks, measure their use, check for overflow at each switch. */
#ifndef KILN_CFG_STACK_CHECK
#define KILN_CFG_STACK_CHECK 1
#endif

/* Keep a list of all tasks: kiln_task_next(). */
#ifndef KILN_CFG_TASK_LIST
#define KILN_CFG_TASK_LIST 1
#endif

/* kiln_task_join() and exit codes. */
#ifndef KILN_CFG_JOIN
#define KILN_CFG_JOIN 1
#endif

/* Time slices. */
#ifndef KILN_CFG_SLICE
#define KILN_CFG_SLICE 1
#endif

/* Wait queues skip whole priorities when a task queues up: the bound is the number of
 * priorities instead of the number of waiters, for one pointer a task. */
#ifndef KILN_CFG_WAITQ_SKIP
#define KILN_CFG_WAITQ_SKIP 1
#endif

/* Call kiln_trace_hook() at each kernel event. */
#ifndef KILN_CFG_TRACE
#define KILN_CFG_TRACE 0
#endif

/* A table of offsets for debuggers that do not read this program's debug information; see
 * kernel/diag/symbols.h. */
#ifndef KILN_CFG_DEBUG_SYMBOLS
#define KILN_CFG_DEBUG_SYMBOLS 0
#endif

/* The kernel keeps its last so many events in a ring of its own, and prints them in kiln_stop():
 * see kiln/ring.h. A record takes 16 bytes on a 32-bit processor. 0: no ring of its own. */
#ifndef KILN_CFG_TRACE_RING
#define KILN_CFG_TRACE_RING 0
#endif

/* A panic restarts the system as kiln_reboot() does, and so does a fault. 0: it halts. */
#ifndef KILN_CFG_PANIC_REBOOT
#define KILN_CFG_PANIC_REBOOT 0
#endif

/* The watchdog (kiln/reset.h) restarts the system. 0: it halts. */
#ifndef KILN_CFG_WATCHDOG_REBOOT
#define KILN_CFG_WATCHDOG_REBOOT 1
#endif

/* Objects. */
#ifndef KILN_CFG_SEM
#define KILN_CFG_SEM 1
#endif
#ifndef KILN_CFG_MUTEX
#define KILN_CFG_MUTEX 1
#endif
#ifndef KILN_CFG_MUTEX_RECURSIVE
#define KILN_CFG_MUTEX_RECURSIVE 1
#endif
#ifndef KILN_CFG_QUEUE
#define KILN_CFG_QUEUE 1
#endif
#ifndef KILN_CFG_FLAGS
#define KILN_CFG_FLAGS 1
#endif
#ifndef KILN_CFG_POOL
#define KILN_CFG_POOL 1
#endif
#ifndef KILN_CFG_TIMER
#define KILN_CFG_TIMER 1
#endif
#ifndef KILN_CFG_PRINT
#define KILN_CFG_PRINT 1
#endif
#ifndef KILN_CFG_STREAM
#define KILN_CFG_STREAM 1
#endif

/* Coroutines: see kiln/async.h. */
#ifndef KILN_CFG_ASYNC
#define KILN_CFG_ASYNC 1
#endif

/* kiln_printf() and its kin know %f, %e and %g. */
#ifndef KILN_CFG_PRINT_FLOAT
#define KILN_CFG_PRINT_FLOAT 0
#endif

/* What interrupts print while somebody else's text is half out waits in so many bytes. */
#ifndef KILN_CFG_PRINT_LATER
#define KILN_CFG_PRINT_LATER 256
#endif

/* The line editor and the shell. What an app does not use of them is not in its image. */
#define KILN_CFG_SHELL_NEEDS                                                                      \
    (KILN_CFG_PRINT && KILN_CFG_STREAM && KILN_CFG_SEM && KILN_CFG_NAMES && KILN_CFG_TASK_LIST && \
     KILN_CFG_JOIN)
#ifndef KILN_CFG_SHELL
#define KILN_CFG_SHELL KILN_CFG_SHELL_NEEDS
#endif

/* Of a shell: the longest line, which with its prompt fits into a row of the screen; bytes of lines
 * that it remembers; commands in a row, connected by pipes; bytes that a pipe holds. */
#ifndef KILN_CFG_SHELL_LINE
#define KILN_CFG_SHELL_LINE 72
#endif
#ifndef KILN_CFG_SHELL_HISTORY
#define KILN_CFG_SHELL_HISTORY 256
#endif
#ifndef KILN_CFG_SHELL_STAGES
#define KILN_CFG_SHELL_STAGES 3
#endif
#ifndef KILN_CFG_SHELL_PIPE
#define KILN_CFG_SHELL_PIPE 64
#endif

/* Largest queue item in bytes. An item is copied with interrupts masked, so this bounds
 * the masked time; send a pointer to anything larger. */
#ifndef KILN_CFG_QUEUE_ITEM_MAX
#define KILN_CFG_QUEUE_ITEM_MAX 64
#endif

/* Stack of the idle task, in bytes; enough at -Os on v6-M, too, where it is deepest. The trace's
 * hook may be on it twice: in a switch, and in what preempts the task. To account time takes a
 * little. */
#ifndef KILN_CFG_IDLE_STACK
#define KILN_CFG_IDLE_STACK (KILN_CFG_TRACE ? 352 : KILN_CFG_STATS ? 264 : 256)
#endif

#ifdef __cplusplus
#define KILN_STATIC_ASSERT(condition, sentence) static_assert(condition, sentence)
#else
#define KILN_STATIC_ASSERT(condition, sentence) _Static_assert(condition, sentence)
#endif

/* The rules. The preprocessor looks at them, so an option's value is a number that it can compute;
 * and where all is well, nothing of them is left in the text. So the text of a file that an option
 * does not concern is the same with each of its values, and ccache has its object already. */
#define KILN_CFG_IS_SWITCH(option) ((option) == 0 || (option) == 1)

KILN_STATIC_ASSERT(sizeof(int) >= 4, "an int has 32 bits at least");

#if !(KILN_CFG_PRIORITIES >= 1 && KILN_CFG_PRIORITIES <= 256)
#error "KILN_CFG_PRIORITIES must be 1 to 256"
#endif
#if !(KILN_CFG_TICK_HZ >= 1 && KILN_CFG_TICK_HZ <= 100000)
#error "KILN_CFG_TICK_HZ must be 1 to 100000"
#endif
#if !(KILN_CFG_START_TICKS + 0LL >= 0 && KILN_CFG_START_TICKS + 0LL <= 0xFFFFFFFFLL)
#error "KILN_CFG_START_TICKS must be 0 to 0xFFFFFFFF"
#endif
#if !(KILN_CFG_QUEUE_ITEM_MAX >= 1 && KILN_CFG_QUEUE_ITEM_MAX <= 1024)
#error "KILN_CFG_QUEUE_ITEM_MAX must be 1 to 1024: send a pointer to anything larger"
#endif
#if !(KILN_CFG_IDLE_STACK >= 160 && KILN_CFG_IDLE_STACK % 8 == 0)
#error "KILN_CFG_IDLE_STACK must be a multiple of 8, and 160 at least"
#endif
#if !(KILN_CFG_TRACE_RING >= 0 && KILN_CFG_TRACE_RING <= 0x1000000)
#error "KILN_CFG_TRACE_RING must be 0 to 0x1000000 records"
#endif
#if !(KILN_CFG_TRACE_RING == 0 || KILN_CFG_TRACE == 1)
#error "KILN_CFG_TRACE_RING needs KILN_CFG_TRACE"
#endif
#if !(KILN_CFG_SHELL_LINE >= 16 && KILN_CFG_SHELL_LINE <= 250)
#error "KILN_CFG_SHELL_LINE must be 16 to 250 characters"
#endif
#if !(KILN_CFG_SHELL_HISTORY >= 0 && KILN_CFG_SHELL_HISTORY <= 0xFFFF)
#error "KILN_CFG_SHELL_HISTORY must be 0 to 65535 bytes"
#endif
#if !(KILN_CFG_SHELL_STAGES >= 1 && KILN_CFG_SHELL_STAGES <= 8)
#error "KILN_CFG_SHELL_STAGES must be 1 to 8"
#endif
#if !(KILN_CFG_SHELL_PIPE >= 1 && KILN_CFG_SHELL_PIPE <= 0xFFFF)
#error "KILN_CFG_SHELL_PIPE must be 1 to 65535 bytes"
#endif
#if !(!KILN_CFG_SHELL || KILN_CFG_SHELL_NEEDS)
#error "KILN_CFG_SHELL needs _PRINT, _STREAM, _SEM, _NAMES, _TASK_LIST and _JOIN"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_CHECKS)
#error "KILN_CFG_CHECKS must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_NAMES)
#error "KILN_CFG_NAMES must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_STATS)
#error "KILN_CFG_STATS must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_STACK_CHECK)
#error "KILN_CFG_STACK_CHECK must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_TASK_LIST)
#error "KILN_CFG_TASK_LIST must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_JOIN)
#error "KILN_CFG_JOIN must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_SLICE)
#error "KILN_CFG_SLICE must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_WAITQ_SKIP)
#error "KILN_CFG_WAITQ_SKIP must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_TRACE)
#error "KILN_CFG_TRACE must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_DEBUG_SYMBOLS)
#error "KILN_CFG_DEBUG_SYMBOLS must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_PANIC_REBOOT)
#error "KILN_CFG_PANIC_REBOOT must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_WATCHDOG_REBOOT)
#error "KILN_CFG_WATCHDOG_REBOOT must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_SEM)
#error "KILN_CFG_SEM must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_MUTEX)
#error "KILN_CFG_MUTEX must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_MUTEX_RECURSIVE)
#error "KILN_CFG_MUTEX_RECURSIVE must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_QUEUE)
#error "KILN_CFG_QUEUE must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_FLAGS)
#error "KILN_CFG_FLAGS must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_POOL)
#error "KILN_CFG_POOL must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_TIMER)
#error "KILN_CFG_TIMER must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_PRINT)
#error "KILN_CFG_PRINT must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_ASYNC)
#error "KILN_CFG_ASYNC must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_PRINT_FLOAT)
#error "KILN_CFG_PRINT_FLOAT must be 0 or 1"
#endif
#if !(KILN_CFG_PRINT_LATER >= 16 && KILN_CFG_PRINT_LATER <= 32768)
#error "KILN_CFG_PRINT_LATER must be 16 to 32768 bytes"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_STREAM)
#error "KILN_CFG_STREAM must be 0 or 1"
#endif
#if !KILN_CFG_IS_SWITCH(KILN_CFG_SHELL)
#error "KILN_CFG_SHELL must be 0 or 1"
#endif

#endif
