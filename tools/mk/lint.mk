# Static checks: format, cppcheck, shell syntax, layering, headers as C++, clang, 64-bit Arm, examples of the documentation.

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Werror
INCLUDES := -Ikernel/include -Ikernel/include/default -Ikernel -Iports
SOURCES  := $(shell git ls-files '*.c' '*.h')
NEWLIB   := $(shell arm-none-eabi-gcc -E -Wp,-v -x c /dev/null 2>&1 | grep '^ /' | tail -1)
HEADERS  := $(wildcard kernel/include/kiln/*.h)
KERNEL   := $(wildcard kernel/*/*.c)
HOST     := $(KERNEL) $(wildcard ports/posix/*.c sim/*.c sim/board/*.c ports/*.c)
WINDOW   := $(wildcard sim/window/*.c)

CORTEX_M_BOARDS := $(patsubst ports/cortex-m/boards/%/board.mk,%,\
                     $(wildcard ports/cortex-m/boards/*/board.mk))
ifneq ($(filter $(BOARD),$(CORTEX_M_BOARDS)),)
include ports/cortex-m/boards/$(BOARD)/board.mk
endif

.PHONY: clang-board lint format cppcheck scripts layers headers clang aarch64 examples
lint: format cppcheck scripts layers headers clang aarch64 examples
	@echo "lint: 8 passed, 0 failed"

format:
	@clang-format --dry-run -Werror $(SOURCES)

cppcheck:
	@cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability,performance \
	    --inline-suppr --suppress=missingIncludeSystem $(INCLUDES) -Iports/posix -Isim \
	    -DKILN_CFG_TRACE=1 -D__x86_64__ --template='{file}:{line}: {id}: {message}' kernel ports/posix sim
	@cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability,performance \
	    --inline-suppr --suppress=missingIncludeSystem $(INCLUDES) -Iports/posix -Isim \
	    -DKILN_CFG_TRACE=1 -DSIM_TSAN=1 -D__x86_64__ --template='{file}:{line}: {id}: {message}' \
	    $(wildcard sim/tsan*.c)

scripts:
	@for script in tools/setup tools/qemu tools/debug tools/flash tools/probe_problem tools/size tools/coverage .ci/run; do \
	    sh -n $$script || exit 1; \
	done
	@python3 -m py_compile $(wildcard tools/*.py tools/*/*.py tests/*.py tests/*/*.py)

# Dependencies point one way: see docs/architecture.md.
layers:
	@python3 tools/layers.py

# Each public header stands on its own, in C and in C++.
headers:
	@for header in $(HEADERS); do \
	    echo "#include \"$${header#kernel/include/}\"" | \
	        gcc -std=c11 $(WARNINGS) -Wpedantic $(INCLUDES) -Iports/posix -fsyntax-only -x c - || exit 1; \
	    echo "#include \"$${header#kernel/include/}\"" | \
	        g++ -std=c++20 $(WARNINGS) $(INCLUDES) -Iports/posix -fsyntax-only -x c++ - || exit 1; \
	done
	@for compiler in gcc clang; do \
	    $$compiler -std=c11 -O2 $(WARNINGS) -Wpedantic -Wimplicit-fallthrough $(INCLUDES) -Iports/posix \
	        -fsyntax-only tests/headers/async.c || exit 1; \
	done
	@mkdir -p build
	@g++ -std=c++20 -O2 $(WARNINGS) $(INCLUDES) -Iports/posix -c tests/headers/define.cpp -o build/define.o
	@nm -n build/define.o | grep -o '[abc]_task_def' | tr -d '\n' | grep -q '^a_task_defb_task_defc_task_def$$'

# The board is another one for each image.
examples:
	@+$(MAKE) -s --no-print-directory -f tools/mk/examples.mk examples BOARD=host

clang:
	@for source in $(HOST) $(WINDOW); do \
	    clang -std=gnu11 $(WARNINGS) -O2 $(INCLUDES) -Iports/posix -Isim -DKILN_CFG_TRACE=1 \
	        -fsyntax-only $$source || exit 1; \
	done
	@for board in $(CORTEX_M_BOARDS); do \
	    $(MAKE) --no-print-directory -f tools/mk/lint.mk clang-board BOARD=$$board || exit 1; \
	done

# The kernel and the port's every file for one board, assembler too.
clang-board:
	@mkdir -p build/clang
	@for source in $(KERNEL) ports/absent.c $(addprefix ports/cortex-m/,port.c fault.c inspect.c \
	    reset.c semihost.c startup.c switch.S) \
	    $(wildcard ports/cortex-m/boards/$(BOARD)/*.c) $(BOARD_SOURCES) \
	    $(addprefix ports/cortex-m/devices/,$(BOARD_DEVICES) console.c leds.c buttons.c clock.c); do \
	    clang --target=arm-none-eabi $(BOARD_CPU) -std=gnu11 $(WARNINGS) -O2 -ffreestanding \
	        $(INCLUDES) -Iports/cortex-m -Iports/cortex-m/boards/$(BOARD) -isystem $(NEWLIB) \
	        $(BOARD_DEFINES) -DBOARD_CLOCK_HZ=$(BOARD_CLOCK_HZ)U -DBOARD_IRQS=$(BOARD_IRQS)U \
	        -DBOARD_LEDS=$(BOARD_LEDS)U -DBOARD_BUTTONS=$(BOARD_BUTTONS)U \
	        -Wno-unused-command-line-argument -c $$source -o build/clang/object.o || exit 1; \
	done

# The other processor of the host port: compiled here, run by whoever has one.
aarch64:
	@mkdir -p build/aarch64
	@for source in $(HOST) $(wildcard ports/posix/*.S); do \
	    aarch64-linux-gnu-gcc -std=gnu11 $(WARNINGS) -O2 $(INCLUDES) -Iports/posix -Isim \
	        -DKILN_CFG_TRACE=1 -c $$source -o build/aarch64/$$(basename $$source).o || exit 1; \
	done
