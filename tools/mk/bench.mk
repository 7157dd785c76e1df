# Benchmarks: everything (bench), one home (bench-host, bench-<board>), the footprint.
# Each prints a table and updates build/bench.json; bench prints one table for all. tools/bench.py
# runs the images and judges.

BENCH_BOARDS := mps2-an385 microbit mps2-an386

# Off in the peers' builds, so off in ours. 16 priorities are as many as the tests use.
BENCH_LEAN := -DKILN_CFG_CHECKS=0 -DKILN_CFG_STATS=0 -DKILN_CFG_STACK_CHECK=0 \
              -DKILN_CFG_NAMES=0 -DKILN_CFG_TRACE=0 -DKILN_CFG_MUTEX_RECURSIVE=0 \
              -DKILN_CFG_PRIORITIES=16
# What tracing costs: no listener, a ring.
BENCH_TRACED := traced:$(subst TRACE=0,TRACE=1,$(BENCH_LEAN))
BENCH_RING   := ring:$(subst TRACE=0,TRACE=1,$(BENCH_LEAN)) -DKILN_CFG_TRACE_RING=64
bench_image = $(MAKE) -s --no-print-directory -f tools/mk/build.mk image

# Interrupts that the board does not use, the tick's handler, where the vector table lies.
BENCH_HANDLER_microbit := SWI0_IRQHandler
BENCH_HANDLER_2_microbit := SWI1_IRQHandler
BENCH_HANDLER           = $(or $(BENCH_HANDLER_$*),TIMER0_Handler)
BENCH_HANDLER_2         = $(or $(BENCH_HANDLER_2_$*),TIMER1_Handler)
BENCH_TICK_microbit    := TIMER0_IRQHandler
BENCH_TICK              = $(or $(BENCH_TICK_$*),SysTick_Handler)
BENCH_BOARD             = -DBENCH_HANDLER=$(BENCH_HANDLER) -DBENCH_HANDLER_2=$(BENCH_HANDLER_2) \
                          -DBENCH_VECTORS=0U

# The C library's printf to compare with: newlib's small one, which is what is linked by default, and
# its full one. That wants system calls, which nothing calls.
BENCH_LIBRARIES := nano: 'newlib:-Wl,--no-fatal-warnings,--no-warnings -l:libc.a -lnosys'

.PHONY: bench bench-host footprint $(addprefix bench-,$(BENCH_BOARDS))
# One after the other, also under -j: the host's times would suffer.
bench:
	@rm -f build/bench.json
	@for home in bench-host $(addprefix bench-,$(BENCH_BOARDS)) footprint; do \
	  echo "$$home ..."; \
	  $(MAKE) -s --no-print-directory -f tools/mk/bench.mk $$home > build/$$home.txt || exit 1; \
	done
	@python3 tools/bench.py table

build/qcount.so: tools/qcount.c tools/qplugin.h
	@mkdir -p $(@D)
	@gcc -O2 -shared -fPIC -Wall -Wextra -Wconversion -Wshadow -Werror $< -o $@

$(addprefix bench-,$(BENCH_BOARDS)): bench-%: build/qcount.so
	@+$(bench_image) BOARD=$* NAME=bench-ops SOURCES_DIR=tests/bench/ops \
	  CONFIG="$(BENCH_LEAN) $(BENCH_BOARD)"
	@+for trace in "$(BENCH_TRACED)" "$(BENCH_RING)"; do \
	  $(bench_image) BOARD=$* NAME=bench-ops VARIANT=$${trace%%:*} SOURCES_DIR=tests/bench/ops \
	    CONFIG="$${trace#*:} $(BENCH_BOARD)" || exit 1; \
	done
	@+$(bench_image) BOARD=$* NAME=bench-ticks SOURCES_DIR=tests/bench/ticks \
	  CONFIG="$(BENCH_LEAN) $(BENCH_BOARD) -DKILN_CFG_TICK_HZ=10000"
	@+$(bench_image) BOARD=$* NAME=bench-metric SOURCES_DIR=tests/bench/metric \
	  CONFIG="$(BENCH_LEAN) $(BENCH_BOARD) -DKILN_CFG_ASYNC=0"
	@+$(bench_image) BOARD=$* NAME=bench-masked SOURCES_DIR=tests/bench/masked
	@+for library in $(BENCH_LIBRARIES); do \
	  $(bench_image) BOARD=$* NAME=bench-print VARIANT=$${library%%:*} \
	    SOURCES_DIR=tests/bench/print CONFIG="$(BENCH_LEAN) $(BENCH_BOARD)" \
	    EXTRA_LDFLAGS="$${library#*:}" || exit 1; \
	done
	@python3 tools/bench.py board $* --handler $(BENCH_HANDLER) --tick $(BENCH_TICK)

