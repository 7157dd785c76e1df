# The host: a Linux process. The files of the port and of the laboratory are not instrumented: they
# are the clock.

CC           ?= gcc
PORT_SOURCES := $(wildcard ports/posix/*.c ports/posix/*.S sim/*.c)
# The devices of the simulated board. Those that its window shows need SDL's headers and libpng;
# where these are not for the image's processor, the board does without. (SDL itself is loaded when a
# window opens. It could not be linked as needed: it seems to define _end, so every image would need
# it.)
DEVICE_SOURCES := $(wildcard sim/board/*.c)
ifneq ($(filter /%,$(shell $(CC) -print-file-name=libpng16.so)),)
DEVICE_SOURCES += $(wildcard sim/window/*.c) build/font.c
DEVICE_LIBRARIES := -Wl,--push-state,--as-needed -lpng16 -Wl,--pop-state
endif
DEVICE_SOURCES += ports/console_terminal.c
AR           := ar
IMAGE        := $(OUT)/$(NAME)
CPPFLAGS     += -Iports/posix -Isim
# Traced unless the configuration says something of it.
ifeq ($(findstring -DKILN_CFG_TRACE=,$(CONFIG)),)
CPPFLAGS     += -DKILN_CFG_TRACE=1
endif
# A large frame probes each page, so that it meets a stack's guard instead of stepping over it.
CFLAGS       += -U_FORTIFY_SOURCE -fno-omit-frame-pointer -fstack-clash-protection
LDFLAGS      += -Wl,-T,ports/posix/image.ld $(DEVICE_LIBRARIES) -lm -lrt -pthread $(EXTRA_LDFLAGS)
LINK_DEPENDS := ports/posix/image.ld
ifeq ($(INSTRUMENT),1)
INSTRUMENT_FLAGS := -fsanitize-coverage=trace-pc
endif
ifeq ($(SANITISE),1)
CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all
endif
