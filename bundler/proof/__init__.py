"""Whether the page answers what Python answers: the shipped files in Node, golden samples."""
