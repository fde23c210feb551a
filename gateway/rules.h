/* The district's rules for counting time: the limits of core/deadline with the hours of business from the settings. Whoever
 * computes or explains a deadline asks here, so that all of them count alike. */
#pragma once
#include "gateway.h"
#include "core/deadline.h"

struct deadline_rules rules_deadline(const struct gateway *g);
