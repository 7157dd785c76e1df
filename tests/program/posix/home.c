/* Random programs on the host: arguments, and what the model has to say. */
#include <stdio.h>
#include <stdlib.h>

#include "model/model.h"

/* PROGRAM="seed count block verbose" in the environment: the port owns the process's flags. */
uint32_t program_argument(unsigned position, uint32_t otherwise)
{
    const char *text = getenv("PROGRAM");
    char *end = NULL;
    uint32_t value = otherwise;
    for (unsigned i = 0; text != NULL && i <= position; i++) {
        value = (uint32_t)strtoul(text, &end, 10);
        if (end == text) {
            return otherwise;
        }
        text = end;
    }
    return value;
}

void model_disagrees(const char *what)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "model: %s\n", what);
    abort();
}
