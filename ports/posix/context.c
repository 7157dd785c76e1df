/* Linux port: contexts and their stacks.
 *
 * A context is created with ucontext and entered with setcontext() the first time; from then
 * on posix_switch() saves and restores it without a system call. Stacks come from the kernel
 * of the host, with a guard page below, and are kept for reuse.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "posix.h"
#include "tsan.h"
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

/* The guard's size is for code that was not compiled with probes: a larger frame would step over
 * it. Both are mapped, not used: memory is taken page by page as a task gets there. */
#define GUARD_BYTES ((size_t)64 * 1024)
#if defined(__SANITIZE_ADDRESS__) || defined(SIM_TSAN)
#define STACK_BYTES (GUARD_BYTES + (size_t)512 * 1024)
#else
#define STACK_BYTES (GUARD_BYTES + (size_t)128 * 1024)
#endif

/* At the high end of each host stack; the stack proper grows down from here. */
struct stack {
    ucontext_t start; /* entered once */
    struct stack *next_free;
    struct stack *made_before;
    uintptr_t colour;
    int (*entry)(void *);
    void *arg;
    void *fake_stack;             /* AddressSanitizer's, while the context does not run */
    struct sim_tsan_fiber *fiber; /* ThreadSanitizer's */
};

/* Protected by masking. */
static struct stack *free_stacks;
static struct stack *last_made; /* the last stack that was made, used or free */

/* Stacks lie a power of two apart, so their tops would share a few sets of the caches. Each starts
 * a different number of cache lines below its end instead. */
#define COLOURS           32U
#define COLOUR_STEP_BYTES 128U

static uint8_t *low_end(const struct stack *stack)
{
    return (uint8_t *)(uintptr_t)(stack + 1) - STACK_BYTES;
}

static struct stack *new_stack(void)
{
    uint8_t *memory =
        (uint8_t *)mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, GUARD_BYTES, PROT_NONE) != 0) {
        perror("kiln: no memory for a task's stack");
        exit(1);
    }
    static uintptr_t count;
    struct stack *stack = (struct stack *)(void *)(memory + STACK_BYTES - sizeof(struct stack));
    stack->colour = count++ % COLOURS * COLOUR_STEP_BYTES;
    stack->made_before = last_made;
    last_made = stack;
    return stack;
}

#if defined(__SANITIZE_ADDRESS__)
/* A killed task never leaves its frames: what they fenced off is free again. */
static void forget_frames(const struct stack *stack)
{
    __asan_unpoison_memory_region(low_end(stack) + GUARD_BYTES,
                                  STACK_BYTES - GUARD_BYTES - sizeof(*stack));
}
#elif defined(SIM_TSAN)
/* The next task's frames are new memory to ThreadSanitizer, not a race with the last one's. */
static void forget_frames(struct stack *stack)
{
    struct stack kept = *stack;
    if (mmap(low_end(stack) + GUARD_BYTES, STACK_BYTES - GUARD_BYTES, PROT_READ | PROT_WRITE,
             MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1,
             0) == MAP_FAILED) {
        perror("kiln: no memory for a task's stack");
        exit(1);
    }
    *stack = kept;
}
#else
static void forget_frames(const struct stack *stack)
{
    (void)stack;
}
#endif

static struct stack *take_stack(void)
{
    struct stack *stack = free_stacks;
    if (stack == NULL) {
        return new_stack();
    }
    free_stacks = stack->next_free;
    forget_frames(stack);
    return stack;
}

#if defined(__SANITIZE_ADDRESS__)
static void finish_switch(void *fake_stack)
{
    __sanitizer_finish_switch_fiber(fake_stack, NULL, NULL);
}
#else
static void finish_switch(void *fake_stack)
{
    (void)fake_stack;
}
#endif

/* The first thing that runs in a new context, as ucontext's function: makecontext() passes
 * only ints, so the pointer comes in two halves. */
