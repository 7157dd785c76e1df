/* Interrupt sweep: the probe's handlers. See probe.h. */
#include "probe.h"

#include "harness.h"

struct frame {
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

void SWEEP_PROBE_HANDLER(void);
void SWEEP_RELAY_HANDLER(void);
void SWEEP_DEVICE_HANDLER(void);
void probe_fired(const struct frame *frame);

#define NVIC_ISER ((volatile uint32_t *)0xE000E100U)
#define NVIC_ICER ((volatile uint32_t *)0xE000E180U)
#define NVIC_ISPR ((volatile uint32_t *)0xE000E200U)
#define NVIC_ICPR ((volatile uint32_t *)0xE000E280U)
#define NVIC_IPR  ((volatile uint32_t *)0xE000E400U)
#define SCB_ICSR  (*(volatile uint32_t *)0xE000ED04U)
#define SCB_CPACR (*(volatile uint32_t *)0xE000ED88U)

#define ICSR_PENDSVCLR (UINT32_C(1) << 27)
#define IRQ_WORDS      ((BOARD_IRQS + 31U) / 32U)

#define PRIORITY_URGENT 0U
#define PRIORITY_KERNEL 0x40U
#define PRIORITY_DEVICE 0x80U

#define NS_PER_INSTRUCTION 64U /* QEMU's -icount shift=6 */
#define LEAD_INSTRUCTIONS  1U  /* so that the first interrupt does not come before the start */

extern const uint8_t __flash_start[];

struct probe probe OUTLIVES_RESTART;

static void (*device_handler)(void);

static void set_priority(unsigned irq, uint32_t priority)
{
    unsigned shift = irq % 4 * 8;
    uint32_t others = NVIC_IPR[irq / 4] & ~(UINT32_C(0xFF) << shift);
    NVIC_IPR[irq / 4] = others | priority << shift;
}

static void enable(unsigned irq)
{
    NVIC_ISER[irq / 32] = UINT32_C(1) << irq % 32;
}

static void pend(unsigned irq)
{
    NVIC_ISPR[irq / 32] = UINT32_C(1) << irq % 32;
}

void probe_init(void)
{
    set_priority(SWEEP_PROBE_IRQ, probe.urgent ? PRIORITY_URGENT : PRIORITY_KERNEL);
    set_priority(SWEEP_RELAY_IRQ, PRIORITY_KERNEL);
    set_priority(SWEEP_DEVICE_IRQ, PRIORITY_DEVICE);
    enable(SWEEP_PROBE_IRQ);
    enable(SWEEP_RELAY_IRQ);
    enable(SWEEP_DEVICE_IRQ);
}

/* A count of the timer is shorter than an instruction, so rounding down stays within it. */
static uint32_t counts_of(unsigned offset)
{
    return (offset + LEAD_INSTRUCTIONS) * NS_PER_INSTRUCTION * (BOARD_CLOCK_HZ / 1000000U) / 1000U;
}

static void start(unsigned offset)
{
    uint32_t value;
    volatile uint32_t *reg = timer_prepare(counts_of(offset), &value);
    sweep_go(__flash_start + offset, reg, value);
}

void probe_arm(unsigned offset)
{
    probe.fired = 0;
    start(offset);
}

void probe_disarm(void)
{
    timer_stop();
    NVIC_ICPR[SWEEP_PROBE_IRQ / 32] = UINT32_C(1) << SWEEP_PROBE_IRQ % 32;
}

static void reset_interrupts(void)
{
    timer_stop_tick();
    SCB_ICSR = ICSR_PENDSVCLR;
    for (unsigned i = 0; i < IRQ_WORDS; i++) {
        NVIC_ICER[i] = UINT32_MAX;
        NVIC_ICPR[i] = UINT32_MAX;
    }
}

static void disable_fpu(void)
{
#if defined(__ARM_FP)
    SCB_CPACR = 0;
#endif
}

void probe_restart(unsigned offset)
{
    uint32_t value;
    __asm__ volatile("cpsid i" : : : "memory");
    reset_interrupts();
    volatile uint32_t *reg = timer_prepare(counts_of(offset), &value);
    probe.fired = 0;
    probe.kernel_is_ready = false;
    set_priority(SWEEP_PROBE_IRQ, PRIORITY_URGENT);
    enable(SWEEP_PROBE_IRQ);
    disable_fpu();
    sweep_go_at_reset(__flash_start + offset, reg, value);
}

/* ---- The interrupts -------------------------------------------------------------------------- */

/* What a test does besides waking the task stands between the two that are told. */
static void kernel_half(void)
{
    sweep_tell_begun(__flash_start);
    sweep_check_kernel();
    if (probe.in_isr != NULL) {
        probe.in_isr();
    }
    sweep_tell_waking(__flash_start);
    sweep_wake();
    if (probe.echo != 0 && probe.fired == 1) {
        start(probe.echo);
    }
}

static void spoil_fp(void)
{
#if defined(__ARM_FP)
    if (probe.spoils_fp) {
        fp_spoil();
    }
#endif
}

/* Called by SWEEP_PROBE_HANDLER with the interrupted one's frame. */
void probe_fired(const struct frame *frame)
{
    timer_stop();
    sweep_tell_fired((const void *)frame->pc);
    if (probe.fired++ == 0) {
        probe.pc = frame->pc;
    }
    spoil_fp();
    if (!probe.kernel_is_ready) {
        return;
    }
    if (probe.urgent) {
        pend(SWEEP_RELAY_IRQ);
    } else {
        kernel_half();
    }
}

void SWEEP_RELAY_HANDLER(void)
{
    kernel_half();
}

void SWEEP_DEVICE_HANDLER(void)
{
    device_handler();
}

void device_interrupt(void (*handler)(void))
{
    device_handler = handler;
    pend(SWEEP_DEVICE_IRQ);
    __asm__ volatile("dsb\n\tisb" : : : "memory");
}

void tick_now(void)
{
    timer_pend_tick();
    __asm__ volatile("dsb\n\tisb" : : : "memory");
}
