# Arm MPS2 with the AN385 image: Cortex-M3 (v7-M), 25 MHz, 4 MB of code and data each.
BOARD_TITLE    := Arm MPS2 AN385, Cortex-M3
BOARD_CPU      := -mcpu=cortex-m3 -mthumb
BOARD_CLOCK_HZ := 25000000
BOARD_IRQS     := 32
BOARD_SOURCES  := $(addprefix ports/cortex-m/,systick.c cmsdk_uart.c cmsdk_watchdog.c mps2_fpgaio.c)
BOARD_LEDS     := 2
BOARD_BUTTONS  := 2
BOARD_DEVICES  := cmsdk_console.c
BOARD_DEFINES  := -DCMSDK_WATCHDOG=0x40008000U -DCMSDK_UART0=0x40004000U \
                  -DMPS2_FPGAIO=0x40028000U -DCMSDK_UART0_IRQ=0U
QEMU_MACHINE   := mps2-an385
OPENOCD_CONFIG :=
