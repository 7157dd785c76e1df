#!/usr/bin/python3
"""Tests of the simulated board from outside: its picture, its script, its window.

usage: check.py BUILD_DIRECTORY, with desk-cells/, desk-cells-tsan/, desk-terminal/, blinky/ and
shell/ in it.
Prints TAP. Debian's own Python, because python3-xlib is Debian's.
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cases import case, check, in_a_folder_of_its_own, run_cases
from console import PATIENCE_S, send_signal
from desk.picture import BUTTONS, HEIGHT, LEDS, SCREEN_X, SCREEN_Y, Wanted, read_png
from desk.xserver import Server

BUILD = pathlib.Path(sys.argv[1]).resolve()
CELLS = BUILD / "desk-cells/desk-cells"
CELLS_TSAN = BUILD / "desk-cells-tsan/desk-cells"
TERMINAL = BUILD / "desk-terminal/desk-terminal"
BLINKY = BUILD / "blinky/blinky"
DEMO = BUILD / "shell/shell"
VIRTUAL = ("--clock", "virtual", "--headless")
SOLDER_MASK, LED_ON, LED_OFF = "0F2A2E", "FF4A36", "451915"
NO_DISPLAY = {name: value for name, value in os.environ.items()
              if name not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")}


def run(*command, status=0):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=PATIENCE_S, env=NO_DISPLAY, stdin=subprocess.DEVNULL, check=False)
    check(result.returncode == status,
          f"{command}: exit status {result.returncode}\n{result.stdout[-500:]}{result.stderr[-2000:]}")
    return result


def run_script(program, script, *flags, status=0):
    pathlib.Path("script").write_text(script)
    return run(program, *VIRTUAL, "--keys", "script", *flags, status=status)


def shot(program, script, *flags):
    run_script(program, script, "--screenshot", "shot.png", *flags)
    return read_png("shot.png")


def check_shown(screen, picture):
    difference = screen.difference(picture)
    check(difference is None, difference)


def read(path):
    return pathlib.Path(path).read_bytes()


def eventually(holds, what):
    """The window shows what has changed some time later."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        check(time.monotonic() < end, what)
        time.sleep(0.05)


