/* ThreadSanitizer for tasks: the kernel and the port are compiled with this file in front, so that
 * they pass by what TSan makes of three functions of the C library. */
#include <stddef.h>

/* TSan watches them even where the caller is not instrumented, but what the kernel copies while it
 * is masked is no access of the task that called it. In sim/tsan.c. */
void *memcpy(void *to, const void *from, size_t bytes) __asm__("sim_tsan_memcpy");
void *memset(void *to, int value, size_t bytes) __asm__("sim_tsan_memset");

/* TSan keeps a signal back until the program calls the C library, which an endless loop never does.
 * The port's own rule is enough: it handles interrupts only where the image's own code was
 * interrupted, and TSan is a shared library. */
#pragma redefine_extname sigaction __sigaction
