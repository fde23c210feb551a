/* A citizen's proof file: any bytes end in a verdict, and no change of a right file is called right. */
#include "cmd_verify.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool quiet;
    if (!quiet) quiet = crypto_init() && freopen("/dev/null", "w", stdout) != NULL;
    int code = verify_proof_bytes((struct str){(const char *)data, size}, NULL, NULL);
    ASSERT(code == CMD_OK || code == CMD_FAILED);
    return 0;
}
