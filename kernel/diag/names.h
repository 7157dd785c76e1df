/* Names of objects that are known by their address and kind only. */
#ifndef K_NAMES_H
#define K_NAMES_H

#include "kiln/types.h"

/* An object's name; NULL when it has none, because it is gone (with KILN_CFG_CHECKS). Without them
 * it must exist. "?" for 0 and for kinds that this configuration does not have. Any context. */
const char *k_object_name(const void *object, enum kiln_type type);

#endif
