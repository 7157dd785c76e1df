/* What editing tells drawing. */
#ifndef K_LINE_H
#define K_LINE_H

#include "kiln/line.h"

/* To be drawn, in this order. */
enum k_line_pending {
    K_LINE_BELL = 1,
    K_LINE_CLEAR = 2,
    K_LINE_TEXT = 4,       /* from `dirty` on */
    K_LINE_TEXT_BEGUN = 8, /* and the cursor is there already */
    K_LINE_NEW_ROW = 16,   /* the line is over */
};

/* True when there is something to be drawn. */
static inline bool k_line_is_pending(const struct kiln_line *line)
{
    return line->pending != 0 || line->prompt_left != 0 || line->cursor != line->shown_cursor;
}

#endif
