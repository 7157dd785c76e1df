#include "kiln/kiln.h"
#include <stdio.h>
KILN_SEM_DEFINE(s, 0, 10);
static int a(void *arg){ (void)arg; for(int i=0;i<3;i++){ kiln_sem_take(&s, KILN_FOREVER); kiln_printf("a got %d at %u\n", i, (unsigned)kiln_ticks()); } return 7; }
static int b(void *arg){ (void)arg; for(int i=0;i<3;i++){ kiln_task_sleep(100); kiln_sem_give(&s);} while(1){} return 0; }
KILN_TASK_DEFINE(ta, a, NULL, 5, 512);
KILN_TASK_DEFINE(tb, b, NULL, 3, 512);
static int c(void *arg){ (void)arg; int code; kiln_task_join(&ta,&code,KILN_FOREVER); kiln_printf("joined %d\n", code); kiln_task_sleep(200); kiln_stop(3); return 0;}
KILN_TASK_DEFINE(tc, c, NULL, 7, 512);
int main(void){ return kiln_start(); }
