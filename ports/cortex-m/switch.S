/* Cortex-M port: context switches, PendSV, and how a task starts.
 *
 * All tasks that do not run look alike: on the task's stack lie r4-r11 and an address to go on
 * at, in thread mode, masked. port_switch() makes that of a task that calls it, and goes on
 * with the next one, without an exception.
 *
 * Preemption comes to the same thing. PendSV, the least urgent exception, returns not to the
 * interrupted task but to `preempted`, which runs as that task, masked, and calls the scheduler,
 * which calls port_switch(). When the task's turn comes again, `preempted` has PendSV drop what
 * the detour put on the stack and return to where the interrupt was.
 *
 *   stack of a preempted task, from high to low:
 *     exception frame of the interrupt (8 words; 26 with floating point)
 *     s16-s31, if the frame has floating point
 *     with an FPU: EXC_RETURN of the interrupt, and a word for alignment
 *     [ exception frame for the return to `preempted`: gone once it runs ]
 *     frames of the scheduler
 *     r4-r11 and the address to go on at
 *
 * A task that used floating point since its last switch saves s16-s31 and FPSCR under its frame
 * and goes on at `resume_fp`; any other leaves those registers alone.
 */
    .syntax unified
    .thumb

#define ICSR       0xE000ED04
#define PENDSVSET  0x10000000
#define KERNEL_BASEPRI 0x20
#define THREAD_PSP 0xFFFFFFFD  /* EXC_RETURN: thread mode, process stack, no floating point */
#define CONTROL_FPCA 4

#if defined(__ARM_ARCH_6M__)
#define V6M 1
#else
#define V6M 0
#endif
#if defined(__ARM_FP)
#define HAS_FP 1
#else
#define HAS_FP 0
#endif
#if defined(__ARM_ARCH_8M_MAIN__)
#define HAS_LIMIT 1
#else
#define HAS_LIMIT 0
#endif

/* Bytes that PendSV puts on a stack: the frame for `preempted`, and what it has to remember. */
#if HAS_FP
#define DETOUR_BYTES 40
#else
#define DETOUR_BYTES 32
#endif

/* The loop at the end of `preempted`: the next address may be any of it. */
#if V6M
#define UNWIND_BYTES 10
#else
#define UNWIND_BYTES 14
#endif

/* What a debugger needs to unwind through here goes into .debug_frame, which is not loaded. */
    .cfi_sections .debug_frame

.macro function name
    .section .text.\name, "ax", %progbits
    .global \name
    .type \name, %function
    .thumb_func
    .balign 4
\name:
.endm

/* The stack inside `preempted`, for a debugger. Only an expression can say where things are: the
 * sizes are in EXC_RETURN (bit 4: no floating point) and in the interrupt's xPSR (bit 9: a word was
 * added to align the frame). One-byte operations of DWARF's stack machine: */
#define OP_SP(offset) 0x7D, offset          /* sp + offset, at most 63 */
#define OP_LOAD       0x06
#define OP_DUP        0x12
#define OP_AND        0x1A
#define OP_MUL        0x1E
#define OP_NOT        0x20
#define OP_ADD        0x22
#define OP_ADD_CONST(n) 0x23, n             /* at most 127 */
#define OP_SHL        0x24
#define OP_SHR        0x25
#define OP_CONST(n)   (0x30 + (n))          /* at most 31 */
#define DEF_CFA(bytes)         0x0F, bytes
#define REGISTER(number, bytes) 0x10, number, bytes
#if HAS_FP
#define HAS_FP_FRAME 0x7D, 4, OP_LOAD, OP_NOT, OP_CONST(4), OP_SHR, OP_CONST(1), OP_AND
#define FRAME        OP_SP(0), HAS_FP_FRAME, OP_CONST(6), OP_SHL, OP_ADD, OP_ADD_CONST(8)
#define FRAME_BYTES  15
#define FP_WORDS     HAS_FP_FRAME, OP_CONST(18), OP_MUL, OP_CONST(2), OP_SHL, OP_ADD
#define FP_WORDS_BYTES 13
#else
#define FRAME        OP_SP(0)
#define FRAME_BYTES  2
#endif
#define ALIGNMENT OP_DUP, OP_ADD_CONST(28), OP_LOAD, OP_CONST(9), OP_SHR, OP_CONST(1), OP_AND, \
                  OP_CONST(2), OP_SHL, OP_ADD
#define ALIGNMENT_BYTES 11

.macro saved register, offset
    .cfi_escape REGISTER(\register, FRAME_BYTES + 2), FRAME, OP_ADD_CONST(\offset)
.endm

.macro interrupted_frame
    .cfi_signal_frame /* its caller did not call: it was interrupted */
#if HAS_FP
    .cfi_escape DEF_CFA(FRAME_BYTES + ALIGNMENT_BYTES + FP_WORDS_BYTES + 2), FRAME, ALIGNMENT, FP_WORDS, OP_ADD_CONST(32)
#else
    .cfi_escape DEF_CFA(FRAME_BYTES + ALIGNMENT_BYTES + 2), FRAME, ALIGNMENT, OP_ADD_CONST(32)
#endif
    saved 0, 0
    saved 1, 4
    saved 2, 8
    saved 3, 12
    saved 12, 16
    saved 14, 20
    saved 15, 24
.endm

.macro mask
#if V6M
    cpsid i
#else
    movs r1, #KERNEL_BASEPRI
    msr basepri, r1
#endif
.endm

.macro unmask
#if V6M
    cpsie i
#else
    movs r3, #0
    msr basepri, r3
#endif
.endm

