# The commands for gdb: tests/gdb/zoo has tasks in every state, and is looked at on the host, x86-64
# or aarch64, in QEMU, and through openocd. `make gdb`.

GDB_BOARDS := host mps2-an385 mps2-an386 microbit mps2-an505
GDB_LEAST  := -DKILN_CFG_TASK_LIST=0 -DKILN_CFG_NAMES=0 -DKILN_CFG_STATS=0 \
              -DKILN_CFG_STACK_CHECK=0 -DKILN_CFG_CHECKS=0
# On two of them the ring is so small that it is full: the microbit has no room for more.
gdb_ring    = $(if $(filter microbit mps2-an386,$(1)),60,250)
gdb_config  = -DKILN_CFG_DEBUG_SYMBOLS=1 -DKILN_CFG_TRACE=1 -DKILN_CFG_TRACE_RING=$(call gdb_ring,$(1))
gdb_build   = $(MAKE) -s --no-print-directory -f tools/mk/build.mk image NAME=gdb-zoo \
              SOURCES_DIR=tests/gdb/zoo

.PHONY: gdb
gdb:
	@+$(foreach board,$(GDB_BOARDS),$(gdb_build) BOARD=$(board) CONFIG="$(call gdb_config,$(board))" &&) true
	@+for board in host mps2-an386; do \
	    $(gdb_build) BOARD=$$board VARIANT=least CONFIG='$(GDB_LEAST)' || exit 1; \
	done
	@+$(gdb_build) BOARD=host CC=aarch64-linux-gnu-gcc VARIANT=aarch64 EXTRA_LDFLAGS=-static \
	    CONFIG="$(call gdb_config,host)"
	@python3 tests/system/tap.py $@ 900 python3 tests/gdb/check.py build
