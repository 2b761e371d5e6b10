"""Support codes and contacts: rules without a clock, a database or chance."""
