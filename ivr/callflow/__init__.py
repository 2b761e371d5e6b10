"""The call flows: pure transition tables that know no telephone, no clock and no database.

A flow takes an event and gives back a new session and a list of actions: verbs for a telephone
and requests for the service around it. `machine.advance` is the only way in.
"""
