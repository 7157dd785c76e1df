/* Kernel events as text: see kiln/trace.h. */
#include "core/async.h"
#include "core/kernel.h"
#include "diag/names.h"
#include "kiln/kiln.h"

struct line {
    char *text;
    size_t size;
    size_t length;
};

static void put(struct line *line, char c)
{
    if (line->length + 1 < line->size) {
        line->text[line->length++] = c;
    }
}

static void put_string(struct line *line, const char *text)
{
    while (*text != '\0') {
        put(line, *text++);
    }
}

static void put_signed(struct line *line, int32_t value)
{
    char digits[12];
    int count = 0;
    uint32_t rest = value < 0 ? 0U - (uint32_t)value : (uint32_t)value;
    do {
        digits[count++] = (char)('0' + rest % 10U);
        rest /= 10U;
    } while (rest != 0);
    if (value < 0) {
        put(line, '-');
    }
    while (count > 0) {
        put(line, digits[--count]);
    }
}

static void put_hex(struct line *line, uint32_t value)
{
    int shift = 28;
    put_string(line, "0x");
    while (shift > 0 && (value >> shift) == 0) {
        shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
        put(line, "0123456789abcdef"[(value >> shift) & 15U]);
    }
}

/* How an event reads: its verb, what kind of object it names, how its value is shown. */
struct event_text {
    const char *verb;
    enum kiln_type type; /* 0: no object */
    char value;          /* 'd' number, 'x' bits, 'w' kind of wait, 'e' error, 0 none */
};

static const struct event_text *event_text(enum kiln_trace_event event)
{
    static const struct event_text texts[KILN_TRACE_EVENT_COUNT] = {
        [KILN_TRACE_TASK_START] = {"start", KILN_TYPE_TASK, 'd'},
        [KILN_TRACE_TASK_END] = {"end", KILN_TYPE_TASK, 'd'},
        [KILN_TRACE_TASK_SUSPEND] = {"suspend", KILN_TYPE_TASK, 0},
        [KILN_TRACE_TASK_RESUME] = {"resume", KILN_TYPE_TASK, 0},
        [KILN_TRACE_TASK_PRIORITY] = {"priority", KILN_TYPE_TASK, 'd'},
        [KILN_TRACE_SWITCH] = {"switch", KILN_TYPE_TASK, 0},
        [KILN_TRACE_BLOCK] = {"block", KILN_TYPE_TASK, 'w'},
        [KILN_TRACE_WAKE] = {"wake", KILN_TYPE_TASK, 'e'},
        [KILN_TRACE_ISR_ENTER] = {"isr-enter", (enum kiln_type)0, 'd'},
        [KILN_TRACE_ISR_EXIT] = {"isr-exit", (enum kiln_type)0, 'd'},
        [KILN_TRACE_SEM_TAKE] = {"sem-take", KILN_TYPE_SEM, 'd'},
        [KILN_TRACE_SEM_GIVE] = {"sem-give", KILN_TYPE_SEM, 'd'},
        [KILN_TRACE_MUTEX_LOCK] = {"mutex-lock", KILN_TYPE_MUTEX, 0},
        [KILN_TRACE_MUTEX_UNLOCK] = {"mutex-unlock", KILN_TYPE_MUTEX, 0},
        [KILN_TRACE_QUEUE_SEND] = {"queue-send", KILN_TYPE_QUEUE, 'd'},
        [KILN_TRACE_QUEUE_RECEIVE] = {"queue-receive", KILN_TYPE_QUEUE, 'd'},
        [KILN_TRACE_FLAGS_SET] = {"flags-set", KILN_TYPE_FLAGS, 'x'},
        [KILN_TRACE_FLAGS_WAIT] = {"flags-wait", KILN_TYPE_FLAGS, 'x'},
        [KILN_TRACE_POOL_ALLOC] = {"pool-alloc", KILN_TYPE_POOL, 'd'},
        [KILN_TRACE_POOL_FREE] = {"pool-free", KILN_TYPE_POOL, 'd'},
        [KILN_TRACE_STREAM_READ] = {"stream-read", KILN_TYPE_STREAM, 'd'},
        [KILN_TRACE_STREAM_WRITE] = {"stream-write", KILN_TYPE_STREAM, 'd'},
        [KILN_TRACE_STREAM_RECEIVE] = {"stream-receive", KILN_TYPE_STREAM, 'd'},
        [KILN_TRACE_STREAM_CLOSE] = {"stream-close", KILN_TYPE_STREAM, 0},
        [KILN_TRACE_TIMER_START] = {"timer-start", KILN_TYPE_TIMER, 'd'},
        [KILN_TRACE_TIMER_STOP] = {"timer-stop", KILN_TYPE_TIMER, 0},
        [KILN_TRACE_TIMER_EXPIRE] = {"timer-expire", KILN_TYPE_TIMER, 0},
    };
    static const struct event_text unknown = {"?", (enum kiln_type)0, 'd'};
    return (unsigned)event < KILN_TRACE_EVENT_COUNT ? &texts[event] : &unknown;
}

