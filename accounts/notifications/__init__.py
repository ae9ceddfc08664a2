"""Telling people: the event is a row, each person's copy another, the mails go out through an outbox."""
