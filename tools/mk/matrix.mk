# The configurations: the app blinky builds without a warning with each option off and at its
# limits, on the host and for the smallest kind of board, and still blinks; every
# app builds for every board that can hold it; the host port builds with clang and for 64-bit Arm,
# and runs there in an emulator where there is one.

BOARD := host
APP   := blinky
include tools/mk/boards.mk

build  = $(MAKE) --no-print-directory -f tools/mk/build.mk image

SWITCHES := CHECKS NAMES STATS STACK_CHECK TASK_LIST JOIN SLICE WAITQ_SKIP SEM MUTEX \
            MUTEX_RECURSIVE QUEUE FLAGS POOL TIMER ASYNC STREAM SHELL
# name=options, '+' for a space
CONFIGS  := $(foreach switch,$(SWITCHES),no-$(switch)=-DKILN_CFG_$(switch)=0) \
            untraced=-DKILN_CFG_TRACE=0 print-float=-DKILN_CFG_PRINT_FLOAT=1 \
            print-later=-DKILN_CFG_PRINT_LATER=16 \
            prio2=-DKILN_CFG_PRIORITIES=2 prio33=-DKILN_CFG_PRIORITIES=33 \
            prio256=-DKILN_CFG_PRIORITIES=256 \
            hz100=-DKILN_CFG_TICK_HZ=100 hz10000=-DKILN_CFG_TICK_HZ=10000 \
            symbols=-DKILN_CFG_DEBUG_SYMBOLS=1 \
            symbols-of-least=-DKILN_CFG_DEBUG_SYMBOLS=1+-DKILN_CFG_NAMES=0+-DKILN_CFG_STATS=0+-DKILN_CFG_STACK_CHECK=0+-DKILN_CFG_TASK_LIST=0+-DKILN_CFG_JOIN=0+-DKILN_CFG_MUTEX=0 \
            wrap=-DKILN_CFG_START_TICKS=0xFFFFFFF0 \
            item-least=-DKILN_CFG_QUEUE_ITEM_MAX=1 item-most=-DKILN_CFG_QUEUE_ITEM_MAX=1024 \
            resets=-DKILN_CFG_PANIC_REBOOT=1+-DKILN_CFG_WATCHDOG_REBOOT=0 \
            idle-stack=-DKILN_CFG_IDLE_STACK=160 \
            shell-least=-DKILN_CFG_SHELL_LINE=16+-DKILN_CFG_SHELL_HISTORY=0+-DKILN_CFG_SHELL_STAGES=1+-DKILN_CFG_SHELL_PIPE=1 \
            shell-most=-DKILN_CFG_SHELL_LINE=250+-DKILN_CFG_SHELL_HISTORY=65535+-DKILN_CFG_SHELL_STAGES=8+-DKILN_CFG_SHELL_PIPE=65535 \
            least=-DKILN_CFG_CHECKS=0+-DKILN_CFG_NAMES=0+-DKILN_CFG_STATS=0+-DKILN_CFG_STACK_CHECK=0+-DKILN_CFG_TASK_LIST=0+-DKILN_CFG_JOIN=0+-DKILN_CFG_SLICE=0+-DKILN_CFG_WAITQ_SKIP=0+-DKILN_CFG_MUTEX_RECURSIVE=0+-DKILN_CFG_TRACE=0

# The smallest kind of board has every one of them; the largest has those that its own code, of the
# port or of the compiler, looks at.
LARGE_CONFIGS := least prio2 prio33 prio256 hz10000 wrap resets no-STREAM no-STACK_CHECK print-float
MATRIX_BOARDS = microbit $(if $(filter $(name),$(LARGE_CONFIGS)),mps2-an386)

config_jobs := $(foreach config,$(CONFIGS),config/$(config))
app_jobs    := $(foreach app,$(APPS),$(foreach board,$(filter-out $(call not_on,$(app)),$(BOARDS)),app/$(board)/$(app)))
other_jobs  := other/no-print other/clang other/aarch64 other/no-such-board other/bad-config other/new-config other/debug \
               other/flash other/size other/compile-commands

.PHONY: matrix FORCE
matrix: $(config_jobs) $(app_jobs) $(other_jobs)
	@echo "matrix: $(words $^) passed, 0 failed"

name    = $(firstword $(subst =, ,$*))
options = $(subst +, ,$(patsubst $(name)=%,%,$*))

config/%: FORCE
	@+$(build) BOARD=host NAME=blinky SOURCES_DIR=apps/blinky VARIANT=$(name) CONFIG='$(options)' OPTIMISE=-O1
	@timeout 300 build/host/blinky-$(name)/blinky --clock virtual --until 2s 2>/dev/null | grep -q ' on$$'
	@+for board in $(MATRIX_BOARDS); do \
	    $(build) BOARD=$$board NAME=blinky SOURCES_DIR=apps/blinky VARIANT=$(name) CONFIG='$(options)' OPTIMISE=-Os || exit 1; \
	done

