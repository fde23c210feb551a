/* Forms as browsers send them, and as they are tampered with. Shared by the unit test and the fuzzer's corpus. */
#pragma once
#include "base/webform.h"

struct webform_row {
    const char *title, *type, *body;
    enum webform_end end;
    const char *fields; /* "name=value;…" in order */
    const char *files;  /* "field|filename|type|bytes;…" in order */
};

#define B           "----WebKitFormBoundary7MA4YWxkTrZu0gW"
#define CT          "multipart/form-data; boundary=" B
#define D(n)        "Content-Disposition: form-data; name=\"" n "\""
#define FIELD(n, v) "--" B "\r\n" D(n) "\r\n\r\n" v "\r\n"
#define FILE_PART(n, f, t, v)                                                                                \
    "--" B "\r\n" D(n) "; filename=\"" f "\"\r\nContent-Type: " t "\r\n\r\n" v "\r\n"
#define END "--" B "--\r\n"
#define FF  "---------------------------3525197319123456781234567890"

static const struct webform_row webform_rows[] = {
    {"Chrome: words and a picture", CT,
     FIELD("text", "\xe7\xaa\x97\xe5\x8f\xa3") FILE_PART("files", "IMG_1.jpg", "image/jpeg", "\xff\xd8\xff")
         END,
     WEBFORM_READ, "text=\xe7\xaa\x97\xe5\x8f\xa3;", "files|IMG_1.jpg|image/jpeg|\xff\xd8\xff;"},
    {"an input left alone brings no file", CT,
     FIELD("text", "a") FILE_PART("files", "", "application/octet-stream", "") END, WEBFORM_READ, "text=a;",
     ""},
    {"Firefox: another boundary, no last line end", "multipart/form-data; boundary=" FF,
     "--" FF "\r\n" D("text") "\r\n\r\na\r\nb\r\n--" FF "\r\n" D(
         "f") "; filename=\"a b.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n--" FF "--",
     WEBFORM_READ, "text=a\r\nb;", "f|a b.png|image/png|PNG;"},
    {"Safari: boundary in quotes, type in other letters",
     "Multipart/Form-Data; charset=utf-8; boundary=\"" B "\"", FIELD("text", "a") END, WEBFORM_READ,
     "text=a;", ""},
    {"a quote in a name comes as %22 and stays so", CT,
     FILE_PART("files", "a%22b.jpg", "image/jpeg", "x") END, WEBFORM_READ, "",
     "files|a%22b.jpg|image/jpeg|x;"},
    {"a name in UTF-8 and a path in it are only words", CT,
     FILE_PART("files", "../../\xe7\x85\xa7\xe7\x89\x87.jpg", "text/html", "x") END, WEBFORM_READ, "",
     "files|../../\xe7\x85\xa7\xe7\x89\x87.jpg|text/html|x;"},
    {"a semicolon in a name", CT, FILE_PART("files", "a; filename=b.jpg", "image/jpeg", "x") END,
     WEBFORM_READ, "", "files|a; filename=b.jpg|image/jpeg|x;"},
    {"headers in any order and letters", CT,
     "--" B
     "\r\ncontent-type: image/gif\r\nCONTENT-DISPOSITION: form-data; filename=\"x\"; name=\"f\"\r\n\r\nGIF\r\n" END,
     WEBFORM_READ, "", "f|x|image/gif|GIF;"},
    {"names without quotes (RFC 2183 tokens)", CT,
     "--" B "\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" END, WEBFORM_READ, "a=1;", ""},
    {"the same name twice", CT, FIELD("reason", "1") FIELD("reason", "2") END, WEBFORM_READ,
     "reason=1;reason=2;", ""},
    {"an empty field is one", CT, FIELD("text", "") END, WEBFORM_READ, "text=;", ""},
    {"the boundary inside a value, but not at a line's start", CT, FIELD("text", "see --" B " there") END,
     WEBFORM_READ, "text=see --" B " there;", ""},
    {"a value that ends in line ends", CT, FIELD("text", "a\r\n\r\n") END, WEBFORM_READ, "text=a\r\n\r\n;",
     ""},
    {"no part at all", CT, END, WEBFORM_READ, "", ""},
    {"what stands behind the end says nothing", CT, FIELD("a", "1") END "and more\r\n--" B "\r\n",
     WEBFORM_READ, "a=1;", ""},
    {"a preamble: no browser writes one", CT, "hello\r\n" FIELD("a", "1") END, WEBFORM_BROKEN, "", ""},
    {"no boundary", "multipart/form-data", FIELD("a", "1") END, WEBFORM_BROKEN, "", ""},
    {"an empty boundary", "multipart/form-data; boundary=", FIELD("a", "1") END, WEBFORM_BROKEN, "", ""},
    {"a boundary of 71 characters",
     "multipart/form-data; boundary=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghh",
     "", WEBFORM_BROKEN, "", ""},
    {"another boundary than announced", CT, "--other\r\n" D("a") "\r\n\r\n1\r\n--other--\r\n", WEBFORM_BROKEN,
     "", ""},
    {"the boundary as the beginning of a longer one", CT, "--" B "x\r\n" D("a") "\r\n\r\n1\r\n" END,
     WEBFORM_BROKEN, "", ""},
    {"line ends of one character", CT, "--" B "\n" D("a") "\n\n1\n--" B "--\n", WEBFORM_BROKEN, "", ""},
    {"no end", CT, FIELD("a", "1"), WEBFORM_BROKEN, "", ""},
    {"a part without a name", CT, "--" B "\r\nContent-Disposition: form-data\r\n\r\n1\r\n" END,
     WEBFORM_BROKEN, "", ""},
    {"a part without a header", CT, "--" B "\r\n\r\n1\r\n" END, WEBFORM_BROKEN, "", ""},
    {"a quote that never ends", CT, "--" B "\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n" END,
     WEBFORM_BROKEN, "", ""},
    {"the old kind", "application/x-www-form-urlencoded; charset=UTF-8", "a=1&b=%E7%AA%97+x", WEBFORM_READ,
     "a=1;b=\xe7\xaa\x97 x;", ""},
    {"JSON is no form", "application/json", "{\"a\":1}", WEBFORM_OTHER_TYPE, "", ""},
    {"no type", "", "a=1", WEBFORM_OTHER_TYPE, "a=1;", ""},
};
