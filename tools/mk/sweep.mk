# Interrupt sweep: an interrupt at every instruction of every kernel service, on each architecture.
#
#   sweep          every offset
#   sweep-short    every fourth
#   sweep-images   what tests/sweep/sweep.py runs

SWEEP_BOARDS := microbit mps2-an385 mps2-an386 mps2-an505

# The board's timer that interrupts, and two interrupts that no device raises: file and base of the
# timer; number and handler of the three.
SWEEP_microbit   := nrf51 0 9 TIMER1_IRQHandler 25 SWI5_IRQHandler 24 SWI4_IRQHandler
SWEEP_mps2-an385 := cmsdk 0x40000000U 8 TIMER0_Handler 31 PORT0_7_Handler 30 PORT0_6_Handler
SWEEP_mps2-an386 := $(SWEEP_mps2-an385)
SWEEP_mps2-an505 := cmsdk 0x50000000U 3 TIMER0_Handler 123 GPIO3_3_Handler 122 GPIO3_2_Handler

sweep_word   = $(word $(2),$(SWEEP_$(1)))
sweep_image  = $(MAKE) --no-print-directory -s -f tools/mk/build.mk image NAME=sweep \
    SOURCES_DIR=tests/sweep BOARD=$(1) \
    EXTRA_SOURCES="tests/sweep/entry.S tests/sweep/timers/$(call sweep_word,$(1),1).c" \
    EXTRA_CFLAGS="-DSWEEP_TIMER=$(call sweep_word,$(1),2) \
        -DSWEEP_PROBE_IRQ=$(call sweep_word,$(1),3) -DSWEEP_PROBE_HANDLER=$(call sweep_word,$(1),4) \
        -DSWEEP_RELAY_IRQ=$(call sweep_word,$(1),5) -DSWEEP_RELAY_HANDLER=$(call sweep_word,$(1),6) \
        -DSWEEP_DEVICE_IRQ=$(call sweep_word,$(1),7) \
        -DSWEEP_DEVICE_HANDLER=$(call sweep_word,$(1),8)" \
    CONFIG="-DKILN_CFG_TICK_HZ=100"

.PHONY: sweep sweep-short sweep-images $(SWEEP_BOARDS:%=sweep-image-%)
sweep: sweep-images
	@python3 tests/sweep/sweep.py $(SWEEP_BOARDS)

sweep-short: sweep-images
	@python3 tests/sweep/sweep.py --stride 4 $(SWEEP_BOARDS)

sweep-images: build/qsweep.so $(SWEEP_BOARDS:%=sweep-image-%)

$(SWEEP_BOARDS:%=sweep-image-%): sweep-image-%:
	@+$(call sweep_image,$*)

build/qsweep.so: tools/qsweep.c tools/qplugin.h
	@mkdir -p $(@D)
	@gcc -O2 -shared -fPIC -Wall -Wextra -Wconversion -Wshadow -Werror $< -o $@
