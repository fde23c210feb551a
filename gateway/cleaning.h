/* What core/normalise needs of outside libraries, in one place: NFKC and the simplifying of traditional characters. For everybody who
 * brings words into the shape that the router reads: intake, training, the bench of routing. */
#pragma once
#include "core/normalise.h"
#include "io/simplify.h"

/* Valid as long as s, which stays the caller's. */
struct normalise_tools cleaning_tools(struct simplify *s);