static void run_entry(unsigned high, unsigned low)
{
    struct stack *stack = (struct stack *)(((uintptr_t)high << 32) | low);
    finish_switch(NULL);
    port_irq_restore(0);
    kernel_task_return(stack->entry(stack->arg));
}

/* Runs on the new stack, out of posix_first_entry. */
static void enter(struct stack *stack)
{
    (void)setcontext(&stack->start);
    abort();
}

void posix_first_entry(void);

/* Room above the first frame for what makecontext() laid out there. */
#define FIRST_FRAME_GAP ((uintptr_t)512)

/* Builds the frame that posix_switch() expects, to resume in posix_first_entry. */
static void *first_frame(struct stack *stack)
{
    uintptr_t top = ((uintptr_t)stack - stack->colour - FIRST_FRAME_GAP) & ~(uintptr_t)15;
#if defined(__x86_64__)
    uint64_t *frame = (uint64_t *)top - 8;
    uint32_t mxcsr;
    uint16_t control_word;
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr), "=m"(control_word));
    memset(frame, 0, 8 * sizeof(*frame));
    frame[0] = (uint64_t)control_word << 32 | mxcsr;
    frame[3] = (uintptr_t)enter; /* r13 */
    frame[4] = (uintptr_t)stack; /* r12 */
    frame[7] = (uintptr_t)posix_first_entry;
#elif defined(__aarch64__)
    uint64_t *frame = (uint64_t *)top - 22;
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    memset(frame, 0, 22 * sizeof(*frame));
    frame[8] = (uintptr_t)stack; /* x19 */
    frame[9] = (uintptr_t)enter; /* x20 */
    frame[19] = (uintptr_t)posix_first_entry;
    frame[20] = fpcr;
#else
#error "no posix_switch() for this processor: see docs/porting.md"
#endif
    return frame;
}

/* getcontext() counts as returning twice: on its own here, it spoils nobody's variables. */
static __attribute__((noinline)) void make_start(struct stack *stack)
{
    if (getcontext(&stack->start) != 0) {
        perror("kiln: getcontext");
        exit(1);
    }
    stack->start.uc_stack.ss_sp = low_end(stack) + GUARD_BYTES;
    stack->start.uc_stack.ss_size = STACK_BYTES - GUARD_BYTES - sizeof(*stack) - stack->colour;
    stack->start.uc_link = NULL;
    makecontext(&stack->start, (void (*)(void))run_entry, 2, (unsigned)((uintptr_t)stack >> 32),
                (unsigned)(uintptr_t)stack);
}

/* ThreadSanitizer sees a context as a fiber, which belongs to the stack and not to the task: a task
 * that ends leaves it, running, for the next one. */
#if defined(SIM_TSAN)
static void new_fiber(struct stack *stack)
{
    stack->fiber = sim_tsan_fiber_new(stack->fiber);
}

struct sim_tsan_fiber *posix_ctx_fiber(const struct port_ctx *ctx)
{
    return ctx->host != NULL ? ctx->host->fiber : NULL;
}

#else
static void new_fiber(struct stack *stack)
{
    (void)stack;
}
#endif

void port_ctx_init(struct port_ctx *ctx, void *stack_memory, size_t stack_bytes,
                   int (*entry)(void *), void *arg)
{
    struct stack *stack = take_stack();
    (void)stack_memory;
    (void)stack_bytes;
    stack->entry = entry;
    stack->arg = arg;
    stack->fake_stack = NULL;
    new_fiber(stack);
    make_start(stack);
    ctx->host = stack;
    ctx->sp = first_frame(stack);
    ctx->sp_lowest = ctx->sp;
}

/* The stack may be the one we run on: nobody takes it before we have left it, because tasks
 * are not created in interrupts, and the caller keeps the scheduler locked until it switches. */
void port_ctx_free(struct port_ctx *ctx)
{
    ctx->host->next_free = free_stacks;
    free_stacks = ctx->host;
}

struct stack *posix_stacks(void)
{
    return last_made;
}

