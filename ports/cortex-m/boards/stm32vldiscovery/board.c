/* STM32VLDISCOVERY: the clock, USART1 on PA9 and PA10, the green light on PC9 and the blue one on
 * PC8, the button on PA0. Reference manual RM0041: RCC, GPIO. */
#include "board.h"
#include "stm32.h"
#include "stm32_usart.h"

#define RCC_CR      STM32_REG(0x40021000U)
#define RCC_CFGR    STM32_REG(0x40021004U)
#define RCC_APB2ENR STM32_REG(0x40021018U)
#define GPIOA_CRH   STM32_REG(0x40010804U)
#define GPIOA_IDR   STM32_REG(0x40010808U)
#define GPIOA_BSRR  STM32_REG(0x40010810U)
#define GPIOC_CRH   STM32_REG(0x40011004U)
#define GPIOC_BSRR  STM32_REG(0x40011010U)

#define CR_HSEON  (UINT32_C(1) << 16)
#define CR_HSERDY (UINT32_C(1) << 17)
#define CR_PLLON  (UINT32_C(1) << 24)
#define CR_PLLRDY (UINT32_C(1) << 25)

#define CFGR_SW_PLL  UINT32_C(2)
#define CFGR_SWS     (UINT32_C(3) << 2)
#define CFGR_SWS_PLL (UINT32_C(2) << 2)
#define CFGR_PLL_HSE (UINT32_C(1) << 16)
#define CFGR_PLL_X3  (UINT32_C(1) << 18)

#define APB2ENR_IOPAEN   (UINT32_C(1) << 2)
#define APB2ENR_IOPCEN   (UINT32_C(1) << 4)
#define APB2ENR_USART1EN (UINT32_C(1) << 14)

/* A pin of a port, in four bits of its half of the port: mode and what it is for. */
#define PIN_MASK           UINT32_C(15)
#define PIN_INPUT_PULLED   UINT32_C(8)
#define PIN_OUTPUT_2MHZ    UINT32_C(2)
#define PIN_ALTERNATE_2MHZ UINT32_C(10)

/* The crystal's 8 MHz x 3: the most that this chip does, and flash needs no wait states. */
static void start_clock(void)
{
    RCC_CR |= CR_HSEON;
    if (!stm32_wait(&RCC_CR, CR_HSERDY, CR_HSERDY)) {
        return;
    }
    RCC_CFGR = CFGR_PLL_HSE | CFGR_PLL_X3;
    RCC_CR |= CR_PLLON;
    if (!stm32_wait(&RCC_CR, CR_PLLRDY, CR_PLLRDY)) {
        return;
    }
    RCC_CFGR |= CFGR_SW_PLL;
    (void)stm32_wait(&RCC_CFGR, CFGR_SWS, CFGR_SWS_PLL);
}

static void set_pin(volatile uint32_t *half, unsigned pin, uint32_t mode)
{
    unsigned shift = pin % 8 * 4;
    *half = (*half & ~(PIN_MASK << shift)) | mode << shift;
}

void board_init(void)
{
    start_clock();
    RCC_APB2ENR |= APB2ENR_IOPAEN | APB2ENR_USART1EN;
    set_pin(&GPIOA_CRH, 9, PIN_ALTERNATE_2MHZ);
    stm32_usart_start();
}

void stm32_receive_pin_start(void)
{
    GPIOA_BSRR = UINT32_C(1) << 10; /* pulled up */
    set_pin(&GPIOA_CRH, 10, PIN_INPUT_PULLED);
}

void board_leds_start(void)
{
    RCC_APB2ENR |= APB2ENR_IOPCEN;
    set_pin(&GPIOC_CRH, 8, PIN_OUTPUT_2MHZ);
    set_pin(&GPIOC_CRH, 9, PIN_OUTPUT_2MHZ);
}

/* Light 0 is the green one. */
void board_leds_write(uint32_t lit)
{
    uint32_t pins = (lit & 1U) << 9 | (lit >> 1 & 1U) << 8, both = UINT32_C(3) << 8;
    GPIOC_BSRR = pins | (both & ~pins) << 16;
}

/* The pin is an input after reset, and the board pulls it down. */
void board_buttons_start(void)
{
}

uint32_t board_buttons_read(void)
{
    return GPIOA_IDR & 1U;
}
