"""What everything else stands on: errors, tensors, the cache, processes, the fence."""
