/* The index of words: pairs of characters of what citizens said, masked as staff read it, so that a search among ten million cases reads a few
 * of them. It runs behind what is committed, segment by segment in the order of the events, in any number of gateways: each looks, and
 * whoever writes a segment first was the one. Nothing waits for it, intake least of all: what no segment holds yet is read as it is
 * (staff_search.c). A text that was erased by rule leaves it as soon as its segment has been made anew. It decides nothing about who may see what. */
#pragma once
#include "gateway.h"

struct wordindex *wordindex_new(struct gateway *g); /* looks as soon as the database is there */
void wordindex_free(struct wordindex **w);          /* after db_free: its calls end in there */

extern const struct db_stmt *const wordindex_statements[];
extern const size_t n_wordindex_statements;
