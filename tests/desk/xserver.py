"""A display of its own for a window, and somebody who uses it: Xvfb, with python3-xlib."""
import os
import subprocess
import time

from Xlib import X, XK, display, error
from Xlib.ext import xtest
from Xlib.protocol import event

from screen import HEIGHT, WIDTH, Picture


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

    def window(self, timeout_s=10):
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

    def key(self, name, *held):
        codes = [self.display.keysym_to_keycode(XK.string_to_keysym(key)) for key in (*held, name)]
        for code in codes:
            xtest.fake_input(self.display, X.KeyPress, code)
        for code in reversed(codes):
            xtest.fake_input(self.display, X.KeyRelease, code)
        self.display.sync()

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

    def picture(self, window):
        data = window.get_image(0, 0, WIDTH, HEIGHT, X.ZPixmap, 0xFFFFFFFF).data
        pixels = bytearray(3 * WIDTH * HEIGHT)
        pixels[0::3], pixels[1::3], pixels[2::3] = data[2::4], data[1::4], data[0::4]
        return Picture(WIDTH, HEIGHT, bytes(pixels))
