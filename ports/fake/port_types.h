/* Fake port: what a task's context looks like when nothing is ever really switched. */
#ifndef PORT_TYPES_H
#define PORT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_call;

struct port_ctx {
    int (*entry)(void *); /* as given to port_ctx_init() */
    void *arg;
    void *stack;
    size_t stack_bytes;
    struct fake_call *call; /* what the task is in the middle of; see fake.h */
    bool freed;
    bool overflowed; /* a test's choice: port_stack_ok() says no */
};

#define PORT_STACK_MIN         128
#define PORT_STACK_IS_MEASURED 1

#endif
