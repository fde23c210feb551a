#!/bin/sh
# A private PostgreSQL for tests and benches, on a unix socket in a folder of its own. Works as root (the server
# then runs as user postgres, or nobody) and as an ordinary user. Every test takes a fresh one and stops it.
#   tests/pg.sh start DIR [--fast] [--tcp] [--from=DATA] [name=value ...]   initdb when DIR is new, or a copy of DATA; start, print the conninfo
#   tests/pg.sh stop DIR [fast|immediate]                     stop; "immediate" leaves crash recovery to do
#   tests/pg.sh kill DIR                                      kill -9 the whole server, as a power cut would
#   tests/pg.sh drop DIR                                      stop at once and remove the folder
#   tests/pg.sh conninfo DIR | tests/pg.sh pid DIR
# --fast   no fsync, and a log in small segments, so that a copy is half as large: never where durability is tested or speed is measured
# --tcp    listens on a free port of 127.0.0.1 as well; the conninfo names it (trust authentication)
# DIR must be short: a socket path has 107 bytes.
set -eu

die() { echo "pg.sh: $*" >&2; exit 1; }

bin=${PG_BIN:-}
if [ -z "$bin" ]; then
    for b in /usr/lib/postgresql/*/bin "$(pg_config --bindir 2>/dev/null || true)"; do
        if [ -x "$b/initdb" ]; then bin=$b; fi
    done
fi
[ -n "$bin" ] || die "PostgreSQL's initdb is not installed (Debian: postgresql)"

as() { # the server refuses to run as root
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups -- "$@"
    else
        "$@"
    fi
}
owner=$(id -un)
if [ "$(id -u)" -eq 0 ]; then
    owner=postgres
    id "$owner" >/dev/null 2>&1 || owner=nobody
fi

server_pid() { # empty when it does not run
    p=$(head -n 1 "$dir/data/postmaster.pid" 2>/dev/null || true)
    if [ -n "$p" ] && ! dead "$p"; then echo "$p"; fi
}

# In a container nobody may collect the dead: a zombie is dead enough.
dead() { ! [ -d "/proc/$1" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
    fast= tcp= settings= from= small=
    for a in "$@"; do
        case $a in
        --from=*) from=${a#--from=} ;;
        --fast) fast=1 small=--wal-segsize=1 ;;
        --tcp) tcp=1 ;;
        *=*) settings="$settings$a
" ;;
        *) die "unknown option $a" ;;
        esac
    done
    mkdir -p "$dir"
    if [ "$(id -u)" -eq 0 ]; then chown "$owner" "$dir"; fi
    if [ ! -d "$dir/data" ]; then
        if [ -n "$from" ]; then
            cp -a "$from" "$dir/data" || die "$from cannot be copied"
        else
            # shellcheck disable=SC2086 -- nothing, or one word
            as "$bin/initdb" -N $small -A trust -U postgres -E UTF8 --locale=C.UTF-8 -D "$dir/data" >"$dir/initdb.log" 2>&1 ||
                { cat "$dir/initdb.log" >&2; die "initdb failed"; }
        fi
        # Later lines win: what a copied folder says of its old place is overruled.
        {
            echo "unix_socket_directories = '$dir'"
            echo "listen_addresses = ''"
            echo "max_connections = 100"
            if [ -n "$fast" ]; then printf 'fsync = off\nfull_page_writes = off\n'; else printf 'fsync = on\nfull_page_writes = on\n'; fi
            if [ -n "$tcp" ]; then printf "listen_addresses = '127.0.0.1'\nport = %s\n" "$(free_port)"; fi
        } >>"$dir/data/postgresql.conf"
    fi
    # Later lines win, so a restart may bring other settings.
    printf '%s' "$settings" >>"$dir/data/postgresql.conf"
    as "$bin/pg_ctl" start -w -t 60 -D "$dir/data" -l "$dir/server.log" >/dev/null 2>"$dir/start.log" ||
        { cat "$dir/start.log" >&2; tail -n 20 "$dir/server.log" >&2; die "the server does not start"; }
    conninfo
}

conninfo() {
    port=$(sed -n 's/^port = //p' "$dir/data/postgresql.conf" | tail -n 1)
    host=$dir
    if grep -q "^listen_addresses = '127.0.0.1'" "$dir/data/postgresql.conf"; then host=127.0.0.1; fi
    echo "host=$host port=${port:-5432} user=postgres dbname=postgres"
}

stop() {
    pid=$(server_pid)
    if [ -n "$pid" ]; then
        kill -CONT "$pid" 2>/dev/null || true # a test may have frozen it
        as "$bin/pg_ctl" stop -w -t 60 -m "${1:-fast}" -D "$dir/data" >/dev/null || die "the server does not stop"
    fi
}

# The children go first and together, else the postmaster would still tidy up after the first of them.
kill_all() {
    pid=$(server_pid)
    if [ -z "$pid" ]; then return 0; fi
    kill -STOP "$pid"
    children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null || true)
    # shellcheck disable=SC2086
    kill -9 $children 2>/dev/null || true
    kill -9 "$pid"
    for p in $pid $children; do
        n=0
        while ! dead "$p"; do
            n=$((n + 1))
            [ "$n" -lt 400 ] || die "process $p survives"
            sleep 0.05
        done
    done
    # A zombie's number would still answer the next server's question whether this one lives.
    sed -i '1s/.*/4194305/' "$dir/data/postmaster.pid"
    rm -f "$dir"/.s.PGSQL.*
}

[ $# -ge 2 ] || { sed -n '2,12p' "$0" >&2; exit 2; }
what=$1 dir=$2
shift 2
case $dir in /*) ;; *) dir=$PWD/$dir ;; esac
[ "${#dir}" -le 80 ] || die "$dir is too long for a socket"
cd /
case $what in
start) start "$@" ;;
stop) stop "$@" ;;
kill) kill_all ;;
drop) stop immediate; rm -rf "$dir" ;;
conninfo) conninfo ;;
pid) server_pid ;;
*) die "unknown command $what" ;;
esac
