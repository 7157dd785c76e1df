# Many images are made of the same files, compiled alike but for options that most files do not look
# at. What was compiled once is kept, in build/ccache, where that program is installed.
CCACHE_DIR     ?= $(CURDIR)/build/ccache
CCACHE_MAXSIZE ?= 2G
export CCACHE_DIR CCACHE_MAXSIZE
COMPILE = $(if $(shell command -v ccache),ccache) $(CC)
