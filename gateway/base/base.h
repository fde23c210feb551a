/* What every C file of the gateway needs: attributes, assertions, a few types. Libc only.
 * ASSERT states a fact that only a bug of ours can break: it stops the process with the place. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
typedef int64_t i64;
typedef uint32_t u32;
typedef uint8_t u8;

#define MUST_CHECK            __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, arg) __attribute__((format(printf, fmt, arg)))
#define ARRAY_LEN(a)          (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)             ((a) < (b) ? (a) : (b))
#define MAX(a, b)             ((a) > (b) ? (a) : (b))

/* The object that holds `member` at address `ptr`. */
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

_Noreturn void assert_failed(const char *what, const char *file, int line);
#define ASSERT(x) ((x) ? (void)0 : assert_failed(#x, __FILE__, __LINE__))

/* Memory that is never NULL: running out stops the process, where a supervisor starts it again.
 * Callers bound every size before they ask. Free with free(). */
void *mem_alloc(size_t n) MUST_CHECK;               /* zeroed */
void *mem_grow(void *p, size_t n) MUST_CHECK;       /* as realloc */
char *mem_copy(const char *p, size_t n) MUST_CHECK; /* n bytes and a NUL */
#define MEM_NEW(type) ((type *)mem_alloc(sizeof(type)))
/* Of a process that lives long, once at its start: what is large and short lived goes back to the system when it is freed. */
void mem_lives_long(void);
