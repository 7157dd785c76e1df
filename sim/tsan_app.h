/* ThreadSanitizer for tasks: the app's calls that go through sim/tsan_calls.c. An app is compiled
 * with this file in front; the kernel is not, so that its own calls of these order nothing. */
#pragma redefine_extname kiln_start sim_tsan_start
#pragma redefine_extname kiln_task_init sim_tsan_task_init
#pragma redefine_extname kiln_task_create sim_tsan_task_create
#pragma redefine_extname kiln_task_join sim_tsan_task_join
#pragma redefine_extname kiln_irq_lock sim_tsan_irq_lock
#pragma redefine_extname kiln_irq_unlock sim_tsan_irq_unlock
#pragma redefine_extname kiln_sched_lock sim_tsan_sched_lock
#pragma redefine_extname kiln_sched_unlock sim_tsan_sched_unlock
#pragma redefine_extname kiln_queue_send sim_tsan_queue_send
#pragma redefine_extname kiln_queue_send_front sim_tsan_queue_send_front
#pragma redefine_extname kiln_queue_receive sim_tsan_queue_receive
#pragma redefine_extname kiln_queue_peek sim_tsan_queue_peek
#pragma redefine_extname kiln_stream_read sim_tsan_stream_read
#pragma redefine_extname kiln_stream_write sim_tsan_stream_write
#pragma redefine_extname kiln_flags_wait sim_tsan_flags_wait
#pragma redefine_extname kiln_flags_get sim_tsan_flags_get
#pragma redefine_extname kiln_pool_free sim_tsan_pool_free
#pragma redefine_extname posix_irq_connect sim_tsan_irq_connect
#pragma redefine_extname posix_irq_raise sim_tsan_irq_raise
