"""`make bench`: figures of the real processes on this machine; nothing in here is a timed test."""