def cells_screen(typed=""):
    """What desk-cells shows."""
    screen = Wanted()
    for i in range(256):
        screen.put(8 + i % 64, 2 + i // 64, [i], 0x1F)
        screen.put(8 + i % 16, 8 + i // 16, "A", i)
    screen.put(8, 0, "Kiln", 0x0E)
    screen.put(30, 8, typed)
    screen.cursor = (30 + len(typed), 8)
    return screen


# ---- The picture ---------------------------------------------------------------------------------

@in_a_folder_of_its_own
def every_character_and_colour_is_drawn():
    check_shown(cells_screen("Hi, ps!"), shot(CELLS, '500ms type "Hi, ps!"\n1s close\n'))


@in_a_folder_of_its_own
def pixels_are_drawn_twice_as_large():
    picture = shot(CELLS, "500ms press Escape\n1s close\n")
    for y in range(0, 480, 7):
        for x in range(0, 640, 7):
            red, green = x // 2 // 10, y // 2 // 4
            expected = f"{red << 3 | red >> 2:02X}{green << 2 | green >> 4:02X}00"
            found = picture.at(SCREEN_X + x, SCREEN_Y + y)
            check(found == expected, f"pixel {x},{y} is {found}, not {expected}")


def parts(picture):
    """The lights that are on; those of the buttons that look pressed."""
    colours = [picture.at(*place) for place in LEDS]
    check(set(colours) <= {LED_ON, LED_OFF}, f"lights of {colours}")
    lit = {led for led, colour in enumerate(colours) if colour == LED_ON}
    return lit, {button for button, place in enumerate(BUTTONS) if picture.at(*place) == "14181A"}


def needle(picture):
    """How far to the right the gauge's needle gets."""
    return max(x for x in range(570, 680) for y in range(555, 605) if picture.at(x, y) == "C0281E")


@in_a_folder_of_its_own
def buttons_turn_lights_on_and_move_the_gauge():
    picture = shot(CELLS, "100ms button 1 down\n200ms button 1 up\n300ms button 3 down\n1s close\n")
    check(parts(picture) == ({1, 3}, {3}), f"shows {parts(picture)}")
    before = shot(CELLS, "1s close\n")
    check(parts(before) == (set(), set()), f"shows {parts(before)}")
    check(needle(before) < 630, "the gauge does not begin at the left")
    check(needle(picture) > 640, "the gauge has not moved to the right")


@in_a_folder_of_its_own
def a_terminal_understands_sequences():
    picture = shot(TERMINAL, '100ms type "one\\n\\e[1;31mtwo\\e[0m \\e[44mx\\e[m\\n"\n'
                             '600ms type "\\e[25;79H>>\\e[25;1H\\nend"\n2s close\n')
    screen = Wanted()
    screen.put(0, 0, "two", 0x0C)
    screen.put(4, 0, "x", 0x17)
    screen.put(78, 23, ">>")
    screen.put(0, 24, "end")
    screen.cursor = (3, 24)
    check_shown(screen, picture)


# ---- The demo -----------------------------------------------------------------------------------

def clicks(*times_and_buttons):
    return "".join(f"{ms}ms button {button} down\n{ms + 50}ms button {button} up\n"
                   for ms, button in times_and_buttons)


@in_a_folder_of_its_own
def the_panel_of_the_demo_starts_a_task_ends_it_and_reboots():
    run_script(DEMO, clicks((500, 1), (1000, 1), (1500, 3)), "--until", "2s", "--trace", "trace")
    events = [line.split(" ", 1)[1] for line in read("trace").decode().splitlines()]
    check(events.count("start spinner 1") == 1, "button 1 does not start it, once")
    check("end spinner 0" in events, "button 1 does not end it")
    check(events.count("start server 6") == 2, "button 3 does not reboot, once")


@in_a_folder_of_its_own
def the_demo_shows_how_busy_it_is():
    idle = shot(DEMO, "3s close\n")
    busy = shot(DEMO, clicks((500, 1)) + "3s close\n")
    check(needle(idle) < 630 < 640 < needle(busy), f"at {needle(idle)}, {needle(busy)}")
    check(len(parts(idle)[0]) == 1, "one light runs")


# ---- Bad ends ----------------------------------------------------------------------------------------

def picture_of(end, status):
    """Of a run that is typed into, and then ended by a key."""
    result = run_script(CELLS, f'100ms type "last"\n1s press {end}\n', "--screenshot", "shot.png",
                        status=status)
    check_shown(cells_screen("last"), read_png("shot.png"))
    return result.stderr


@in_a_folder_of_its_own
def a_panic_leaves_a_picture():
    check("panic: pressed F1" in picture_of("F1", -signal.SIGABRT), "no last words")


@in_a_folder_of_its_own
def a_fault_leaves_a_picture():
    check("invalid memory access" in picture_of("F2", -signal.SIGSEGV), "no last words")


@in_a_folder_of_its_own
def a_second_ctrl_c_leaves_a_picture():
    pathlib.Path("script").write_text('100ms type "last"\n600ms press F3\n')
    with subprocess.Popen([CELLS, "--headless", "--keys", "script", "--screenshot", "shot.png"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=NO_DISPLAY,
                          text=True) as process:
        check(process.stdout.readline() == "spinning\n", "does not spin")
        send_signal(process, signal.SIGINT)
        check(process.poll() is None, "the first Ctrl-C got through")
        process.send_signal(signal.SIGINT)
        check(process.wait(PATIENCE_S) == 130, f"ended with {process.returncode}")
    check_shown(cells_screen("last"), read_png("shot.png"))


@in_a_folder_of_its_own
def a_picture_that_cannot_be_written_in_the_end_is_reported():
    result = run_script(CELLS, "1s close\n", "--screenshot", "/dev/full", status=1)
    check("cannot write to '/dev/full': No space left" in result.stderr, result.stderr)


# ---- The script -------------------------------------------------------------------------------------

LONG = '250us press Shift+a\n500ms type "a text, with Shift!\\t\\n"\n500ms button 0 down\n' \
       "700ms press Ctrl+C\n800ms press Pause\n900ms press F12\n1s button 0 up\n1500ms close\n"


@in_a_folder_of_its_own
def two_runs_are_the_same_to_the_byte():
    for number in "12":
        run_script(CELLS, LONG, "--trace", f"trace{number}", "--screenshot", f"shot{number}.png")
    check(len(read("trace1").splitlines()) > 100, "hardly any events")
    check(read("trace1") == read("trace2"), "the traces differ")
    check(read("shot1.png") == read("shot2.png"), "the pictures differ")


def check_replays(first, *flags):
    run(CELLS, "--headless", "--replay", "log", "--trace", "again", "--screenshot", "again.png",
        *flags)
    check(read("again") == read(first), "the replay's trace differs")


@in_a_folder_of_its_own
def a_recorded_script_is_replayed_with_it_and_without():
    for clock in ("virtual", "real"):
        pathlib.Path("script").write_text(LONG)
        run(CELLS, "--clock", clock, "--headless", "--keys", "script", "--record", "log",
            "--trace", "trace", "--screenshot", "shot.png")
        check_replays("trace")
        check(read("again.png") == read("shot.png"), "the replay's picture differs")
        check_replays("trace", "--keys", "script")


@in_a_folder_of_its_own
def a_shell_that_nobody_sees_is_replayed():
    """On the console: the display is nobody's, and nothing comes from the board."""
    for clock in ("virtual", "real"):
        recorded = subprocess.run([DEMO, "--headless", "--clock", clock, "--record", "log"],
                                  input="uptime\rexit\r", capture_output=True, text=True,
                                  timeout=PATIENCE_S, env=NO_DISPLAY, check=False)
        check("last reset" in recorded.stdout, f"nothing to replay: {recorded}")
        for flags in ((), ("--headless",), ("--headless", "--screenshot", "shot.png")):
            replayed = run(DEMO, "--replay", "log", *flags)
            check(replayed.stdout == recorded.stdout, f"{flags}: {replayed}")


@in_a_folder_of_its_own
def a_shell_on_the_display_is_replayed_where_nobody_sees_it():
    pathlib.Path("script").write_text('500ms type "uptime\\n"\n')
    run(DEMO, *VIRTUAL, "--until", "1s", "--keys", "script", "--record", "log", "--trace", "trace")
    for flags in ((), ("--headless",), ("--headless", "--screenshot", "shot.png")):
        run(DEMO, "--replay", "log", "--trace", "again", *flags)
        check(read("again") == read("trace"), f"{flags}: the replay's trace differs")


@in_a_folder_of_its_own
def a_script_comes_in_time_when_it_is_recorded():
    run_script(CELLS, LONG, "--trace", "plain")
    run_script(CELLS, LONG, "--trace", "recorded", "--record", "log")
    check(read("plain") == read("recorded"), "the traces differ")


@in_a_folder_of_its_own
def a_script_that_is_over_leaves_a_deadlock():
    result = run_script(CELLS, '100ms type "x"\n', status=1)
    check("blocked for ever" in result.stderr, result.stderr)
    result = run(CELLS, *VIRTUAL, status=1)
    check("blocked for ever" in result.stderr, result.stderr)


@in_a_folder_of_its_own
def bad_scripts_are_named_with_file_line_and_word():
    bad = {"x": "'x'", "0 close": "'0'", "1d close": "'1d'", "1s": "expected type",
           "1s wait": "'wait'", "1s type ps": "'ps'", '1s type "ps': "does not end",
           '1s type "p\\s"': "cannot type", '1s type "\u00e9"': "cannot type",
           '1s type "a" b': "'b'", "1s press": "no key", "1s press F13": "'F13'",
           "1s press Ctrl+": "no key", "1s press Ctrl+Shift+Alt+a+b": "too many",
           "1s button 4 down": "'4'", "1s button 1": "down or up",
           "1s button 1 left": "'left'", "1s close now": "'now'",
           "2s close\n1s close": "line 3"}
    for script, words in bad.items():
        result = run_script(CELLS, f"# a script\n{script}\n", status=2)
        check(words in result.stderr and "'script', line" in result.stderr,
              f"{script!r}: {result.stderr}")

    pathlib.Path("zeros").write_bytes(bytes(9))
    pathlib.Path("long").write_text("1s type \"" + "a" * 5000 + "\"\n")
    for path, words in (("/", "directory"), ("zeros", "no text"), ("/dev/zero", "no text"),
                        ("long", "too long")):
        result = run(CELLS, *VIRTUAL, "--until", "1", "--keys", path, status=2)
        check(words in result.stderr and f"'{path}'" in result.stderr, f"{path}: {result.stderr}")


# ---- Injected faults --------------------------------------------------------------------------------

@in_a_folder_of_its_own
def a_stuck_button_is_pressed_without_a_finger():
    stuck = ("--faults", "stuck=button2@1s..3s")
    check(parts(shot(CELLS, "900ms close\n", *stuck)) == (set(), set()), "it is stuck too early")
    check(parts(shot(CELLS, "2s close\n", *stuck)) == ({2}, {2}), "it is not stuck")
    check(parts(shot(CELLS, "3500ms close\n", *stuck)) == ({2}, set()), "it stays stuck")
    held = "500ms button 2 down\n3500ms close\n"
    check(parts(shot(CELLS, held, *stuck)) == ({2}, {2}), "what a finger held is forgotten")


@in_a_folder_of_its_own
def a_button_that_is_stuck_cannot_be_pressed():
    press = "100ms button 1 down\n200ms button 1 up\n300ms button 3 down\n1s close\n"
    check(parts(shot(CELLS, press, "--faults", "stuck=button1:up")) == ({3}, {3}), "it can")


@in_a_folder_of_its_own
def a_button_gets_stuck_where_nothing_else_comes():
    result = run(CELLS, *VIRTUAL, "--faults", "stuck=button2@1s..3s", status=1)
    check("blocked for ever" in result.stderr and "stopped after 3.0" in result.stderr, result.stderr)


NOISY = ('100ms type "thirty-two letters and some noise"\n500ms button 0 down\n2s close\n',
         "noise=keyboard:0.1,overrun=keyboard:0.02,stuck=button3@1s,seed=5")


@in_a_folder_of_its_own
def noise_on_the_keyboard_is_the_same_in_each_run_and_in_a_replay():
    script, faults = NOISY
    for number in "12":
        picture = shot(CELLS, script, "--faults", faults, "--trace", f"trace{number}", "--record",
                       "log")
        check(cells_screen("thirty-two letters and some noise").difference(picture), "no noise")
        check(parts(picture)[0] == {0, 3}, f"lights: {parts(picture)}")
        pathlib.Path("shot.png").rename(f"shot{number}.png")
    check(read("trace1") == read("trace2"), "the traces differ")
    check(read("shot1.png") == read("shot2.png"), "the pictures differ")
    check_replays("trace1")
    check(read("again.png") == read("shot1.png"), "the replay's picture differs")
    shot(CELLS, script, "--faults", faults.replace("seed=5", "seed=6"))
    check(read("shot.png") != read("shot1.png"), "another seed makes no difference")


# ---- Without a display ------------------------------------------------------------------------------

@in_a_folder_of_its_own
def without_a_display_it_says_so_in_a_line_and_goes_on():
    words = "there is no display for a window: as with --headless"
    for environment in (NO_DISPLAY, {**NO_DISPLAY, "DISPLAY": ":65000"}):
        result = subprocess.run([CELLS, "--clock", "virtual", "--until", "100ms"], text=True,
                                capture_output=True, timeout=PATIENCE_S, env=environment, check=True)
        check(result.stderr.count(words) == 1, result.stderr)
    check(words not in run(CELLS, "--headless", "--until", "100ms").stderr, "says so when told to")
    check(words not in run(BLINKY, "--until", "100ms").stderr, "a light is no reason to say so")


@in_a_folder_of_its_own
def where_nobody_sees_it_the_terminal_is_the_console():
    result = subprocess.run([TERMINAL, "--clock", "virtual", "--headless"], input="to and fro\n",
                            capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    check(result.stdout == "to and fro\n", result.stdout)


@in_a_folder_of_its_own
def a_picture_that_cannot_be_written_is_refused_at_once():
    result = run(CELLS, *VIRTUAL, "--screenshot", "none/shot.png", "--until", "1", status=2)
    check("none/shot.png" in result.stderr, result.stderr)


@case
def nothing_is_linked_with_sdl():
    for program in (CELLS, BLINKY):
        check("SDL" not in run("ldd", program).stdout, f"{program} is")


# ---- The window -----------------------------------------------------------------------------------

class Window:
    """The program in a window, and a user."""

    def __init__(self, server, *command):
        self.server = server
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True,
                                        env={**os.environ, "DISPLAY": server.name})
        self.window = server.window()
        eventually(lambda: self.picture().at(2, HEIGHT // 2) == SOLDER_MASK, "nothing is drawn")

    def picture(self):
        return self.server.picture(self.window)

    def shows(self, screen):
        """With the cursor lit or not."""
        picture, cursor = self.picture(), screen.cursor
        found = screen.difference(picture) is None
        screen.cursor = None
        found = found or screen.difference(picture) is None
        screen.cursor = cursor
        return found

    def click(self, button):
        self.server.button(self.window, BUTTONS[button], True)
        eventually(lambda: button in parts(self.picture())[1], "the button does not look pressed")
        self.server.button(self.window, BUTTONS[button], False)

    def close(self):
        """Returns what the program printed."""
        self.server.close(self.window)
        output, _ = self.process.communicate(timeout=PATIENCE_S)
        check(self.process.returncode == 0, f"ended with {self.process.returncode}: {output}")
        check("stopped after" in output, f"no summary: {output}")
        return output

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


@in_a_folder_of_its_own
def a_window_shows_what_is_typed_and_clicked():
    with Server() as server, Window(server, CELLS, "--screenshot", "shot.png") as window:
        eventually(lambda: window.shows(cells_screen()), "the window does not show the text")
        server.type("helloK")
        eventually(lambda: window.shows(cells_screen("helloK")), "typing does not show")
        window.click(2)
        eventually(lambda: parts(window.picture()) == ({2}, set()), "the light is not on")
        window.close()
        picture = read_png("shot.png")
        check_shown(cells_screen("helloK"), picture)
        check(parts(picture) == ({2}, set()), "the picture shows other parts")


@in_a_folder_of_its_own
def a_window_of_another_size_is_drawn():
    """A window manager may not ask."""
    with Server() as server, Window(server, CELLS) as window:
        for width, height in ((300, 200), (1, 1), (900, 800), (720, 660)):
            server.resize(window.window, width, height)
            server.key("a")
            time.sleep(0.2)
            check(window.process.poll() is None, f"{width}x{height} ends the process")
        eventually(lambda: window.shows(cells_screen("aaaa")), "it does not show the text")
        window.close()


@in_a_folder_of_its_own
def the_cursor_blinks():
    with Server() as server, Window(server, CELLS) as window:
        screen = cells_screen()
        eventually(lambda: screen.difference(window.picture()) is None, "it is never lit")
        screen.cursor = None
        eventually(lambda: screen.difference(window.picture()) is None, "it is always lit")
        window.close()


@in_a_folder_of_its_own
def the_picture_is_the_window():
    with Server() as server, Window(server, CELLS, "--screenshot", "shot.png") as window:
        server.key("Escape")
        server.key("a")
        eventually(lambda: window.picture().at(SCREEN_X + 630, SCREEN_Y + 2) == "FF0000",
                   "there are no pixels")
        last = window.picture()
        window.close()
        check(read_png("shot.png").pixels == last.pixels, "they differ")


@in_a_folder_of_its_own
def a_user_is_recorded_and_replayed():
    for clock in ("virtual", "real"):
        with Server() as server, Window(server, CELLS, "--clock", clock, "--record", "log",
                                        "--trace", "trace") as window:
            server.type("ab")
            window.click(1)
            eventually(lambda: window.shows(cells_screen("ab")), "typing does not show")
            eventually(lambda: parts(window.picture()) == ({1}, set()), "the light is not on")
            window.close()
        check_replays("trace")
        check(parts(read_png("again.png"))[0] == {1}, "the replay has another light on")


@in_a_folder_of_its_own
def the_end_of_the_run_closes_the_window():
    with Server() as server, Window(server, CELLS, "--until", "1s") as window:
        output, _ = window.process.communicate(timeout=PATIENCE_S)
        stopped = re.search(r"stopped after (\d+\.\d+) s", output)
        check(window.process.returncode == 0 and stopped and float(stopped[1]) >= 1, output)
        eventually(lambda: server.find_window() is None, "the window stays")


@in_a_folder_of_its_own
def tsan_finds_no_race_with_the_window():
    with Server() as server, Window(server, CELLS_TSAN, "--clock", "virtual") as window:
        eventually(lambda: window.shows(cells_screen()), "the window does not show the text")
        server.type("hello")
        window.click(0)
        server.key("Escape")
        eventually(lambda: window.picture().at(SCREEN_X + 630, SCREEN_Y + 2) == "FF0000",
                   "there are no pixels")
        output = window.close()
        check("WARNING" not in output, output)


run_cases()
