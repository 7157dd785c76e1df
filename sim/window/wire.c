/* Wires: see wire.h. */
#include "wire.h"

#include "board.h"
#include "lab.h"
#include "posix.h"

struct wire wire_keyboard = {.line = SIM_LINE_KEYBOARD};
struct wire wire_buttons = {.line = SIM_LINE_BUTTONS};

static bool is_empty(const struct wire_ring *ring)
{
    return ring->head == ring->tail;
}

static void put(struct wire_ring *ring, uint8_t code)
{
    unsigned head = ring->head;
    if (head - ring->tail < WIRE_CODES) {
        ring->codes[head % WIRE_CODES] = code;
        ring->head = head + 1;
    }
}

static uint8_t take(struct wire_ring *ring)
{
    unsigned tail = ring->tail;
    uint8_t code = ring->codes[tail % WIRE_CODES];
    ring->tail = tail + 1;
    return code;
}

void wire_send(struct wire *wire, uint8_t code)
{
    put(&wire->window, code);
    posix_irq_raise(wire->line);
}

void wire_send_scripted(struct wire *wire, uint8_t code)
{
    put(&wire->script, code);
}

bool wire_is_empty(const struct wire *wire)
{
    return is_empty(&wire->script) && is_empty(&wire->window);
}

/* A replay cannot know by itself whether anything could come in the recorded run. */
static bool is_dead(const struct wire *wire)
{
    uint8_t is_silent = board_is_silent();
    (void)sim_outside(wire->line, &is_silent, sizeof(is_silent), sizeof(is_silent));
    return is_silent != 0;
}

void wire_connect(struct wire *wire, void (*handler)(void))
{
    if (!is_dead(wire)) {
        posix_irq_connect(wire->line, handler);
        posix_irq_raise(wire->line); /* whether there is something or not: only a log may know */
    }
}

/* What the handler reads: a code, and whether there are more. */
bool wire_take(struct wire *wire, uint8_t *code)
{
    uint8_t data[2] = {0, 0};
    size_t length = 0;
    if (!wire_is_empty(wire)) {
        data[0] = take(is_empty(&wire->script) ? &wire->window : &wire->script);
        data[1] = !wire_is_empty(wire);
        length = sizeof(data);
    }
    length = sim_outside(wire->line, data, sizeof(data), length);
    if (length == sizeof(data) && data[1] != 0) {
        posix_irq_raise(wire->line);
    } else if (board_is_silent()) {
        posix_irq_connect(wire_keyboard.line, NULL);
        posix_irq_connect(wire_buttons.line, NULL);
    }
    if (length != sizeof(data) || sim_faults_data(wire->line, data, 1) == 0) {
        return false;
    }
    *code = data[0];
    return true;
}
