# A Cortex-M board: its folder, the port, the devices, the linker scripts.

BOARD_DIR := ports/cortex-m/boards/$(BOARD)
include $(BOARD_DIR)/board.mk

CROSS        := arm-none-eabi-
CC           := $(CROSS)gcc
AR           := $(CROSS)ar
IMAGE        := $(OUT)/$(NAME).elf
PORT_SOURCES := $(addprefix ports/cortex-m/,port.c fault.c inspect.c reset.c semihost.c startup.c \
                switch.S) \
                $(wildcard $(BOARD_DIR)/*.c) $(BOARD_SOURCES)
DEVICE_SOURCES := $(addprefix ports/cortex-m/devices/,$(BOARD_DEVICES) console.c leds.c buttons.c \
                  clock.c) ports/console_terminal.c
CPPFLAGS += -Iports/cortex-m -I$(BOARD_DIR) $(BOARD_DEFINES) \
            -DBOARD_CLOCK_HZ=$(BOARD_CLOCK_HZ)U -DBOARD_IRQS=$(BOARD_IRQS)U \
            -DBOARD_LEDS=$(BOARD_LEDS)U -DBOARD_BUTTONS=$(BOARD_BUTTONS)U
# gcc 12 keeps an argument out of its register after a jump that it followed: a push and a pop on
# each fast path. It splits a function whose first test is for the rare case: a jump more. And it
# makes a call of memcpy() of a loop that copies a few words.
CFLAGS   += $(BOARD_CPU) -ffreestanding -fno-cse-follow-jumps -fno-partial-inlining \
            -fno-tree-loop-distribute-patterns -fstack-usage
LDFLAGS  += -nostartfiles --specs=nano.specs -Wl,--gc-sections -Wl,--fatal-warnings \
            -Lports/cortex-m -T$(BOARD_DIR)/link.ld -Wl,-Map=$(OUT)/$(NAME).map $(EXTRA_LDFLAGS)
LINK_DEPENDS := ports/cortex-m/sections.ld $(BOARD_DIR)/link.ld

# Kernel and port leave the floating-point registers to the tasks.
GENERAL_ONLY := -mgeneral-regs-only
