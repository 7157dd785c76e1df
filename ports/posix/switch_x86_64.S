/* Linux port: the steady-state context switch for x86-64 (System V ABI).
 *
 * void posix_switch(void **save, void *to)
 *
 * The frame, from low to high: mxcsr, x87 control word (they belong to the task, too), r15,
 * r14, r13, r12, rbx, rbp, resume address. The control words are loaded only when they differ:
 * loading them is slow. The end is a jump, not a return: a return to another task's address
 * is always mispredicted.
 */
#if defined(__x86_64__)
    .text
    .globl posix_switch
    .type posix_switch, @function
posix_switch:
    .cfi_startproc
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    movl (%rsp), %eax /* as it was stored, or the load waits for the stores */
    movzwl 4(%rsp), %edx
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    cmpl (%rsp), %eax
    jne 2f
    cmpw 4(%rsp), %dx
    jne 2f
1:  addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    popq %rcx
    jmp *%rcx
2:  ldmxcsr (%rsp)
    fldcw 4(%rsp)
    jmp 1b
    .cfi_endproc
    .size posix_switch, .-posix_switch

/* A new context's frame resumes here, with its argument in r12 and a function in r13. */
    .globl posix_first_entry
    .type posix_first_entry, @function
posix_first_entry:
    .cfi_startproc
    .cfi_undefined rip
    movq %r12, %rdi
    call *%r13
    ud2
    .cfi_endproc
    .size posix_first_entry, .-posix_first_entry
#endif
    .section .note.GNU-stack, "", @progbits
