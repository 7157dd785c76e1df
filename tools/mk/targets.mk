# What `make TARGET` does.

include tools/mk/boards.mk

ifeq ($(filter $(APP),$(APPS)),)
ifneq ($(APPS),)
$(error There is no app '$(APP)'. Apps: $(APPS))
endif
endif

build = $(MAKE) --no-print-directory -f tools/mk/build.mk

.PHONY: run
run:
	@$(build) image NAME=$(APP) SOURCES_DIR=apps/$(APP) BOARD=$(BOARD)
	@./build/host/$(APP)/$(APP) $(ARGS)
