# Netduino Plus 2: STM32F405RG, Cortex-M4F (v7E-M), 168 MHz, 1 MB flash, 128 KB RAM. The 64 KB of
# core-coupled memory stay unused.
#
# Hard float: arguments pass in the registers that they are computed in, the C library has the
# variant, and the kernel, compiled without those registers, passes no floating point.
BOARD_TITLE    := Netduino Plus 2, Cortex-M4F
BOARD_CPU      := -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16
BOARD_CLOCK_HZ := 168000000
BOARD_IRQS     := 82
BOARD_SOURCES  := $(addprefix ports/cortex-m/,systick.c stm32_usart.c stm32_watchdog.c stm32f4.c)
BOARD_LEDS     := 1
BOARD_BUTTONS  := 1
BOARD_DEVICES  := stm32_console.c
BOARD_DEFINES  := -DSTM32_RCC_CSR_AT=0x40023874U -DSTM32_LSI_HZ_MAX=47000U \
                  -DSTM32_USART_IRQ=37U -DSTM32_USART_HANDLER=USART1_IRQHandler \
                  -DSTM32_USART=0x40011000U -DSTM32_USART_CLOCK_HZ=84000000U -DSTM32_HSE_MHZ=25U
QEMU_MACHINE   := netduinoplus2
OPENOCD_CONFIG := -f interface/stlink.cfg -f target/stm32f4x.cfg
