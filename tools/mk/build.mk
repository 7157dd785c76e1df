# Builds one image: $(SOURCES_DIR) for $(BOARD), into $(OUT)/$(NAME)[.elf].
#
# In:  BOARD, NAME, SOURCES_DIR (holds *.c and perhaps kiln_config.h)
#      CONFIG   more -D options      VARIANT  a name for them, part of the folder's name
#      OPTIMISE -O level             SANITISE 1: AddressSanitizer and UBSan (host)
#      INSTRUMENT 0: no block counting (host; virtual time needs it)
#      EXTRA_SOURCES, EXTRA_CFLAGS, EXTRA_LDFLAGS

include tools/mk/boards.mk
include tools/mk/cache.mk

OPTIMISE   ?= -O2
INSTRUMENT ?= 1
OUT        := build/$(BOARD)/$(NAME)$(if $(VARIANT),-$(VARIANT))

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wcast-align -Wpointer-arith -Wundef -Werror

KERNEL_SOURCES := $(wildcard kernel/*/*.c)
APP_SOURCES    := $(wildcard $(SOURCES_DIR)/*.c)
# One or the other: an app that gets a configuration later on has another command line then, and so
# all is compiled again.
DEFAULTS       := $(if $(wildcard $(SOURCES_DIR)/kiln_config.h),,-Ikernel/include/default)
CPPFLAGS += -I$(SOURCES_DIR) -Ikernel/include $(DEFAULTS) -Ikernel -Iports $(CONFIG)
CFLAGS   += -std=gnu11 -g $(OPTIMISE) $(WARNINGS) -ffunction-sections -fdata-sections \
            -fno-common $(EXTRA_CFLAGS)

ifeq ($(BOARD),host)
include tools/mk/host.mk
else
include tools/mk/cortex-m.mk
endif

# A source's object, wherever the source is.
object = $(addprefix $(OUT)/,$(addsuffix .o,$(basename $(subst ../,,$(1)))))
OBJECTS := $(call object,$(KERNEL_SOURCES) $(APP_SOURCES) $(EXTRA_SOURCES) $(PORT_SOURCES))

# Drivers of devices are in archives: an image has those that it asks for (kiln/board.h), with their
# interrupts' handlers and their libraries. A board's own come first; the last resort, behind them,
# says that there is no such device.
DEVICE_OBJECTS := $(call object,$(DEVICE_SOURCES))
ABSENT_OBJECTS := $(call object,ports/absent.c)
ARCHIVES       := $(OUT)/devices.a $(OUT)/absent.a

$(OUT)/devices.a: $(DEVICE_OBJECTS)
$(OUT)/absent.a: $(ABSENT_OBJECTS)
$(ARCHIVES):
	@rm -f $@
	@$(AR) rcs $@ $^

# Written whole: another image's make may do the same.
build/font.c: tools/font.py
	@mkdir -p $(@D)
	@python3 $< $@.$(notdir $(OUT)) && mv $@.$(notdir $(OUT)) $@

.PHONY: image
image: $(IMAGE)
	@:

# What is not the app's looks into its folder for a configuration only. Where there is none, the
# command line is the same for every app, and ccache need not even preprocess.
ifeq ($(wildcard $(SOURCES_DIR)/kiln_config.h),)
$(call object,$(KERNEL_SOURCES) $(PORT_SOURCES)) $(DEVICE_OBJECTS) $(ABSENT_OBJECTS): \
    CPPFLAGS := $(filter-out -I$(SOURCES_DIR),$(CPPFLAGS))
endif

# The command line is part of what an object depends on.
FLAGS_NOW := $(CC) $(CPPFLAGS) $(CFLAGS) $(INSTRUMENT_FLAGS) $(LDFLAGS)
$(shell mkdir -p $(OUT); printf '%s' '$(FLAGS_NOW)' | cmp -s - $(OUT)/flags || printf '%s' '$(FLAGS_NOW)' > $(OUT)/flags)

$(call object,$(KERNEL_SOURCES) $(APP_SOURCES) $(EXTRA_SOURCES)): CFLAGS += $(INSTRUMENT_FLAGS)

$(call object,$(KERNEL_SOURCES) $(PORT_SOURCES)) $(DEVICE_OBJECTS) $(ABSENT_OBJECTS): CFLAGS += $(GENERAL_ONLY)

$(OUT)/%.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	@$(COMPILE) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(OUT)/%.o: %.S $(OUT)/flags
	@mkdir -p $(@D)
	@$(COMPILE) $(CPPFLAGS) $(filter-out -fsanitize% -std=%,$(CFLAGS)) -MMD -MP -c $< -o $@

$(IMAGE): $(OBJECTS) $(ARCHIVES) $(LINK_DEPENDS)
	@$(CC) $(filter-out $(WARNINGS),$(CFLAGS)) $(OBJECTS) $(ARCHIVES) $(LDFLAGS) -o $@

-include $(patsubst %.o,%.d,$(OBJECTS) $(DEVICE_OBJECTS) $(ABSENT_OBJECTS))

# What an editor's language server wants to know.
.PHONY: compile-commands
compile-commands:
	@python3 tools/compile_commands.py \
	    $(filter %.c,$(KERNEL_SOURCES) $(APP_SOURCES) $(EXTRA_SOURCES) $(PORT_SOURCES)) \
	    -- $(CC) $(CPPFLAGS) $(CFLAGS)
	@echo 'compile_commands.json: $(NAME) for $(BOARD)'
