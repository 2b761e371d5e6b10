"""Everything with eyes: the pages of the desk, the technicians, the leads and the admins."""
