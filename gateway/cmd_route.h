/* `mashangdu route`, called by main with its own name as argv[0]. */
#pragma once

int cmd_route(int argc, char **argv); /* exit code: 0 done, 1 a file is unusable, 2 wrong use */
