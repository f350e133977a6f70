"""The privacy notice and the record of processing, out of the declarations; who accepted which version."""
