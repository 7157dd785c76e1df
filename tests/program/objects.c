/* Makes the calls of semaphores, mutexes, queues, flags and pools: see program.h. */
#include <string.h>

#include "program.h"

#define ITEM_BYTES_MAX 8U

static uint32_t queue_buffers[PROGRAM_QUEUES][PROGRAM_ROOM * ITEM_BYTES_MAX / 4U + 1];
static void *pool_buffers[PROGRAM_POOLS][PROGRAM_ROOM * 8 / sizeof(void *)];
static size_t rooms[PROGRAM_POOLS];
static bool allocated[PROGRAM_POOLS][PROGRAM_ROOM]; /* and not about to be freed */

static const size_t item_bytes[PROGRAM_QUEUES] = {8, 3}; /* by words, and not */
#define BLOCK_BYTES 8U

/* ---- Semaphores and mutexes ------------------------------------------------------------------ */

static int renew_sem(unsigned index, uint8_t value)
{
    static const char *const names[PROGRAM_SEMS] = {"s0", "s1"};
    struct kiln_sem *sem = &program.sems[index];
    int result = sem->tag == NULL ? KILN_OK : kiln_sem_destroy(sem);
    if (result == KILN_OK) {
        (void)kiln_sem_init(sem, new_sem_count(value), new_sem_limit(value));
        kiln_set_name(sem, names[index]);
    }
    return result;
}

static void execute_sem(const struct program_op *op, struct program_outcome *outcome)
{
    unsigned index = op->which % PROGRAM_SEMS, key;
    struct kiln_sem *sem = &program.sems[index];
    switch (op->call) {
    case CALL_SEM_TAKE:
        outcome->result = kiln_sem_take(sem, op_timeout(op));
        break;
    case CALL_SEM_GIVE:
        outcome->result = kiln_sem_give(sem);
        break;
    case CALL_SEM_COUNT:
        key = kiln_irq_lock();
        outcome->value = kiln_sem_count(sem);
        kiln_irq_unlock(key);
        break;
    default:
        key = kiln_irq_lock();
        outcome->result = renew_sem(index, op->value);
        kiln_irq_unlock(key);
        break;
    }
}

static int renew_mutex(unsigned index, uint8_t value)
{
    static const char *const names[PROGRAM_MUTEXES] = {"m0", "m1", "m2"};
    struct kiln_mutex *mutex = &program.mutexes[index];
    int result = mutex->tag == NULL ? KILN_OK : kiln_mutex_destroy(mutex);
    if (result == KILN_OK) {
        (void)kiln_mutex_init(mutex, new_mutex_options(value));
        kiln_set_name(mutex, names[index]);
    }
    return result;
}

bool program_claim_fill(void)
{
    bool claimed = !program.has_filled;
    program.has_filled = true;
    return claimed;
}

/* The model knows what comes of all these calls, not what each of them shows. */
static void fill_mutex(struct kiln_mutex *mutex, struct program_outcome *outcome)
{
    unsigned key = kiln_irq_lock();
    program_running = false;
    while ((outcome->result = kiln_mutex_lock(mutex, KILN_NO_WAIT)) == KILN_OK) {
        outcome->value++;
    }
    for (uint32_t i = 0; i < outcome->value; i++) {
        (void)kiln_mutex_unlock(mutex);
    }
    program_running = true;
    kiln_irq_unlock(key);
}

static void execute_mutex(const struct program_op *op, struct program_outcome *outcome)
{
    unsigned index = op_mutex(op), key;
    struct kiln_mutex *mutex = &program.mutexes[index];
    switch (op->call) {
    case CALL_MUTEX_LOCK:
        outcome->result = kiln_mutex_lock(mutex, op_timeout(op));
        break;
    case CALL_MUTEX_UNLOCK:
        outcome->result = kiln_mutex_unlock(mutex);
        break;
    case CALL_MUTEX_FILL:
        fill_mutex(mutex, outcome);
        break;
    case CALL_MUTEX_OWNER:
        key = kiln_irq_lock();
        outcome->value = program_number_of(kiln_mutex_owner(mutex));
        kiln_irq_unlock(key);
        break;
    default:
        key = kiln_irq_lock();
        outcome->result = renew_mutex(index, op->value);
        kiln_irq_unlock(key);
        break;
    }
}

/* ---- Queues: every byte of an item follows from its first -------------------------------------
 */

