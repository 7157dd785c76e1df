/* A line that is edited on the console makes room for what is printed there.
 *
 * Whoever prints takes prompt and line off the screen; the text is on a row of its own. When it
 * ends with a line feed, the shell is woken and draws them again. When it does not, its row stays
 * as it is for the texts that continue it, until one ends it or somebody types: then the shell goes
 * on to the next row. Whoever prints waits for nobody.
 *
 * For that the shell stands between the console's stream and two others while it serves it: those
 * who print, and the driver. `row` says what the row of the cursor has. It changes in the masked
 * section in which the driver takes bytes, or while somebody prints, when the driver is not asked.
 *
 * The editor's output goes in pieces, and a text may come after the shell has made one and before
 * it is written: it would be written behind the text, or move the cursor there. So each piece is
 * made for a state of the row, `made_for`, and a piece for another state is passed over. The shell
 * looks at the row before it makes the next, and draws all of the line when nothing of it is there.
 * A piece that is half out is completed by whoever prints: see stream_console.c.
 */
#include "kiln/config.h"

#if KILN_CFG_SHELL

#include "core/kernel.h"
#include "io/print.h"
#include "io/shell.h"
#include "io/stream.h"

#define TAKE_OFF "\r\033[K"

static bool is_editors(const struct kiln_shell *shell, const uint8_t *bytes)
{
    return (uintptr_t)bytes - (uintptr_t)shell->bytes < sizeof(shell->bytes);
}

/* So many bytes are out. The editor writes a line feed only when the line is over. A command may
 * leave the cursor at the start of a row by CR. */
static void note(struct kiln_shell *shell, const uint8_t *bytes, size_t count)
{
    uint8_t last = bytes[count - 1U];
    if (!is_editors(shell, bytes)) {
        shell->row = last == '\n' || last == '\r' ? K_ROW_FREE : K_ROW_OPEN;
    } else if (last == '\n') {
        shell->row = shell->made_for = K_ROW_FREE;
        shell->is_edited = false;
    } else {
        shell->row = shell->made_for = K_ROW_LINE;
    }
}

/* ---- In the place of the driver -------------------------------------------------------------- */

static size_t write_at_row(struct kiln_stream *stream, const uint8_t *bytes, size_t size)
{
    struct kiln_shell *shell = (struct kiln_shell *)stream->listener;
    if (is_editors(shell, bytes) && shell->row != shell->made_for) {
        return size;
    }
    size_t count = shell->driver->write(stream, bytes, size); /* calls: board_console_write */
    if (count != 0) {
        note(shell, bytes, count);
    }
    return count;
}

static void room_at_row(struct kiln_stream *stream)
{
    const struct kiln_shell *shell = (const struct kiln_shell *)stream->listener;
    if (shell->driver->room != NULL) {
        shell->driver->room(stream); /* calls: room */
    }
}

static const struct kiln_stream_driver driver = {.write = write_at_row, .room = room_at_row};

/* ---- In the place of the console's stream, for those who print --------------------------------
 */

static struct kiln_shell *the_shell(void)
{
    return (struct kiln_shell *)k_console_stream->listener;
}

/* 0: nothing was. */
static void note_printed(struct kiln_shell *shell, char last)
{
    if (last != '\0') {
        shell->row = last == '\n' ? K_ROW_FREE : K_ROW_OPEN;
    }
}

static void write_and_note(struct output *out)
{
    note_printed(the_shell(), out->at != out->start ? out->at[-1] : '\0');
    k_write_chunk(out);
}

/* What interrupts printed meanwhile is written from a ring, which is empty before and after: its
 * last character is here then. A mark before says whether there was any. */
static char *before_later(struct k_printer *printer)
{
    size_t at = printer->first != 0 ? printer->first : sizeof(printer->later);
    return &printer->later[at - 1U];
}

static k_printer_fn *hold_line(struct k_printer *printer)
{
    struct kiln_shell *shell = the_shell();
    const char *rest;
    size_t count = k_console_hold(&rest);
    if (count != 0) {
        port_console_write(rest, count);
        note(shell, (const uint8_t *)rest, count);
    }
    if (shell->row == K_ROW_LINE) {
        port_console_write(TAKE_OFF, sizeof(TAKE_OFF) - 1U);
        shell->row = K_ROW_FREE;
    }
    *before_later(printer) = '\0';
    return write_and_note;
}

static void let_line_go(struct k_printer *printer)
{
    struct kiln_shell *shell = the_shell();
    note_printed(shell, *before_later(printer));
    bool comes_back = shell->is_edited && shell->row == K_ROW_FREE;
    if (comes_back) {
        port_console_write("\r", 1); /* the text may have ended without */
    }
    k_console_let_go();
    if (comes_back) {
        (void)kiln_sem_give(&shell->wake);
    }
}

static const struct k_console_stream line_side = {.hold = hold_line, .let_go = let_line_go};

/* ---- For the shell --------------------------------------------------------------------------- */

void k_shell_join_console(struct kiln_shell *shell)
{
    struct kiln_stream *terminal = shell->terminal;
    shell->row = K_ROW_LINE;
    if (!terminal->is_console) {
        return;
    }
    unsigned key = port_irq_save();
    shell->row = K_ROW_FREE;
    shell->driver = terminal->driver;
    terminal->driver = &driver;
    k_printers_stream = &line_side;
    port_irq_restore(key);
}

void k_shell_leave_console(struct kiln_shell *shell)
{
    unsigned key = port_irq_save();
    if (shell->terminal->is_console) {
        shell->terminal->driver = shell->driver;
        k_printers_stream = &k_console_stream_side;
    }
    port_irq_restore(key);
}

#endif
