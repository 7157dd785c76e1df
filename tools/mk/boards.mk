# What each board is: its port, its processor, its emulator. A board is a folder of
# ports/cortex-m/boards with a board.mk; "host" is the Linux process.

BOARDS := host $(sort $(notdir $(patsubst %/board.mk,%,$(wildcard ports/cortex-m/boards/*/board.mk))))
APPS   := $(sort $(notdir $(patsubst %/main.c,%,$(wildcard apps/*/main.c))))

ifeq ($(filter $(BOARD),$(BOARDS)),)
$(error There is no board '$(BOARD)'. Boards: $(BOARDS))
endif
