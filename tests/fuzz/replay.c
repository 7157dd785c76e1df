/* Runs the files given without a fuzzer: the corpus as a test, or one input that failed.
 *
 * Each runs FUZZ_SHIFTS times, from FUZZ_SHIFT on, its interrupts a block later each time: what the
 * fuzzer found interesting at one place may be wrong at the next. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "target.h"

#define BYTES_MAX 65536

static unsigned number_from(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static bool run_file(const char *path)
{
    static uint8_t bytes[BYTES_MAX];
    unsigned first = number_from("FUZZ_SHIFT", 0), end = first + number_from("FUZZ_SHIFTS", 1);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    for (fuzz_shift = first; fuzz_shift < end; fuzz_shift++) {
        (void)LLVMFuzzerTestOneInput(bytes, size);
    }
    return true;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        failed += run_file(argv[i]) ? 0 : 1;
    }
    printf("fuzz-replay: %d passed, %d failed\n", argc - 1 - failed, failed);
    return failed != 0;
}
