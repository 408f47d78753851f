"""Detection of a file's real type from its bytes, and removal of metadata such as GPS position from images."""
