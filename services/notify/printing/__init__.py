"""Printing: pages that people read and sign, as HTML and as PDF. Source: S1¶4 (三表一单一书一卡), S1¶6 (every 7 days).

A page is a `Sheet`, which knows nothing of complaints; the forms, the digests and the bulletin make sheets. `Press`
turns them into print in a process of its own. Importing this package costs neither a font nor a plotting library.
"""
