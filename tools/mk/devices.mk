# Devices: the console of every board that QEMU emulates and of the host, driven by one script; the
# host's terminal, pty and storage. `make devices`.

DEVICES_BOARDS := microbit stm32vldiscovery netduinoplus2 mps2-an385 mps2-an386 mps2-an505
devices_build   = $(MAKE) --no-print-directory -s -f tools/mk/build.mk image

.PHONY: devices
devices:
	@+for board in host $(DEVICES_BOARDS); do \
	    $(devices_build) BOARD=$$board NAME=echo SOURCES_DIR=tests/devices/echo || exit 1; \
	    $(devices_build) BOARD=$$board NAME=blinky SOURCES_DIR=apps/blinky || exit 1; \
	done
	@+$(devices_build) BOARD=host NAME=keeper SOURCES_DIR=tests/devices/keeper
	@python3 tests/system/tap.py $@ 300 python3 tests/devices/check.py build $(DEVICES_BOARDS)
