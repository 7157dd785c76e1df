/* What --record and --replay have in common: they stand between the program and the outside. */
#ifndef SIM_TAPE_H
#define SIM_TAPE_H

#include "log.h"
#include "posix.h"

typedef size_t (*tape_outside)(unsigned device, void *data, size_t size, size_t length);

/* Makes `source` the source, whatever --clock says, and `outside` what sim_outside() does; `live`
 * says whether that is what really comes from outside. The log is in the file `path`. A second call
 * ends the process with status 2: there is one tape. Only while the flags are read. */
void tape_use(const struct posix_source *source, tape_outside outside, bool live, const char *path);

/* Posts an input of the log. */
void tape_post(const struct log_record *record);

/* Ends the process with status 2 when the program has no instrumented blocks. */
void tape_require_blocks(const char *flag);

void tape_nothing(void);

#endif
