/* Linux port: the steady-state context switch for 64-bit Arm (AAPCS64).
 *
 * void posix_switch(void **save, void *to)
 *
 * The frame, from low to high: d8-d15, x19-x28, x29, x30, fpcr. fpcr is written only when it
 * differs: writing it is slow.
 */
#if defined(__aarch64__)
    .text
    .globl posix_switch
    .type posix_switch, %function
posix_switch:
    .cfi_startproc
    sub sp, sp, #176
    stp d8, d9, [sp, #0]
    stp d10, d11, [sp, #16]
    stp d12, d13, [sp, #32]
    stp d14, d15, [sp, #48]
    stp x19, x20, [sp, #64]
    stp x21, x22, [sp, #80]
    stp x23, x24, [sp, #96]
    stp x25, x26, [sp, #112]
    stp x27, x28, [sp, #128]
    stp x29, x30, [sp, #144]
    mrs x9, fpcr
    str x9, [sp, #160]
    mov x10, sp
    str x10, [x0]
    mov sp, x1
    ldr x11, [sp, #160]
    cmp x9, x11
    b.eq 1f
    msr fpcr, x11
1:  ldp d8, d9, [sp, #0]
    ldp d10, d11, [sp, #16]
    ldp d12, d13, [sp, #32]
    ldp d14, d15, [sp, #48]
    ldp x19, x20, [sp, #64]
    ldp x21, x22, [sp, #80]
    ldp x23, x24, [sp, #96]
    ldp x25, x26, [sp, #112]
    ldp x27, x28, [sp, #128]
    ldp x29, x16, [sp, #144]
    mov x30, x16
    add sp, sp, #176
    br x16
    .cfi_endproc
    .size posix_switch, .-posix_switch

/* A new context's frame resumes here, with its argument in x19 and a function in x20. */
    .globl posix_first_entry
    .type posix_first_entry, %function
posix_first_entry:
    .cfi_startproc
    .cfi_undefined x30
    mov x0, x19
    blr x20
    brk #0
    .cfi_endproc
    .size posix_first_entry, .-posix_first_entry
#endif
    .section .note.GNU-stack, "", %progbits
