/* Looks at the whole kernel at once and says whether every invariant holds. For tests, for the
 * explorer, and for a debugger: (gdb) call k_check(0).
 */
#ifndef K_CHECK_H
#define K_CHECK_H

#include "core/kernel.h"

#if KILN_CFG_CHECKS && KILN_CFG_TASK_LIST

/* True when every invariant of the kernel holds; otherwise *what, unless `what` is NULL, says in
 * a few words which does not. Takes time in proportion to the number of tasks, mutexes and
 * timeouts, and little stack. In any context, in a masked section of the caller's own with no
 * other kernel call before it: a switch that such a call asked for would still be due. */
bool k_check(const char **what);

#endif
#endif
