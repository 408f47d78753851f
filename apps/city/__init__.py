"""The administrator's view of a place: its tables are edited in forms, checked, compared, published.

``published``  versions on `reference.places`, and publishing one   ``drafts``    changes that are not published yet
``forms``      fields of a form from the models of contracts        ``checking``  faults of a draft, beside their fields
``editing``    changes of a TOML text that leave comments alone     ``merging``   two sets of changes of one version
"""
