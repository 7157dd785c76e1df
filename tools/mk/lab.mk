# The laboratory's own tests: recording and replaying, faults, and the monitor. `make lab`.

lab_build = $(MAKE) --no-print-directory -s -f tools/mk/build.mk image BOARD=host

.PHONY: lab lab-replay lab-faults lab-monitor
lab: lab-replay lab-faults lab-monitor

lab-faults: lab-replay # typist's image, too
	@+$(lab_build) NAME=lab-faults SOURCES_DIR=tests/lab/faults
	@python3 tests/system/tap.py $@ 300 python3 tests/lab/faults.py build/host

lab-replay:
	@+for app in busy crash typist; do \
	    $(lab_build) NAME=lab-$$app SOURCES_DIR=tests/lab/$$app || exit 1; \
	done
	@+$(lab_build) NAME=lab-busy VARIANT=edited CONFIG=-DBUSY_EDITED=1 SOURCES_DIR=tests/lab/busy
	@+$(lab_build) NAME=lab-typist VARIANT=alone CONFIG=-DTYPIST_ALONE=1 SOURCES_DIR=tests/lab/typist
	@python3 tests/system/tap.py $@ 900 python3 tests/lab/replay.py build/host

lab-monitor: lab-replay # the image of busy, too
	@+$(lab_build) NAME=lab-busy SOURCES_DIR=tests/lab/busy
	@+$(lab_build) NAME=lab-zoo SOURCES_DIR=tests/gdb/zoo
	@+$(lab_build) NAME=lab-zoo VARIANT=unlisted CONFIG=-DKILN_CFG_TASK_LIST=0 SOURCES_DIR=tests/gdb/zoo
	@+$(lab_build) NAME=lab-ticker SOURCES_DIR=tests/system/ticker
	@+$(lab_build) NAME=lab-inversion SOURCES_DIR=apps/inversion
	@python3 tests/system/tap.py $@ 600 python3 tests/lab/monitor.py build/host
