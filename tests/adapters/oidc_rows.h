/* Keys that were made for these rows and thrown away, and what they signed: claims of the sample provider at ROW_NOW. */
#pragma once
/* clang-format off */
#define ROW_NOW_S  1773799200 /* 2026-03-18 10:00 in China */
#define ROW_ISSUER "https://sso.example.gov.cn/realms/office"
#define ROW_CLIENT "mashangdu"
#define ROW_NONCE  "FICTITIOUS-nonce-0001"
static const char oidc_keys[] =
    "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"6dmdLX_4oKrGzn1fLiyKvkKto4La-2xH3bk0XPleGx4VaX3HIbrHC86ApAAoq"
    "WnkL--mR4N06hAcQc6VohIOTRjALk89bqkj8kKwY4WhVLiHJlHC1XR_Aqz8A4u9GWbekQNEsC37t6P3dT7Ld5CFh"
    "BtdVM0kPV6zVNFi2rMZCMan76c6nQJ2xgrfwwY0kG1izYez9RMG4DNXPi9pDQ1bBQEdDwf-tkZo-lyPM-uNM3rtY"
    "vY9kL7yIqi9QeOPmkKUSncp7SNaNaKZdLFb6Qyu2GIMH0tAep2H43sMfpIC4Juw0R8NgVYY9FhM1v_qG5utvwYEo"
    "c4sZZYjZadSCRe2Fw\",\"e\":\"AQAB\",\"kid\":\"r1\",\"use\":\"sig\",\"alg\":\"RS256\"},{\"kty\":\"EC\",\"x\":\"Q27"
    "KeAcdPxXBdGJGSC0U1J-4V5y5xBUyhxySOetbjOE\",\"y\":\"0B1ZjaWyGF7iH4YY_3ZeVrJIg5oSs2VxS_2ShG8Ae"
    "jc\",\"crv\":\"P-256\",\"kid\":\"e1\",\"use\":\"sig\"},{\"kty\":\"RSA\",\"n\":\"wSA9O0B5eTWv8H7t8UqyrylI0q7P"
    "oWrSc4o_C2zTUeGh9zAF78bRqEt36cEPmIRVG5HtwIU8B-bLwBg0wJ1e73GRlrZCCvTYrWCarL470snrwsoZBIrU"
    "MLpdVNLEEeTkJ1RmE9rfyBMWTI7fPYwBU6UGHAcmlUvY21i1DnJSKA0\",\"e\":\"AQAB\",\"kid\":\"weak\",\"use\":\""
    "sig\"},{\"kty\":\"oct\",\"kid\":\"o1\",\"k\":\"AAAA\"}]}";
static const char oidc_token_rs256[] =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLmdvdi5jbi9yZWFs"
    "bXMvb2ZmaWNlIiwiYXVkIjoibWFzaGFuZ2R1Iiwic3ViIjoic3ViamVjdC0wMDAxIiwiaWF0IjoxNzczNzk5MjAw"
    "LCJleHAiOjE3NzM3OTk1MDAsIm5vbmNlIjoiRklDVElUSU9VUy1ub25jZS0wMDAxIn0.00uObqCk2sswnn4HQlT1"
    "1-zUA1DYs12wQp_nOK4935hdEUFsQ36NTNZfc9uZSqaWzRPrgi5_R9H3cK63AKdL-xnNz82SRKL9nP9CSF5pQdYP"
    "WZgpaTv8o8PfXqBQ6LjDzazUw9v6GNaZI3HK7VuMbA1orIXPpn1R0JuWyd21AJCEA0X3odzdHup0ZH0RaHkTiv06"
    "GSj_CZlUXAYl2Be2zw-AFiKNoY55_WdNRtf-pIwxV8gsxulOnPvGuQ7m_U5b7ZIL6A_-Pp_SNAPfZdUAYwHaU_fG"
    "w-802cTHiWBY7uuhQL9M5bRfp1KnikzgwBBh5npwSHLykmdt70X3-WRC9w";
