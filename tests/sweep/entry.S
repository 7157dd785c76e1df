/* Interrupt sweep: what has to be an exact instruction, or all registers. See probe.h. */
    .syntax unified
    .thumb

#define BASE_FRAME_ON_PSP 4 /* of EXC_RETURN */

.macro function name
    .section .text.\name, "ax", %progbits
    .global \name
    .type \name, %function
    .thumb_func
    .balign 4
\name:
.endm

.macro tell name
function \name
    ldrb r0, [r0]
    bx lr
.endm

tell sweep_tell_scenario
tell sweep_tell_offset
tell sweep_tell_fired
tell sweep_tell_begun
tell sweep_tell_waking
tell sweep_tell_woken

/* The plugin counts from the load. */
function sweep_go
    ldrb r3, [r0]
    str r2, [r1]
    bx lr

/* As the hardware leaves it: main stack, nothing masked. */
function sweep_go_at_reset
    movs r3, #0
    msr control, r3
    isb
#if defined(__ARM_ARCH_8M_MAIN__)
    msr psplim, r3
#endif
#if !defined(__ARM_ARCH_6M__)
    msr basepri, r3
#endif
    ldr r3, =__stack_top
    mov sp, r3
    ldr r4, =Reset_Handler
    cpsie i
    .global sweep_go_at_reset_load
sweep_go_at_reset_load:
    ldrb r3, [r0]
    str r2, [r1]
    bx r4
    .ltorg

/* probe_fired(frame) */
function SWEEP_PROBE_HANDLER
    mov r1, lr
    movs r0, #BASE_FRAME_ON_PSP
    tst r1, r0
    bne 1f
    mrs r0, msp
    b 2f
1:  mrs r0, psp
2:  ldr r2, =probe_fired
    bx r2
    .ltorg

/* uint32_t hold_registers(void): loads every register and the flags, lets time pass, and returns
 * how many have changed. */
.macro expect register, value
    cmp \register, #\value
    beq 1f
    adds r0, #1
1:
.endm

function hold_registers
    push {r4-r7, lr}
    mov r1, r8
    mov r2, r9
    mov r3, r10
    mov r4, r11
    push {r1-r4}
    movs r0, #108
    mov r8, r0
    movs r0, #109
    mov r9, r0
    movs r0, #110
    mov r10, r0
    movs r0, #111
    mov r11, r0
    movs r0, #112
    mov r12, r0
    movs r0, #114
    mov lr, r0
    movs r1, #101
    movs r2, #102
    movs r3, #103
    movs r4, #104
    movs r5, #105
    movs r6, #106
    movs r7, #107
    movs r0, #0
    cmp r0, #0      /* Z and C set, N and V clear: r0 stays 0 if that stays so */
    nop
    nop
    nop
    nop
    bne 8f
    bcc 8f
    bmi 8f
    bvs 8f
    expect r1, 101
    expect r2, 102
    expect r3, 103
    expect r4, 104
    expect r5, 105
    expect r6, 106
    expect r7, 107
    mov r1, r8
    mov r2, r9
    mov r3, r10
    mov r4, r11
    mov r5, r12
    mov r6, lr
    expect r1, 108
    expect r2, 109
    expect r3, 110
    expect r4, 111
    expect r5, 112
    expect r6, 114
    b 9f
8:  movs r0, #99
9:  pop {r1-r4}
    mov r8, r1
    mov r9, r2
    mov r10, r3
    mov r11, r4
    pop {r4-r7, pc}

#if defined(__ARM_FP)
function fp_load
    vldmia r0!, {s16-s31}
    ldr r0, [r0]
    vmsr fpscr, r0
    bx lr

function fp_store
    vstmia r0!, {s16-s31}
    vmrs r1, fpscr
    str r1, [r0]
    movs r1, #0
    vmsr fpscr, r1
    bx lr

function fp_spoil
    adr r0, 1f
    vldmia r0, {s0-s15}
    ldr r0, =0x00C00000 /* round to zero */
    vmsr fpscr, r0
    bx lr
    .balign 4
1:  .fill 16, 4, 0x41414141
    .ltorg

/* uint32_t hold_fp_registers(const uint32_t *from): all 33, as above, and a copy of s0-s15. */
function hold_fp_registers
    vpush {s16-s31}
    vldmia r0!, {s0-s31}
    ldr r1, [r0]
    vmsr fpscr, r1
    nop
    nop
    nop
    nop
    vmrs r2, fpscr
    sub sp, #128
    mov r3, sp
    vstmia r3, {s0-s31}
    subs r0, #128
    movs r3, #0
    cmp r1, r2
    it ne
    addne r3, #1
    movs r1, #0
1:  ldr r2, [r0, r1]
    ldr r12, [sp, r1]
    cmp r2, r12
    it ne
    addne r3, #1
    adds r1, #4
    cmp r1, #128
    bne 1b
    movs r0, #0
    vmsr fpscr, r0
    add sp, #128
    vpop {s16-s31}
    mov r0, r3
    bx lr
#endif
