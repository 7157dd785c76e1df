/* The window: a thread that shows the board's picture, and says what is done to the keyboard and
 * the buttons. It looks at the devices as they do, without a lock; it never calls the kernel, and
 * nobody waits for it but at the start and at the end.
 *
 * SDL is loaded when there is a window to open: it brings some fifty libraries with it. */
#define _GNU_SOURCE
#include <SDL2/SDL.h>
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board.h"
#include "face.h"
#include "posix.h"
#include "scan.h"
#include "thread.h"
#include "wire.h"

/* What is used of SDL. */
static struct {
    __typeof__(&SDL_SetHint) SetHint;
    __typeof__(&SDL_Init) Init;
    __typeof__(&SDL_Quit) Quit;
    __typeof__(&SDL_CreateWindow) CreateWindow;
    __typeof__(&SDL_PollEvent) PollEvent;
    __typeof__(&SDL_GetTicks64) GetTicks64;
    __typeof__(&SDL_GetWindowSurface) GetWindowSurface;
    __typeof__(&SDL_ConvertPixels) ConvertPixels;
    __typeof__(&SDL_UpdateWindowSurfaceRects) UpdateWindowSurfaceRects;
} sdl;

static const struct {
    const char *name;
    void *pointer; /* in `sdl` */
} sdl_functions[] = {
    {"SDL_SetHint", &sdl.SetHint},
    {"SDL_Init", &sdl.Init},
    {"SDL_Quit", &sdl.Quit},
    {"SDL_CreateWindow", &sdl.CreateWindow},
    {"SDL_PollEvent", &sdl.PollEvent},
    {"SDL_GetTicks64", &sdl.GetTicks64},
    {"SDL_GetWindowSurface", &sdl.GetWindowSurface},
    {"SDL_ConvertPixels", &sdl.ConvertPixels},
    {"SDL_UpdateWindowSurfaceRects", &sdl.UpdateWindowSurfaceRects},
};

#define FRAME_MS 20U
#define BLINK_MS 400U /* the cursor is on for so long, then off; and on while it moves */

static struct {
    sem_t opened; /* or given up */
    sem_t closed;
    bool is_open;
    atomic_bool is_over;
    /* Of the thread. */
    pthread_t thread;
    SDL_Window *window;
    struct face *face;
    uint8_t buttons;    /* those that the mouse holds down */
    unsigned cursor;    /* where it was in the last frame */
    uint64_t cursor_ms; /* when it came there */
    bool is_exposed;    /* all of the window has to be drawn */
} ui;

/* ---- In ------------------------------------------------------------------------------------ */

static void send_key(const SDL_KeyboardEvent *event)
{
    uint8_t codes[SCAN_CODES_MAX];
    scan_key_t key = scan_key_of_usage((unsigned)event->keysym.scancode);
    unsigned count = key != 0 ? scan_codes(key, event->type == SDL_KEYDOWN, codes) : 0;
    for (unsigned i = 0; i < count; i++) {
        wire_send(&wire_keyboard, codes[i]);
    }
}

static void hold_buttons(unsigned buttons)
{
    if (buttons != ui.buttons) {
        ui.buttons = (uint8_t)buttons;
        wire_send(&wire_buttons, ui.buttons);
    }
}

/* A button comes up wherever the mouse is let go. */
static void use_mouse(const SDL_MouseButtonEvent *event)
{
    int button = face_button_at(event->x, event->y);
    bool is_down = event->type == SDL_MOUSEBUTTONDOWN && button >= 0;
    hold_buttons(is_down ? 1U << button : 0);
}

static void handle(const SDL_Event *event)
{
    switch (event->type) {
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        send_key(&event->key);
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        use_mouse(&event->button);
        break;
    case SDL_WINDOWEVENT:
        ui.is_exposed = true;
        break;
    case SDL_QUIT:
        posix_ask_to_stop();
        break;
    default:
        break;
    }
}

/* ---- Out ----------------------------------------------------------------------------------- */

