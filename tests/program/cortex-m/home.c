/* Random programs on a board under QEMU: arguments by semihosting, and no model. "Semihosting for
 * AArch32 and AArch64", Arm, SYS_GET_CMDLINE. */
#include "model/model.h"

static char command_line[64];

static void get_command_line(void)
{
    struct {
        char *buffer;
        uint32_t length;
    } block = {command_line, sizeof(command_line)};
    register uint32_t operation __asm__("r0") = 0x15U;
    register void *argument __asm__("r1") = &block;
    __asm__ volatile("bkpt 0xAB" : "+r"(operation) : "r"(argument) : "memory");
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

uint32_t program_argument(unsigned position, uint32_t otherwise)
{
    uint32_t value = 0;
    if (command_line[0] == '\0') {
        get_command_line();
    }
    const char *at = command_line;
    for (unsigned i = 0; i <= position; i++) {
        while (*at != '\0' && !is_digit(*at)) {
            at++;
        }
        if (*at == '\0') {
            return otherwise;
        }
        for (value = 0; is_digit(*at); at++) {
            value = value * 10U + (uint32_t)(*at - '0');
        }
    }
    return value;
}

/* ---- The model: on the host only
 * ----------------------------------------------------------------- */

void model_reset(void)
{
}

void model_begin(unsigned who, const struct program_op *op)
{
    (void)who;
    (void)op;
}

void model_return(unsigned who, const struct program_outcome *outcome)
{
    (void)who;
    (void)outcome;
}

void model_event(enum kiln_trace_event event, unsigned object, uint32_t value)
{
    (void)event;
    (void)object;
    (void)value;
}

void model_looks_at_time(void)
{
}

void model_irq_begin(void)
{
}

void model_irq_end(void)
{
}

void model_idle(uint32_t ticks)
{
    (void)ticks;
}

void model_callback_begin(unsigned timer)
{
    (void)timer;
}

void model_callback_end(void)
{
}

void model_check_end(void)
{
}
