"""tfjs-demo: turns a trained Keras model into a static page that runs it with TensorFlow.js."""

__version__ = "0.1.0"
