/* What the examples of the documentation leave to the reader. */
#include "kiln/kiln.h"

int main(void);
int uart_get(char *key);
void led_set(bool on);

__attribute__((weak)) int main(void)
{
    return kiln_start();
}

__attribute__((weak)) int uart_get(char *key)
{
    *key = 'x';
    return KILN_OK;
}

__attribute__((weak)) void led_set(bool on)
{
    (void)on;
}
