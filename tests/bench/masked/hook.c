/* The hooks of hook.h: time and instrumented blocks from the outermost mask to its end.
 *
 * A section that the port opens by itself, to switch out of an interrupt, has no begin here and
 * is left out; so are the idle task's, which sleeps in one.
 */
#include "hook.h"

#if defined(BENCH_HOOK)
#undef port_irq_save
#undef port_irq_restore

#include <stdio.h>
#include <time.h>

#include "core/kernel.h"

#define NOT_COUNTED __attribute__((no_sanitize_coverage))

static struct {
    bool open;
    uint64_t ns, blocks; /* at its begin */
} section;
static uint64_t longest_ns, longest_blocks, count;

/* How many sections took 10 n to 10 n + 9 ns. The longest ones tell of the machine rather: it was
 * busy with something else. */
#define STEP_NS 10U
static uint32_t lengths[5000];

static uint64_t ns_of_all_but(uint64_t rest)
{
    size_t i = sizeof(lengths) / sizeof(lengths[0]);
    for (uint64_t seen = 0; i > 0 && seen <= rest;) {
        seen += lengths[--i];
    }
    return (i + 1) * STEP_NS;
}

static NOT_COUNTED uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

NOT_COUNTED unsigned hooked_irq_save(void)
{
    unsigned key = port_irq_save();
    if (key == 0) {
        section.open = true;
        section.blocks = posix_port.blocks;
        section.ns = now_ns();
    }
    return key;
}

NOT_COUNTED void hooked_irq_restore(unsigned key)
{
    if (key == 0 && section.open) {
        uint64_t ns = now_ns() - section.ns, blocks = posix_port.blocks - section.blocks;
        section.open = false;
        if (kernel.current != &kernel.idle) {
            size_t step = ns / STEP_NS, steps = sizeof(lengths) / sizeof(lengths[0]);
            lengths[step < steps ? step : steps - 1]++;
            count++;
            longest_ns = ns > longest_ns ? ns : longest_ns;
            longest_blocks = blocks > longest_blocks ? blocks : longest_blocks;
        }
    }
    port_irq_restore(key);
}

void print_longest_masked(void)
{
    (void)printf("masked %llu %llu %llu\n", (unsigned long long)longest_ns,
                 (unsigned long long)ns_of_all_but(count / 1000),
                 (unsigned long long)longest_blocks);
}

#endif
