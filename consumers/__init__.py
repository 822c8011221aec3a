"""Channels consumers: one per socket, and one per document that joins the document's group.

They know rooms and frames; they know no ORM, no engine and no log.
"""
