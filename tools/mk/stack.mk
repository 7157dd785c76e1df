# Worst-case stacks.
#
#   make -f tools/mk/stack.mk stack       of APP on BOARD; STACK_ARGS are flags of tools/stack.py
#   make -f tools/mk/stack.mk stack-test  the tool against programs whose depth is known, and every
#                                         app on every board

include tools/mk/boards.mk
ifneq ($(BOARD),host)
include ports/cortex-m/boards/$(BOARD)/board.mk
endif

stack_build = $(MAKE) -s --no-print-directory -f tools/mk/build.mk image

.PHONY: stack stack-test
ifeq ($(BOARD),host)
stack:
	@echo 'stack: on the host, tasks run on stacks of the port, with a guard page; choose a BOARD' >&2
	@false
else
stack:
	@+$(stack_build) NAME=$(APP) SOURCES_DIR=apps/$(APP)
	@python3 tools/stack.py build/$(BOARD)/$(APP)/$(APP).elf --sources apps/$(APP) \
	    $(if $(QEMU_MACHINE),--machine $(QEMU_MACHINE)) $(STACK_ARGS)
endif

stack-test:
	@python3 tests/system/tap.py $@ 1800 python3 tests/stack/check.py
