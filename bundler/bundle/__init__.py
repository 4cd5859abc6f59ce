"""The JavaScript of a page: packages, TF.js with the kernels of a graph, ops that cannot run."""