/* void port_switch(struct port_ctx *from, struct port_ctx *to) */
function port_switch
#if V6M
    push {r4-r7, lr}
    mov r4, r8
    mov r5, r9
    mov r6, r10
    mov r7, r11
    push {r4-r7}
    mov r2, sp
    str r2, [r0]
    ldr r2, [r1]
    mov sp, r2  /* stack: another */
resume:
    pop {r4-r7}
    mov r8, r4
    mov r9, r5
    mov r10, r6
    mov r11, r7
    pop {r4-r7, pc}
#else
#if HAS_FP
    mrs r2, control
    tst r2, #CONTROL_FPCA
    bne save_fp
save_core:
#endif
    push {r4-r11, lr}
    str sp, [r0]
#if HAS_LIMIT
    ldr r2, [r1, #4]
    movs r3, #0
    msr psplim, r3 /* in between, either stack pointer is right */
    ldr sp, [r1] /* stack: another */
    msr psplim, r2
#else
    ldr sp, [r1] /* stack: another */
#endif
    pop {r4-r11, pc}
#if HAS_FP
save_fp:
    vmrs r3, fpscr
    push {r3, lr}
    vpush {s16-s31}
    bics r2, #CONTROL_FPCA
    msr control, r2 /* the next task starts without floating point */
    isb
    ldr lr, =resume_fp
    b save_core
#endif
#endif
    .size port_switch, .-port_switch
    .ltorg

#if HAS_FP
function resume_fp
    vpop {s16-s31}
    pop {r3, lr}
    vmsr fpscr, r3
    bx lr
    .size resume_fp, .-resume_fp
#endif

/* Runs as the interrupted task, masked. */
function preempted
    .cfi_startproc
    interrupted_frame
    bl kernel_switch
#if HAS_FP
    movs r0, #2     /* a trace hook may have used floating point: the frame that PendSV */
    msr control, r0 /* is going to read has to be the short one */
    isb
#endif
    ldr r0, =ICSR
    ldr r1, =PENDSVSET
unwind:             /* an exception from here to unwind_end finds nothing left to do here */
    str r1, [r0]
    unmask
    isb
    b.n unwind
    .org unwind + UNWIND_BYTES /* an error if the loop is longer */
unwind_end:
    .cfi_endproc
    .size preempted, .-preempted
    .ltorg

function PendSV_Handler
    .cfi_startproc
    mrs r0, psp
    ldr r1, [r0, #24] /* the interrupted address */
    ldr r2, =unwind
    subs r1, r1, r2
    cmp r1, #UNWIND_BYTES
    blo 2f
    /* An interrupt asked for a switch: make a frame that returns to `preempted`. */
#if HAS_FP
    tst lr, #0x10
    it eq
    vstmdbeq r0!, {s16-s31}
#endif
    subs r0, #DETOUR_BYTES
#if HAS_FP
    str lr, [r0, #36]
    ldr lr, =THREAD_PSP
#endif
    ldr r1, =preempted
    str r1, [r0, #24]
    ldr r1, =0x01000000 /* xPSR: Thumb */
    str r1, [r0, #28]
    msr psp, r0
    mask
    bx lr
2:  /* `preempted` is done with: go back to where the interrupt was, unless one has come since
     * that asks for a switch again. */
    push {r0, lr}
    .cfi_adjust_cfa_offset 8
    .cfi_offset lr, -4
    bl kernel_switch_due
    cmp r0, #0
#if V6M
    pop {r0, r1}
    mov lr, r1
#else
    pop {r0, lr}
#endif
    .cfi_adjust_cfa_offset -8
    .cfi_restore lr
    bne 3f
#if HAS_FP
    ldr lr, [r0, #36]
#endif
    adds r0, #DETOUR_BYTES
#if HAS_FP
    tst lr, #0x10
    it eq
    vldmiaeq r0!, {s16-s31}
#endif
    msr psp, r0
    bx lr
3:  ldr r1, =preempted
    str r1, [r0, #24]
    mask
    bx lr
    .cfi_endproc
    .size PendSV_Handler, .-PendSV_Handler
    .ltorg

/* A new task's frame resumes here: r4 is its argument, r5 its entry. */
function port_task_start
    .cfi_startproc
    .cfi_undefined lr /* nobody called it */
    unmask
    mov r0, r4
    blx r5 /* calls: none (an entry counts from here on) */
    bl kernel_task_return
    .cfi_endproc
    .size port_task_start, .-port_task_start

/* void port_start_first(void *sp, void *main_stack_top): from the main stack to a task's. */
function port_start_first
    msr psp, r0
    movs r2, #2
    msr control, r2 /* SPSEL */
    isb
    msr msp, r1     /* main() is over: interrupts get its stack */
#if V6M
    b resume
#else
    pop {r4-r11, pc}
#endif
    .size port_start_first, .-port_start_first

#if !V6M
/* port_irq_save() where size counts: changes r3, the result, and r12. */
function port_mask
    mov r12, #KERNEL_BASEPRI
    mrs r3, basepri
    msr basepri_max, r12
    bx lr
    .size port_mask, .-port_mask
#endif

/* Which stack the fault's frame is on, then port_fault(frame, EXC_RETURN). */
function HardFault_Handler
    mov r1, lr
    movs r2, #4
    tst r1, r2
    bne 1f
    mrs r0, msp
    ldr r2, =__stack_top
    subs r3, r2, r0
    cmp r3, #255    /* deep in the main stack, perhaps below it: start over at its top */
    bls port_fault_entry
    mov sp, r2 /* stack: another */
    b port_fault_entry
1:  mrs r0, psp
port_fault_entry:
    ldr r2, =port_fault
    bx r2 /* calls: port_fault */
    .size HardFault_Handler, .-HardFault_Handler
    .ltorg
