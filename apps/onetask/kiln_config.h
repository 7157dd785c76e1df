/* For the shell's commands trace and log, on boards too. */
#ifndef KILN_CFG_TRACE
#define KILN_CFG_TRACE 1
#endif
