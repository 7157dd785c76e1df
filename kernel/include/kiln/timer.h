/* Software timers: a function called at a later tick, once or periodically.
 *
 * The callback runs in the tick's interrupt, so it must be short, and may make any kernel
 * call that is allowed there; to do more, let it wake a task.
 */
#ifndef KILN_TIMER_H
#define KILN_TIMER_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kiln_timer;
typedef void (*kiln_timer_fn)(struct kiln_timer *timer);

/* Embed it in a structure of your own to give the callback more to work with. */
struct kiln_timer {
    struct kiln_timeout timeout; /* order == 0: stopped */
    kiln_timer_fn callback;
    kiln_ticks_t period_ticks; /* 0: one-shot */
    KILN_OBJECT_FIELDS
};

/* Defines a timer, stopped. */
#define KILN_TIMER_DEFINE(timer, fn)                                                      \
    struct kiln_timer timer KILN_SECTION(kiln_timers) = {.timeout = {{NULL, NULL}, 0, 0}, \
                                                         .callback = (fn),                \
                                                         .period_ticks = 0,               \
                                                         KILN_OBJECT_INIT(timer, KILN_TYPE_TIMER)}

/* Initialises a timer on storage that the caller owns, stopped. Any context. Never blocks.
 * KILN_EINVAL: no timer or callback.
 * A timer that is alive already panics (with KILN_CFG_CHECKS); see kiln_timer_destroy(). */
int kiln_timer_init(struct kiln_timer *timer, kiln_timer_fn callback);

/* Ends a timer's life, so that its storage can be reused; see kiln_timer_stop() for a callback that
 * is about to be called. Any context. Never blocks.
 * KILN_ESTATE: it is running. */
int kiln_timer_destroy(struct kiln_timer *timer);

/* Starts a timer, or restarts a running one: the callback is called after `delay_ticks`, and
 * then, unless `period_ticks` is 0, every `period_ticks` without drift. Any context, the
 * callback included. Never blocks.
 * KILN_EINVAL: a delay of 0 or KILN_FOREVER, or a period of KILN_FOREVER. */
int kiln_timer_start(struct kiln_timer *timer, kiln_ticks_t delay_ticks, kiln_ticks_t period_ticks);

/* Stops a timer. Any context, the callback included. Never blocks. An interrupt more urgent
 * than the tick's may find the timer expired and its callback about to be called; that one
 * call still happens.
 * KILN_ESTATE: it is not running. */
int kiln_timer_stop(struct kiln_timer *timer);

/* True from start until stop, or until a one-shot's callback is about to be called. Any context. */
bool kiln_timer_active(const struct kiln_timer *timer);

/* Returns the ticks until the next call, 0 when stopped. Any context. */
kiln_ticks_t kiln_timer_remaining(const struct kiln_timer *timer);

#ifdef __cplusplus
}
#endif

#endif
