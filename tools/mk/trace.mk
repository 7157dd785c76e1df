# Trace equality: every app makes the same kernel events on the host and on every board that QEMU
# emulates. TRACE_ARGS narrows it down: TRACE_ARGS="--apps blinky --boards microbit".

.PHONY: trace
trace:
	@python3 tests/trace/compare.py $(TRACE_ARGS)
