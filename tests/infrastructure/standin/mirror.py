"""A mirror of the stand-in providers for Terraform: `python mirror.py <folder> <platform> <wheel of cdktn-provider-aws>`.

Run by the interpreter of the tools, which the providers then run with.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import aws  # noqa: E402
import protocol  # noqa: E402
import stubs  # noqa: E402

AWS = ("6.42.0",)
"""What the schema is of."""


def build(folder: Path, platform: str, wheel: Path) -> None:
    key, certificate = _certificate()
    for name, (versions, schema) in {**stubs.STUBS, "aws": (AWS, aws.read(wheel))}.items():
        for version in versions:
            package = folder / "registry.terraform.io" / "hashicorp" / name / version / platform
            package.mkdir(parents=True)
            (package / "schema.bin").write_bytes(_response(schema))
            (package / "computed.json").write_text(json.dumps(_computed(schema), separators=(",", ":")))
            (package / "key.pem").write_bytes(key)
            (package / "certificate.pem").write_bytes(certificate)
            for module in ("protocol.py", "data.py"):
                shutil.copy(HERE / module, package)
            program = package / f"terraform-provider-{name}_v{version}"
            program.write_text(f"#!{sys.executable} -IB\n{(HERE / 'provider.py').read_text()}")
            program.chmod(0o755)


def _response(schema: dict[str, Any]) -> bytes:
    """The answer to GetProviderSchema."""
    parts = [protocol.field(1, protocol.schema(schema.get("provider", {})))]
    # Terraform need not ask each process for it.
    parts.append(protocol.field(6, protocol.field(2, True)))
    for number, kind in ((2, "resources"), (3, "data"), (8, "ephemeral")):
        parts += [
            protocol.entry(number, name, protocol.schema(block))
            for name, block in schema.get(kind, {}).items()
        ]
    return b"".join(parts)


def _computed(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        kind: {
            name: {
                own: each
                for own, each in block["attributes"].items()
                if each["mode"] in ("computed", "either") or each.get("write_only")
            }
            for name, block in schema.get(kind, {}).items()
        }
        for kind in ("resources", "data", "ephemeral")
    }


def _certificate() -> tuple[bytes, bytes]:
    """A key and a certificate of `localhost`, which Terraform talks to its providers with."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


if __name__ == "__main__":
    build(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
