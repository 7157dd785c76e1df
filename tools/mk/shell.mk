# The shell: `make shell` drives apps/shell by one script on the host, in both clocks, over a
# pseudo-terminal, in a window and by keys out of a file, and in QEMU on each kind of board; then types
# anything. Two homes have the zoo of tests/gdb, too, for the shell to look at; three, a noisy console.

SHELL_HOMES ?= host-window host-virtual host-real host-pty host-script microbit mps2-an385 mps2-an386 mps2-an505

.PHONY: shell shell-host shell-anything $(SHELL_HOMES:%=shell-%)
shell: $(SHELL_HOMES:%=shell-%) shell-anything

shell_image = for app in shell onetask; do \
                  $(MAKE) -s --no-print-directory -f tools/mk/build.mk image BOARD=$(1) NAME=$$app \
                      SOURCES_DIR=apps/$$app $(2) || exit 1; \
              done
zoo_image   = $(MAKE) -s --no-print-directory -f tools/mk/build.mk image BOARD=$(1) NAME=zoo \
                  SOURCES_DIR=tests/gdb/zoo EXTRA_SOURCES=tests/shell/zoo/serve.c $(2)
noisy_image = $(MAKE) -s --no-print-directory -f tools/mk/build.mk image BOARD=$(1) NAME=noisy \
                  SOURCES_DIR=tests/shell/noisy $(2)
shell_test  = python3 tests/system/tap.py $@ 900 tests/shell/check.py

shell-host: # what the homes on the host share
	@+$(call shell_image,host,VARIANT=test)
	@+$(call zoo_image,host,VARIANT=test)
	@+$(call noisy_image,host,VARIANT=test)

$(filter shell-host-%,$(SHELL_HOMES:%=shell-%)): shell-host
$(SHELL_HOMES:%=shell-%): shell-%:
	@+$(if $(filter host-%,$*),,$(call shell_image,$*,VARIANT=test))
	@+$(if $(filter mps2-an385,$*),$(call zoo_image,$*,VARIANT=test))
	@+$(if $(filter mps2-an385 microbit,$*),$(call noisy_image,$*,VARIANT=test))
	@$(shell_test) $*

shell-anything: shell-host
	@+$(call shell_image,host,VARIANT=sanitised SANITISE=1)
	@$(shell_test) anything
