"""What is looked at before anything of a model by someone else is opened or run.

`archive` and `hdf5` look at containers, `keras_config` at what a configuration names,
`graph_ops` and `saved_model_ops` at the ops of a graph; `keras_file` calls them for whole files.
All raise UntrustedError; a source that is trusted is not looked at.
"""
