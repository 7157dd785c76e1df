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

/* The console's stream, for those who print: see stream_console.c. */
typedef void k_printer_fn(struct output *out);
struct k_console_stream {
    k_printer_fn *(*hold)(struct k_printer *printer); /* returns what is to write the text */
    void (*let_go)(struct k_printer *printer);
};

/* NULL: no stream goes to the console. */
extern const struct k_console_stream *k_printers_stream;

/* Writes what there is of a text, and makes room for more. */
void k_write_chunk(struct output *out);

#endif
