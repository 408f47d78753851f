"""Import of a city's files: a column map (TOML) assigns columns to the fields of a submission.

``column_map``  model and loader of column maps           ``records``  reads a file as rows of cells
``mapping``     converts a row to a submission            ``cells``    parses one cell: an id, an instant, a coordinate
``maps/``       maps of New York, Chicago, Boston and San Francisco
"""
