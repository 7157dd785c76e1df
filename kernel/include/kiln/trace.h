/* Kernel trace: a hook called at each kernel event. Without KILN_CFG_TRACE it costs nothing. */
#ifndef KILN_TRACE_H
#define KILN_TRACE_H

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum kiln_trace_event {
    KILN_TRACE_TASK_START,     /* object: the task; value: its priority */
    KILN_TRACE_TASK_END,       /* object: the task; value: its exit code */
    KILN_TRACE_TASK_SUSPEND,   /* object: the task */
    KILN_TRACE_TASK_RESUME,    /* object: the task */
    KILN_TRACE_TASK_PRIORITY,  /* object: the task; value: its new effective priority */
    KILN_TRACE_SWITCH,         /* object: the task switched to */
    KILN_TRACE_BLOCK,          /* object: the task; value: enum kiln_wait */
    KILN_TRACE_WAKE,           /* object: the task; value: how its wait ended */
    KILN_TRACE_ISR_ENTER,      /* value: the interrupt's number */
    KILN_TRACE_ISR_EXIT,       /* value: the interrupt's number */
    KILN_TRACE_SEM_TAKE,       /* object: the semaphore; value: its count before */
    KILN_TRACE_SEM_GIVE,       /* object: the semaphore; value: its count before */
    KILN_TRACE_MUTEX_LOCK,     /* object: the mutex */
    KILN_TRACE_MUTEX_UNLOCK,   /* object: the mutex */
    KILN_TRACE_QUEUE_SEND,     /* object: the queue; value: its count before */
    KILN_TRACE_QUEUE_RECEIVE,  /* object: the queue; value: its count before */
    KILN_TRACE_FLAGS_SET,      /* object: the flags; value: the bits */
    KILN_TRACE_FLAGS_WAIT,     /* object: the flags; value: the bits */
    KILN_TRACE_POOL_ALLOC,     /* object: the pool; value: free blocks before */
    KILN_TRACE_POOL_FREE,      /* object: the pool; value: free blocks before */
    KILN_TRACE_STREAM_READ,    /* object: the stream; value: bytes that leave it now */
    KILN_TRACE_STREAM_WRITE,   /* object: the stream; value: bytes that it takes now */
    KILN_TRACE_STREAM_RECEIVE, /* object: the stream; value: bytes that its device brings now */
    KILN_TRACE_STREAM_CLOSE,   /* object: the stream */
    KILN_TRACE_TIMER_START,    /* object: the timer; value: its delay */
    KILN_TRACE_TIMER_STOP,     /* object: the timer */
    KILN_TRACE_TIMER_EXPIRE,   /* object: the timer */
    KILN_TRACE_EVENT_COUNT,
};

#if KILN_CFG_TRACE
/* Supplied by whoever wants the events: a port, a test, an app. Called with interrupts masked or
 * from the interrupt itself, so it must not call the kernel. */
void kiln_trace_hook(enum kiln_trace_event event, const void *object, uintptr_t value);
#else
#define kiln_trace_hook(event, object, value) ((void)(event), (void)(object), (void)(value))
#endif

/* Formats an event as one line without a line end, "switch blinky" or "sem-take slots 3", into
 * `line` of `size` bytes; returns its length, as cut off to fit. Any context. Needs
 * KILN_CFG_NAMES for the names. */
size_t kiln_trace_format(char *line, size_t size, enum kiln_trace_event event, const void *object,
                         uintptr_t value);

/* Handlers of interrupts may call these first and last, for the trace. Interrupt context. */
static inline void kiln_trace_isr_enter(unsigned number)
{
    kiln_trace_hook(KILN_TRACE_ISR_ENTER, NULL, number);
}

static inline void kiln_trace_isr_exit(unsigned number)
{
    kiln_trace_hook(KILN_TRACE_ISR_EXIT, NULL, number);
}

#ifdef __cplusplus
}
#endif

#endif
