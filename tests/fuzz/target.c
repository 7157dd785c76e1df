/* One input, one program: the entry that libFuzzer, AFL++ and the replayer call.
 *
 * The kernel runs within the process, on the Linux port, and starts over for each input. Time and
 * interrupts are the input's: this file is the port's source of interrupts, in place of a clock. An
 * interrupt comes after as many instrumented blocks of the kernel as the input says, so it lands
 * anywhere in a kernel call that is not masked, or at the end of the masked section.
 *
 * FUZZ_VERBOSE=1 in the environment prints every call, result and kernel event. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/kernel.h"
#include "model/model.h"
#include "posix.h"
#include "start.h"
#include "target.h"

#define PLACED_LINE 30U

/* No program needs as many for its call; one that does hangs. */
#define BLOCKS_MAX 5000000U

static struct program_op placed;
static unsigned more_placed;
unsigned fuzz_shift;
static uint64_t place, limit; /* in instrumented blocks; UINT64_MAX: none */

/* ---- The source of interrupts
 * -------------------------------------------------------------------- */

static void set_next_block(void)
{
    posix_set_next_block(place < limit ? place : limit);
}

static void block_due(void)
{
    if (posix_port.blocks >= limit) {
        model_disagrees("the program does not end");
    }
    if (posix_port.blocks >= place) {
        place = UINT64_MAX;
        posix_post_lines(UINT32_C(1) << PLACED_LINE);
    }
    set_next_block();
}

static bool signalled(enum posix_place where)
{
    (void)where;
    return false;
}

static void nothing(void)
{
}

static uint64_t now_ns(void)
{
    return posix_port.blocks;
}

static const struct posix_source source = {.start = set_next_block,
                                           .stop = nothing,
                                           .block_due = block_due,
                                           .signalled = signalled,
                                           .idle = fuzz_idle,
                                           .collect = nothing,
                                           .handled = nothing,
                                           .now_ns = now_ns};

/* The fuzzer's flags are not the port's. */
void __wrap_posix_parse_options(int argc, char **argv);

void __wrap_posix_parse_options(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    posix_source = &source;
}

static void place_after(unsigned blocks)
{
    place = posix_port.blocks + 1 + blocks + fuzz_shift;
    set_next_block();
}

static void on_placed(void)
{
    program_take_interrupt(&placed);
    if (more_placed > 0 && program_next(&placed)) {
        more_placed--;
        place_after(op_blocks(&placed));
    }
}

bool program_place(unsigned blocks, const struct program_op *op, unsigned more)
{
    placed = *op;
    more_placed = more;
    place_after(blocks);
    return true;
}

void program_unplace(void)
{
    more_placed = 0;
    place = UINT64_MAX;
    set_next_block();
}

/* ---- One input
 * ------------------------------------------------------------------------------------ */

static int driver(void *arg)
{
    (void)arg;
    program_run();
    kiln_stop(0);
    return 0;
}

static void start_over(void)
{
    port_ctx_free(&kernel.idle.ctx);
    if (program.driver.ctx.host != NULL) {
        port_ctx_free(&program.driver.ctx);
        memset(&program.driver, 0, sizeof(program.driver)); /* the next input may be of one byte */
    }
    fuzz_forget_start();
    posix_port.masked = 0;
    posix_resume_blocks(posix_port.blocks); /* the last input's end has paused them */
    kernel_init();
    posix_irq_connect(PLACED_LINE, on_placed);
    program_check_always = true;
    program_verbose = getenv("FUZZ_VERBOSE") != NULL;
    program_reset_hash();
    place = UINT64_MAX;
    limit = posix_port.blocks + BLOCKS_MAX;
}

__attribute__((destructor)) static void report(void)
{
    (void)fprintf(stderr, "%u kernel calls\n", (unsigned)program_calls);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    start_over();
    if (size == 1) {
        fuzz_start(bytes[0]);
        return 0;
    }
    program_source_bytes(bytes, size);
    return program_start_driver(driver);
}
