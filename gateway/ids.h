/* Row ids made by the gateway: block number × 65536 + counter. Blocks come from the sequence id_blocks, so no two
 * gateways share one; what is left of a block at the end is lost, which nobody minds. */
#pragma once
#include "gateway.h"

struct ids {
    u64 block, next_block;
    unsigned used;
    bool asking;
};
/* The next id, or 0 when no block has come yet. Asks for the next block when half of this one is used. */
u64 ids_next(struct gateway *g);
bool ids_ready(struct gateway *g); /* at least 512 ids at hand */
void ids_start(struct gateway *g);
extern const struct db_stmt stmt_id_block;
