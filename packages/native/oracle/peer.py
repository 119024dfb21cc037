"""The oracle: runs sequences of socket operations through CPython's socket module.

Reads one sequence a line, as JSON, and answers with the list of outcomes: a value, or
{"errno": number}. See operations.ts for the operations.
"""
import json
import os
import shutil
import socket
import struct
import sys
import tempfile

FAMILIES = {0: socket.AF_UNIX, 4: socket.AF_INET, 6: socket.AF_INET6}
TYPES = {
    "stream": socket.SOCK_STREAM,
    "dgram": socket.SOCK_DGRAM,
    "seqpacket": socket.SOCK_SEQPACKET,
}
LOOPBACK = {4: "127.0.0.1", 6: "::1"}
ANY = {4: "0.0.0.0", 6: "::"}
FOREIGN = {4: "192.0.2.1", 6: "2001:db8::1"}
# A blocking call must end: both sides wait for so long.
TIMEOUT = struct.pack("ll", 0, 2000)
NO_DESCRIPTOR = 0x7FFFFFFF
FOLDER = tempfile.mkdtemp(prefix="sock-oracle-")
NAME_FLAGS = {"truncated": socket.MSG_TRUNC, "control": socket.MSG_CTRUNC,
              "record": socket.MSG_EOR, "urgent": socket.MSG_OOB}


# As native-side.ts: groups of this process alone.
GROUP4 = f"239.{os.getpid() >> 8 & 255}.{os.getpid() & 255}."
GROUP6 = f"ff01::{os.getpid() & 0xffff:x}:"


def group_address(name):
    return name.replace("group4-", GROUP4).replace("group6-", GROUP6)


def group_name(address):
    return address.replace(GROUP4, "group4-").replace(GROUP6, "group6-")


class Slot:
    def __init__(self, sock, family):
        self.sock = sock
        self.family = family


def error_message(data):
    """struct sock_extended_err, and the address after it."""
    errno, origin, kind, code, _, info, value = struct.unpack_from("=IBBBBII", data)
    family = struct.unpack_from("=H", data, 16)[0] if len(data) >= 18 else 0
    offender = None
    if family == socket.AF_INET:
        offender = socket.inet_ntop(family, data[20:24])
    elif family == socket.AF_INET6:
        offender = socket.inet_ntop(family, data[24:40])
    return ["error", errno, origin, kind, code, info, value, offender]


