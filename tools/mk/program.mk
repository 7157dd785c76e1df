# Random programs of kernel calls: the same on the host, where a model knows better, and on every
# kind of board. `make differential` builds the images, runs them and compares.
#
#   PROGRAMS=2000   how many          SEED=...   the first; by default one that changes every day
#   HOMES="..."     boards to compare with the host; none: only the model has a say

include tools/mk/system.mk

PROGRAMS ?= 2000
SEED     ?= $(shell date +%Y%m%d)
HOMES    ?= $(SYSTEM_BOARDS)

# The tick count wraps after some programs.
PROGRAM_OPTIONS := -DKILN_CFG_TRACE=1 -DKILN_CFG_START_TICKS=0xFFFFF000U
# Kernel events go to the program, and the hardware's tick to nobody: see tests/program/program.h.
# Idling takes the next record; a panic that a program is about is caught: program.c, misuse.c.
PROGRAM_WRAP    := -Wl,--wrap=kiln_trace_hook,--wrap=kernel_tick,--wrap=kiln_ticks,--wrap=port_idle \
                   -Wl,--wrap=port_panic_putc,--wrap=port_halt
PROGRAM_CFLAGS  := -Itests/program -Itests/system

program_common := $(wildcard tests/program/*.c)
program_build = $(MAKE) --no-print-directory -s -f tools/mk/build.mk image NAME=differential \
                SOURCES_DIR=tests/program/differential
program_host  = $(program_build) BOARD=host EXTRA_LDFLAGS="$(PROGRAM_WRAP)" \
                CONFIG="$(PROGRAM_OPTIONS) -Itests/program/posix" \
                EXTRA_SOURCES="$(program_common) $(wildcard tests/program/model/*.c \
                    tests/program/posix/*.c) tests/system/posix/irq.c" \
                EXTRA_CFLAGS="$(PROGRAM_CFLAGS) -DPROGRAM_CHECK_ALWAYS=1"
program_board = $(program_build) BOARD=$(1) CONFIG="$(PROGRAM_OPTIONS)" \
                EXTRA_LDFLAGS="$(PROGRAM_WRAP) -Wl,--defsym=__main_stack_bytes=2048" \
                EXTRA_SOURCES="$(program_common) $(wildcard tests/program/cortex-m/*.c) \
                    tests/system/cortex-m/irq.c" \
                EXTRA_CFLAGS="$(PROGRAM_CFLAGS) -DPROGRAM_CHECK_ALWAYS=0 \
                    -DTEST_IRQ=$(word 1,$(SYSTEM_IRQ_$(1))) \
                    -DTEST_IRQ_HANDLER=$(word 2,$(SYSTEM_IRQ_$(1)))"

.PHONY: differential differential-images
differential-images:
	@+$(program_host)
	@+$(foreach board,$(HOMES),$(call program_board,$(board)) && ) true

differential: differential-images
	@python3 tests/program/compare.py --seed $(SEED) --programs $(PROGRAMS) $(HOMES)
