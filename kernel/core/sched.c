/* The scheduler as a whole: reset, start, stop, locks, time, and the idle task. */
#include "kernel.h"
#include "ring.h"
#include "task.h"
#include "timeout.h"

struct kernel kernel;

/* stack: task idle runs idle_entry on idle_stack */
static uint64_t idle_stack[KILN_CFG_IDLE_STACK / 8];

/* Sleeps when it is alone, and has the tasks of its own priority go first. Looking and going to
 * sleep are one masked section: an interrupt that makes a task ready comes before the look, or ends
 * the sleep. */
static int idle_entry(void *arg)
{
    (void)arg;
    for (;;) {
        unsigned key = port_irq_save();
        if (kernel.idle.next == &kernel.idle) {
            port_idle(k_timeout_next_locked());
        }
        kernel.ready[0].first = kernel.idle.next;
        k_release_and_reschedule(key);
    }
    return 0;
}

void kernel_init(void)
{
    static const struct kiln_task_def idle_def = {.entry = idle_entry,
                                                  .stack = idle_stack,
                                                  .stack_bytes = sizeof(idle_stack),
                                                  .name = K_NAME("idle")};
    kernel = (struct kernel){.locked = K_LOCKED_BEFORE_START, .now = KILN_CFG_START_TICKS};
    kernel.current = &kernel.idle;
    k_task_setup(&kernel.idle, &idle_def);
    kernel.idle.flags = K_TASK_IDLE;
    k_ready_append_locked(&kernel.idle);
    k_ring_reset();
}

/* The bounds of the section that KILN_TASK_DEFINE fills; both NULL when it is empty. */
extern const struct kiln_task_def __start_kiln_task_defs[] __attribute__((weak));
extern const struct kiln_task_def __stop_kiln_task_defs[] __attribute__((weak));

int kiln_start(void)
{
    K_ASSERT(kernel.locked & K_LOCKED_BEFORE_START, "kiln_start() again", kernel.current);
    /* cppcheck-suppress comparePointers; the linker makes one array of them */
    for (const struct kiln_task_def *def = __start_kiln_task_defs; def < __stop_kiln_task_defs;
         def++) {
        int error = kiln_task_create(def->task, def);
        K_ASSERT(error == KILN_OK, "a KILN_TASK_DEFINE that kiln_task_init() refuses", def);
        (void)error;
    }
    (void)port_irq_save();
    kernel.locked = 0;
    kernel.current = k_ready_first_locked();
    kiln_trace_hook(KILN_TRACE_SWITCH, kernel.current, 0);
    k_account_switch(&kernel.idle, kernel.current);
    return port_start(&kernel.current->ctx);
}

void kiln_stop(int code)
{
    (void)port_irq_save();
    k_console_give_up_locked(false);
    k_ring_flush();
    port_stop(code);
}

bool kernel_switch_due(void)
{
    return kernel.locked == 0 && k_ready_first_locked() != kernel.current;
}

void kernel_switch(void)
{
    if (kernel_switch_due()) {
        k_switch_locked(kernel.current, k_ready_first_locked());
    }
}

void k_release_and_reschedule(unsigned key)
{
    if (port_can_switch(key)) {
        kernel_switch();
    } else if (kernel_switch_due()) {
        port_switch_pend();
    }
    port_irq_restore(key);
}

int kiln_sched_lock(void)
{
    if (port_in_isr()) {
        return KILN_EISR;
    }
    unsigned key = port_irq_save();
    kernel.locked++;
    port_irq_restore(key);
    return KILN_OK;
}

int kiln_sched_unlock(void)
{
    unsigned key = port_irq_save();
    bool in_isr = port_in_isr();
    if (in_isr || (kernel.locked & ~K_LOCKED_BEFORE_START) == 0) {
        port_irq_restore(key);
        return in_isr ? KILN_EISR : KILN_ESTATE;
    }
    k_unlock_and_reschedule(key);
    return KILN_OK;
}

unsigned kiln_irq_lock(void)
{
    return port_irq_save();
}

void kiln_irq_unlock(unsigned key)
{
    port_irq_restore(key);
}

bool kiln_in_isr(void)
{
    return port_in_isr();
}

kiln_ticks_t kiln_ticks(void)
{
    return (kiln_ticks_t)kernel.now; /* one aligned word: read whole */
}

uint64_t kiln_uptime_ticks(void)
{
    unsigned key = port_irq_save();
    uint64_t now = kernel.now;
    port_irq_restore(key);
    return now;
}

uint64_t kiln_uptime_us(void)
{
    unsigned key = port_irq_save();
    uint64_t cycles = port_cycles();
    port_irq_restore(key);
    return cycles / PORT_CYCLES_PER_US;
}
