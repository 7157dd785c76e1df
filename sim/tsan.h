/* ThreadSanitizer for tasks: races between tasks, and between a task and an interrupt.
 *
 * TSan knows threads. Here every task has a fiber of TSan's, every interrupt line has one, and so
 * have the tick and main(). A switch of contexts is a switch of fibers that orders nothing. What
 * does order one fiber after another is what the kernel promises, and nothing else: tsan_events.c
 * takes it from the trace's events, tsan_calls.c from the calls that the trace does not show.
 *
 * So only the app is compiled with -fsanitize=thread. The kernel and the port are not: masking is
 * how they are safe, and no promise to the app.
 *
 * All of this is there with SIM_TSAN only. It runs on the kernel thread, where no interrupt is
 * handled: masked, or in virtual time, in which code without instrumented blocks is not
 * interrupted.
 */
#ifndef SIM_TSAN_H
#define SIM_TSAN_H

#if defined(SIM_TSAN)

#include <stdbool.h>

#include "port_types.h"

struct sim_tsan_fiber;

/* ---- For the port ---------------------------------------------------------------------------- */

/* A fiber for a new context, ordered after what its creator has done. `old`, when it is not NULL,
 * is the fiber of a context that is gone: it is used again. */
struct sim_tsan_fiber *sim_tsan_fiber_new(struct sim_tsan_fiber *old);

/* The context is about to be switched. NULL is main()'s: all that others do comes after what it did
 * before the start, and before what it does after the end. */
void sim_tsan_switch(struct sim_tsan_fiber *to);

/* The fiber of a context; NULL: main()'s. In ports/posix/context.c. */
struct sim_tsan_fiber *posix_ctx_fiber(const struct port_ctx *ctx);

/* ---- Fibers (tsan.c) ------------------------------------------------------------------------- */

struct sim_tsan_fiber *sim_tsan_running(void);
void sim_tsan_set_name(struct sim_tsan_fiber *fiber, const char *name);

/* True on the kernel's thread. Any thread. */
bool sim_tsan_on_kernel_thread(void);

/* What the running fiber knows of the call it is in and the call's event does not say: the block
 * that is given back to a pool, or the queue whose front an item goes to. NULL in other calls. */
void sim_tsan_set_argument(const void *argument);
const void *sim_tsan_argument(void);

/* The fiber of an interrupt takes over from the interrupted one, without order, and gives back. The
 * number is that of the trace: POSIX_TICK_NUMBER, and then the lines. */
void sim_tsan_isr_enter(unsigned number);
void sim_tsan_isr_exit(void);

/* ---- Order (tsan.c) --------------------------------------------------------------------------
 *
 * A key is an address. Who acquires it is ordered after all who have released it before. */
void sim_tsan_acquire(const void *key);
void sim_tsan_release(const void *key);
void sim_tsan_release_as(struct sim_tsan_fiber *fiber, const void *key);

/* What the running fiber has done comes before what another will do, and the other way round.
 * Nothing is ordered with no fiber, NULL. */
void sim_tsan_tell(struct sim_tsan_fiber *to);
void sim_tsan_learn(struct sim_tsan_fiber *from);

/* The keys of the two locks. Tasks that hold either exclude each other; interrupts are excluded by
 * the first only. */
extern const char sim_tsan_irq_lock_key, sim_tsan_sched_lock_key;

/* The keys of an interrupt line: what came before it was raised, and what its handler did. */
const void *sim_tsan_raised_key(unsigned line);
const void *sim_tsan_handled_key(unsigned line);

/* ---- Events (tsan_events.c) ------------------------------------------------------------------ */

void sim_tsan_listen(void);

#endif
#endif
