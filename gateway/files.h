/* The built staff application, read into memory once at start: no request ever touches the file system, so no path can
 * lead out of the folder. A file may have ready-made variants beside it (app.js.br, app.js.gz). Called by the staff's door;
 * never compresses and never lists. */
#pragma once
#include "gateway.h"

/* Reads cfg.dashboard_dir; called again it replaces what was read before. A folder that does not exist is no failure:
 * then every page explains how the application is built. False with a sentence when the folder cannot be read or holds
 * more than FILES_MAX files or FILES_BYTES_MAX bytes. */
#define FILES_MAX       1000
#define FILES_BYTES_MAX (64u << 20)
bool files_start(struct gateway *g, const char **error_r) MUST_CHECK;
void files_stop(struct gateway *g);

/* Answers GET and HEAD of /staff/{path}. A path without a file extension that is no file gets index.html: the
 * application routes it itself. */
void files_answer(struct gateway *g, u64 ticket, const struct http_in *in, struct str path);

/* --- pure parts, for their tests --- */
/* Content type by file extension; application/octet-stream for what we do not know. */
const char *files_type(struct str name);
/* Does Accept-Encoding take this coding (not at q=0)? */
bool files_takes(struct str accept_encoding, struct str coding);
/* Does If-None-Match name this tag (weak comparison, RFC 9110 13.1.2)? */
bool files_matches(struct str if_none_match, struct str etag);
