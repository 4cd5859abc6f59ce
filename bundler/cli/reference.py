"""`tfjs-demo widgets` and `tfjs-demo schema`: all that demo.toml may say."""

from __future__ import annotations

from pathlib import Path

import click

from bundler.cli.shared import output_options
from bundler.cli.terminal import say, say_json


@click.command()
@click.argument("name", required=False)
@output_options
def widgets(name: str | None, quiet: bool, as_json: bool, debug: bool) -> None:
    """List the widgets, or tell every key of the one called NAME."""
    from bundler.demo import parts, reference
    from bundler.ground import names
    from bundler.ground.errors import ConfigError

    known = parts.read()
    every = [part for role in known.values() for part in role.values()]
    chosen = [part for part in every if name in (None, part.name)]
    if not chosen:
        tail = names.ending(str(name), sorted({part.name for part in every}))
        raise ConfigError(f'there is no widget "{name}"; {tail}')
    rows = [(part, list(reference.keys(part, known))) for part in chosen]
    if as_json:
        found = [
            {
                "role": part.role,
                "name": part.name,
                "summary": part.manifest.summary,
                "keys": [vars(key) for key in keys],
            }
            for part, keys in rows
        ]
        say_json({"widgets": found})
    elif not quiet:
        for part, keys in rows:
            say(f"{part.name} ({part.role}): {part.manifest.summary}", bold=True)
            for key in keys if name else ():
                needed = " It must be there." if key.needed else ""
                say(f"  {key.name}: {key.wanted}; {key.description}.{needed}")


@click.command()
@click.argument("demo", type=click.Path(path_type=Path), required=False)
def schema(demo: Path | None) -> None:
    """Print the JSON Schema of demo.toml, for editors; with the widgets of a DEMO's own."""
    from bundler.demo import config, own, parts, reference

    folders = own.read(config.locate(demo)).folders if demo else []
    say_json(reference.schema(parts.read(folders)))
