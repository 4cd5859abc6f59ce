"""The parts of the benchmark of `tfjs-demo serve`."""
