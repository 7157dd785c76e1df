/* A pseudo-terminal in place of a UART's plug. */
#ifndef PTY_H
#define PTY_H

#include <stdbool.h>

/* Makes one, raw, says on stderr where it is, and returns its near end, which does not block; ends
 * the process with status 1 when there can be none. Programs attach to it and detach as they like.
 */
int pty_open(void);

/* True while a program is attached. */
bool pty_is_attached(int file);

/* Waits until an attached program has read what was written, which is lost when this process ends;
 * but not for long. */
void pty_finish(int file);

#endif
