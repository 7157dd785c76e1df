/* One copy of the K_SHARED functions, where size counts more than speed. */
#include "kernel.h"

#if !K_FOR_SPEED
#include "shared.h"
#endif
