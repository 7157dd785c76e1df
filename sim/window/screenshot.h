/* --screenshot FILE: a picture of the board, at the end of the run however it ends. */
#ifndef SCREENSHOT_H
#define SCREENSHOT_H

#include <stdbool.h>

/* True when --screenshot was given. */
bool screenshot_is_wanted(void);

/* Sets aside all that it takes to write the picture, if it is wanted. */
void screenshot_prepare(void);

/* Writes it, if it is wanted; only the first call does. Returns false when that went wrong, which
 * has been said on stderr. Any thread and any context: also in the handler of a fault's signal,
 * whatever the fault has interrupted. */
bool screenshot_write(void);

#endif
