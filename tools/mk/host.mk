# The host: a Linux process. The files of the port and of the
# laboratory are not instrumented: they are the clock.

CC           ?= gcc
PORT_SOURCES := $(wildcard ports/posix/*.c ports/posix/*.S sim/*.c)
# The devices of the simulated board.
DEVICE_SOURCES := $(wildcard sim/board/*.c) ports/console_terminal.c
AR           := ar
IMAGE        := $(OUT)/$(NAME)
CPPFLAGS     += -Iports/posix -Isim
# Traced unless the configuration says something of it.
ifeq ($(findstring -DKILN_CFG_TRACE=,$(CONFIG)),)
CPPFLAGS     += -DKILN_CFG_TRACE=1
endif
# A large frame probes each page, so that it meets a stack's guard instead of stepping over it.
CFLAGS       += -U_FORTIFY_SOURCE -fno-omit-frame-pointer -fstack-clash-protection
LDFLAGS      += -Wl,-T,ports/posix/image.ld -lm -lrt -pthread $(EXTRA_LDFLAGS)
LINK_DEPENDS := ports/posix/image.ld
ifeq ($(INSTRUMENT),1)
INSTRUMENT_FLAGS := -fsanitize-coverage=trace-pc
endif
ifeq ($(SANITISE),1)
CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all
endif
