"""The program that Terraform starts as a provider: it serves `schema.bin` beside it, and plans what it is told.

What a resource computes is unknown in plans, and made up when applied; data sources answer with what is in `data.py`,
or make it up. Nothing is looked up, and nothing is made.

`provider.py --serve NAME=FOLDER...` is all those providers at once, for as long as its standard input is open: what
Terraform needs to find them is printed as TF_REATTACH_PROVIDERS has it. That saves it from starting them.
"""

import json
import os
import sys
import tempfile
import threading
from concurrent import futures
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[0]).resolve().parent))

import data  # type: ignore[import-not-found]
import grpc
import msgpack
import protocol  # type: ignore[import-not-found]

UNKNOWN = msgpack.ExtType(0, b"\x00")


def main() -> None:
    """Be one provider, which Terraform starts and ends."""
    folder, done = Path(sys.argv[0]).resolve().parent, threading.Event()
    with tempfile.TemporaryDirectory() as temporary:
        key, certificate = (folder / "key.pem").read_bytes(), (folder / "certificate.pem").read_bytes()
        server = serving(Handler(folder, done))
        server.add_secure_port(f"unix:{temporary}/socket", grpc.ssl_server_credentials([(key, certificate)]))
        server.start()
        body = "".join(line for line in certificate.decode().splitlines() if "-----" not in line)
        print("|".join(("1", "6", "unix", f"{temporary}/socket", "grpc", body.rstrip("="))), flush=True)
        done.wait()
        server.stop(grace=0.1).wait()


def serve(providers: dict[str, Path]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        reattach, servers = {}, []
        for number, (name, folder) in enumerate(providers.items()):
            address = f"{temporary}/{number}"
            server = serving(Handler(folder, threading.Event()))
            # A server that nobody holds stops.
            servers.append(server)
            server.add_insecure_port(f"unix:{address}")
            server.start()
            reattach[name] = {
                "Protocol": "grpc",
                "ProtocolVersion": 6,
                "Pid": os.getpid(),
                "Test": True,
                "Addr": {"Network": "unix", "String": address},
            }
        print(json.dumps(reattach), flush=True)
        sys.stdin.read()


def serving(handler: "Handler") -> grpc.Server:
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=8), options=[("grpc.max_receive_message_length", -1)]
    )
    server.add_generic_rpc_handlers((handler,))
    return server


class Handler(grpc.GenericRpcHandler):
    def __init__(self, folder: Path, done: threading.Event) -> None:
        self.folder = folder
        self.done = done
        self.computed = json.loads((folder / "computed.json").read_text())

    def service(self, handler_call_details):
        name = handler_call_details.method.rpartition("/")[2]
        if name == "StreamStdio":
            return grpc.unary_stream_rpc_method_handler(lambda request, context: iter(()))
        method = getattr(self, name, None)
        if method is None and not name.startswith(("Validate", "Configure", "Close")):
            return None
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: method(request) if method else b""
        )

    def attributes(self, kind: str, type_: str):
        """The attributes of a type that it computes, if they are not given, or that are not kept."""
        return self.computed[kind].get(type_, {})

    def Shutdown(self, request):  # noqa: N802
        self.done.set()
        return b""

    def StopProvider(self, request):  # noqa: N802
        self.done.set()
        return b""

    def GetProviderSchema(self, request):  # noqa: N802
        return (self.folder / "schema.bin").read_bytes()

    def UpgradeResourceState(self, request):  # noqa: N802
        raw = protocol.fields(protocol.fields(request)[3][0])[1][0]
        return protocol.field(1, protocol.field(2, raw))

    def ReadResource(self, request):  # noqa: N802
        return protocol.field(1, protocol.fields(request)[2][0])

    def PlanResourceChange(self, request):  # noqa: N802
        parts = protocol.fields(request)
        value = read(parts[3][0])
        if value is None:
            return protocol.field(1, parts[3][0])
        for name, attribute in self.attributes("resources", parts[1][0].decode()).items():
            if attribute.get("write_only"):
                value[name] = None
            elif value[name] is None and attribute["mode"] != "optional":
                value[name] = UNKNOWN
        return protocol.field(1, written(value))

    def ApplyResourceChange(self, request):  # noqa: N802
        parts = protocol.fields(request)
        type_, value = parts[1][0].decode(), read(parts[3][0])
        if value is not None:
            for name, attribute in self.attributes("resources", type_).items():
                if value[name] == UNKNOWN:
                    value[name] = made_up(type_, name, attribute["type"])
            if type_ == "standin_value":
                types, values = data.outputs(value["names"])
                value["value"] = [json.dumps(["object", types]).encode(), values]
        return protocol.field(1, written(value))

    def ReadDataSource(self, request):  # noqa: N802
        parts = protocol.fields(request)
        type_, value = parts[1][0].decode(), read(parts[2][0])
        value |= data.answer(type_, value)
        for name, attribute in self.attributes("data", type_).items():
            if value[name] is None and attribute["mode"] != "optional":
                value[name] = made_up(type_, name, attribute["type"])
        return protocol.field(1, written(value))

    def OpenEphemeralResource(self, request):  # noqa: N802
        parts = protocol.fields(request)
        type_, value = parts[1][0].decode(), read(parts[2][0])
        for name, attribute in self.attributes("ephemeral", type_).items():
            if value[name] is None and attribute["mode"] != "optional":
                value[name] = made_up(type_, name, attribute["type"])
        return protocol.field(3, written(value))


def read(value: bytes):
    parts = protocol.fields(value)
    if 2 in parts:
        return json.loads(parts[2][0])
    return msgpack.unpackb(parts[1][0], strict_map_key=False) if 1 in parts else None


def written(value) -> bytes:
    return protocol.field(1, msgpack.packb(value))


def made_up(type_: str, name: str, kind):
    if isinstance(kind, list):
        return {} if kind[0] == "map" else []
    if isinstance(kind, dict):
        return None if kind["nesting"] == "single" else []
    if kind == "string":
        word = type_.removeprefix("aws_").replace("_", "-")
        return (
            f"arn:aws:{word}:eu-central-1:123456789012:made-up" if name.endswith("arn") else f"{word}-{name}"
        )
    return {"number": 1, "bool": False}.get(kind)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve({name: Path(folder) for name, _, folder in (each.partition("=") for each in sys.argv[2:])})
    else:
        main()
