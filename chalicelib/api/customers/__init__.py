"""The customers of a business: entered, found, joined, imported, with notes, holds and restrictions."""
