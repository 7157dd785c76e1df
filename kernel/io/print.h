/* The console as those who print have it. */
#ifndef K_PRINT_H
#define K_PRINT_H

#include "io/format.h"

/* Protected by masking interrupts, but for the characters in `later`: an interrupt writes those
 * that it has reserved, and the holder, who is interrupted meanwhile, reads them when it goes on.
 */
struct k_printer {
    uint8_t state;  /* enum console_state */
    uint16_t first; /* index in `later` of the oldest character that waits */
    uint16_t used;
    uint16_t lost; /* texts that did not fit */
    char later[KILN_CFG_PRINT_LATER];
};

/* Writes what there is of a text, and makes room for more. */
void k_write_chunk(struct output *out);

#endif
