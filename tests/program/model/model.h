/* A reference model of the kernel: tasks, priorities, inheritance, waits, timeouts, and every
 * object, in arrays and with linear searches. It shares nothing with the kernel but the public
 * header's enumerations.
 *
 * It is told of each call when it begins, and of each masked section that a task opens. A call
 * takes effect in one or more steps, one in each of its sections, because interrupts can come
 * between them; what is masked already, or in an interrupt, happens at once. So the model knows
 * which events the kernel must show next, whose turn it is, and what the call returns, wherever
 * interrupts land; whatever differs is reported.
 */
#ifndef MODEL_H
#define MODEL_H

#include "../program.h"

/* A new program: no object is initialised, the driver runs. */
void model_reset(void);

void model_begin(unsigned who, const struct program_op *op);
void model_return(unsigned who, const struct program_outcome *outcome);
void model_event(enum kiln_trace_event event, unsigned object, uint32_t value);

/* A task or the driver opened a masked section. */
void model_section(void);

/* Somebody has read the time outside of a section. */
void model_looks_at_time(void);

/* Around what an interrupt's handler does, and a timer's callback. */
void model_irq_begin(void);
void model_irq_end(void);
void model_callback_begin(unsigned timer);
void model_callback_end(void);

/* The idle task is about to sleep, for so many ticks at most. */
void model_idle(uint32_t ticks);

/* The program is over: every task has ended and no timer runs. */
void model_check_end(void);

/* What the model and the kernel disagree about; a home's. Does not return. */
void model_disagrees(const char *what) __attribute__((noreturn));

#endif
