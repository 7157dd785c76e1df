/* Printing on the console: the terminal on a host, the board's UART on a board. */
#ifndef KILN_PRINT_H
#define KILN_PRINT_H

#include <stdarg.h>

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Formats as C99's snprintf() does:
 *     %d %i %u %o %x %X %c %s %p %%   with the lengths hh h l ll j z t, the flags - + space # 0,
 *                                     width and precision, also as *
 *     %f %F %e %E %g %G               with KILN_CFG_PRINT_FLOAT, exactly and rounded to nearest,
 *                                     ties to even; no long double
 * A conversion that is none of these ends the formatting: it and all after it are copied as they
 * stand, because which arguments are whose is not known any more. So it is with %n, which would
 * write to memory, with %ls and %lc, and with %f when it is compiled out. A NULL for %s is
 * "(null)". Widths and precisions above 1,000,000 are cut down to that.
 *
 * Writes at most `size` bytes, the closing zero included; text may be NULL when it is 0. Returns
 * the length that the whole text has, without that zero; -1 when an int cannot hold it. Any
 * context, before the start and in fault handlers too. */
int kiln_snprintf(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int kiln_vsnprintf(char *text, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* Formats as kiln_snprintf(), of any length, and writes to the console. The text of one call stays
 * together: no task's, no interrupt's text comes in between, and nothing that is written to the
 * console's stream (kiln_board_console()). Nor does the text split what one kiln_stream_write() of
 * up to KILN_STREAM_WHOLE bytes writes there: when that is half out, the call sends the rest of it
 * first. Bytes that several calls write it does split, but for a line that is edited in a shell:
 * that makes room (docs/shell.md).
 *
 * A task prints with the scheduler locked. An interrupt's text is out when the call returns, unless
 * it interrupts somebody's printing: then it waits, among at most KILN_CFG_PRINT_LATER bytes of
 * such texts, and the one interrupted writes it right after its own. One that does not fit is lost
 * as a whole, and the console says afterwards how many were. A panic or a fault breaks off the text
 * that is half out, with a line feed, and writes what waits before its own words.
 *
 * Any context. Does not block; it waits for the console. Returns as kiln_snprintf(), for a text
 * that was lost, too. */
int kiln_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int kiln_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* For an app's own fault handler: nobody goes on printing, so what waits is written now, and from
 * now on each text at once, in every context. kiln_panic() does this by itself. */
void kiln_print_last_words(void);

#ifdef __cplusplus
}
#endif

#endif
