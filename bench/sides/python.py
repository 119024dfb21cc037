"""CPython's socket: reads `CASE COUNT` lines, answers `CASE NANOSECONDS` of one operation."""
import socket
import sys
import time

data = bytes(64)


def timed(run):
    start = time.perf_counter_ns()
    run()
    return time.perf_counter_ns() - start


def udp(count):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    s.connect(s.getsockname())
    buffer = bytearray(64)

    def run():
        for _ in range(count):
            s.send(data)
            s.recv_into(buffer)

    return timed(run)


def udp_recvfrom(count):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    to = s.getsockname()
    buffer = bytearray(64)

    def run():
        for _ in range(count):
            s.sendto(data, to)
            s.recvfrom_into(buffer)

    return timed(run)


def tcp(size):
    def case(count):
        listener = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(listener.getsockname())
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server, _ = listener.accept()
        message, buffer = bytes(size), bytearray(65536)

        def run():
            for _ in range(count):
                client.send(message)
                got = 0
                while got < size:
                    got += server.recv_into(buffer)

        return timed(run)

    return case


def getsockopt(count):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)

    def run():
        for _ in range(count):
            s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)

    return timed(run)


def socket_close(count):
    def run():
        for _ in range(count):
            socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()

    return timed(run)


cases = {
    "udp-64": udp,
    "udp-64-recvfrom": udp_recvfrom,
    "tcp-64": tcp(64),
    "tcp-64k": tcp(65536),
    "getsockopt": getsockopt,
    "socket-close": socket_close,
}
for line in sys.stdin:
    name, count = line.split()
    case = cases.get(name)
    if case is None:
        print(f"{name} missing measured in C and @sock/native only", flush=True)
    else:
        print(f"{name} {case(int(count)) / int(count):.3f}", flush=True)
