"""Files too large for a document or a message, behind one port: in the database (GridFS) or in an S3 bucket."""
