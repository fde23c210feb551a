#!/bin/sh
# stop.sh DIR: ends what start.sh and send.sh began in DIR, and waits until it is gone.
set -u
for file in "$1"/fakesmsc-*.pid "$1"/smsbox.pid "$1"/bearerbox.pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    kill "$pid" 2>/dev/null
    tries=100
    while kill -0 "$pid" 2>/dev/null && [ "$tries" -gt 0 ]; do tries=$((tries - 1)); sleep 0.1; done
    kill -9 "$pid" 2>/dev/null
    rm -f "$file"
done
exit 0
