/* Files of a sealed message: which stored bytes belong to it. */
#include "sealed_part.h"

#define HASH_AND_SIZE 40 /* of one stored file in submission.sealed_hashes */

size_t seal_files_n(const struct submission *s) { return s->sealed_hashes.n / HASH_AND_SIZE; }

struct str seal_files_hash(const struct submission *s, size_t i)
{
    return (struct str){s->sealed_hashes.p + i * HASH_AND_SIZE, 32};
}

i64 seal_files_size(const struct submission *s, size_t i)
{
    i64 n = 0;
    for (size_t b = 32; b < HASH_AND_SIZE; b++) n = n << 8 | (u8)s->sealed_hashes.p[i * HASH_AND_SIZE + b];
    return n;
}
