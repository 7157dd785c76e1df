# Exploration: ticks and interrupts placed run after run. See docs/laboratory.md.
#
#   explore TEST=name    explores the scenario tests/explore/<name>; ARGS are flags of it
#   explore APP=name     explores an app
#   explore-test         every scenario passes under every strategy; the explorer does what it says
#   mutants              every seeded defect of tests/explore/mutants is found
# All scenarios share one set of objects.

BOARD       := host
NAME        := explore
SOURCES_DIR := tests/explore
SCENARIOS   := $(patsubst tests/explore/%/main.c,%,$(wildcard tests/explore/*/main.c))
include tools/mk/build.mk

SCENARIO_OBJECTS := $(SCENARIOS:%=$(OUT)/tests/explore/%/main.o)
$(SCENARIO_OBJECTS): CFLAGS += $(INSTRUMENT_FLAGS)

.DEFAULT_GOAL := scenarios
.PHONY: scenarios explore explore-test mutants
.SECONDARY:

scenarios: $(SCENARIOS:%=$(OUT)/bin/%)

$(OUT)/bin/%: $(OUT)/tests/explore/%/main.o $(OBJECTS) $(ARCHIVES)
	@mkdir -p $(@D)
	@$(CC) $(filter-out $(WARNINGS),$(CFLAGS)) $^ $(LDFLAGS) -o $@

ifneq ($(TEST),)
ifeq ($(filter $(TEST),$(SCENARIOS)),)
$(error There is no scenario '$(TEST)'. Scenarios: $(SCENARIOS))
endif
explore: $(OUT)/bin/$(TEST)
	@$(OUT)/bin/$(TEST) --explore all $(ARGS)
else
explore:
	@$(MAKE) --no-print-directory -f tools/mk/build.mk image BOARD=host NAME=$(APP) SOURCES_DIR=apps/$(APP)
	@build/host/$(APP)/$(APP) --explore all $(ARGS)
endif

explore-test: scenarios
	@python3 tests/explore/explore.py $(OUT)

mutants: scenarios
	@python3 tests/explore/mutants.py $(OUT)

-include $(SCENARIO_OBJECTS:.o=.d)
