# What `make TARGET` does. The work is in the other files of this folder, one an idea, and in the
# scripts of tools/.

include tools/mk/boards.mk

ifneq ($(words $(APP)) $(filter $(APPS),$(APP)),1 $(strip $(APP)))
$(error There is no app '$(APP)'. Apps: $(APPS))
endif
ifneq ($(filter $(BOARD),$(call not_on,$(APP))),)
$(error The app '$(APP)' does not fit on $(BOARD): see apps/$(APP)/not-on)
endif

ifneq ($(BOARD),host)
include ports/cortex-m/boards/$(BOARD)/board.mk
endif

in    = $(MAKE) --no-print-directory BOARD=$(BOARD) -f tools/mk/$(1).mk
build = $(call in,build) image BOARD=$(BOARD) NAME=$(APP) SOURCES_DIR=apps/$(APP)
stack_check = python3 tools/stack.py $(IMAGE) --sources apps/$(APP)
IMAGE = build/$(BOARD)/$(APP)/$(APP)$(if $(filter host,$(BOARD)),,.elf)

.DEFAULT_GOAL := help
.PHONY: help setup build run monitor debug flash size stack stack-test trace-get trace-export test unit \
        system trace matrix lab gdb devices desk screenshot shell lint coverage soak bench \
        sweep sweep-short explore explore-test mutants tsan tsan-test differential fuzz \
        fuzz-replay fuzz-repeat fuzz-afl fuzz-minimise fuzz-coverage compile-commands format clean

help:
	@echo 'make run              build APP for BOARD and run it: as a process, or in QEMU'
	@echo 'make test             every test, on the host and in QEMU'
	@echo
	@echo 'make debug            run APP under gdb, on the host or in QEMU; PROBE=1: on the board that is attached'
	@echo 'make monitor          run APP on the host, and watch its tasks above its console; INTERVAL=, ARGS='
	@echo 'make screenshot       run APP for 2 s of virtual time and write a picture of its board'
	@echo 'make flash            program BOARD with APP through its debug probe'
	@echo 'make build            build APP for BOARD'
	@echo 'make size             sizes of APP on BOARD, by part of the kernel'
	@echo 'make stack            worst-case stack of every task of APP on BOARD, and the measured one'
	@echo 'make trace-get        run APP with a trace ring and keep its events; tools/trace.py draws them'
	@echo 'make bench            measure; writes build/bench.json'
	@echo 'make coverage         lines and branches of kernel/ that tests on the host reach'
	@echo 'make explore          interrupts at every place of APP, or of TEST= from tests/explore'
	@echo 'make mutants          the explorer finds every seeded defect of the kernel'
	@echo 'make sweep            an interrupt at every instruction of the target image'
	@echo 'make tsan             run APP under ThreadSanitizer: races between tasks and interrupts'
	@echo 'make differential     the same random programs on the host and on each target; PROGRAMS=, SEED='
	@echo 'make fuzz             kernel calls out of random bytes, against a model; SECONDS=, JOBS='
	@echo 'make soak             the system tests in real time, a minute for each long case'
	@echo 'make unit system trace trace-export stack-test matrix lab gdb devices desk shell lint   parts of make test'
	@echo 'make compile-commands compile_commands.json for editors, for APP on BOARD'
	@echo 'make format           clang-format over all sources'
	@echo 'make setup            install the Debian packages that are missing'
	@echo 'make clean            remove build/'
	@echo
	@echo 'APP=$(APP)   one of: $(APPS)'
	@echo 'BOARD=$(BOARD)   one of: $(BOARDS)'
	@echo 'ARGS="..."   flags of the app on the host; see make run ARGS=--help'
	@echo
	@echo 'for example: make run APP=blinky BOARD=microbit'
	@echo '             make run APP=philosophers ARGS="--clock virtual --trace build/trace.txt"'

setup:
	@tools/setup

build: setup
	+@$(build)
ifneq ($(BOARD),host)
	@$(stack_check) --quiet
endif

run: build
ifeq ($(BOARD),host)
	@$(IMAGE) $(ARGS)
else
	@tools/qemu '$(BOARD)' '$(QEMU_MACHINE)' $(IMAGE)
endif

monitor: build
ifeq ($(BOARD),host)
	@python3 tools/monitor.py $(if $(INTERVAL),--interval '$(INTERVAL)') $(IMAGE) $(ARGS)
else
	@echo 'make monitor looks into a process: BOARD=host only' >&2; exit 1
endif

# ARGS may say something else, or more: a script to type, a later end.
screenshot: build
	@$(IMAGE) --clock virtual --headless --until 2s --screenshot build/$(APP).png $(ARGS)
	@echo 'build/$(APP).png'

debug: build
	@tools/debug '$(BOARD)' '$(QEMU_MACHINE)' '$(OPENOCD_CONFIG)' $(IMAGE) $(ARGS)

flash: build
	@tools/flash '$(BOARD)' '$(OPENOCD_CONFIG)' $(IMAGE)

stack: setup
	@+$(call in,stack) stack APP=$(APP) STACK_ARGS='$(STACK_ARGS)'

trace-get: setup
	@+$(call in,trace) trace-get APP=$(APP)

size: build
	@tools/size '$(BOARD)' '$(APP)'

unit system trace lab gdb devices desk shell: setup
	@+$(call in,$@) $@

trace-export: setup
	@+$(call in,trace) $@

sweep sweep-short: setup
	@+$(call in,sweep) $@

stack-test: setup
	@+$(call in,stack) stack-test

tsan: setup
	+@$(MAKE) --no-print-directory -f tools/mk/tsan.mk tsan-run APP=$(APP) ARGS='$(ARGS)' BOARD=host

tsan-test: setup
	+@$(MAKE) --no-print-directory -f tools/mk/tsan.mk tsan-test BOARD=host

explore: setup
	@+$(call in,explore) explore APP=$(APP) TEST=$(TEST) ARGS='$(ARGS)'

explore-test mutants: setup
	@+$(call in,explore) $@

differential: setup
	@+$(call in,program) $@

fuzz fuzz-replay fuzz-repeat fuzz-afl fuzz-minimise fuzz-coverage: setup
	@+$(call in,fuzz) $@

coverage: setup
	@+$(call in,coverage) coverage

bench: setup
	@+$(call in,bench) bench

soak: setup
	@+$(call in,system) soak

matrix: setup
	@+$(call in,matrix) matrix

lint: setup
	@+$(call in,lint) lint

format: setup
	@clang-format -i $$(git ls-files '*.c' '*.h')

test: setup
	+@python3 tools/test.py

compile-commands: setup
	@+$(call in,build) compile-commands BOARD=$(BOARD) NAME=$(APP) SOURCES_DIR=apps/$(APP)

clean:
	@rm -rf build compile_commands.json