static bool cursor_is_lit(void)
{
    const struct kiln_display *display = &board.display;
    unsigned cursor = (unsigned)display->cursor_row << 8 | display->cursor_column;
    uint64_t now = sdl.GetTicks64();
    if (cursor != ui.cursor) {
        ui.cursor = cursor;
        ui.cursor_ms = now;
    }
    return (now - ui.cursor_ms) / BLINK_MS % 2 == 0;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* Another program may have made the window smaller than the picture, or larger. */
static void show(int first, int rows)
{
    SDL_Surface *surface = sdl.GetWindowSurface(ui.window);
    if (surface == NULL) {
        return;
    }
    SDL_Rect area = {0, first, smaller(FACE_WIDTH, surface->w), smaller(rows, surface->h - first)};
    if (area.w > 0 && area.h > 0) {
        const uint32_t *from = ui.face->picture.pixels + first * FACE_WIDTH;
        (void)sdl.ConvertPixels(area.w, area.h, SDL_PIXELFORMAT_ARGB8888, from,
                                FACE_WIDTH * (int)sizeof(*from), surface->format->format,
                                (char *)surface->pixels + first * surface->pitch, surface->pitch);
        (void)sdl.UpdateWindowSurfaceRects(ui.window, &area, 1);
    }
}

static void draw_frame(void)
{
    int first, rows;
    bool is_new = face_update(ui.face, cursor_is_lit(), &first, &rows);
    if (ui.is_exposed) {
        ui.is_exposed = false;
        show(0, FACE_HEIGHT);
    } else if (is_new) {
        show(first, rows);
    }
}

/* ---- The thread ---------------------------------------------------------------------------- */

static bool load_sdl(void)
{
    void *library = dlopen("libSDL2-2.0.so.0", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; i < sizeof(sdl_functions) / sizeof(sdl_functions[0]); i++) {
        void *function = library != NULL ? dlsym(library, sdl_functions[i].name) : NULL;
        if (function == NULL) {
            return false;
        }
        memcpy(sdl_functions[i].pointer, &function, sizeof(function));
    }
    return true;
}

static bool open_window(void)
{
    if (!load_sdl()) {
        return false;
    }
    (void)sdl.SetHint(SDL_HINT_VIDEODRIVER, "x11,wayland"); /* no window that nobody sees */
    (void)sdl.SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    (void)sdl.SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    (void)sdl.SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1"); /* the first click counts, too */
    (void)sdl.SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    if (sdl.Init(SDL_INIT_VIDEO) != 0) {
        return false;
    }
    ui.window = sdl.CreateWindow("Kiln", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                 FACE_WIDTH, FACE_HEIGHT, 0);
    return ui.window != NULL && sdl.GetWindowSurface(ui.window) != NULL;
}

/* Events are asked for, not waited for: SDL_WaitEventTimeout() has SDL send messages to its own
 * window over a second connection; one that comes when the window is gone ends the process. */
static void run(void)
{
    SDL_Event event;
    ui.face = face_new();
    while (!ui.is_over) {
        while (sdl.PollEvent(&event)) {
            handle(&event);
        }
        draw_frame();
        (void)usleep(FRAME_MS * 1000U);
    }
}

static void *run_window(void *arg)
{
    (void)arg;
    ui.thread = pthread_self();
    bool is_open = open_window();
    ui.is_open = is_open;
    (void)sem_post(&ui.opened);
    if (is_open) {
        run();
        sdl.Quit();
        (void)sem_post(&ui.closed);
    }
    return NULL;
}

/* Without these there is nothing to look for, and no reason to load SDL. */
static bool has_display(void)
{
    return getenv("DISPLAY") != NULL || getenv("WAYLAND_DISPLAY") != NULL ||
           getenv("SDL_VIDEODRIVER") != NULL;
}

static void wait_for(sem_t *sem)
{
    while (sem_wait(sem) != 0) { /* a signal came */
    }
}

bool window_open(void)
{
    if (!has_display() || sem_init(&ui.opened, 0, 0) != 0 || sem_init(&ui.closed, 0, 0) != 0) {
        return false;
    }
    sim_thread_start(run_window, NULL);
    wait_for(&ui.opened);
    return ui.is_open;
}

/* It may be the window's thread that ends the process: when the display went away. */
void window_close(void)
{
    ui.is_over = true;
    if (!pthread_equal(pthread_self(), ui.thread)) {
        wait_for(&ui.closed);
    }
}
