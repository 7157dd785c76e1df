/* What diagnosis needs of event flags. */
#ifndef K_FLAGS_H
#define K_FLAGS_H

#include "core/kernel.h"

/* The flags that a task with KILN_WAIT_FLAGS waits for. Masked. */
const void *k_flags_waited_for(const struct kiln_task *task);

#endif
