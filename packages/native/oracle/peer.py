"""The oracle: runs sequences of socket operations through CPython's socket module.

Reads one sequence a line, as JSON, and answers with the list of outcomes: a value, or
{"errno": number}. See operations.ts for the operations.
"""
import json
import os
import socket
import struct
import sys

FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
TYPES = {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM}
LOOPBACK = {4: "127.0.0.1", 6: "::1"}
FOREIGN = {4: "192.0.2.1", 6: "2001:db8::1"}
# A blocking call must end: both sides wait for so long.
TIMEOUT = struct.pack("ll", 0, 2000)


class Slot:
    def __init__(self, sock, family):
        self.sock = sock
        self.family = family


class Run:
    def __init__(self):
        self.slots = {}
        self.ports = {}

    def keep(self, name, sock, family):
        old = self.slots.pop(name, None)
        if old is not None:
            old.sock.close()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, TIMEOUT)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, TIMEOUT)
        self.slots[name] = Slot(sock, family)

    def symbol(self, address):
        """Ports are the system's choice: they are named in the order they appear."""
        if not isinstance(address, tuple):
            return "unix" if address is not None else None
        host, port = address[0], address[1]
        if port > 1024:
            port = self.ports.setdefault(port, f"p{len(self.ports)}")
        return [host, port]

    def address(self, slot, kind, other, nobody=1):
        family = slot.family
        if family == 0:
            return None
        if kind == "free":
            return (LOOPBACK[family], 0)
        if kind == "foreign":
            return (FOREIGN[family], 7)
        if kind == "refused":
            return (LOOPBACK[family], 1)
        target = self.slots.get(other)
        if target is None or target.family != family or target.sock.fileno() < 0:
            return (LOOPBACK[family], nobody)
        host, port = target.sock.getsockname()[:2]
        return (LOOPBACK[family], port)

    def step(self, op):
        name = op["op"]
        if name == "new":
            family = op["family"]
            sock = socket.socket(FAMILIES[family], TYPES[op["type"]])
            self.keep(op["slot"], sock, family)
            return None
        if name == "pair":
            one, other = socket.socketpair(socket.AF_UNIX, TYPES[op["type"]])
            self.keep(op["slot"], one, 0)
            self.keep(op["other"], other, 0)
            return None
        slot = self.slots.get(op["slot"])
        if slot is None:
            return "none"
        sock = slot.sock
        if name == "bind":
            address = self.address(slot, op["kind"], op["other"], 0)
            return "none" if address is None else sock.bind(address)
        if name == "connect":
            address = self.address(slot, op["kind"], op["other"])
            return "none" if address is None else sock.connect(address)
        if name == "listen":
            return sock.listen(op["backlog"])
        if name == "accept":
            fd, address = sock._accept()
            self.keep(op["other"], socket.socket(fileno=fd), slot.family)
            return self.symbol(address) if slot.family else "unix"
        if name == "send":
            return sock.send(bytes([op["byte"]]) * op["length"], socket.MSG_NOSIGNAL)
        if name == "sendv":
            pieces = [bytes([op["byte"]]) * op["length"], b"", b"zz"]
            return sock.sendmsg(pieces, [], socket.MSG_NOSIGNAL)
        if name == "sendto":
            address = self.address(slot, op["kind"], op["other"])
            if address is None:
                return "none"
            return sock.sendto(bytes([op["byte"]]) * op["length"], socket.MSG_NOSIGNAL, address)
        if name in ("recv", "peek"):
            data = sock.recv(op["length"], socket.MSG_PEEK if name == "peek" else 0)
            return [len(data), sum(data)]
        if name == "recvfrom":
            data, address = sock.recvfrom(op["length"])
            return [len(data), sum(data), self.symbol(address) if isinstance(address, tuple) else None]
        if name == "recvv":
            buffers = [bytearray(op["length"]), bytearray(3)]
            count, _, flags, address = sock.recvmsg_into(buffers)
            data = b"".join(buffers)[:count]
            truncated = bool(flags & socket.MSG_TRUNC)
            return [count, sum(data), truncated, self.symbol(address) if isinstance(address, tuple) else None]
        if name == "local":
            return self.symbol(sock.getsockname())
        if name == "peer":
            return self.symbol(sock.getpeername())
        if name == "shutdown":
            return sock.shutdown(op["how"])
        if name == "blocking":
            return sock.setblocking(op["on"])
        if name == "isBlocking":
            return os.get_blocking(sock.fileno())
        if name == "get":
            return sock.getsockopt(op["level"], op["name"])
        if name == "set":
            return sock.setsockopt(op["level"], op["name"], op["value"])
        if name == "error":
            return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if name == "clone":
            self.keep(op["other"], sock.dup(), slot.family)
            return None
        if name == "close":
            return sock.close()
        if name == "detach":
            fd = sock.detach()
            if fd < 0:
                raise OSError(9, "detached")
            slot.sock = socket.socket(fileno=fd)
            return None
        raise ValueError(name)

    def run(self, sequence):
        outcomes = []
        for op in sequence:
            try:
                outcomes.append(self.step(op))
            except OSError as error:
                outcomes.append({"errno": error.errno})
        for slot in self.slots.values():
            slot.sock.close()
        return outcomes


for line in sys.stdin:
    sys.stdout.write(json.dumps(Run().run(json.loads(line))) + "\n")
    sys.stdout.flush()
