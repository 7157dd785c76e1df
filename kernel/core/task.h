/* What the rest of core needs of tasks. */
#ifndef K_TASK_H
#define K_TASK_H

#include "kernel.h"

/* Makes a new task out of raw storage; the definition has been checked. */
void k_task_setup(struct kiln_task *task, const struct kiln_task_def *def);

#endif
