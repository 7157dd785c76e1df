/* Interrupt sweep: what the files of the harness share. */
#ifndef SWEEP_HARNESS_H
#define SWEEP_HARNESS_H

#include "probe.h"
#include "sweep.h"

/* The interrupt's gift to the woken task. */
void sweep_wake(void);

/* Fails the run unless every invariant of the kernel holds. */
void sweep_check_kernel(void);

/* Floating-point registers of a task, if this run uses them: set, and checked. */
void fp_hold(unsigned who);
void fp_check(unsigned who);

#endif
