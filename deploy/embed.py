#!/usr/bin/env python3
"""Writes one C file that holds the given files as byte arrays: embed.py OUT FILE...

The table is declared in gateway/embedded.h; files are found by their base name.
"""
import os
import sys


def main() -> None:
    out, files = sys.argv[1], sorted(sys.argv[2:], key=os.path.basename)
    lines = ['#include "embedded.h"', ""]
    for i, path in enumerate(files):
        data = open(path, "rb").read()
        lines.append(f"static const unsigned char file_{i}[] = {{")
        for at in range(0, len(data), 20):
            lines.append("    " + ",".join(str(b) for b in data[at:at + 20]) + ",")
        lines.append("    0};")
    lines.append("const struct embedded embedded_files[] = {")
    for i, path in enumerate(files):
        lines.append(f'    {{"{os.path.basename(path)}", {{(const char *)file_{i}, sizeof file_{i} - 1}}}},')
    lines.append("    {0}};")
    with open(out, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


main()