# As the peers were measured, and once more as `make run` builds.
bench-host:
	@+$(bench_image) BOARD=host NAME=bench-host SOURCES_DIR=tests/bench/host INSTRUMENT=0 \
	  CONFIG="$(BENCH_LEAN)"
	@+for trace in "$(BENCH_TRACED)" "$(BENCH_RING)"; do \
	  $(bench_image) BOARD=host NAME=bench-host VARIANT=$${trace%%:*} SOURCES_DIR=tests/bench/host \
	    INSTRUMENT=0 CONFIG="$${trace#*:}" || exit 1; \
	done
	@+$(bench_image) BOARD=host NAME=bench-host VARIANT=default SOURCES_DIR=tests/bench/host
	@+$(bench_image) BOARD=host NAME=bench-masked SOURCES_DIR=tests/bench/masked INSTRUMENT=0 \
	  CONFIG="-DBENCH_HOOK -DKILN_CFG_TRACE=0" EXTRA_CFLAGS="-include tests/bench/masked/hook.h"
	@+$(bench_image) BOARD=host NAME=bench-masked VARIANT=blocks SOURCES_DIR=tests/bench/masked \
	  CONFIG="-DBENCH_HOOK -DKILN_CFG_TRACE=0" EXTRA_CFLAGS="-include tests/bench/masked/hook.h"
	@python3 tools/bench.py host

# The least that does the job, and the same with every option at its default. Off is what the peers'
# smallest configurations lack. Printing, streams and the shell need no option: what is not called is
# not linked.
FOOTPRINT_BOARDS  := mps2-an385 microbit
FOOTPRINT_MINIMAL := -DKILN_CFG_PRIORITIES=8 -DKILN_CFG_CHECKS=0 -DKILN_CFG_NAMES=0 \
                     -DKILN_CFG_STATS=0 -DKILN_CFG_STACK_CHECK=0 -DKILN_CFG_TASK_LIST=0 \
                     -DKILN_CFG_JOIN=0 -DKILN_CFG_SLICE=0 -DKILN_CFG_WAITQ_SKIP=0 \
                     -DKILN_CFG_MUTEX_RECURSIVE=0 -DKILN_CFG_ASYNC=0
.PHONY: $(addprefix footprint-,$(FOOTPRINT_BOARDS))
footprint: $(addprefix footprint-,$(FOOTPRINT_BOARDS))
	@python3 tools/bench.py footprint $(FOOTPRINT_BOARDS)

$(addprefix footprint-,$(FOOTPRINT_BOARDS)): footprint-%:
	@+$(bench_image) BOARD=$* NAME=footprint SOURCES_DIR=tests/bench/footprint OPTIMISE=-Os \
	  CONFIG="$(FOOTPRINT_MINIMAL)"
	@+$(bench_image) BOARD=$* NAME=footprint VARIANT=default SOURCES_DIR=tests/bench/footprint \
	  OPTIMISE=-Os
	@+$(bench_image) BOARD=$* NAME=bench-stack SOURCES_DIR=tests/bench/stack OPTIMISE=-Os \
	  CONFIG="$(subst =8,=32,$(FOOTPRINT_MINIMAL)) $(BENCH_BOARD)"
