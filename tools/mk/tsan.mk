# ThreadSanitizer for tasks: see sim/tsan.h.
#
#   make -f tools/mk/tsan.mk tsan-run APP=   runs an app, with ARGS
#   make -f tools/mk/tsan.mk tsan-test       the cases of tests/tsan, every app, the system tests
#   make -f tools/mk/tsan.mk tsan-image      any image, with the variables of build.mk

BOARD := host

include tools/mk/boards.mk

tsan_image = $(MAKE) --no-print-directory -s -f tools/mk/tsan.mk tsan-image
tsan_path  = build/host/$(1)-tsan/$(1)

.PHONY: tsan-run tsan-test tsan-test-cases tsan-test-system tsan-image $(APPS:%=tsan-app-%)
.DEFAULT_GOAL := tsan-test

tsan-run: tsan-app-$(APP)
	@$(call tsan_path,$(APP)) $(ARGS)

$(APPS:%=tsan-app-%): tsan-app-%:
	+@$(tsan_image) NAME=$* SOURCES_DIR=apps/$*

tsan-test: tsan-test-cases tsan-test-system

tsan-test-cases: $(APPS:%=tsan-app-%)
	+@$(tsan_image) NAME=tsan-cases SOURCES_DIR=tests/tsan/cases
	@python3 tests/tsan/check.py $(call tsan_path,tsan-cases) $(foreach app,$(APPS),$(call tsan_path,$(app)))

# Not those with ten thousand tasks: TSan has no room for so many.
tsan-test-system:
	+@$(tsan_image) NAME=system SOURCES_DIR=tests/system \
	    EXTRA_SOURCES="$(filter-out %/many.c,$(wildcard tests/system/posix/*.c))"
	@python3 tests/system/tap.py tsan-system 600 $(call tsan_path,system)

ifneq ($(NAME),)
VARIANT := tsan
CONFIG  += -DSIM_TSAN
LDFLAGS += -fsanitize=thread
include tools/mk/build.mk

# The app is watched, and so are the calls that stand in for the kernel's; see sim/tsan_calls.c.
$(call object,$(APP_SOURCES) $(EXTRA_SOURCES)): CFLAGS += -fsanitize=thread -include sim/tsan_app.h
$(call object,sim/tsan_calls.c): CFLAGS += -fsanitize=thread
$(call object,$(KERNEL_SOURCES) $(filter %.c,$(PORT_SOURCES))): CFLAGS += -include sim/tsan_kernel.h
$(OBJECTS): tools/mk/tsan.mk # the flags above are not among those that build.mk compares

tsan-image: image
endif
