# The unit tests: every tests/unit/test_*.c is a program, linked with the kernel and the fake port.
#
#   make -f tools/mk/unit.mk unit             all of them with sanitizers, then the matrix
#   make -f tools/mk/unit.mk unit-default     the first half of that
#   make -f tools/mk/unit.mk unit-matrix      the second half
#   make -f tools/mk/unit.mk unit-variant VARIANT=prio33 ...   one of the matrix
#
# TESTS="sem mutex" picks test programs. A test that makes no sense in a variant skips itself.

TESTS   ?= $(sort $(patsubst tests/unit/test_%.c,%,$(wildcard tests/unit/test_*.c)))
VARIANT ?= default
OUT     := build/unit/$(VARIANT)
CC      := gcc

# The matrix: a name for each set of options.
MATRIX := prio1 prio2 prio33 prio64 prio256 reversed no-skip no-checks no-names no-stats \
          no-stack-check no-task-list no-join no-slice no-trace no-sem no-mutex no-recursive \
          no-queue no-flags no-pool no-timer no-print no-async no-stream no-shell shell-least ring \
          resets least wrap size
OPTIONS_default        := -DKILN_CFG_PRINT_FLOAT=1
OPTIONS_coverage       := $(OPTIONS_default)
OPTIONS_prio1          := -DKILN_CFG_PRIORITIES=1
OPTIONS_prio2          := -DKILN_CFG_PRIORITIES=2
OPTIONS_prio33         := -DKILN_CFG_PRIORITIES=33
OPTIONS_prio64         := -DKILN_CFG_PRIORITIES=64
OPTIONS_prio256        := -DKILN_CFG_PRIORITIES=256
OPTIONS_reversed       := -DFAKE_REVERSED_PRIO -DKILN_CFG_PRIORITIES=64
OPTIONS_no-skip        := -DKILN_CFG_WAITQ_SKIP=0
OPTIONS_no-checks      := -DKILN_CFG_CHECKS=0
OPTIONS_no-names       := -DKILN_CFG_NAMES=0
OPTIONS_no-stats       := -DKILN_CFG_STATS=0
OPTIONS_no-stack-check := -DKILN_CFG_STACK_CHECK=0
OPTIONS_no-task-list   := -DKILN_CFG_TASK_LIST=0
OPTIONS_no-join        := -DKILN_CFG_JOIN=0
OPTIONS_no-slice       := -DKILN_CFG_SLICE=0
OPTIONS_no-trace       := -DKILN_CFG_TRACE=0
OPTIONS_no-sem         := -DKILN_CFG_SEM=0
OPTIONS_no-mutex       := -DKILN_CFG_MUTEX=0
OPTIONS_no-recursive   := -DKILN_CFG_MUTEX_RECURSIVE=0
OPTIONS_no-queue       := -DKILN_CFG_QUEUE=0
OPTIONS_no-flags       := -DKILN_CFG_FLAGS=0
OPTIONS_no-pool        := -DKILN_CFG_POOL=0
OPTIONS_no-timer       := -DKILN_CFG_TIMER=0
OPTIONS_no-print       := -DKILN_CFG_PRINT=0
OPTIONS_no-async       := -DKILN_CFG_ASYNC=0
OPTIONS_no-stream      := -DKILN_CFG_STREAM=0
OPTIONS_resets         := -DKILN_CFG_PANIC_REBOOT=1 -DKILN_CFG_WATCHDOG_REBOOT=0
OPTIONS_no-shell       := -DKILN_CFG_SHELL=0
OPTIONS_shell-least    := -DKILN_CFG_SHELL_STAGES=1 -DKILN_CFG_SHELL_HISTORY=0 \
                          -DKILN_CFG_SHELL_LINE=16 -DKILN_CFG_SHELL_PIPE=1
OPTIONS_ring           := -DKILN_CFG_TRACE=1 -DKILN_CFG_TRACE_RING=8
OPTIONS_least          := $(foreach option,CHECKS NAMES STATS STACK_CHECK TASK_LIST JOIN SLICE \
                            WAITQ_SKIP TRACE MUTEX_RECURSIVE,-DKILN_CFG_$(option)=0)
OPTIONS_wrap           := -DKILN_CFG_START_TICKS=0xFFFFFFF0

# Trace is on unless the variant says otherwise: the fake port records the events.
OPTIONS := $(OPTIONS_$(VARIANT)) $(if $(findstring TRACE,$(OPTIONS_$(VARIANT))),,-DKILN_CFG_TRACE=1)

# The matrix is about options, so it is built to compile fast.
OPTIMISE := -O0
ifeq ($(VARIANT),default)
OPTIMISE := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
# As for a board with little flash: the kernel then shares code that is inline otherwise. (A test
# passes a bad pointer on purpose, which gcc sees at -Os.)
ifeq ($(VARIANT),size)
OPTIMISE := -Os -Wno-array-bounds
endif
ifeq ($(VARIANT),coverage)
OPTIMISE := -O0 --coverage
endif

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wcast-align -Wpointer-arith -Wundef -Werror
CPPFLAGS := -Itests/unit -Ikernel/include -Ikernel/include/default -Ikernel -Iports -Iports/fake \
            $(OPTIONS) -DUNIT_PATH='"$(OUT)"'
CFLAGS   := -std=gnu11 -g $(OPTIMISE) $(WARNINGS) -fno-common -U_FORTIFY_SOURCE

PROGRAMS := $(TESTS:%=$(OUT)/test_%)
SHARED   := $(patsubst %.c,$(OUT)/%.o,$(wildcard kernel/*/*.c) $(wildcard ports/fake/*.c) \
            tests/unit/unit.c)

.PHONY: unit unit-default unit-matrix unit-variant $(MATRIX:%=unit-matrix-%)
.SECONDARY:

variant = $(MAKE) --no-print-directory -f tools/mk/unit.mk unit-variant

unit: unit-default unit-matrix

unit-default:
	+@$(variant) VARIANT=default

unit-matrix: $(MATRIX:%=unit-matrix-%)

# Side by side: while one variant's programs run, one after the other, the next is compiled.
$(MATRIX:%=unit-matrix-%): unit-matrix-%:
	+@$(variant) VARIANT=$* || { echo "unit: variant $* failed"; exit 1; }

# Every program runs, with time to spare, into a log that is shown when it fails.
unit-variant: $(PROGRAMS)
	@passed=0; failed=; for test in $(TESTS); do \
	    program=$(OUT)/test_$$test; \
	    timeout 600 $$program >$$program.log 2>&1 || { cat $$program.log; failed="$$failed $$program"; }; \
	    grep -qE '^\[==========\] [0-9]+ test\(s\) run|nothing to test' $$program.log || \
	        { echo "$$program ended before its last test"; \
	          failed="$${failed%% $$program} $$program"; }; \
	    ok=$$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' $$program.log); \
	    passed=$$((passed + $${ok:-0})); \
	done; \
	set -- $$failed; echo "unit-$(VARIANT): $$passed passed, $$# failed"; \
	if [ $$# -gt 0 ]; then echo "unit: failed:$$failed"; exit 1; fi

$(shell mkdir -p $(OUT); printf '%s' '$(CPPFLAGS) $(CFLAGS)' | cmp -s - $(OUT)/flags || \
    printf '%s' '$(CPPFLAGS) $(CFLAGS)' > $(OUT)/flags)

$(OUT)/%.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(OUT)/test_%: $(OUT)/tests/unit/test_%.o $(SHARED)
	@$(CC) $(CFLAGS) $^ -lcmocka -o $@

-include $(SHARED:.o=.d) $(TESTS:%=$(OUT)/tests/unit/test_%.d)
