/* The public listener: which part answers a path or a web socket, and where bodies may be long. Called by serve.c; it answers nothing
 * itself but that there is nothing. */
#pragma once
#include "gateway.h"

extern const char *const doors_protocols[]; /* of web sockets; ends with NULL */
struct web_handlers doors_handlers(struct gateway *g);
