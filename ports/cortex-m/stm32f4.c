/* Cortex-M port: clock and pins of the STM32F405 and F407. Reference manual RM0090: RCC, GPIO,
 * embedded flash. */
#include "stm32.h"

#define FLASH_ACR   STM32_REG(0x40023C00U)
#define RCC_CR      STM32_REG(0x40023800U)
#define RCC_PLLCFGR STM32_REG(0x40023804U)
#define RCC_CFGR    STM32_REG(0x40023808U)
#define RCC_AHB1ENR STM32_REG(0x40023830U)

#define ACR_CACHES (UINT32_C(7) << 8) /* prefetch, instructions, data */
#define ACR_WAIT   5U                 /* states: 168 MHz at 2.7 V to 3.6 V */

#define CR_HSEON  (UINT32_C(1) << 16)
#define CR_HSERDY (UINT32_C(1) << 17)
#define CR_PLLON  (UINT32_C(1) << 24)
#define CR_PLLRDY (UINT32_C(1) << 25)

/* The other bits are reserved, and not all of them are 0 after reset: they stay as they are. */
#define PLLCFGR_FIELDS                                                               \
    (UINT32_C(0x3F) | UINT32_C(0x1FF) << 6 | UINT32_C(3) << 16 | UINT32_C(1) << 22 | \
     UINT32_C(15) << 24)
/* 1 MHz into the PLL, x 336, / 2 for the processor; / 7 is 48 MHz for USB. */
#define PLLCFGR_VALUE \
    (STM32_HSE_MHZ | UINT32_C(336) << 6 | UINT32_C(0) << 16 | UINT32_C(1) << 22 | UINT32_C(7) << 24)

#define CFGR_SW_PLL  UINT32_C(2)
#define CFGR_SWS     (UINT32_C(3) << 2)
#define CFGR_SWS_PLL (UINT32_C(2) << 2)
#define CFGR_APB1_4  (UINT32_C(5) << 10) /* 42 MHz */
#define CFGR_APB2_2  (UINT32_C(4) << 13) /* 84 MHz */

struct gpio {
    volatile uint32_t moder, otyper, ospeedr, pupdr, idr, odr, bsrr, lckr, afr[2];
};

#define MODE_INPUT     0U
#define MODE_OUTPUT    1U
#define MODE_ALTERNATE 2U
#define PULL_UP        1U
#define AF_USART1_TO_3 7U

static void set_field(volatile uint32_t *reg, unsigned shift, uint32_t mask, uint32_t value)
{
    *reg = (*reg & ~(mask << shift)) | value << shift;
}

void stm32f4_clock_start(void)
{
    RCC_CR |= CR_HSEON;
    if (!stm32_wait(&RCC_CR, CR_HSERDY, CR_HSERDY)) {
        return;
    }
    set_field(&RCC_PLLCFGR, 0, PLLCFGR_FIELDS, PLLCFGR_VALUE);
    RCC_CR |= CR_PLLON;
    if (!stm32_wait(&RCC_CR, CR_PLLRDY, CR_PLLRDY)) {
        return;
    }
    FLASH_ACR = ACR_CACHES | ACR_WAIT;
    RCC_CFGR = CFGR_APB1_4 | CFGR_APB2_2 | CFGR_SW_PLL;
    (void)stm32_wait(&RCC_CFGR, CFGR_SWS, CFGR_SWS_PLL);
}

static struct gpio *gpio(char port)
{
    return (struct gpio *)(UINT32_C(0x40020000) + UINT32_C(0x400) * (uint32_t)(port - 'A'));
}

/* The clock takes two cycles to arrive: the register is read back before the port is used. */
static void set_mode(char port, unsigned pin, uint32_t mode)
{
    RCC_AHB1ENR |= UINT32_C(1) << (port - 'A');
    (void)RCC_AHB1ENR;
    set_field(&gpio(port)->moder, 2 * pin, 3, mode);
}

void stm32f4_pin_output(char port, unsigned pin)
{
    set_mode(port, pin, MODE_OUTPUT);
}

void stm32f4_pin_input(char port, unsigned pin)
{
    set_mode(port, pin, MODE_INPUT);
}

bool stm32f4_pin_read(char port, unsigned pin)
{
    return (gpio(port)->idr >> pin & 1U) != 0;
}

void stm32f4_pin_usart(char port, unsigned pin)
{
    set_mode(port, pin, MODE_ALTERNATE);
    set_field(&gpio(port)->afr[pin / 8], 4 * (pin % 8), 15, AF_USART1_TO_3);
}

void stm32f4_pin_pull_up(char port, unsigned pin)
{
    set_field(&gpio(port)->pupdr, 2 * pin, 3, PULL_UP);
}

void stm32f4_pin_set(char port, unsigned pin, bool high)
{
    gpio(port)->bsrr = UINT32_C(1) << (high ? pin : pin + 16);
}
