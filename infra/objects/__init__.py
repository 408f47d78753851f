"""Storage of files too large for a document or message: one interface, implemented by GridFS and by S3."""
