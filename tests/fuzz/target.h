/* What fuzzers call. */
#ifndef TARGET_H
#define TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Every placed interrupt comes so many blocks later. */
extern unsigned fuzz_shift;

/* Runs the program that the bytes are. Aborts when something is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
