"""Everything that answers HTTP: the browser's telephone, ticket pages, Twilio, health."""
