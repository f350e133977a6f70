"""The versions of terms and privacy notice in force. Who registers accepts exactly these."""

TERMS_VERSION = "2026-11-01"
NOTICE_VERSION = "2026-11-22"