/* The first to be made is the first to be taken, so that every run has the same ones. */
void posix_free_stacks(struct stack *stacks)
{
    last_made = stacks;
    free_stacks = NULL;
    for (struct stack *stack = stacks; stack != NULL; stack = stack->made_before) {
        stack->next_free = free_stacks;
        free_stacks = stack;
    }
}

#if defined(__SANITIZE_ADDRESS__)
static void *main_fake_stack; /* of main()'s context, which has no struct stack */

static void start_switch(struct port_ctx *from, const struct port_ctx *to)
{
    void **save = from->host != NULL ? &from->host->fake_stack : &main_fake_stack;
    if (to->host != NULL) {
        __sanitizer_start_switch_fiber(save, low_end(to->host), STACK_BYTES - sizeof(struct stack));
    } else {
        pthread_attr_t attr;
        void *bottom = NULL;
        size_t size = 0;
        (void)pthread_getattr_np(pthread_self(), &attr);
        (void)pthread_attr_getstack(&attr, &bottom, &size);
        (void)pthread_attr_destroy(&attr);
        __sanitizer_start_switch_fiber(save, bottom, size);
    }
}

void port_switch(struct port_ctx *from, struct port_ctx *to)
{
    start_switch(from, to);
    port_note_depth(from);
    posix_switch(&from->sp, to->sp);
    finish_switch(from->host != NULL ? from->host->fake_stack : main_fake_stack);
}
#endif

#if defined(SIM_TSAN)
void port_switch(struct port_ctx *from, struct port_ctx *to)
{
    port_note_depth(from);
    sim_tsan_switch(posix_ctx_fiber(to));
    posix_switch(&from->sp, to->sp);
}

/* The context of interrupts is a coroutine: each switch to it is one call. */
static struct {
    struct port_ctx ctx;
    void *caller_sp;
    void (*handle)(void);
} isr;

static int run_isr(void *arg)
{
    (void)arg;
    for (;;) {
        isr.handle();
        posix_switch(&isr.ctx.sp, isr.caller_sp);
    }
    return 0;
}

void posix_call_isr(void (*handle)(void))
{
    if (isr.ctx.host == NULL) {
        unsigned key = port_irq_save();
        port_ctx_init(&isr.ctx, NULL, 0, run_isr, NULL);
        port_irq_restore(key);
    }
    isr.handle = handle;
    posix_switch(&isr.caller_sp, isr.ctx.sp);
}
#endif

void port_stack_paint(void *stack, size_t stack_bytes)
{
    (void)stack;
    (void)stack_bytes;
}

size_t port_stack_used_max(const struct port_ctx *ctx, const void *stack, size_t stack_bytes)
{
    (void)stack;
    (void)stack_bytes;
    return ctx->host == NULL
               ? 0
               : (size_t)((uint8_t *)ctx->host - ctx->host->colour - (uint8_t *)ctx->sp_lowest);
}

bool port_stack_ok(const struct port_ctx *ctx, const void *stack)
{
    (void)ctx;
    (void)stack;
    return true; /* the guard page tells at once */
}

static bool in_guard(const struct port_ctx *ctx, uintptr_t address)
{
    if (ctx->host == NULL) {
        return false;
    }
    uintptr_t low = (uintptr_t)low_end(ctx->host);
    return address >= low && address < low + GUARD_BYTES;
}

static uintptr_t interrupted_sp(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    return (uintptr_t)context->uc_mcontext.sp;
#endif
}

#define RED_ZONE_BYTES 128U

/* Where the host's kernel has no room for a signal's frame, it names no address, and the stack
 * pointer is where it was before. */
bool posix_has_overflowed(const struct port_ctx *ctx, const void *address, const void *context)
{
    uintptr_t at = (uintptr_t)address;
    if (address == POSIX_NO_ADDRESS) {
        at = interrupted_sp((const ucontext_t *)context) - RED_ZONE_BYTES -
             getauxval(AT_MINSIGSTKSZ);
    }
    return in_guard(ctx, at);
}