void program_fill_item(uint8_t *item, uint8_t value)
{
    for (unsigned i = 0; i < ITEM_BYTES_MAX; i++) {
        item[i] = (uint8_t)(value + i);
    }
}

uint32_t program_read_item(unsigned index, const uint8_t *item)
{
    for (unsigned i = 1; i < item_bytes[index]; i++) {
        if (item[i] != (uint8_t)(item[0] + i)) {
            return 0xBAD;
        }
    }
    return item[0];
}

static int renew_queue(unsigned index, uint8_t value)
{
    static const char *const names[PROGRAM_QUEUES] = {"q0", "q1"};
    struct kiln_queue *queue = &program.queues[index];
    int result = queue->tag == NULL ? KILN_OK : kiln_queue_destroy(queue);
    if (result == KILN_OK) {
        uint8_t *buffer = (uint8_t *)queue_buffers[index] + (value & 1U); /* aligned or not */
        (void)kiln_queue_init(queue, buffer, item_bytes[index], new_room(value));
        kiln_set_name(queue, names[index]);
    }
    return result;
}

static void receive(unsigned index, const struct program_op *op, struct program_outcome *outcome)
{
    uint32_t words[ITEM_BYTES_MAX / 4U + 1] = {0};
    uint8_t *item = (uint8_t *)words + op_is_unaligned(op);
    struct kiln_queue *queue = &program.queues[index];
    if (op->call == CALL_QUEUE_RECEIVE) {
        outcome->result = kiln_queue_receive(queue, item, op_timeout(op));
    } else {
        outcome->result = kiln_queue_peek(queue, item);
    }
    outcome->value = outcome->result == KILN_OK ? program_read_item(index, item) : 0;
}

static void execute_queue(const struct program_op *op, struct program_outcome *outcome)
{
    unsigned index = op->which % PROGRAM_QUEUES, key;
    struct kiln_queue *queue = &program.queues[index];
    uint32_t words[ITEM_BYTES_MAX / 4U + 1];
    uint8_t *item = (uint8_t *)words + op_is_unaligned(op);
    program_fill_item(item, op->value);
    switch (op->call) {
    case CALL_QUEUE_SEND:
        outcome->result = kiln_queue_send(queue, item, op_timeout(op));
        break;
    case CALL_QUEUE_SEND_FRONT:
        outcome->result = kiln_queue_send_front(queue, item, op_timeout(op));
        break;
    case CALL_QUEUE_RECEIVE:
    case CALL_QUEUE_PEEK:
        receive(index, op, outcome);
        break;
    case CALL_QUEUE_COUNT:
        key = kiln_irq_lock();
        outcome->value = (uint32_t)(kiln_queue_count(queue) * 16 + kiln_queue_space(queue));
        kiln_irq_unlock(key);
        break;
    default:
        key = kiln_irq_lock();
        outcome->result = renew_queue(index, op->value);
        kiln_irq_unlock(key);
        break;
    }
}

/* ---- Flags ------------------------------------------------------------------------------------
 */

static int renew_flags(unsigned index)
{
    static const char *const names[PROGRAM_FLAGS] = {"f0", "f1"};
    struct kiln_flags *flags = &program.flags[index];
    int result = flags->tag == NULL ? KILN_OK : kiln_flags_destroy(flags);
    if (result == KILN_OK) {
        (void)kiln_flags_init(flags);
        kiln_set_name(flags, names[index]);
    }
    return result;
}

static void execute_flags(const struct program_op *op, struct program_outcome *outcome)
{
    unsigned index = op->which % PROGRAM_FLAGS, key;
    struct kiln_flags *flags = &program.flags[index];
    switch (op->call) {
    case CALL_FLAGS_SET:
        outcome->result = kiln_flags_set(flags, op_bits(op));
        break;
    case CALL_FLAGS_CLEAR:
        outcome->result = kiln_flags_clear(flags, op_bits(op));
        break;
    case CALL_FLAGS_WAIT:
        outcome->result =
            kiln_flags_wait(flags, op_bits(op), op_options(op),
                            op_wants_value(op) ? &outcome->value : NULL, op_timeout(op));
        break;
    case CALL_FLAGS_GET:
        key = kiln_irq_lock();
        outcome->value = kiln_flags_get(flags);
        kiln_irq_unlock(key);
        break;
    default:
        key = kiln_irq_lock();
        outcome->result = renew_flags(index);
        kiln_irq_unlock(key);
        break;
    }
}

/* ---- Pools: blocks go by their number ----------------------------------------------------------
 */

