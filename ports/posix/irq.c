/* Linux port: simulated interrupts, out of SIGALRM and of lines that helper threads raise.
 *
 * The handler runs on the interrupted task's own stack: the host kernel's signal frame keeps
 * that task's registers, vector state and red zone for as long as it is switched away from
 * within. It only marks the interrupt as pending when the port is masked, in an interrupt, or
 * when the interrupted code is not the image's own: a task stopped inside the C library could
 * hold a lock of it. Whatever comes first of an unmask, a kernel call, an instrumented block
 * and the next tick then takes the interrupt.
 *
 * Nothing is lost between looking and sleeping: posix_irq_wait() sleeps on `pending` itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "diag/reset.h"
#include "kiln/trace.h"
#include "posix.h"

struct posix_port posix_port = {.next_block = UINT64_MAX};
volatile int posix_stop_asked;
volatile int posix_stop_requested;
bool posix_lines_nest;
const struct posix_faults *posix_faults;
const struct posix_schedule *posix_schedule;

static void (*handlers[POSIX_LINES])(void);
static uint32_t posted;   /* lines to handle */
static bool in_tick;      /* the tick is being handled */
static uint32_t raised;   /* lines that other threads raised; atomic */
static uint32_t requests; /* counts what a sleeper has to look at; atomic */
static bool signal_sent;  /* by another thread, and not handled yet; atomic */
static pthread_t kernel_thread;
static volatile bool handlers_installed; /* a signal before would end the process */
static volatile bool deferring; /* a signal's handler runs on top of what must not be preempted */

/* ---- Lines -------------------------------------------------------------------------------- */

static void check_line(unsigned line)
{
    if (line >= POSIX_LINES) {
        (void)fprintf(stderr, "kiln: there is no interrupt line %u: 0 to %u\n", line,
                      POSIX_LINES - 1U);
        abort();
    }
}

void posix_irq_connect(unsigned line, void (*handler)(void))
{
    check_line(line);
    handlers[line] = handler;
}

uint32_t posix_connected_lines(void)
{
    uint32_t lines = 0;
    for (unsigned line = 0; line < POSIX_LINES; line++) {
        lines |= handlers[line] != NULL ? UINT32_C(1) << line : 0;
    }
    return lines;
}

void posix_post_lines(uint32_t lines)
{
    if (lines != 0) {
        posted |= posix_faults != NULL ? posix_faults->raised(lines) : lines;
        __atomic_fetch_or(&posix_port.pending, POSIX_PENDING_IRQ, __ATOMIC_SEQ_CST);
    }
}

uint32_t posix_posted_lines(void)
{
    return posted;
}

uint32_t posix_take_raised(uint64_t tick)
{
    uint32_t lines = __atomic_exchange_n(&raised, 0, __ATOMIC_SEQ_CST);
    return posix_schedule != NULL ? lines | posix_schedule->take(tick) : lines;
}

bool posix_is_asked_for(void)
{
    return __atomic_load_n(&raised, __ATOMIC_SEQ_CST) != 0 || posix_stop_asked;
}

void posix_post_outside(void)
{
    posix_post_lines(posix_take_raised(posix_posted_ticks()));
    if (posix_stop_asked && !posix_stop_requested) {
        posix_stop_requested = 1;
        posix_post_ticks(0);
    }
}

static void request(void)
{
    __atomic_fetch_add(&requests, 1, __ATOMIC_SEQ_CST);
}

/* One signal at a time, and none for a line that is raised already: handlers that interrupt each
 * other before they get anywhere would fill the stack. A line that is raised after on_signal() has
 * cleared `signal_sent` sends another. */
