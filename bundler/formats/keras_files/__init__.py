"""What the formats of Keras have in common: one module a step of opening them."""
