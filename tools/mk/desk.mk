# The simulated board's own tests: its picture, its script, its window. `make desk`.

desk_build = $(MAKE) --no-print-directory -s

.PHONY: desk
desk:
	@+for app in blinky shell; do \
	    $(desk_build) -f tools/mk/build.mk image BOARD=host NAME=$$app SOURCES_DIR=apps/$$app || exit 1; \
	done
	@+for program in cells terminal; do \
	    $(desk_build) -f tools/mk/build.mk image BOARD=host NAME=desk-$$program \
	        SOURCES_DIR=tests/desk/$$program || exit 1; \
	done
	@+$(desk_build) -f tools/mk/tsan.mk tsan-image NAME=desk-cells SOURCES_DIR=tests/desk/cells
	@python3 tests/system/tap.py $@ 240 tests/desk/check.py build/host