/* An object that is gone has no name: its memory may be anything by now. Only its tag tells. */
#if KILN_CFG_CHECKS
#define NAME_OF(type, structure)                                       \
    (((const structure *)object)->tag == (const char *)object + (type) \
         ? kiln_name((const structure *)object)                        \
         : NULL)
#else
#define NAME_OF(type, structure) kiln_name((const structure *)object)
#endif

const char *k_object_name(const void *object, enum kiln_type type)
{
    switch (type) {
    case KILN_TYPE_TASK:
        return NAME_OF(type, struct kiln_task);
#if KILN_CFG_SEM
    case KILN_TYPE_SEM:
        return NAME_OF(type, struct kiln_sem);
#endif
#if KILN_CFG_MUTEX
    case KILN_TYPE_MUTEX:
        return NAME_OF(type, struct kiln_mutex);
#endif
#if KILN_CFG_QUEUE
    case KILN_TYPE_QUEUE:
        return NAME_OF(type, struct kiln_queue);
#endif
#if KILN_CFG_FLAGS
    case KILN_TYPE_FLAGS:
        return NAME_OF(type, struct kiln_flags);
#endif
#if KILN_CFG_POOL
    case KILN_TYPE_POOL:
        return NAME_OF(type, struct kiln_pool);
#endif
#if KILN_CFG_TIMER
    case KILN_TYPE_TIMER:
        return NAME_OF(type, struct kiln_timer);
#endif
#if KILN_CFG_ASYNC
    case KILN_TYPE_ASYNC:
        return NAME_OF(type, struct kiln_async);
    case KILN_TYPE_EXECUTOR:
        return NAME_OF(type, struct kiln_executor);
    case KILN_TYPE_WAKER:
        return NAME_OF(type, struct kiln_waker);
#endif
#if KILN_CFG_STREAM
    case KILN_TYPE_STREAM:
        return NAME_OF(type, struct kiln_stream);
#endif
    default:
        return "?";
    }
}

static void put_name(struct line *line, const void *object, enum kiln_type type)
{
    const char *name = k_object_name(object, type);
    if (name != NULL) {
        put_string(line, name);
    } else {
        put(line, '@');
        put_hex(line, (uint32_t)(uintptr_t)object);
    }
}

static const char *wait_name(uintptr_t kind)
{
    static const char *const names[] = {
        "none", "sleep", "sem",      "mutex", "queue-send", "queue-receive", "flags",
        "pool", "join",  "executor", "async", "waker",      "stream-read",   "stream-write"};
    return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "?";
}

#if KILN_CFG_ASYNC && KILN_CFG_CHECKS
/* What is woken may be a coroutine, which reads as another event. Its tag is where a task's is. */
static const struct event_text *event_text_of(enum kiln_trace_event event, const void **object)
{
    static const struct event_text async_wake = {"async-wake", KILN_TYPE_ASYNC, 'e'};
    const struct kiln_task *waiter = (const struct kiln_task *)*object;
    if (event == KILN_TRACE_WAKE &&
        waiter->tag == (const char *)k_async_of(waiter) + KILN_TYPE_ASYNC) {
        *object = k_async_of(waiter);
        return &async_wake;
    }
    return event_text(event);
}
#else
static const struct event_text *event_text_of(enum kiln_trace_event event, const void **object)
{
    (void)object;
    return event_text(event);
}
#endif

size_t kiln_trace_format(char *text, size_t size, enum kiln_trace_event event, const void *object,
                         uintptr_t value)
{
    struct line line = {.text = text, .size = size};
    const struct event_text *shape = event_text_of(event, &object);
    if (size == 0) {
        return 0;
    }
    put_string(&line, shape->verb);
    if (shape->type != 0) {
        put(&line, ' ');
        put_name(&line, object, shape->type);
    }
    if (shape->value != 0) {
        put(&line, ' ');
    }
    switch (shape->value) {
    case 'd':
        put_signed(&line, (int32_t)value);
        break;
    case 'x':
        put_hex(&line, (uint32_t)value);
        break;
    case 'w':
        put_string(&line, wait_name(value));
        break;
    case 'e':
        put_string(&line, kiln_error_name((int)value));
        break;
    default:
        break;
    }
    text[line.length] = '\0';
    return line.length;
}
