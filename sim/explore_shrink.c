/* The explorer: the least schedule that fails in the same way.
 *
 * Interrupts are dropped one by one; those behind one that was dropped come earlier then, by about
 * as many blocks as its handler had. What is left moves to the earliest block at which the run
 * fails as well, and on to the first place at which it is not masked.
 */
#include <string.h>

#include "explorer.h"

/* Blocks that interrupts may be moved by: the one behind a gap, and those behind that one. */
#define SHIFT_MAX 400
#define AGAIN_MAX 12
#define MOVE_MAX  4000

static bool fails_alike(const struct schedule *schedule, const struct outcome *wanted)
{
    struct outcome outcome;
    run_once(schedule, &outcome);
    explorer->shrinking++;
    return outcome.end == RUN_FAILED && strcmp(outcome.text, wanted->text) == 0;
}

/* Removes one. The next comes `shift` blocks earlier, those behind it by `again` more. */
static struct schedule without(const struct schedule *schedule, unsigned index, uint64_t shift,
                               uint64_t again)
{
    struct schedule shorter = {0};
    for (unsigned i = 0; i < schedule->count; i++) {
        uint64_t earlier = (i > index ? shift : 0) + (i > index + 1 ? again : 0);
        if (i != index) {
            (void)schedule_add(&shorter, schedule->at[i].block - earlier, schedule->at[i].source);
        }
    }
    return shorter;
}

static bool drop(struct schedule *schedule, unsigned index, const struct outcome *wanted)
{
    uint64_t shifts = index + 1 < schedule->count ? SHIFT_MAX : 1;
    uint64_t agains = index + 2 < schedule->count ? AGAIN_MAX : 1;
    for (uint64_t try = 0; try < shifts * agains; try++) {
        struct schedule shorter = without(schedule, index, try / agains, try % agains);
        if (fails_alike(&shorter, wanted)) {
            *schedule = shorter;
            return true;
        }
    }
    return false;
}

/* Once more round after each that goes, because it may have been in the way of another. */
static void drop_all(struct schedule *schedule, const struct outcome *wanted)
{
    for (unsigned index = 0; index < schedule->count;) {
        index = drop(schedule, index, wanted) ? 0 : index + 1;
    }
}

static bool move(struct schedule *schedule, unsigned index, int64_t blocks,
                 const struct outcome *wanted)
{
    struct schedule moved = *schedule;
    moved.at[index].block += (uint64_t)blocks;
    uint64_t block = moved.at[index].block;
    if (block <= explorer->baseline.first_block ||
        (index > 0 && moved.at[index - 1].block > block) ||
        (index + 1 < moved.count && moved.at[index + 1].block < block) ||
        !fails_alike(&moved, wanted)) {
        return false;
    }
    *schedule = moved;
    return true;
}

static bool is_masked_there(const struct schedule *schedule, unsigned index)
{
    struct outcome outcome;
    run_watched(schedule, &outcome);
    for (unsigned i = 0; i < explorer->inputs_n; i++) {
        const struct input *input = &explorer->inputs[i];
        if (input->record.block == schedule->at[index].block) {
            return input->deferred;
        }
    }
    return false;
}

static void move_all(struct schedule *schedule, const struct outcome *wanted)
{
    for (unsigned i = 0; i < schedule->count; i++) {
        for (int n = 0; n < MOVE_MAX && move(schedule, i, -1, wanted); n++) {
        }
        for (int n = 0;
             n < MOVE_MAX && is_masked_there(schedule, i) && move(schedule, i, 1, wanted); n++) {
        }
    }
}

uint64_t shrink(struct schedule *schedule, struct outcome *outcome)
{
    explorer->shrinking = 0;
    drop_all(schedule, outcome);
    move_all(schedule, outcome);
    return explorer->shrinking;
}