static void tell_kernel_thread(bool is_new)
{
    request();
    (void)syscall(SYS_futex, &requests, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
    if (is_new && handlers_installed &&
        !__atomic_exchange_n(&signal_sent, true, __ATOMIC_SEQ_CST)) {
        (void)pthread_kill(kernel_thread, SIGALRM);
    }
}

static void raise_from_outside(uint32_t bit)
{
    tell_kernel_thread((__atomic_fetch_or(&raised, bit, __ATOMIC_SEQ_CST) & bit) == 0);
}

void posix_ask_to_stop(void)
{
    posix_stop_asked = 1;
    tell_kernel_thread(true);
}

void posix_irq_raise(unsigned line)
{
    check_line(line);
    uint32_t bit = UINT32_C(1) << line;
    if (!pthread_equal(pthread_self(), kernel_thread)) {
        raise_from_outside(bit);
        return;
    }
    posix_post_lines(bit);
    if (posix_port.masked == 0) {
        posix_drain();
    }
}

static void handle_line(unsigned line)
{
    if (handlers[line] != NULL) {
        kiln_trace_isr_enter(POSIX_TICK_NUMBER + 1 + line);
        handlers[line]();
        kiln_trace_isr_exit(POSIX_TICK_NUMBER + 1 + line);
    }
}

static void handle_lines(void)
{
    uint32_t lines = posted;
    posted = 0;
    for (; lines != 0; lines &= lines - 1) {
        handle_line((unsigned)__builtin_ctz(lines));
    }
}

static void post_faulty_lines(void)
{
    uint32_t lines = posix_faults != NULL ? posix_faults->later() : 0;
    if (lines != 0) {
        posted |= lines;
        __atomic_fetch_or(&posix_port.pending, POSIX_PENDING_IRQ, __ATOMIC_SEQ_CST);
    }
}

static void handle_interrupts(void)
{
    posix_source->collect();
    if (posix_look != NULL) {
        posix_look(0); /* no line nests in there: `in_tick` is false */
    }
    in_tick = true;
    posix_clock_interrupt();
    in_tick = false;
    handle_lines();
    post_faulty_lines();
    posix_source->handled();
}

/* In the middle of the tick's handler, where that is not masked: lines are more urgent. */
static bool can_nest(void)
{
    return posix_lines_nest && in_tick && posix_port.masked == 0 && posted != 0;
}

static void nest_lines(void)
{
    in_tick = false;
    handle_lines();
    in_tick = true;
}

/* A signal in here finds in_isr or masked set, and leaves its mark for the next round; or it
 * finds neither, and does all there is to do before it returns. */
void posix_drain(void)
{
    int saved_errno = errno; /* the task's: others run in here */
    if (can_nest()) {
        nest_lines();
    }
    while (posix_port.pending != 0 && (posix_port.masked | posix_port.in_isr) == 0) {
        if (posix_port.pending & POSIX_PENDING_IRQ) {
            posix_port.in_isr = 1;
            __atomic_fetch_and(&posix_port.pending, ~(uint32_t)POSIX_PENDING_IRQ, __ATOMIC_SEQ_CST);
            posix_call_isr(handle_interrupts);
            posix_port.in_isr = 0;
        } else {
            posix_port.masked = 1;
            __atomic_fetch_and(&posix_port.pending, ~(uint32_t)POSIX_PENDING_SWITCH,
                               __ATOMIC_SEQ_CST);
            kernel_switch();
            posix_port.masked = 0;
        }
    }
    errno = saved_errno;
}

static void set_nest(const char *value)
{
    (void)value;
    posix_lines_nest = true;
}
POSIX_FLAG(nest, NULL, "lines interrupt the tick's handler, too", set_nest);

/* ---- Instrumented blocks ------------------------------------------------------------------ */

/* A debugger stops exactly here; without one the run ends as soon as it can. */
static void until_block_reached(void)
{
    posix_options.until_block = UINT64_MAX;
    if (posix_is_debugged()) {
        (void)raise(SIGTRAP);
    } else {
        posix_stop_requested = 1;
        __atomic_fetch_or(&posix_port.pending, POSIX_PENDING_IRQ, __ATOMIC_SEQ_CST);
    }
}

static bool paused;
static uint64_t paused_at; /* the count then, when `paused` */
#define OUTER_PAUSE UINT64_MAX

uint64_t posix_pause_blocks(void)
{
    if (paused) {
        return OUTER_PAUSE;
    }
    paused_at = posix_port.blocks;
    paused = true;
    return paused_at;
}

void posix_resume_blocks(uint64_t blocks)
{
    if (blocks != OUTER_PAUSE) {
        posix_port.blocks = blocks;
        paused = false;
    }
}

uint64_t posix_own_blocks(void)
{
    return paused ? paused_at : posix_port.blocks;
}

/* Another thread's blocks are counted too, for want of a cheap way to tell; but it gets no further.
 */
static void block_due(void)
{
    if (paused || !pthread_equal(pthread_self(), kernel_thread)) {
        return;
    }
    int saved_errno = errno; /* the task's: it knows nothing of this call */
    if (posix_port.blocks >= posix_options.until_block) {
        until_block_reached();
    }
    posix_source->block_due();
    if (posix_port.pending != 0) {
        posix_drain();
    }
    errno = saved_errno;
}

/* The compiler calls this at each basic block of the kernel and the app. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    uint64_t blocks = posix_port.blocks + 1;
    posix_port.blocks = blocks;
    if (__builtin_expect(blocks >= posix_port.next_block, 0)) {
        block_due();
    }
}

/* ---- Signals ------------------------------------------------------------------------------ */

extern const char __executable_start[], etext[];

/* What a handler executes before it has set `deferring` is in a section of its own: a second signal
 * there cannot tell by the program counter what the first one interrupted. */
#define HANDLER __attribute__((section("posix_handler")))
extern const char __start_posix_handler[], __stop_posix_handler[];

static HANDLER uintptr_t interrupted_pc(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uintptr_t)context->uc_mcontext.pc;
#endif
}

static HANDLER bool in_image(const void *context)
{
    uintptr_t pc = interrupted_pc((const ucontext_t *)context);
    return pc >= (uintptr_t)__executable_start && pc < (uintptr_t)etext &&
           !(pc >= (uintptr_t)__start_posix_handler && pc < (uintptr_t)__stop_posix_handler);
}

