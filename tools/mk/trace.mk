# Traces.
#
#   make -f tools/mk/trace.mk trace         every app makes the same kernel events on the host and on
#                                           every board that QEMU emulates; TRACE_ARGS narrows it
#                                           down: TRACE_ARGS="--apps blinky --boards microbit"
#   make -f tools/mk/trace.mk trace-export  the ring and the exports, read by others' programs
#   make -f tools/mk/trace.mk trace-get     APP on BOARD in QEMU, its events into TRACE_FILE: the
#                                           last TRACE_RECORDS when it stops; or with
#                                           TRACE_STREAM=SECONDS all of so many seconds

include tools/mk/boards.mk
ifneq ($(BOARD),host)
include ports/cortex-m/boards/$(BOARD)/board.mk
endif

TRACE_RECORDS ?= 200
TRACE_STREAM  ?=
TRACE_NAME     = $(BOARD)/$(APP)-ring$(if $(TRACE_STREAM),-stream)
TRACE_FILE    ?= build/$(TRACE_NAME)/trace.txt

.PHONY: trace trace-export trace-get
trace:
	@python3 tests/trace/compare.py $(TRACE_ARGS)

trace-export:
	@python3 tests/system/tap.py $@ 900 python3 tests/trace/export.py

trace-get:
	@$(MAKE) -s --no-print-directory -f tools/mk/build.mk image BOARD=$(BOARD) NAME=$(APP) \
	    SOURCES_DIR=apps/$(APP) VARIANT=ring$(if $(TRACE_STREAM),-stream) \
	    CONFIG="$(CONFIG) -DKILN_CFG_TRACE=1 -DKILN_CFG_TRACE_RING=$(TRACE_RECORDS)" \
	    $(if $(TRACE_STREAM),EXTRA_SOURCES=tools/trace/streamer.c)
ifneq ($(BOARD),host)
	@python3 tools/stack.py build/$(TRACE_NAME)/$(APP).elf --sources apps/$(APP) --quiet
endif
	@python3 tools/trace/get.py '$(BOARD)' '$(QEMU_MACHINE)' build/$(TRACE_NAME)/$(APP) \
	    $(TRACE_FILE) $(TRACE_STREAM)
