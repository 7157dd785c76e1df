/* Bugs and faults restart the app. */
#define KILN_CFG_PANIC_REBOOT 1
