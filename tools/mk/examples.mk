# The whole examples of the documentation: they are built for the host and the smallest board, and
# their stacks are large enough there.

BOARDS_OF_EXAMPLES := host microbit
EXAMPLES := $(shell python3 tools/examples.py build/examples README.md docs/*.md)

image = $(MAKE) -s --no-print-directory -f tools/mk/build.mk image BOARD=$(1) \
            NAME=example-$(notdir $(2)) SOURCES_DIR=$(2) EXTRA_SOURCES=tests/examples/rest.c

.PHONY: examples $(EXAMPLES)
examples: $(EXAMPLES)
	@test $(words $(EXAMPLES)) -ge 3

$(EXAMPLES):
	@+for board in $(BOARDS_OF_EXAMPLES); do \
	    $(call image,$$board,$@) || { echo "the example of $(notdir $@).md, for $$board"; exit 1; }; \
	done
	@python3 tools/stack.py build/microbit/example-$(notdir $@)/example-$(notdir $@).elf --quiet --sources $@
