# ST STM32VLDISCOVERY: STM32F100RB, Cortex-M3 (v7-M), 24 MHz, 128 KB flash, 8 KB RAM.
BOARD_TITLE    := STM32VLDISCOVERY, Cortex-M3
BOARD_CPU      := -mcpu=cortex-m3 -mthumb
BOARD_CLOCK_HZ := 24000000
BOARD_IRQS     := 56
BOARD_SOURCES  := $(addprefix ports/cortex-m/,systick.c stm32_usart.c stm32_watchdog.c)
BOARD_LEDS     := 2
BOARD_BUTTONS  := 1
BOARD_DEVICES  := stm32_console.c
BOARD_DEFINES  := -DSTM32_RCC_CSR_AT=0x40021024U -DSTM32_LSI_HZ_MAX=60000U \
                  -DSTM32_USART_IRQ=37U -DSTM32_USART_HANDLER=USART1_IRQHandler \
                  -DSTM32_USART=0x40013800U -DSTM32_USART_CLOCK_HZ=24000000U
QEMU_MACHINE   := stm32vldiscovery
OPENOCD_CONFIG := -f board/stm32vldiscovery.cfg
