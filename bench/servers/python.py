"""The servers on CPython's socket and select.epoll: `python.py echo|accept|flood|bulk|flood-meta|bulk-meta|flood-loop`."""
import select
import socket
import struct
import sys

what = sys.argv[1]
UDP_GRO = 104
IP_PKTINFO = 8
IP_RECVTOS = 13
SO_TIMESTAMPNS = 35


def say(s):
    print(s.getsockname()[1], flush=True)


def listener():
    s = socket.create_server(("127.0.0.1", 0), backlog=4096)
    say(s)
    return s


def echo():
    server = listener()
    server.setblocking(False)
    epoll = select.epoll()
    epoll.register(server, select.EPOLLIN)
    connections = {}
    while True:
        for fd, _ in epoll.poll():
            if fd == server.fileno():
                try:
                    while True:
                        client, _ = server.accept()
                        client.setblocking(False)
                        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                        connections[client.fileno()] = client
                        epoll.register(client, select.EPOLLIN)
                except BlockingIOError:
                    continue
            client = connections[fd]
            try:
                data = client.recv(65536)
                if data:
                    client.sendall(data)
                    continue
            except BlockingIOError:
                continue
            except OSError:
                pass
            del connections[fd]
            client.close()


def accept():
    server = listener()
    while True:
        server.accept()[0].close()


def receive_meta(s):
    s.setsockopt(socket.IPPROTO_IP, IP_RECVTOS, 1)
    s.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    buffer = bytearray(65536)
    datagrams = size = 0
    ecn = [0, 0, 0, 0]
    while True:
        length, control, _, _ = s.recvmsg_into([buffer], 192)
        datagrams += 1
        size += length
        for level, kind, data in control:
            if level == socket.IPPROTO_IP and kind == socket.IP_TOS:
                ecn[data[0] & 3] += 1
            elif level == socket.IPPROTO_IP and kind == IP_PKTINFO:
                destination = data[8:12]
            elif level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("qq", data)
                time = seconds * 10**9 + nanoseconds
        if length == 1:
            assert destination and time
            print(buffer[0], datagrams, size, flush=True)


def receive_on_loop(s):
    s.setblocking(False)
    epoll = select.epoll()
    epoll.register(s, select.EPOLLIN)
    buffer = bytearray(65536)
    datagrams = size = 0
    while True:
        for _ in epoll.poll():
            try:
                # As many as the batches of the loop in C hold.
                for _ in range(16 * 64):
                    length = s.recv_into(buffer)
                    datagrams += 1
                    size += length
                    if length == 1:
                        print(buffer[0], datagrams, size, flush=True)
            except BlockingIOError:
                pass


def receive():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    if what.startswith("bulk"):
        s.setsockopt(socket.IPPROTO_UDP, UDP_GRO, 1)
    say(s)
    if what.endswith("-meta"):
        receive_meta(s)
    if what.endswith("-loop"):
        receive_on_loop(s)
    buffer = bytearray(65536)
    datagrams = size = 0
    while True:
        length = s.recv_into(buffer)
        datagrams += 1
        size += length
        if length == 1:
            print(buffer[0], datagrams, size, flush=True)


{"echo": echo, "accept": accept}.get(what, receive)()
