# Kiln: the only front door. `make help` lists what there is.

APP   ?= shell
BOARD ?= host
ARGS  ?=

include tools/mk/targets.mk
