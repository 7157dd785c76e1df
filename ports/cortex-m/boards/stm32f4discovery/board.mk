# ST STM32F4DISCOVERY: STM32F407VG, Cortex-M4F (v7E-M), 168 MHz, 1 MB flash, 128 KB RAM. The 64 KB
# of core-coupled memory stay unused. QEMU has no such machine: this board is only flashed.
# Hard float for the reasons given in netduinoplus2.
BOARD_TITLE    := STM32F4DISCOVERY, Cortex-M4F
BOARD_CPU      := -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16
BOARD_CLOCK_HZ := 168000000
BOARD_IRQS     := 82
BOARD_SOURCES  := $(addprefix ports/cortex-m/,systick.c stm32_usart.c stm32_watchdog.c stm32f4.c)
BOARD_LEDS     := 4
BOARD_BUTTONS  := 1
BOARD_DEVICES  := stm32_console.c
BOARD_DEFINES  := -DSTM32_RCC_CSR_AT=0x40023874U -DSTM32_LSI_HZ_MAX=47000U \
                  -DSTM32_USART_IRQ=38U -DSTM32_USART_HANDLER=USART2_IRQHandler \
                  -DSTM32_USART=0x40004400U -DSTM32_USART_CLOCK_HZ=42000000U -DSTM32_HSE_MHZ=8U
QEMU_MACHINE   :=
OPENOCD_CONFIG := -f board/stm32f4discovery.cfg