/* True when the interrupted instruction jumps to itself: an empty endless loop. */
static HANDLER bool is_spinning(const void *context)
{
    const uint8_t *pc = (const uint8_t *)interrupted_pc((const ucontext_t *)context);
#if defined(__x86_64__)
    return pc[0] == 0xEB && pc[1] == 0xFE;
#elif defined(__aarch64__)
    return pc[0] == 0 && pc[1] == 0 && pc[2] == 0 && pc[3] == 0x14;
#endif
}

static HANDLER enum posix_place interrupted_place(const void *context)
{
    if ((posix_port.masked | posix_port.in_isr) != 0 || deferring || !in_image(context)) {
        return POSIX_ELSEWHERE;
    }
    return is_spinning(context) ? POSIX_SPINNING : POSIX_IN_PLACE;
}

/* A handler that defers never switches away, so `deferring` is true exactly while one is on top of
 * the stack. Another signal in there must not preempt either: it would find the program counter in
 * the image, and the C library's locks below. */
static HANDLER void on_signal(int signal, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    enum posix_place place = interrupted_place(context);
    bool was_deferring = deferring;
    (void)info;
    deferring = place == POSIX_ELSEWHERE;
    __atomic_store_n(&signal_sent, false, __ATOMIC_SEQ_CST);
    if (signal == SIGINT) {
        if (posix_stop_asked) {
            posix_act_last();
            _exit(130); /* asked twice: the first one did not get through */
        }
        posix_stop_asked = 1;
    }
    request();
    if (posix_clock_is_running() && posix_source->signalled(place)) {
        __atomic_fetch_or(&posix_port.pending, POSIX_PENDING_IRQ, __ATOMIC_SEQ_CST);
        if (place == POSIX_ELSEWHERE) {
            posix_port.next_block = 0; /* the next block handles it, when nothing does before */
        } else {
            posix_drain();
        }
    }
    errno = saved_errno;
    deferring = was_deferring;
}

static void write_text(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
}

/* Runs on its own stack: the task's may be what is broken. */
static void on_fault(int signal, siginfo_t *info, void *context)
{
    const void *address = info->si_code != SI_KERNEL ? info->si_addr : POSIX_NO_ADDRESS;
    const char *what = posix_has_overflowed(posix_running_ctx(), address, context)
                           ? "overflowed its host stack"
                           : "made an invalid memory access";
    if (posix_guard != NULL) {
        posix_guard->died(what);
    }
    write_text("\nkiln: task ");
    write_text(posix_running_name());
    write_text(" ");
    write_text(what);
    write_text("\n");
    if (KILN_CFG_PANIC_REBOOT) {
        k_reboot(KILN_RESET_PANIC);
    }
    posix_act_last();
    struct sigaction action = {.sa_handler = SIG_DFL};
    (void)sigaction(signal, &action, NULL); /* and again, for a core dump or the debugger */
}

/* A fault's last words are not interrupted: its stack is small. */
static void install(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    (void)sigemptyset(&action.sa_mask);
    if (flags & SA_ONSTACK) {
        (void)sigaddset(&action.sa_mask, SIGALRM);
        (void)sigaddset(&action.sa_mask, SIGINT);
    }
    if (sigaction(signal, &action, NULL) != 0) {
        perror("kiln: sigaction");
        exit(1);
    }
}

void posix_irq_claim_thread(void)
{
    kernel_thread = pthread_self();
}

void posix_irq_init(void)
{
    static uint8_t fault_stack[64 * 1024];
    stack_t alternate = {.ss_sp = fault_stack, .ss_size = sizeof(fault_stack)};
    install(SIGALRM, on_signal, SA_NODEFER | SA_RESTART);
    install(SIGINT, on_signal, SA_NODEFER | SA_RESTART);
#if !defined(__SANITIZE_ADDRESS__)
    (void)sigaltstack(&alternate, NULL);
    install(SIGSEGV, on_fault, SA_ONSTACK);
    install(SIGBUS, on_fault, SA_ONSTACK);
#else
    (void)alternate;
    (void)on_fault;
#endif
    handlers_installed = true;
}

void posix_irq_stop(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    handlers_installed = false;
    posix_port.in_isr = 0; /* the end may have come in an interrupt */
    posix_port.pending = 0;
    (void)sigaction(SIGALRM, &ignore, NULL);
    (void)signal(SIGINT, SIG_DFL);
}

void posix_irq_reset(void)
{
    sigset_t ours;
    posix_port.masked = 1;
    posix_port.in_isr = 0;
    posix_port.pending = 0;
    posted = 0;
    in_tick = false;
    paused = false;
    memset(handlers, 0, sizeof(handlers));
    (void)sigemptyset(&ours); /* blocked, when the last words were a fault's */
    (void)sigaddset(&ours, SIGALRM);
    (void)sigaddset(&ours, SIGINT);
    (void)sigaddset(&ours, SIGSEGV);
    (void)sigaddset(&ours, SIGBUS);
    (void)pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
}

uint32_t posix_irq_requests(void)
{
    return __atomic_load_n(&requests, __ATOMIC_SEQ_CST);
}

void posix_irq_wait(uint32_t seen)
{
    (void)syscall(SYS_futex, &requests, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, seen, NULL, NULL, 0);
}
