/* The part of QEMU's plugin interface (version 1) that Kiln's plugins use, so that they need no
 * QEMU header. Documentation: "QEMU TCG Plugins", docs/devel/tcg-plugins.rst of QEMU. */
#ifndef QPLUGIN_H
#define QPLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*translate_callback)(qemu_plugin_id_t id, struct qemu_plugin_tb *block);
typedef void (*execute_callback)(unsigned cpu, void *data);
typedef void (*memory_callback)(unsigned cpu, uint32_t info, uint64_t address, void *data);
typedef void (*exit_callback)(qemu_plugin_id_t id, void *data);

/* QEMU 7.2 reports no access at all for 1, which should stand for reads. */
enum { NO_REGISTERS = 0, INLINE_ADD_U64 = 0, MEMORY_ANY = 3 };

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, translate_callback callback);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, execute_callback callback,
                                          int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
                                            execute_callback callback, int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction, int operation,
                                                void *counter, uint64_t amount);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *instruction,
                                      memory_callback callback, int flags, int kind, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, exit_callback callback, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);

/* An instruction's size by its first half. qemu_plugin_insn_size() of a page's last but one half
 * can be wrong: QEMU 7.2 takes the half that it looks at behind that for a part of the instruction.
 */
static inline size_t thumb_size(const struct qemu_plugin_insn *instruction)
{
    const uint8_t *bytes = (const uint8_t *)qemu_plugin_insn_data(instruction);
    return bytes[1] >= 0xE8U ? 4 : 2;
}

#endif