static const char oidc_token_es256[] =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLmdvdi5jbi9yZWFs"
    "bXMvb2ZmaWNlIiwiYXVkIjoibWFzaGFuZ2R1Iiwic3ViIjoic3ViamVjdC0wMDAxIiwiaWF0IjoxNzczNzk5MjAw"
    "LCJleHAiOjE3NzM3OTk1MDAsIm5vbmNlIjoiRklDVElUSU9VUy1ub25jZS0wMDAxIn0.sxIsrV3Cuhp9yvvkvD4N"
    "eXKkz403RcfqaRId-mZwzMMyh3x0dATmddZnUiOinc2YeFyOWa3Jbkf_-0PT2AgsKA";
static const char oidc_token_nameless[] =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLmdvdi5jbi9yZWFsbXMvb2ZmaWNlIiw"
    "iYXVkIjoibWFzaGFuZ2R1Iiwic3ViIjoic3ViamVjdC0wMDAxIiwiaWF0IjoxNzczNzk5MjAwLCJleHAiOjE3NzM"
    "3OTk1MDAsIm5vbmNlIjoiRklDVElUSU9VUy1ub25jZS0wMDAxIn0.RRisgzX-hP6mTEGIzOTtsb5dWmj_IGWow-e"
    "bjDCqtBQzqlozQyrUKEAw6H0VWSYKwMEeADbaMMBuh1E3kitjUg";
static const char oidc_token_weak[] =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IndlYWsifQ.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLmdvdi5jbi9yZ"
    "WFsbXMvb2ZmaWNlIiwiYXVkIjoibWFzaGFuZ2R1Iiwic3ViIjoic3ViamVjdC0wMDAxIiwiaWF0IjoxNzczNzk5M"
    "jAwLCJleHAiOjE3NzM3OTk1MDAsIm5vbmNlIjoiRklDVElUSU9VUy1ub25jZS0wMDAxIn0.hXjy5S3kF8D4tB-yG"
    "cbkVzorRRGTXA5UiHZiimyKLyTV1x1ytCJo-1HcUl70CyMm4igFPp9re83k5ecLJHyEunlhy06RcnDllUfPiEvsy"
    "d306tGGlfnRXFPd3SU7kYx-dtFb6QylG_XxxKOKXyIw1abjPynP7Y8g6LySar0B6eQ";
static const char oidc_token_crossed[] =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLmdvdi5jbi9yZWFs"
    "bXMvb2ZmaWNlIiwiYXVkIjoibWFzaGFuZ2R1Iiwic3ViIjoic3ViamVjdC0wMDAxIiwiaWF0IjoxNzczNzk5MjAw"
    "LCJleHAiOjE3NzM3OTk1MDAsIm5vbmNlIjoiRklDVElUSU9VUy1ub25jZS0wMDAxIn0.3xcV39ye08m4Mw9NFgx3"
    "vQwSNr6-uwZXKSTZ0LTpnk3d7S6aluzxE2maZOtMrTHJlaVjpn8FWK9bW-ETQs977KLdkwU_2SkXRFehb_Ne4zDO"
    "LHoMI3BRxA_ogx1tDNnLJvntvxNsy3hYFHnC8W9ScMpiMelrY0hJNg_oYuoOjxjAgpU2N_0bB-aDPxgO7RNKUnIC"
    "6EuyPrjp0HehlrO_5B1FMHn748yjxQFrMDwiQ5H4GsrQfDwCiFzg1duh9o3BxFjYDj_H0fZlVZRL3lQdN2XNT3GR"
    "M55fRjEidyMsMojmnrWuBWKLBA7ECAS3XsGR129NAK5iylkyX2EhpOk9kg";
static const char oidc_token_unknown[] =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIyIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLmdvdi5jbi9yZWFs"
    "bXMvb2ZmaWNlIiwiYXVkIjoibWFzaGFuZ2R1Iiwic3ViIjoic3ViamVjdC0wMDAxIiwiaWF0IjoxNzczNzk5MjAw"
    "LCJleHAiOjE3NzM3OTk1MDAsIm5vbmNlIjoiRklDVElUSU9VUy1ub25jZS0wMDAxIn0.TrFBsj07hg8m_zdTeqsT"
    "d818_y6bD_HGjoJuQdcnCXsupz-hZjzCUW9QUq5AAYS6ivKcmS0NsWpO6MPoG6bNuxhS_UTg7j2WWTBPo4WPxkTR"
    "h3mEq6KhRVmaPEPCIwFcg6sWpvmRpTI95boFMGgGaz2pIJuqLIDR4ZMUzLU_wG3yW_iwTYuG6Kt27vYggyHBG9gK"
    "ObKOOFkHja2MEIKhdIJ7ORS-8lqth-7DousTkm-Hgi6tn8Y7ZtdUtwejM-hQy013x4b5HoPYEB0kdypT4qkYiCiD"
    "Afc0Ns0riV-4ELJh6bkhUcqLkXlrW0gXKBm4kohA4qGqmkAb8afV1iQ_hw";
