"""Calendars of other programs: duties written as iCal, absences read from iCal (RFC 5545)."""