def control_message(level, kind, data):
    """What a control message says. Descriptors are closed."""
    if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
        fds = struct.unpack(f"={len(data) // 4}i", data[: len(data) // 4 * 4])
        sockets = [socket.socket(fileno=fd) for fd in fds]
        types = [int(sock.type) for sock in sockets]
        for sock in sockets:
            sock.close()
        return ["rights", types]
    if (level, kind) == (socket.SOL_SOCKET, 2) and len(data) >= 12:
        pid, uid, gid = struct.unpack_from("=iII", data)
        return ["credentials", pid == os.getpid(), uid, gid]
    if (level, kind) == (socket.IPPROTO_IP, 8) and len(data) >= 12:
        index = struct.unpack_from("=i", data)[0]
        local, destination = (socket.inet_ntop(2, data[at : at + 4]) for at in (4, 8))
        return ["pktinfo", index, group_name(local), group_name(destination)]
    if (level, kind) == (socket.IPPROTO_IPV6, 50) and len(data) >= 20:
        index = struct.unpack_from("=i", data, 16)[0]
        return ["pktinfo", index, group_name(socket.inet_ntop(socket.AF_INET6, data[:16]))]
    if (level, kind) == (socket.IPPROTO_IP, 1) and len(data) >= 1:
        return ["tos", data[0]]
    names = {(0, 2): "ttl", (41, 52): "hopLimit", (41, 67): "trafficClass"}
    if (level, kind) in names and len(data) >= 4:
        return [names[level, kind], struct.unpack_from("=i", data)[0]]
    if (level, kind) in [(0, 11), (41, 25)] and len(data) >= 16:
        return error_message(data)
    # Cut short, credentials begin with the number of the process, which is this side's own.
    return ["raw", level, kind, len(data) if (level, kind) == (1, 2) else list(data)]


class Run:
    count = 0

    def __init__(self):
        self.slots = {}
        self.ports = {}
        Run.count += 1
        self.folder = os.path.join(FOLDER, str(Run.count))
        os.mkdir(self.folder)

    def keep(self, name, sock, family):
        old = self.slots.pop(name, None)
        if old is not None:
            old.sock.close()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, TIMEOUT)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, TIMEOUT)
        self.slots[name] = Slot(sock, family)

    def path(self, name):
        return os.path.join(self.folder, f"n{name}")

    def abstract(self, name):
        return b"\0" + self.path(name).encode()

    def symbol(self, address):
        """What is the system's choice, or this side's own, is named by what it is."""
        if address is None:
            return None
        if isinstance(address, tuple):
            host, port = address[0], address[1]
            if port > 1024:
                port = self.ports.setdefault(port, f"p{len(self.ports)}")
            return [group_name(host), port]
        if isinstance(address, bytes):
            own = address[1:].decode()
            return own.replace(self.folder, "abstract:") if own.startswith(self.folder) else "auto"
        return address.replace(self.folder, "path:") if address else "unnamed"

    def address(self, slot, kind, other, nobody=1):
        family = slot.family
        if family == 0:
            return self.unix_address(kind, other)
        if kind == "any":
            return (ANY[family], 0)
        if kind == "foreign":
            return (FOREIGN[family], 7)
        if kind in ("refused", "slot"):
            target = self.slots.get(other) if kind == "slot" else None
            if target is None or target.family != family or target.sock.fileno() < 0:
                return (LOOPBACK[family], 1 if kind == "refused" else nobody)
            return (LOOPBACK[family], target.sock.getsockname()[1])
        return (LOOPBACK[family], 0)

    def unix_address(self, kind, other):
        if kind == "path":
            return self.path(other)
        if kind in ("free", "abstract", "any"):
            return self.abstract(other)
        if kind == "foreign":
            return os.path.join(self.folder, "nowhere", "n")
        if kind == "refused":
            return self.abstract("nobody")
        if kind == "unnamed":
            return ""
        target = self.slots.get(other)
        if target is None or target.family != 0 or target.sock.fileno() < 0:
            return self.abstract("nobody")
        return target.sock.getsockname()

    def control(self, part):
        if part["kind"] == "rights":
            target = self.slots.get(part["of"])
            fd = target.sock.fileno() if target is not None else -1
            fds = [fd if fd >= 0 else NO_DESCRIPTOR] * part["count"]
            return (socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack(f"={len(fds)}i", *fds))
        if part["kind"] == "credentials":
            pid = os.getpid() if part["mine"] else 0x7FFFFFF0
            return (socket.SOL_SOCKET, 2, struct.pack("=iII", pid, os.getuid(), os.getgid()))
        if part["kind"] == "int":
            return (part["level"], part["type"], struct.pack("=i", part["value"]))
        return (part["level"], part["type"], bytes(part["length"]))

    def sendmsg(self, slot, op):
        pieces = [bytes([op["byte"]]) * length for length in op["lengths"]]
        control = [self.control(part) for part in op["control"]]
        flags = op["flags"] | socket.MSG_NOSIGNAL
        if op["kind"] is None:
            return slot.sock.sendmsg(pieces, control, flags)
        return slot.sock.sendmsg(pieces, control, flags, self.address(slot, op["kind"], op["other"]))

    def recvmsg(self, slot, op):
        buffers = [bytearray(room) for room in op["rooms"]]
        count, control, flags, address = slot.sock.recvmsg_into(buffers, op["control"], op["flags"])
        data = b"".join(buffers)[:count]
        names = [name for name, flag in NAME_FLAGS.items() if flags & flag]
        messages = [control_message(*message) for message in control]
        return [count, sum(data), names, self.symbol(address), messages]

    def multicast(self, slot, op):
        sock, name = slot.sock, op["op"]
        if name == "getIf":
            if slot.family == 6:
                return sock.getsockopt(41, 17)
            return socket.inet_ntop(2, sock.getsockopt(0, 32, 4))
        if name == "source":
            parts = [socket.inet_aton(group_address(op[part])) for part in ("group", "by", "source")]
            return sock.setsockopt(0, op["name"], b"".join(parts))
        by = op.get("by", 1)
        if name == "setIf":
            if isinstance(by, int):
                return sock.setsockopt(41, 17, by)
            return sock.setsockopt(0, 32, socket.inet_aton(by))
        group = group_address(op["group"])
        if ":" in group:
            if not isinstance(by, int):
                return "none"
            mreq = socket.inet_pton(socket.AF_INET6, group) + struct.pack("=i", by)
            return sock.setsockopt(41, 20 if name == "join" else 21, mreq)
        option = 35 if name == "join" else 36
        if isinstance(by, int):
            mreq = socket.inet_aton(group) + bytes(4) + struct.pack("=i", by)
        else:
            mreq = socket.inet_aton(group) + socket.inet_aton(by)
        return sock.setsockopt(0, option, mreq)

    def send_to_group(self, slot, op):
        group = group_address(op["group"])
        if slot.family != (6 if ":" in group else 4):
            return "none"
        target = self.slots.get(op["other"])
        if target is None or target.family != slot.family or target.sock.fileno() < 0:
            return "none"
        if slot.family == 6:
            slot.sock.setsockopt(41, 17, 1)
        else:
            slot.sock.setsockopt(0, 32, socket.inet_aton("127.0.0.1"))
        address = (group, target.sock.getsockname()[1])
        return slot.sock.sendto(bytes([op["byte"]]) * op["length"], socket.MSG_NOSIGNAL, address)

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
            return sock.bind(self.address(slot, op["kind"], op["other"], 0))
        if name == "connect":
            return sock.connect(self.address(slot, op["kind"], op["other"]))
        if name == "listen":
            return sock.listen(op["backlog"])
        if name == "accept":
            fd, address = sock._accept()
            self.keep(op["other"], socket.socket(fileno=fd), slot.family)
            return self.symbol(address)
        if name == "send":
            return sock.send(bytes([op["byte"]]) * op["length"], socket.MSG_NOSIGNAL)
        if name == "sendv":
            pieces = [bytes([op["byte"]]) * op["length"], b"", b"zz"]
            return sock.sendmsg(pieces, [], socket.MSG_NOSIGNAL)
        if name == "sendto":
            address = self.address(slot, op["kind"], op["other"])
            return sock.sendto(bytes([op["byte"]]) * op["length"], socket.MSG_NOSIGNAL, address)
        if name == "sendmsg":
            return self.sendmsg(slot, op)
        if name == "recvmsg":
            return self.recvmsg(slot, op)
        if name in ("recv", "peek"):
            data = sock.recv(op["length"], socket.MSG_PEEK if name == "peek" else 0)
            return [len(data), sum(data)]
        if name == "recvfrom":
            data, address = sock.recvfrom(op["length"])
            return [len(data), sum(data), self.symbol(address)]
        if name == "recvv":
            buffers = [bytearray(op["length"]), bytearray(3)]
            count, _, flags, address = sock.recvmsg_into(buffers)
            data = b"".join(buffers)[:count]
            truncated = bool(flags & socket.MSG_TRUNC)
            return [count, sum(data), truncated, self.symbol(address)]
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
        if name == "sendgroup":
            return self.send_to_group(slot, op)
        if name in ("join", "leave", "source", "setIf", "getIf"):
            return self.multicast(slot, op)
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
        shutil.rmtree(self.folder)
        return outcomes


try:
    for line in sys.stdin:
        sys.stdout.write(json.dumps(Run().run(json.loads(line))) + "\n")
        sys.stdout.flush()
finally:
    shutil.rmtree(FOLDER)
