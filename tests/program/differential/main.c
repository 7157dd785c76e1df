/* The differential test's image: runs the programs of a range of seeds, and prints for each block
 * of them how many calls they made and the number that everything seen went into. Arguments: first
 * seed, how many, programs in a block, 1 to print everything.
 *
 * The numbers of two homes differ from the first program on that does; compare.py then has that
 * one printed. */
#include "program.h"

#define RECORDS 80U

static void begin_block(bool really)
{
    if (really) {
        program_calls = 0;
        program_reset_hash();
    }
}

static int driver(void *arg)
{
    uint32_t seed = program_argument(0, 1), count = program_argument(1, 100);
    uint32_t block = program_argument(2, 50);
    (void)arg;
    program_verbose = program_argument(3, 0) != 0;
    for (uint32_t i = 0; i < count; i++) {
        begin_block(i % block == 0);
        program_source_seed(seed + i, RECORDS);
        program_run();
        if ((i + 1) % block == 0 || i + 1 == count) {
            kiln_printf("programs to %u: %u calls, %08x\n", (unsigned)(seed + i),
                        (unsigned)program_calls, (unsigned)program_hash);
        }
    }
    kiln_stop(0);
    return 0;
}

int main(void)
{
    program_check_always = PROGRAM_CHECK_ALWAYS;
    return program_start_driver(driver);
}