static const char oidc_token_critical[] =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIiwiY3JpdCI6WyJiNjQiXSwiYjY0IjpmYWxzZX0.eyJpc3MiOiJodHRw"
    "czovL3Nzby5leGFtcGxlLmdvdi5jbi9yZWFsbXMvb2ZmaWNlIiwiYXVkIjoibWFzaGFuZ2R1Iiwic3ViIjoic3Vi"
    "amVjdC0wMDAxIiwiaWF0IjoxNzczNzk5MjAwLCJleHAiOjE3NzM3OTk1MDAsIm5vbmNlIjoiRklDVElUSU9VUy1u"
    "b25jZS0wMDAxIn0.ixT3RSWwtJ8jCYUFFES6JDpbtpsKZXcKDRKf6qI6J_xpI691qmPsWLAZsnwAvrQhLm-xzshg"
    "9kIcROzpbrIskEUj_MB2f9CHbY9PMKCtZezkYG7J9Oub-IHxPkQp4suOUwwPI6i1P0zexgQwSKv4ODPMgmxuPQNa"
    "zhN0NBQ-piUFPwpGlE4FlhD9LJEvqSM9Dgy4ith9qDnYn_oW55DZhsUaFydhyzLueV-4gv0XRxjz--6p8xSERaKT"
    "wiuAKC_2nucd4WF-0ccbBA5EiJcpwaSJuv1wyy5GEPDph6uh_yTf5KQSdeUdxgorw5ImXKH7fFSQIT1wwe_R6tqY"
    "i9j2nA";
static const char oidc_token_hs256[] =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLmdvdi5jbi9yZWFs"
    "bXMvb2ZmaWNlIiwiYXVkIjoibWFzaGFuZ2R1Iiwic3ViIjoic3ViamVjdC0wMDAxIiwiaWF0IjoxNzczNzk5MjAw"
    "LCJleHAiOjE3NzM3OTk1MDAsIm5vbmNlIjoiRklDVElUSU9VUy1ub25jZS0wMDAxIn0.V8_Iz8nWxesfME_n2MR8"
    "gl2Knwom3v4RtYDQgtOtrFk";
static const char oidc_token_none[] =
    "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL3Nzby5leGFtcGxlLmdvdi5jbi9yZWFsbXMvb2ZmaWNlIiwi"
    "YXVkIjoibWFzaGFuZ2R1Iiwic3ViIjoic3ViamVjdC0wMDAxIiwiaWF0IjoxNzczNzk5MjAwLCJleHAiOjE3NzM3"
    "OTk1MDAsIm5vbmNlIjoiRklDVElUSU9VUy1ub25jZS0wMDAxIn0.";
static const char oidc_token_no_json[] =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIn0.bm8ganNvbg.sGhu-jvjO9lYvyBEQFLyojeaDJ2vnzB_1TDzyNEI-"
    "ykhdWj0Mh1NFbXF7ur7zp_pP-NiKKRaPFaRk9clpBPxsnBFbrWOOp01QBI3WOuhDYBiFv4G7HeTVXfWa17yCzvmp"
    "092nQ_21PmEnKfTzqoRS8FKQUuiWEieWIfe_p8nYyj1MdQPji92tIisyEaL8rWeL_EPdoHCgq6yKlYTFV1roEnSj"
    "4OtIVhdgDDO4xJLO6iq3hkgojGgMPRD406K-Ph-U39CtO5BkdhPyWm7GH4wi81Lo3fWUcV_6ARzJelKCO5Cu8s0f"
    "Xh8VIWw7pNy7v4E-_9vNdmrHrUtF6hfkCUs7g";
/* clang-format on */
