# BBC micro:bit, first version: nRF51822, Cortex-M0 (v6-M), 16 MHz, 256 KB flash, 16 KB RAM.
# This M0 has no SysTick: the tick comes from TIMER0.
BOARD_TITLE    := BBC micro:bit, Cortex-M0
BOARD_CPU      := -mcpu=cortex-m0 -mthumb
BOARD_CLOCK_HZ := 16000000
BOARD_IRQS     := 32
BOARD_SOURCES  := $(addprefix ports/cortex-m/,nrf51_timer.c nrf51_uart.c nrf51_watchdog.c)
BOARD_LEDS     := 5
BOARD_BUTTONS  := 2
BOARD_DEVICES  := nrf51_console.c
BOARD_DEFINES  := -DNRF51_UART_TX_PIN=24U -DNRF51_UART_RX_PIN=25U
QEMU_MACHINE   := microbit
OPENOCD_CONFIG := -f interface/cmsis-dap.cfg -f target/nrf51.cfg
