# The shell: `make shell` drives apps/shell by one script on the host, in both clocks and over a
# pseudo-terminal, and in QEMU on each kind of board.

SHELL_HOMES ?= host-virtual host-real host-pty microbit mps2-an385 mps2-an386 mps2-an505

.PHONY: shell
shell:
	@python3 tests/system/tap.py $@ 900 python3 tests/shell/check.py $(SHELL_HOMES)
