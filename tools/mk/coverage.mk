# What of kernel/ the tests reach, in lines and branches: the unit tests, then, on the host in virtual
# time, the system tests and the shell's script. The files' tables go to build/coverage*.txt.
#
#   coverage-unit  coverage-system  coverage-shell   one of the three, into build/*/*coverage

COVERED := $(MAKE) -s --no-print-directory -f tools/mk/build.mk image BOARD=host VARIANT=coverage \
           OPTIMISE=-O0 EXTRA_CFLAGS=--coverage EXTRA_LDFLAGS=--coverage
tap     := python3 tests/system/tap.py

.PHONY: coverage coverage-unit coverage-system coverage-shell coverage-forget
coverage: coverage-unit coverage-system coverage-shell
	@tools/coverage build/unit/coverage build/host/*-coverage

coverage-forget:
	@find build -name '*.gcda' -delete 2>/dev/null || true

coverage-unit: coverage-forget
	@+$(MAKE) -s --no-print-directory -f tools/mk/unit.mk unit-variant VARIANT=coverage

coverage-system: coverage-forget
	@+$(COVERED) NAME=system SOURCES_DIR=tests/system EXTRA_SOURCES="$(wildcard tests/system/posix/*.c)"
	@$(tap) $@ 600 build/host/system-coverage/system --clock virtual

coverage-shell: coverage-forget
	@+for app in shell onetask; do \
	    $(COVERED) NAME=$$app SOURCES_DIR=apps/$$app CONFIG=-DKILN_CFG_TRACE=1 || exit 1; \
	done
	@+$(COVERED) NAME=zoo SOURCES_DIR=tests/gdb/zoo EXTRA_SOURCES=tests/shell/zoo/serve.c
	@+$(COVERED) NAME=noisy SOURCES_DIR=tests/shell/noisy
	@$(tap) $@ 900 tests/shell/check.py host-coverage
