/* Cortex-M port: the CMSDK's UART. CMSDK_UART0 is its base. "Arm Cortex-M System Design Kit
 * Technical Reference Manual", 4.3. */
#ifndef CMSDK_UART_H
#define CMSDK_UART_H

#include <stdint.h>

struct cmsdk_uart {
    volatile uint32_t data, state, ctrl, intstatus, bauddiv;
};

#define CMSDK_UART ((struct cmsdk_uart *)CMSDK_UART0)

#define CMSDK_STATE_TXFULL 1U
#define CMSDK_STATE_RXFULL 2U
#define CMSDK_STATE_RXOVR  8U /* written, it clears that */

#define CMSDK_CTRL_TXEN    1U
#define CMSDK_CTRL_RXEN    2U
#define CMSDK_CTRL_TXIRQEN 4U
#define CMSDK_CTRL_RXIRQEN 8U

#define CMSDK_INT_TX 1U /* written to intstatus, it clears that */
#define CMSDK_INT_RX 2U

#endif
