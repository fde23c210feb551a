#!/bin/sh
# restart.sh DIR: ends the bearerbox that start.sh began in DIR as an operator would (it takes smsbox along), starts both again and waits
# until smsbox has joined. Telephones (send.sh) have lost their operator then.
set -eu
dir=$1
value() { sed -n "s/^$1 = \"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p" "$dir/kannel.conf" | head -1; }
status() { curl -fs "http://127.0.0.1:$(value admin-port)/status.txt?password=$(value admin-password)"; }
until_true() {
    tries=600
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo "not within 60 s: $*" >&2; exit 1; }
        sleep 0.1
    done
}
gone() { ! kill -0 "$1"; }
joined() { status | grep -q 'smsbox:'; }
listening() { python3 -c 'import socket,sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1"; }

bearerbox=$(cat "$dir/bearerbox.pid") smsbox=$(cat "$dir/smsbox.pid")
kill "$bearerbox"
until_true gone "$bearerbox"
until_true gone "$smsbox"
/usr/sbin/bearerbox "$dir/kannel.conf" >>"$dir/bearerbox.out" 2>&1 &
echo $! > "$dir/bearerbox.pid"
until_true status
/usr/sbin/smsbox "$dir/kannel.conf" >>"$dir/smsbox.out" 2>&1 &
echo $! > "$dir/smsbox.pid"
until_true joined
until_true listening "$(value sendsms-port)"
