/* Helper threads of simulated devices: they block every signal, and never call the kernel. */
#ifndef SIM_THREAD_H
#define SIM_THREAD_H

/* Starts one, for good; ends the process with status 1 when there can be none. */
void sim_thread_start(void *(*entry)(void *arg), void *arg);

#endif
