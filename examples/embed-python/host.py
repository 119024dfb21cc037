"""A host in Python: instantiates sock.wasm with wasmtime's library and uses its sockets.

    python3 examples/embed-python/host.py SOCK.wasm [--deny]

With --deny the component gets no network: each call fails with EACCES, and nothing traps.
"""
import socket
import sys
import threading

from wasmtime import Engine, Store, WasiConfig, _bindings
from wasmtime.component import Component, Linker, Record

INTERFACE = "sock:socket/socket@0.1.0"


class SockError(Exception):
    pass


class Sockets:
    """The exports of the component, by their names in the WIT."""

    def __init__(self, path, network):
        engine = Engine()
        self.store = Store(engine)
        wasi = WasiConfig()
        wasi.inherit_stderr()
        if network:
            # The library has no method for this yet; its C interface has one.
            _bindings.wasi_config_inherit_network(wasi.ptr())
        self.store.set_wasi(wasi)
        component = Component.from_file(engine, path)
        linker = Linker(engine)
        linker.add_wasip2()
        self.instance = linker.instantiate(self.store, component)
        self.interface = self.instance.get_export_index(self.store, INTERFACE)
        self.errors = {it.value: it.name for it in self.call("errors")}
        self.constants = {it.name: it.value for it in self.call("constants")}

    def call(self, name, *values):
        index = self.instance.get_export_index(self.store, name, self.interface)
        function = self.instance.get_func(self.store, index)
        result = function(self.store, *values)
        function.post_return(self.store)
        return result

    def method(self, name, *values):
        """Calls a method of the resource, and raises an error result."""
        result = self.call(name, *values)
        tag = getattr(result, "tag", None)
        # If value and error have different types, the library returns them without a tag.
        if tag == "err" or (tag is None and isinstance(result, int)):
            number = result.payload if tag == "err" else result
            raise SockError(self.errors.get(number, number))
        return result.payload if tag == "ok" else result

    def open(self, kind):
        return self.method(
            "[static]socket.open", self.constants["AF_INET"], self.constants[kind], 0
        )


def address(port, host=bytes([127, 0, 0, 1])):
    record = Record()
    for name, value in {
        "family": 1, "port": port, "flowinfo": 0, "scope-id": 0, "bytes": host,
    }.items():
        setattr(record, name, value)
    return record


def echo_server():
    """A real server, in this process: what the component talks to."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(65536):
                    connection.sendall(data)

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


def main():
    path = sys.argv[1]
    network = "--deny" not in sys.argv[2:]
    sockets = Sockets(path, network)
    port = echo_server()
    try:
        client = sockets.open("SOCK_STREAM")
        sockets.method("[method]socket.connect", client, address(port))
    except SockError as error:
        print(f"refused: {error}")
        return 0 if not network and str(error) == "EACCES" else 1
    message = b"from a component, through Python"
    sent = sockets.method("[method]socket.send", client, message, 0)
    answer = sockets.method("[method]socket.recv", client, 1024, 0)
    peer = sockets.method("[method]socket.peer-address", client)
    print(f"sent {sent} bytes to port {'the server' if peer.port == port else peer.port}, got back: {bytes(answer).decode()}")
    client.drop(sockets.store)
    return 0 if bytes(answer) == message else 1


if __name__ == "__main__":
    sys.exit(main())
