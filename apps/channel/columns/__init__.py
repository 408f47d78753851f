"""Files of any city as complaints: a column map (TOML) says which column gives which field of a submission.

``column_map``  the map itself, and how one is loaded     ``records``  bytes of a file as rows of cells
``mapping``     a row of cells as a complaint             ``cells``    what one cell says: an id, an instant, a degree
``maps/``       maps of New York, Chicago, Boston and San Francisco
"""
