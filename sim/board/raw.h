/* The host's terminal without echo and without lines, for as long as the process lives. */
#ifndef RAW_H
#define RAW_H

/* Keys come as they are pressed, and are not shown; but Ctrl-C still ends the process. When it
 * ends, in whatever way but SIGKILL, the terminal is as it was. Nothing when standard input is
 * none. */
void raw_terminal(void);

#endif
