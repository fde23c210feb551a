#!/bin/sh
# start.sh DIR MO_URL [POST_URL [XML_URL]]: starts a real bearerbox and smsbox on free loopback ports and waits until
# they take messages. DIR (empty or new) gets configuration, logs and process ids; end it with stop.sh DIR.
# The last lines are key=value: sendsms_url, username, password, smsc_get, smsc_post, smsc_xml (ports for send.sh), smsc_http (port
# where a GET with username=operator, password, from, to, text, coding, charset, udh is a message to post-url).
# KANNEL_RECODE=true makes smsbox hand over UTF-8 instead of UTF-16BE, KANNEL_COMBINE=false leaves long messages in pieces.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 2 ] || { echo "usage: start.sh DIR MO_URL [POST_URL [XML_URL]]" >&2; exit 2; }
for program in /usr/sbin/bearerbox /usr/sbin/smsbox /usr/lib/kannel/test/fakesmsc; do
    [ -x "$program" ] || { echo "skipped: $program is missing (packages kannel and kannel-extras)" >&2; exit 77; }
done
mkdir -p "$1"
dir=$(cd "$1" && pwd)
get_url=$2 post_url=${3:-$2} xml_url=${4:-${3:-$2}}
secret=scenario-only

# Seven ports that nobody listens on, all held open together while they are chosen so that none comes twice.
set -- $(python3 -c 'import socket
held = [socket.socket() for _ in range(7)]
for s in held: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in held])')
sed -e "s|@ADMIN_PORT@|$1|" -e "s|@BOX_PORT@|$2|" -e "s|@SENDSMS_PORT@|$3|" -e "s|@GET_PORT@|$4|" \
    -e "s|@POST_PORT@|$5|" -e "s|@XML_PORT@|$6|" -e "s|@HTTP_PORT@|$7|" -e "s|@SECRET@|$secret|" -e "s|@DIR@|$dir|" \
    -e "s|@RECODE@|${KANNEL_RECODE:-false}|" -e "s|@COMBINE@|${KANNEL_COMBINE:-true}|" -e "s|@GET_URL@|$get_url|" -e "s|@POST_URL@|$post_url|" \
    -e "s|@XML_URL@|$xml_url|" "$here/kannel.conf.in" > "$dir/kannel.conf"

# until_true SECONDS COMMAND…: tries ten times a second.
until_true() {
    tries=$(($1 * 10)); shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
}
listening() { python3 -c 'import socket,sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1"; }
box_joined() { curl -fs "http://127.0.0.1:$admin/status.txt?password=$secret" | grep -q 'smsbox:'; }
give_up() { "$here/stop.sh" "$dir"; echo "Kannel did not start:" >&2; tail -5 "$dir"/*.log >&2; exit 1; }

admin=$1
/usr/sbin/bearerbox "$dir/kannel.conf" >"$dir/bearerbox.out" 2>&1 &
echo $! > "$dir/bearerbox.pid"
# Not by connecting to the box port: bearerbox takes a peer that leaves again for a dead box.
until_true 60 listening "$1" || give_up
/usr/sbin/smsbox "$dir/kannel.conf" >"$dir/smsbox.out" 2>&1 &
echo $! > "$dir/smsbox.pid"
until_true 60 box_joined || give_up
until_true 60 listening "$3" || give_up
cat <<OUT
sendsms_url=http://127.0.0.1:$3/cgi-bin/sendsms
username=tester
password=$secret
smsc_get=$4
smsc_post=$5
smsc_xml=$6
smsc_http=$7
OUT
