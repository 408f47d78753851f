"""Import of a city's files: a column map (TOML) assigns columns to the fields of a submission.

``column_map``  the map itself                  ``loading``  how a map is loaded and checked
``records``     bytes of a file as rows of cells  ``cells``    one cell as an id, an instant or degrees
``mapping``     a row of cells as a complaint     ``files``    what kind of file it is, and its encoding
``headers``     names of columns as they are compared
``maps/``       maps of New York, Chicago, Boston and San Francisco
"""