static uint8_t *block_of(unsigned index, unsigned number)
{
    return (uint8_t *)pool_buffers[index] + (size_t)number * BLOCK_BYTES;
}

static int renew_pool(unsigned index, uint8_t value)
{
    static const char *const names[PROGRAM_POOLS] = {"p0", "p1"};
    struct kiln_pool *pool = &program.pools[index];
    int result = pool->tag == NULL ? KILN_OK : kiln_pool_destroy(pool);
    if (result == KILN_OK) {
        (void)kiln_pool_init(pool, pool_buffers[index], BLOCK_BYTES, new_room(value));
        rooms[index] = new_room(value);
        kiln_set_name(pool, names[index]);
        memset(allocated[index], 0, sizeof(allocated[index]));
    }
    return result;
}

static void allocate(unsigned index, kiln_ticks_t timeout, struct program_outcome *outcome)
{
    void *block = NULL;
    outcome->result = kiln_pool_alloc(&program.pools[index], &block, timeout);
    if (outcome->result == KILN_OK) {
        unsigned number = (unsigned)((uint8_t *)block - block_of(index, 0)) / BLOCK_BYTES;
        outcome->value = block == block_of(index, number) ? number : 0xBAD;
        memset(block, 0xA5, BLOCK_BYTES); /* it is the caller's */
        allocated[index][number % PROGRAM_ROOM] = true;
    }
}

/* Who allocated the block does not matter to a pool. Only one that is allocated may be freed. */
bool program_claim_block(unsigned index, unsigned number)
{
    bool claimed = allocated[index][number];
    allocated[index][number] = false;
    return claimed;
}

static int free_twice(unsigned index)
{
    void *block = NULL;
    int result = kiln_pool_alloc(&program.pools[index], &block, KILN_NO_WAIT);
    if (result == KILN_OK) {
        result = kiln_pool_free(&program.pools[index], block);
    }
    return result != KILN_OK ? result : kiln_pool_free(&program.pools[index], block);
}

/* While all are free, any block that was ever allocated is known to be. */
static int free_when_full(unsigned index, unsigned number)
{
    struct kiln_pool *pool = &program.pools[index];
    bool full = kiln_pool_free_count(pool) == rooms[index];
    return full ? kiln_pool_free(pool, block_of(index, number)) : KILN_OK;
}

static int free_wrong(unsigned index, uint8_t value)
{
    uint8_t *const wrong[] = {NULL, block_of(index, 0) - BLOCK_BYTES, block_of(index, 0) + 1,
                              block_of(index, PROGRAM_ROOM)};
    return kiln_pool_free(&program.pools[index], wrong[value % 4U]);
}

static void execute_pool(const struct program_op *op, struct program_outcome *outcome)
{
    unsigned index = op->which % PROGRAM_POOLS, key;
    switch (op->call) {
    case CALL_POOL_ALLOC:
        allocate(index, op_timeout(op), outcome);
        break;
    case CALL_POOL_FREE:
        outcome->result =
            kiln_pool_free(&program.pools[index], block_of(index, op->value % PROGRAM_ROOM));
        break;
    case CALL_POOL_FREE_WRONG:
        outcome->result = free_wrong(index, op->value);
        break;
    case CALL_POOL_FREE_TWICE:
        key = kiln_irq_lock();
        outcome->result = op_frees_when_full(op) ? free_when_full(index, op->value % PROGRAM_ROOM)
                                                 : free_twice(index);
        kiln_irq_unlock(key);
        break;
    case CALL_POOL_COUNT:
        key = kiln_irq_lock();
        outcome->value = (uint32_t)kiln_pool_free_count(&program.pools[index]);
        kiln_irq_unlock(key);
        break;
    default:
        key = kiln_irq_lock();
        outcome->result = renew_pool(index, op->value);
        kiln_irq_unlock(key);
        break;
    }
}

/* ---- All ----------------------------------------------------------------------------------------
 */

void program_execute_object(const struct program_op *op, struct program_outcome *outcome)
{
    if (op->call <= CALL_SEM_RENEW) {
        execute_sem(op, outcome);
    } else if (op->call <= CALL_MUTEX_RENEW || op->call == CALL_MUTEX_FILL) {
        execute_mutex(op, outcome);
    } else if (op->call <= CALL_QUEUE_RENEW) {
        execute_queue(op, outcome);
    } else if (op->call <= CALL_FLAGS_RENEW) {
        execute_flags(op, outcome);
    } else {
        execute_pool(op, outcome);
    }
}
