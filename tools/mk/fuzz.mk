# Fuzzing kernel calls: bytes become a program of several tasks, interrupts and time. See
# docs/laboratory.md.
#
#   fuzz-replay    runs the corpus in the tree under sanitizers, without a fuzzer: part of make test
#   fuzz           libFuzzer in JOBS processes for SECONDS; goes on from build/fuzz/corpus, keeps
#                  what fails in build/fuzz/crashers, and moves what passes there to build/fuzz/fixed
#   fuzz-repeat    INPUT=file: runs one input and prints all that it does
#   fuzz-afl       the same with AFL++: one main, the others secondaries, which keep in step
#   fuzz-minimise  the least of build/fuzz/corpus that has all its edges, into tests/fuzz/corpus
#   fuzz-coverage  branches of kernel/ that the corpus in the tree reaches; fails when it misses one
#                  that tests/fuzz/unreachable.txt does not list
#
# ENGINE says what an image is built with: replay, libfuzzer, afl or coverage.

SECONDS ?= 60
JOBS    ?= $(shell nproc)
# Of the first worker; the others count on from it. It changes every day.
SEED    ?= $(shell date +%Y%m%d)
INPUT   ?=
CORPUS  := tests/fuzz/corpus
SEEDS   := build/fuzz/seeds
INPUTS   = $(CORPUS)/* $(SEEDS)/*
BYTES   := 1000
# In a replay: places that each interrupt of an input is moved to.
SHIFTS  := 32
SHIFT   ?= 0

ENGINE  ?= replay
OUT     := build/fuzz/$(ENGINE)
PROGRAM := $(OUT)/fuzz

KERNEL := $(wildcard kernel/*/*.c)
PORT   := $(wildcard ports/posix/*.c ports/posix/*.S)
OURS   := $(wildcard tests/program/*.c tests/program/model/*.c tests/program/posix/*.c) \
          tests/fuzz/target.c tests/fuzz/start.c tests/system/posix/irq.c

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wcast-align -Wpointer-arith -Wundef -Werror
include tools/mk/cache.mk
CPPFLAGS := -Itests/program -Itests/program/posix -Itests/fuzz -Itests/system -Ikernel/include \
            -Ikernel/include/default -Ikernel -Iports -Iports/posix -Isim -DKILN_CFG_TRACE=1
SANITISE := -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS   := -std=gnu11 -g -O2 $(WARNINGS) -fno-common -U_FORTIFY_SOURCE -fno-omit-frame-pointer
LDFLAGS  := -Wl,--wrap=kiln_trace_hook,--wrap=kernel_tick,--wrap=kiln_ticks,--wrap=posix_parse_options \
            -Wl,--wrap=port_idle,--wrap=port_panic_putc,--wrap=port_halt \
            -Wl,-T,ports/posix/image.ld -lm -lrt -pthread
BLOCKS   := -fsanitize-coverage=trace-pc

CC_replay       := clang
MAIN_replay     := tests/fuzz/replay.c
CC_libfuzzer    := clang
# The port asks for gcc's name of AddressSanitizer.
SANITISE_clang  := -D__SANITIZE_ADDRESS__=1 -Wno-builtin-macro-redefined
# What only the kernel is compiled with: the fuzzer is to look at the kernel's paths, not at ours.
BLOCKS_libfuzzer := -fsanitize-coverage=trace-pc,inline-8bit-counters,pc-table,trace-cmp
LINK_ENGINE     := -fsanitize=fuzzer
LINK_libfuzzer   = $(LINK_ENGINE) -Wl,--wrap=__sanitizer_cov_trace_pc
# libFuzzer has a function of the name by which the port counts blocks: ours goes in front of it.
PORT_libfuzzer  := -D__sanitizer_cov_trace_pc=__wrap___sanitizer_cov_trace_pc

# AFL++ counts the blocks itself, and brings a main() that calls the target many times a process.
CC_afl          := clang
LD_afl          := afl-clang-fast
MAIN_afl        := tests/fuzz/afl.c
BLOCKS_afl      := -fsanitize-coverage=trace-pc-guard
LINK_afl        := -fsanitize=fuzzer -Wl,--wrap=__sanitizer_cov_trace_pc_guard

# Coverage of the kernel by the corpus.
CC_coverage     := gcc
MAIN_coverage   := tests/fuzz/replay.c
# An inline function is one function, however many calls it is part of.
BLOCKS_coverage := $(BLOCKS) --coverage -O0 -Dalways_inline=unused
LINK_coverage   := --coverage

CC       := $(CC_$(ENGINE))
# A sanitizer's checks would count as branches.
CFLAGS   += $(if $(filter-out coverage,$(ENGINE)),$(SANITISE)) $(if $(filter clang%,$(CC)),$(SANITISE_clang))
SOURCES  := $(KERNEL) $(PORT) $(OURS) $(MAIN_$(ENGINE))
OBJECTS  := $(SOURCES:%=$(OUT)/%.o)

# Blocks are counted where calls take effect, so that neither checks nor printing move an interrupt,
# nor what printing does to the console's stream.
COUNTED := $(filter-out kernel/diag/% kernel/io/%,$(KERNEL)) $(filter-out %/stream_console.c,$(wildcard kernel/io/stream*.c))
$(COUNTED:%=$(OUT)/%.o): CFLAGS += $(or $(BLOCKS_$(ENGINE)),$(BLOCKS))

$(PORT:%=$(OUT)/%.o): CFLAGS += $(PORT_$(ENGINE))

.PHONY: fuzz-image fuzz-seeds fuzz-replay fuzz fuzz-repeat fuzz-afl fuzz-minimise fuzz-coverage

fuzz-image: $(PROGRAM)
	@:

# The command line is part of what an object depends on.
FLAGS_NOW := $(CC) $(CPPFLAGS) $(CFLAGS) $(PORT_$(ENGINE)) $(BLOCKS_$(ENGINE)) $(LDFLAGS) $(LINK_$(ENGINE))
$(shell mkdir -p $(OUT); printf '%s' '$(FLAGS_NOW)' | cmp -s - $(OUT)/flags || printf '%s' '$(FLAGS_NOW)' > $(OUT)/flags)

$(OUT)/%.c.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	@$(COMPILE) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(OUT)/%.S.o: %.S
	@mkdir -p $(@D)
	@$(COMPILE) $(CPPFLAGS) -c $< -o $@

$(PROGRAM): $(OBJECTS)
	@$(or $(LD_$(ENGINE)),$(CC)) $(filter-out $(WARNINGS),$(CFLAGS)) $(LINK_$(ENGINE)) $^ $(LDFLAGS) -o $@

-include $(OBJECTS:.o=.d)

# ---- What is done with the images ---------------------------------------------------------------

image = $(MAKE) --no-print-directory -f tools/mk/fuzz.mk fuzz-image ENGINE=$(1)

# Each input that fails is named, with the command that repeats it. $(2): its interrupts move by so
# many blocks, to see which of the places it is.
name_failures = for input in $(1); do for shift in $$(seq 0 $(2)); do \
        FUZZ_SHIFT=$$shift timeout 20 build/fuzz/replay/fuzz $$input >/dev/null 2>&1 || { \
            echo "repeat: make fuzz-repeat INPUT=$$input SHIFT=$$shift"; break; }; done; done

# What failed once and passes by now.
retry_crashers = for input in $$(find build/fuzz/crashers -type f); do \
        if timeout 20 build/fuzz/replay/fuzz $$input >/dev/null 2>&1; then \
            mv $$input build/fuzz/fixed && echo "fixed: $$input"; fi; done

# The part of the corpus that is written by hand.
fuzz-seeds:
	@python3 tests/fuzz/seeds.py $(SEEDS)

fuzz-replay: fuzz-seeds
	+@$(call image,replay)
	@FUZZ_SHIFTS=$(SHIFTS) timeout 600 build/fuzz/replay/fuzz $(INPUTS) || \
	    { $(call name_failures,$(INPUTS),$(SHIFTS)); echo 'fuzz-replay: 0 passed, 1 failed'; exit 1; }

fuzz-repeat:
	@test -f '$(INPUT)' || { echo "fuzz-repeat: there is no file INPUT='$(INPUT)'"; exit 2; }
	+@$(call image,replay)
	@FUZZ_VERBOSE=1 FUZZ_SHIFT=$(SHIFT) timeout 60 build/fuzz/replay/fuzz $(INPUT)

# Each worker has a seed of its own, and sees what the others find in the corpus. What hangs runs into
# a limit of blocks; an input that only the machine's load made slow is no failure.
fuzz: fuzz-seeds
	+@$(call image,replay) && $(call image,libfuzzer)
	@mkdir -p build/fuzz/corpus build/fuzz/crashers build/fuzz/fixed
	@$(retry_crashers)
	@rm -f build/fuzz/worker*.log; echo 'fuzz: SEED=$(SEED) JOBS=$(JOBS) SECONDS=$(SECONDS)'
	@seq $(SEED) $$(($(SEED) + $(JOBS) - 1)) | parallel -j $(JOBS) --line-buffer --tagstring 'worker {}' \
	    build/fuzz/libfuzzer/fuzz -seed={} -max_total_time=$(SECONDS) -max_len=$(BYTES) -len_control=0 \
	    -reload=10 -report_slow_units=1200 -print_final_stats=1 -artifact_prefix=build/fuzz/crashers/ \
	    build/fuzz/corpus $(CORPUS) $(SEEDS) '>build/fuzz/worker{}.log' '2>&1; grep -E "^model:|kernel: panic|ERROR:|kernel calls|stat::(average|new_units)" build/fuzz/worker{}.log' || true
	@crashers=$$(find build/fuzz/crashers -type f); $(call name_failures,$$crashers,0); \
	    test -z "$$crashers"
	@test "$$(grep -l 'number_of_executed_units: [1-9]' build/fuzz/worker*.log 2>/dev/null | wc -l)" = $(JOBS) || \
	    { echo 'fuzz: a worker has tried nothing; see build/fuzz/worker*.log'; exit 1; }

afl = AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
      afl-fuzz -s $(SEED) -V $(SECONDS) -G $(BYTES) -i build/fuzz/afl-in -o build/fuzz/afl-out

fuzz-afl: fuzz-seeds
	+@$(call image,replay) && $(call image,afl)
	@mkdir -p build/fuzz/afl-in && cp $(INPUTS) build/fuzz/afl-in
	@seq $(JOBS) | parallel -j $(JOBS) \
	    '$(afl) $$([ {} = 1 ] && echo -M || echo -S) worker{} -- build/fuzz/afl/fuzz >build/fuzz/afl{}.log 2>&1'
	@TERM=dumb afl-whatsup -s -d build/fuzz/afl-out
	@crashers=$$(find build/fuzz/afl-out -path '*/crashes/id*'); \
	    $(call name_failures,$$crashers,0); test -z "$$crashers"

fuzz-minimise:
	+@$(call image,libfuzzer)
	@rm -rf build/fuzz/minimal; mkdir -p build/fuzz/minimal $(CORPUS)
	@build/fuzz/libfuzzer/fuzz -set_cover_merge=1 -max_len=$(BYTES) -use_counters=0 -use_cmp=0 \
	    build/fuzz/minimal build/fuzz/corpus $(CORPUS) 2>&1 | tail -1
	@rm -f $(CORPUS)/*; mv build/fuzz/minimal/* $(CORPUS)
	@ls $(CORPUS) | wc -l

fuzz-coverage: fuzz-seeds
	@find build/fuzz/coverage -name '*.gcda' -delete 2>/dev/null || true
	+@$(call image,coverage)
	@FUZZ_SHIFTS=$(SHIFTS) timeout 600 build/fuzz/coverage/fuzz $(INPUTS) >/dev/null
	@python3 tests/fuzz/coverage.py build/fuzz/coverage
