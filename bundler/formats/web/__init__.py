"""Models that are TensorFlow.js's already: what its two formats have in common, and its layers."""
