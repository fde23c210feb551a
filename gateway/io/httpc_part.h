/* What httpc.c and httpc_mail.c share. For io/httpc*.c alone. */
#pragma once
#include "base/list.h"
#include "io/httpc.h"
#include <curl/curl.h>

struct httpc {
    struct loop *loop;
    CURLM *multi;
    struct timer timer;
    struct list transfers, sockets, mails, mails_waiting;
    unsigned in_flight, most, mails_out;
    bool closing, private_allowed;
};

/* A URL with a host and one of the two schemes. */
bool httpc_url_good(const char *url, const char *scheme, const char *or_scheme) MUST_CHECK;
/* httpc_start for out->mail. */
bool mail_start(struct httpc *h, const struct http_out *out, span deadline, httpc_done *done,
                void *arg) MUST_CHECK;
/* Ends every mail that waits, and every one that is out as one that may have been taken: its thread lets go of it by itself. */
void mail_abandon(struct httpc *h);
