"""`python -m bundler.cli` is the same command as `tfjs-demo`."""

from bundler.cli import main

main()
