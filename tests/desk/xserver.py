"""A display of its own for a window, and somebody who uses it: Xvfb, with python3-xlib."""
import os
import subprocess
import time

from Xlib import X, XK, display, error
from Xlib.ext import xtest
from Xlib.protocol import event

from console import PATIENCE_S
from desk.picture import HEIGHT, WIDTH, Picture


class Server:
    def __enter__(self):
        out, into = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(into), "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
            pass_fds=[into], stderr=subprocess.DEVNULL)
        os.close(into)
        with os.fdopen(out) as number:
            self.name = f":{number.readline().strip()}"
        self.display = display.Display(self.name)
        self.released = set()  # keys that came up a moment ago
        return self

    def __exit__(self, *_):
        self.display.close()
        self.process.terminate()
        self.process.wait()

    def find_window(self):
        for window in self.display.screen().root.query_tree().children:
            try:
                if window.get_wm_name() == "Kiln" and \
                        window.get_attributes().map_state == X.IsViewable:
                    return window
            except error.BadWindow:  # gone meanwhile
                pass
        return None

    def window(self, timeout_s=PATIENCE_S):
        """Waits for the board's window."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            window = self.find_window()
            if window is not None:
                window.set_input_focus(X.RevertToParent, X.CurrentTime)
                self.display.sync()
                return window
            time.sleep(0.05)
        raise TimeoutError("no window came")

    def code_of(self, name):
        return self.display.keysym_to_keycode(XK.string_to_keysym(name))

    def press(self, codes):
        """Down in this order, up in the opposite one. A key that goes down less than 2 ms after it
        came up is taken for one that is held, so it has to wait."""
        if not self.released.isdisjoint(codes):
            time.sleep(0.004)
            self.released.clear()
        self.released.update(codes)
        for code in codes:
            xtest.fake_input(self.display, X.KeyPress, code)
        for code in reversed(codes):
            xtest.fake_input(self.display, X.KeyRelease, code)
        self.display.sync()

    def key(self, name, *held):
        self.press([self.code_of(key) for key in (*held, name)])

    def type(self, text):
        """ASCII: a character's number is that of its key symbol."""
        for symbol in map(ord, text):
            code = self.display.keysym_to_keycode(symbol)
            needs_shift = self.display.keycode_to_keysym(code, 0) != symbol
            self.press([self.code_of("Shift_L"), code] if needs_shift else [code])

    def button(self, window, place, is_down):
        """The mouse's, at a place of the window."""
        root = window.translate_coords(self.display.screen().root, 0, 0)
        xtest.fake_input(self.display, X.MotionNotify, x=place[0] - root.x, y=place[1] - root.y)
        xtest.fake_input(self.display, X.ButtonPress if is_down else X.ButtonRelease, 1)
        self.display.sync()

    def close(self, window):
        """What a window manager says when the user closes a window."""
        protocols = self.display.intern_atom("WM_PROTOCOLS")
        delete = self.display.intern_atom("WM_DELETE_WINDOW")
        window.send_event(event.ClientMessage(window=window, client_type=protocols,
                                              data=(32, [delete, X.CurrentTime, 0, 0, 0])))
        self.display.sync()

    def image(self, window):
        """Four bytes a pixel: blue, green, red, and one of no colour."""
        try:
            return window.get_image(0, 0, WIDTH, HEIGHT, X.ZPixmap, 0xFFFFFFFF).data
        except error.XError as problem:
            raise OSError(f"the window is gone: {problem}") from problem

    def resize(self, window, width, height):
        window.configure(width=width, height=height)
        self.display.sync()

    def picture(self, window):
        return picture_of(self.image(window))


def picture_of(image):
    pixels = bytearray(3 * WIDTH * HEIGHT)
    pixels[0::3], pixels[1::3], pixels[2::3] = image[2::4], image[1::4], image[0::4]
    return Picture(WIDTH, HEIGHT, bytes(pixels))
