"""The `djroadmap` command. `--version` and `status` are answered before anything heavy is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; exits."""
    if sys.argv[1:] == ["--version"]:
        from djroadmap import __version__  # noqa: PLC0415

        sys.stdout.write(f"djroadmap {__version__}\n")
        raise SystemExit(0)
    import gc  # noqa: PLC0415

    # What is made lives to the end, nearly all of it: to look for garbage among it is an eighth of the time.
    gc.set_threshold(200_000, 20, 100)
    from djroadmap.cli.quick import quick  # noqa: PLC0415

    try:
        code = quick(sys.argv[1:])
        if code is not None:
            raise SystemExit(code)
        from djroadmap.cli.main import run  # noqa: PLC0415 - Typer costs five times a bare interpreter

        run()
    finally:
        gc.freeze()  # so that Python does not look once more as it ends


if __name__ == "__main__":
    main()
