/* Printing on the console: the terminal on a host, the board's UART on a board. */
#ifndef KILN_PRINT_H
#define KILN_PRINT_H

#include <stdarg.h>

#include "kiln/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Formats as C99's snprintf() does, for: %d %i %u %x %X %o %c %s %p %%, the lengths hh h l ll z t
 * j, the flags - 0 + space #, width and precision, also as *. Anything else is copied as it
 * stands. Writes at most `size` bytes, the closing zero included; returns the length that the
 * whole text has. Any context. */
int kiln_snprintf(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int kiln_vsnprintf(char *text, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* Longest text of one kiln_printf(); the rest is cut off. */
#define KILN_PRINTF_MAX 128

/* Formats and writes to the console as one piece: no other task's text comes in between, though
 * an interrupt's or a panic's may. Uses KILN_PRINTF_MAX bytes of stack. Any context. Does not
 * block; it waits for the console with the scheduler locked. Returns as kiln_snprintf(). */
int kiln_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#ifdef __cplusplus
}
#endif

#endif
