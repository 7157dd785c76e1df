/* Found when an app has no kiln_config.h of its own: every option keeps its default. */
