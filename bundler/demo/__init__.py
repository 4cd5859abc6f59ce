"""What the author wrote: demo.toml, and the files that it names."""
