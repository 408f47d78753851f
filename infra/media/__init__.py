"""What a file really is, by its bytes, and what is stored of it: an image without the data of who took it where."""
