#!/usr/bin/env python3
"""An HTTP server that behaves as its path says: good, slow, rude. Prints its port. Used by test_httpc."""
import os
import socket
import threading
import time

seen = {}
lock = threading.Lock()


def read_request(conn):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = conn.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    want = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            want = int(value)
    while len(body) < want:
        piece = conn.recv(65536)
        if not piece:
            return None
        body += piece
    return head, body


def answer(conn, status, body, more=b""):
    conn.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), more) + body)


def serve(conn):
    while True:
        request = read_request(conn)
        if request is None:
            break
        head, body = request
        path = head.split(b" ")[1]
        with lock:
            seen[path] = seen.get(path, 0) + 1
        if path == b"/echo":
            answer(conn, b"200 OK", head + b"\r\n\r\n" + body)
        elif path == b"/size":
            answer(conn, b"200 OK", b"%d" % len(body))
        elif path == b"/none":
            conn.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        elif path == b"/later":
            answer(conn, b"429 Too Many Requests", b"wait", b"Retry-After:  120 \r\n")
        elif path == b"/early":
            conn.sendall(b"HTTP/1.1 103 Early Hints\r\nRetry-After: 7\r\n\r\n")
            answer(conn, b"503 Service Unavailable", b"")
        elif path == b"/moved":
            answer(conn, b"302 Found", b"", b"Location: /echo\r\n")
        elif path == b"/big":
            answer(conn, b"200 OK", b"x" * 300000)
        elif path == b"/endless":
            conn.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                conn.sendall(b"y" * 4096)
        elif path == b"/heads":
            conn.sendall(b"HTTP/1.1 200 OK\r\n")
            for i in range(3000):
                conn.sendall(b"X-%d: %s\r\n" % (i, b"z" * 60))
            conn.sendall(b"\r\n")
        elif path == b"/cut":
            conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
            break
        elif path == b"/close":
            break
        elif path == b"/garbage":
            conn.sendall(b"\x00\x01\x02 what is this\r\n\r\n")
            break
        elif path == b"/silent":
            time.sleep(60)
        elif path == b"/once":  # the first is answered and kept open, every later one on any connection is dropped
            if seen[path] > 1:
                break
            answer(conn, b"200 OK", b"first")
        elif path == b"/once-count":
            answer(conn, b"200 OK", b"%d" % seen[b"/once"])
        else:
            answer(conn, b"404 Not Found", b"")
    conn.close()


def quietly(conn):
    try:
        serve(conn)
    except OSError:
        pass


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 0))
listener.listen(128)
os.write(1, b"%d\n" % listener.getsockname()[1])  # in one piece: the reader closes after it
while True:
    threading.Thread(target=quietly, args=(listener.accept()[0],), daemon=True).start()
