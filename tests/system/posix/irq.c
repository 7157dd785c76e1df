/* System tests on the host: interrupts are simulated lines. */
#include "harness.h"
#include "posix.h"

#define LINE 31U

static void (*function)(void);

static void handle(void)
{
    function();
}

void test_irq_trigger(void (*fn)(void))
{
    function = fn;
    posix_irq_connect(LINE, handle);
    posix_irq_raise(LINE);
}

enum test_home test_home(void)
{
    if (posix_options.virtual_time) {
        return TEST_HOST_VIRTUAL;
    }
    return posix_source == &posix_real ? TEST_HOST_REAL : TEST_HOST_TAPED;
}