app/%: FORCE
	@+$(build) BOARD=$(word 1,$(subst /, ,$*)) NAME=$(notdir $*) SOURCES_DIR=apps/$(notdir $*)

# Whoever prints cannot do without it; this one does not.
other/no-print: FORCE
	@+for board in host microbit; do \
	    $(build) BOARD=$$board NAME=footprint SOURCES_DIR=tests/bench/footprint VARIANT=no-print \
	        CONFIG=-DKILN_CFG_PRINT=0 || exit 1; \
	done

other/clang: FORCE
	@+$(build) BOARD=host CC=clang NAME=philosophers SOURCES_DIR=apps/philosophers VARIANT=clang
	@timeout 300 build/host/philosophers-clang/philosophers --clock virtual >/dev/null

other/aarch64: FORCE
	@+$(build) BOARD=host CC=aarch64-linux-gnu-gcc NAME=philosophers SOURCES_DIR=apps/philosophers \
	    VARIANT=aarch64 EXTRA_LDFLAGS=-static
	@timeout 300 qemu-aarch64 build/host/philosophers-aarch64/philosophers --clock virtual >/dev/null

# A wrong name lists the right ones; a wrong option is refused with its sentence.
other/no-such-board: FORCE
	@! $(MAKE) run BOARD=no-such-board >build/no-such-board.txt 2>&1
	@grep -q 'Boards: host' build/no-such-board.txt
	@! $(MAKE) run APP=no-such-app >build/no-such-app.txt 2>&1
	@grep -q 'Apps: blinky' build/no-such-app.txt

other/bad-config: FORCE
	@+! $(build) BOARD=host NAME=blinky SOURCES_DIR=apps/blinky VARIANT=bad \
	    CONFIG=-DKILN_CFG_PRIORITIES=257 >build/bad-config.txt 2>&1
	@grep -q 'KILN_CFG_PRIORITIES must be 1 to 256' build/bad-config.txt

# A configuration that an app gets later on counts, too.
other/new-config: FORCE
	@rm -rf build/new-config && mkdir -p build/new-config && cp apps/blinky/main.c build/new-config
	@+$(build) BOARD=host NAME=new-config SOURCES_DIR=build/new-config
	@echo '#define KILN_CFG_PRIORITIES 257' >build/new-config/kiln_config.h
	@+! $(build) BOARD=host NAME=new-config SOURCES_DIR=build/new-config >build/new-config.txt 2>&1
	@grep -q 'KILN_CFG_PRIORITIES must be 1 to 256' build/new-config.txt

# These use images of the apps, as they are built above.
other/debug other/flash other/size: $(filter %/blinky,$(app_jobs))

# gdb stops where it is told to, on both homes, and not at the tick's signal; QEMU ends in silence.
other/debug: FORCE
	@for board in host mps2-an385; do \
	    timeout 300 $(MAKE) --no-print-directory debug APP=blinky BOARD=$$board ARGS='--clock real' \
	        GDBFLAGS="-batch -ex 'break kiln_task_sleep_until' -ex run -ex continue -ex continue -ex bt" \
	        </dev/null >build/debug-$$board.txt 2>&1; \
	    grep -q 'in blink (' build/debug-$$board.txt && \
	        ! grep -qE 'SIGALRM.*received|terminating on' build/debug-$$board.txt \
	        || { cat build/debug-$$board.txt; exit 1; }; \
	done

# Without a probe: one clear line, and a failure.
other/flash: FORCE
	@! $(MAKE) --no-print-directory flash APP=blinky BOARD=stm32vldiscovery >build/flash.txt 2>&1
	@grep -q '^flash: no debug probe of stm32vldiscovery is attached' build/flash.txt

other/size: FORCE
	@$(MAKE) --no-print-directory size APP=blinky BOARD=microbit >build/size.txt
	@grep -q 'kernel/core/task.o' build/size.txt

# For a language server, so it has to be JSON, whatever the options hold.
other/compile-commands: FORCE
	@$(MAKE) --no-print-directory compile-commands CONFIG='-DNAME="\"a b\""' >/dev/null
	@python3 -c 'import json; assert all("-DNAME=\"a b\"" in entry["arguments"] \
	    for entry in json.load(open("compile_commands.json")))'
	@$(MAKE) --no-print-directory compile-commands >/dev/null
	@python3 -c 'import json; assert len(json.load(open("compile_commands.json"))) > 20'
