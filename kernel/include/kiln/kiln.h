/* The whole public interface of Kiln. */
#ifndef KILN_KILN_H
#define KILN_KILN_H

#include "kiln/config.h"
#include "kiln/types.h"
#include "kiln/sched.h"
#include "kiln/task.h"
#include "kiln/trace.h"
#include "kiln/ring.h"
#include "kiln/reset.h"
#if KILN_CFG_SEM
#include "kiln/sem.h"
#endif
#if KILN_CFG_MUTEX
#include "kiln/mutex.h"
#endif
#if KILN_CFG_QUEUE
#include "kiln/queue.h"
#endif
#if KILN_CFG_FLAGS
#include "kiln/flags.h"
#endif
#if KILN_CFG_POOL
#include "kiln/pool.h"
#endif
#if KILN_CFG_TIMER
#include "kiln/timer.h"
#endif
#if KILN_CFG_ASYNC
#include "kiln/async.h"
#endif
#if KILN_CFG_PRINT
#include "kiln/print.h"
#endif
#if KILN_CFG_STREAM
#include "kiln/stream.h"
#endif
#include "kiln/pins.h"
#include "kiln/block.h"
#include "kiln/clock.h"
#include "kiln/board.h"
#include "kiln/display.h"
#if KILN_CFG_QUEUE
#include "kiln/keyboard.h"
#endif
#if KILN_CFG_STREAM && KILN_CFG_QUEUE
#include "kiln/terminal.h"
#endif
#if KILN_CFG_SHELL
#include "kiln/line.h"
#include "kiln/shell.h"
#endif

#endif
