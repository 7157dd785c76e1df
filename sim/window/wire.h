/* A wire: codes on their way from the board to the processor, each by an interrupt of its own. They
 * come from the window's thread and from the input script; works with --record and --replay.
 *
 * No code is forgotten: it is in its ring before the line is raised. A handler that comes in
 * between takes it, or says that there are more and raises the line again; the interrupt that then
 * comes for nothing finds an empty wire. */
#ifndef WIRE_H
#define WIRE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define WIRE_CODES 256U /* a power of two */

/* One writer, one reader. A code that finds no room is lost, as one is that a device sends to a
 * processor that does not listen. */
struct wire_ring {
    _Atomic unsigned head, tail; /* written by the writer; by the reader */
    uint8_t codes[WIRE_CODES];
};

struct wire {
    unsigned line;           /* the interrupt, and the device's number in a log */
    struct wire_ring window; /* written by the window's thread */
    struct wire_ring script; /* and this by the kernel's */
};

/* Sends a code and raises the line. The window's thread. */
void wire_send(struct wire *wire, uint8_t code);

/* The same for the script, which leaves the line to its caller. Kernel thread. */
void wire_send_scripted(struct wire *wire, uint8_t code);

/* Installs the line's handler; but not where nothing can ever come (board_is_silent()), so that a
 * wait for it in virtual time is the deadlock it is. The line is raised, for what has come before
 * that. */
void wire_connect(struct wire *wire, void (*handler)(void));

/* Takes the next code, as --faults leaves it; returns false when there is none. When there are
 * more, the line is raised again; when nothing can come any more, it is disconnected. From the
 * line's handler. */
bool wire_take(struct wire *wire, uint8_t *code);

/* True when there is none. Kernel thread. */
bool wire_is_empty(const struct wire *wire);

extern struct wire wire_keyboard, wire_buttons;

#endif
