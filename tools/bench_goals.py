"""What bench.py judges by: the best of the peers in each row, of those that were measured."""

# Instructions, or thousands per 30 virtual seconds (tm_*), or bytes.
M3_GOALS = {
    "yield": 40, "give_run": 51, "sem_roundtrip": 92, "sem_pair": 26, "mutex_pair": 37,
    "queue4_pair": 64, "queue16_pair": 97, "queue_wake": 113, "isr_give": 20, "isr_task": 101,
    "tick_quiet": 33, "tick_wake": 129,
    "tm_cooperative": 16444, "tm_preemptive": 11717, "tm_interrupt": 16445,
    "tm_interrupt_preemption": 5970, "tm_message": 7499, "tm_sync": 19528, "tm_memory": 21303,
}
M0_GOALS = {
    "yield": 50, "give_run": 62, "sem_roundtrip": 116, "sem_pair": 25, "mutex_pair": 37,
    "queue4_pair": 78, "queue16_pair": 128, "isr_task": 117, "tick_quiet": 37,
    "tm_cooperative": 13584, "tm_preemptive": 9299, "tm_interrupt": 14421,
    "tm_interrupt_preemption": 4959, "tm_message": 5952, "tm_sync": 20376, "tm_memory": 23433,
}
M4F_GOALS = {"yield": 42, "give_run": 53, "sem_roundtrip": 98, "isr_task": 107}
FOOTPRINT_GOALS = {
    "text_rodata": {"mps2-an385": 1902, "microbit": 1806},
    "data_bss": 188, "tcb": 44, "sem": 12, "mutex": 16, "queue": 40, "timer": 24,
    "stack_sleep": {"mps2-an385": 80}, "stack_sem": {"mps2-an385": 72},
    "stack_queue": {"mps2-an385": 120},
}
BOARD_GOALS = {"mps2-an385": M3_GOALS, "microbit": M0_GOALS, "mps2-an386": M4F_GOALS}
# Largest ratio to swapcontext().
HOST_GOALS = {
    "yield": 0.15, "sem_pingpong": 0.5, "sem_pair": 0.06, "mutex_pair": 0.06, "queue16_pair": 0.12,
    "queue16_pingpong": 0.5, "pool_pair": 0.06, "irq_mask_pair": 0.02, "task_create": 6,
}
SLEEP_1000_MS_GOAL = 1009
IDLE_CPU_MS_GOAL = 0.1
YIELD_10000_GOAL = 2.0  # times the yield row

# Rows whose worst case counts.
JUDGED_BY_MAX = {"tick_quiet"}
