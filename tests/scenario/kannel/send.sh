#!/bin/sh
# send.sh DIR PORT MESSAGE: one telephone at an operator port of start.sh; sends the message once and stays to take what the
# gateway sends back (log: DIR/fakesmsc-PORT.log, lines "Got message"), until the next send.sh there or stop.sh.
# MESSAGE is fakesmsc's "sender receiver type data", e.g. "+8613800001234 10690000 ucs2 %4E%95": text (as it is),
# data (percent-encoded bytes, binary), ucs2 (percent-encoded UTF-16BE). Given several, fakesmsc would pick at random.
set -eu
dir=$1 port=$2
pidfile=$dir/fakesmsc-$port.pid log=$dir/fakesmsc-$port.log
if [ -f "$pidfile" ]; then
    kill "$(cat "$pidfile")" 2>/dev/null || true
    while kill -0 "$(cat "$pidfile")" 2>/dev/null; do sleep 0.05; done
fi
touch "$log"
before=$(grep -ac 'sent message' "$log" || true)
/usr/lib/kannel/test/fakesmsc -H 127.0.0.1 -r "$port" -i 0.01 -m 1 "$3" >>"$log" 2>&1 &
echo $! > "$pidfile"
tries=600
until [ "$(grep -ac 'sent message' "$log" || true)" -gt "$before" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "fakesmsc sent nothing" >&2; exit 1; }
    sleep 0.1
done
