# Arm MPS2 with the AN505 image: Cortex-M33 (v8-M) with the security extension, 20 MHz, 4 MB of
# code and data each. It boots Secure and everything stays there: the addresses are the Secure
# aliases. The processor has floating point, and so do the images, because a board where stack
# limits and floating-point frames meet has to exist for the tests. Hard float for the reasons
# given in netduinoplus2.
BOARD_TITLE    := Arm MPS2 AN505, Cortex-M33
BOARD_CPU      := -mcpu=cortex-m33 -mthumb -mfloat-abi=hard -mfpu=fpv5-sp-d16
BOARD_CLOCK_HZ := 20000000
BOARD_IRQS     := 124
BOARD_SOURCES  := $(addprefix ports/cortex-m/,systick.c cmsdk_uart.c cmsdk_watchdog.c mps2_fpgaio.c)
BOARD_LEDS     := 2
BOARD_BUTTONS  := 2
BOARD_DEVICES  := cmsdk_console.c
BOARD_DEFINES  := -DCMSDK_WATCHDOG=0x50081000U -DCMSDK_UART0=0x50200000U \
                  -DMPS2_FPGAIO=0x50302000U -DCMSDK_UART0_IRQ=32U
QEMU_MACHINE   := mps2-an505
OPENOCD_CONFIG :=
