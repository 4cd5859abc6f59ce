"""`python -m bundler` is the same command as `tfjs-demo`."""

from bundler.cli import main

main()
