# What boards and apps there are. A board is a folder of ports/cortex-m/boards with a board.mk;
# "host" is the Linux process. An app is a folder of apps with a main.c.

BOARDS := host $(sort $(patsubst ports/cortex-m/boards/%/board.mk,%,\
                    $(wildcard ports/cortex-m/boards/*/board.mk)))
APPS   := $(sort $(patsubst apps/%/main.c,%,$(wildcard apps/*/main.c)))

# The boards that cannot hold an app: words of its file not-on, but for comments.
hash   := \#
not_on  = $(shell sed 's/$(hash).*//' apps/$(1)/not-on 2>/dev/null)

ifneq ($(words $(BOARD)) $(filter $(BOARDS),$(BOARD)),1 $(strip $(BOARD)))
$(error There is no board '$(BOARD)'. Boards: $(BOARDS))
endif
