# System tests: the cases of tests/system on every home. `make system` runs all of them.
#
#   system-host-virtual  -real  -recorded (and replayed)  -sanitised  -wrap
#   system-host-process  the flags, the signals and the last words of a process
#   system-host-reboot   reset and watchdog; system-<board>-reboot
#   system-<board>       in QEMU, also -wrap and -small (-Os); system-<board>-faults: the last words
#   system-host-print, system-<board>-print   the console's text, line by line
#   soak                 in real time again, with SYSTEM_SECONDS=60 for the long cases, not 3
# The -wrap variants begin every case just before the 32-bit wrap of the tick count.

SYSTEM_BOARDS := microbit mps2-an385 mps2-an386 mps2-an505

# An interrupt that no device raises, by number and handler.
SYSTEM_IRQ_microbit   := 25 SWI5_IRQHandler
SYSTEM_IRQ_mps2-an385 := 31 PORT0_7_Handler
SYSTEM_IRQ_mps2-an386 := 31 PORT0_7_Handler
SYSTEM_IRQ_mps2-an505 := 123 GPIO3_3_Handler

SYSTEM_WRAP := CONFIG="-DKILN_CFG_START_TICKS=0xFFFFFFF0U -DTEST_WRAP" VARIANT=wrap

system_build = $(MAKE) --no-print-directory -s -f tools/mk/build.mk image NAME=system \
               SOURCES_DIR=tests/system
system_host  = $(system_build) BOARD=host EXTRA_SOURCES="$(wildcard tests/system/posix/*.c)"
system_board = $(system_build) BOARD=$(1) EXTRA_SOURCES="$(wildcard tests/system/cortex-m/*.c)" \
               EXTRA_CFLAGS="-DTEST_IRQ=$(word 1,$(SYSTEM_IRQ_$(1))) \
                             -DTEST_IRQ_HANDLER=$(word 2,$(SYSTEM_IRQ_$(1)))"
# A title, a time limit in seconds, then the command.
system_tap   = python3 tests/system/tap.py

# One instruction takes 64 ns of the board's time, and idle time takes none.
system_qemu  = qemu-system-arm -M $(1) -nographic -monitor none -serial stdio \
               -icount shift=6,sleep=off -semihosting-config enable=on,target=native -kernel

system_parts := $(addprefix system-host-,virtual real recorded sanitised wrap process print reboot) \
                $(SYSTEM_BOARDS:%=system-%) $(foreach suffix,wrap small faults print reboot,\
                    $(SYSTEM_BOARDS:%=system-%-$(suffix)))

.PHONY: system soak $(system_parts)

system: $(system_parts)

system-host-virtual:
	@+$(system_host)
	@$(system_tap) $@ 300 build/host/system/system --clock virtual

system-host-real: system-host-virtual # the same image
	@$(system_tap) $@ 300 build/host/system/system --clock real

# In real time once more, so that a failure can be repeated; and it is.
system-host-recorded: system-host-virtual # the same image
	@$(system_tap) $@ 300 build/host/system/system --clock real --record build/host/system/log
	@$(system_tap) system-host-replayed 300 build/host/system/system --replay build/host/system/log

soak: system-host-virtual
	@SYSTEM_SECONDS=60 $(system_tap) $@ 400 \
	    build/host/system/system --clock real

system-host-sanitised:
	@+$(system_host) VARIANT=sanitised SANITISE=1
	@$(system_tap) $@ 600 \
	    build/host/system-sanitised/system --clock virtual

system-host-wrap:
	@+$(system_host) $(SYSTEM_WRAP)
	@$(system_tap) $@ 300 \
	    build/host/system-wrap/system --clock virtual

system-host-process: system-host-virtual # the same image, and four small ones
	@$(MAKE) --no-print-directory -s -f tools/mk/build.mk image BOARD=host NAME=system-ticker \
	    SOURCES_DIR=tests/system/ticker
	@$(MAKE) --no-print-directory -s -f tools/mk/build.mk image BOARD=host NAME=system-misuse \
	    SOURCES_DIR=tests/system/misuse
	@$(MAKE) --no-print-directory -s -f tools/mk/build.mk image BOARD=host NAME=system-held-up \
	    SOURCES_DIR=tests/system/held_up INSTRUMENT=0 EXTRA_LDFLAGS=-Wl,--wrap=timer_settime
	@$(MAKE) --no-print-directory -s -f tools/mk/build.mk image BOARD=host NAME=system-leaks \
	    SOURCES_DIR=tests/system/leaks
	@$(system_tap) $@ 600 python3 tests/system/process.py build/host

system_print_image = $(MAKE) --no-print-directory -s -f tools/mk/build.mk image BOARD=$(1) \
                     NAME=system-printers SOURCES_DIR=tests/system/printers
system_print       = python3 tests/system/printers.py $@

system-host-print:
	@+$(call system_print_image,host)
	@$(system_tap) $@ 300 $(system_print) 10 build/host/system-printers/system-printers --clock virtual
	@$(system_tap) $@ 300 $(system_print) 0 build/host/system-printers/system-printers --clock real

reboot_build = $(MAKE) --no-print-directory -s -f tools/mk/build.mk image NAME=system-reboot \
               SOURCES_DIR=tests/system/reboot

system-host-reboot:
	@+$(reboot_build) BOARD=host
	@+$(reboot_build) BOARD=host VARIANT=many CONFIG=-DREBOOT_TIMES=20000
	@+$(reboot_build) BOARD=host VARIANT=sanitised CONFIG=-DREBOOT_TIMES=300 SANITISE=1
	@$(system_tap) $@ 600 python3 tests/system/reboot.py host build/host

define system_board_rules
system-$(1):
	@+$$(call system_board,$(1))
	@$$(system_tap) $$@ 300 $$(call system_qemu,$(1)) build/$(1)/system/system.elf

system-$(1)-wrap:
	@+$$(call system_board,$(1)) $$(SYSTEM_WRAP)
	@$$(system_tap) $$@ 300 $$(call system_qemu,$(1)) \
	    build/$(1)/system-wrap/system.elf

system-$(1)-small:
	@+$$(call system_board,$(1)) VARIANT=small OPTIMISE=-Os
	@$$(system_tap) $$@ 300 $$(call system_qemu,$(1)) \
	    build/$(1)/system-small/system.elf

system-$(1)-faults:
	@$(MAKE) --no-print-directory -s -f tools/mk/build.mk image BOARD=$(1) NAME=system-faults \
	    SOURCES_DIR=tests/system/faults
	@$$(system_tap) $$@ 300 python3 tests/system/faults.py $(1) $(1) \
	    build/$(1)/system-faults/system-faults.elf

system-$(1)-print:
	@+$$(call system_print_image,$(1))
	@$$(system_tap) $$@ 300 $$(system_print) 10 $$(call system_qemu,$(1)) \
	    build/$(1)/system-printers/system-printers.elf

system-$(1)-reboot:
	@+$$(reboot_build) BOARD=$(1) CONFIG=-DREBOOT_HARDWARE=$(if $(filter mps2-%,$(1)),1,0)
	@$$(system_tap) $$@ 300 python3 tests/system/reboot.py $(1) $(1) \
	    build/$(1)/system-reboot/system-reboot.elf
endef
$(foreach board,$(SYSTEM_BOARDS),$(eval $(call system_board_rules,$(board))))
