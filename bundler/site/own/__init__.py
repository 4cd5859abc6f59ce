"""A page that its author has a part in: blocks that a stranger's templates fill, within ours."""
