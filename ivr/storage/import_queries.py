"""The SQL that compares the rows of a file with what is stored; run in the staging file alone.

`row` holds the rows, the tables `known_...` what is stored of their customers. What comes out are the
tables `new_...`, `changed_customer`, `changed_contact`, `moved_phone` and `ended_contract`. The ids
`:customer`, `:location` and `:contract` are the highest ones that are taken. Every column that is
compared has a type: SQLite uses no index where an INTEGER meets a column without one.
"""

KNOWN = (
    """CREATE TABLE known_customer
    (id INTEGER PRIMARY KEY, number TEXT UNIQUE, name TEXT, language TEXT)""",
    "CREATE TABLE known_location (id INTEGER PRIMARY KEY, customer_id INTEGER, name TEXT)",
    """CREATE TABLE known_phone
    (id INTEGER PRIMARY KEY, customer_id INTEGER, location_id INTEGER, number TEXT)""",
    """CREATE TABLE known_contact (id INTEGER PRIMARY KEY, customer_id INTEGER, name TEXT,
        phone TEXT, email TEXT, language TEXT, may_order INTEGER)""",
    """CREATE TABLE known_contract (id INTEGER, customer_id INTEGER, location_id INTEGER,
        number TEXT, version INTEGER, plan TEXT, starts_on TEXT, ends_on TEXT, shared INTEGER)""",
)
KNOWN_INDEXES = (
    "CREATE INDEX known_location_name ON known_location (customer_id, name)",
    "CREATE INDEX known_phone_number ON known_phone (customer_id, number)",
    "CREATE INDEX known_contact_name ON known_contact (customer_id, name)",
)

CUSTOMERS = (
    """CREATE TABLE wanted_customer AS
    SELECT number, max(name) AS name, max(language) AS language, min(row) AS row, max(broken) AS broken
    FROM row WHERE number IS NOT NULL GROUP BY number""",
    """CREATE TABLE new_customer AS
    SELECT CAST(row_number() OVER (ORDER BY number) + :customer AS INTEGER) AS id,
        number, name, language, row, broken
    FROM wanted_customer WHERE number NOT IN (SELECT number FROM known_customer)""",
    """CREATE TABLE changed_customer AS
    SELECT known.id, wanted.name, wanted.language
    FROM wanted_customer AS wanted JOIN known_customer AS known USING (number)
    WHERE wanted.name <> known.name OR wanted.language <> known.language""",
    "CREATE TABLE customer (number TEXT PRIMARY KEY, id INTEGER, name TEXT) WITHOUT ROWID",
    """INSERT INTO customer SELECT number, id, name FROM known_customer
    UNION ALL SELECT number, id, name FROM new_customer""",
)
LOCATIONS = (
    """CREATE TABLE new_location AS
    SELECT CAST(row_number() OVER (ORDER BY id, location) + :location AS INTEGER) AS id,
        id AS customer_id, location AS name, min(row) AS row
    FROM row JOIN customer USING (number)
    WHERE location IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM known_location AS known
        WHERE known.customer_id = customer.id AND known.name = location
    ) GROUP BY customer.id, location""",
    """CREATE TABLE location (customer_id INTEGER, name TEXT, id INTEGER,
        PRIMARY KEY (customer_id, name)) WITHOUT ROWID""",
    """INSERT INTO location
    SELECT customer_id, name, min(id) FROM known_location GROUP BY customer_id, name
    UNION ALL SELECT customer_id, name, id FROM new_location""",
)
PHONES = (
    """CREATE TABLE wanted_phone AS
    SELECT DISTINCT customer.id AS customer_id, phone AS number, location.id AS location_id
    FROM row JOIN customer USING (number)
    LEFT JOIN location ON location.customer_id = customer.id AND location.name = row.location
    WHERE phone IS NOT NULL""",
    "CREATE INDEX wanted_phone_number ON wanted_phone (customer_id, number)",
    """CREATE TABLE missing_phone AS
    SELECT customer_id, number, location_id, row_number() OVER (
        PARTITION BY customer_id, number ORDER BY location_id) AS place
    FROM wanted_phone AS wanted
    WHERE NOT EXISTS (
        SELECT 1 FROM known_phone AS known
        WHERE known.customer_id = wanted.customer_id AND known.number = wanted.number
        AND (wanted.location_id IS NULL OR known.location_id = wanted.location_id)
    ) AND (wanted.location_id IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM wanted_phone AS other
        WHERE other.customer_id = wanted.customer_id AND other.number = wanted.number
        AND other.location_id IS NOT NULL))""",
    """CREATE TABLE moved_phone AS
    SELECT min(known.id) AS id, missing.location_id, missing.customer_id, missing.number
    FROM missing_phone AS missing JOIN known_phone AS known USING (customer_id, number)
    WHERE missing.place = 1 AND known.location_id IS NULL
    GROUP BY customer_id, number""",
    """CREATE TABLE new_phone AS
    SELECT customer_id, number, location_id FROM missing_phone AS missing
    WHERE place > 1 OR NOT EXISTS (
        SELECT 1 FROM moved_phone AS moved
        WHERE moved.customer_id = missing.customer_id AND moved.number = missing.number)
    ORDER BY number""",
)
CONTACTS = (
    """CREATE TABLE wanted_contact AS
    SELECT customer.id AS customer_id, contact AS name, max(contact_phone) AS phone,
        max(contact_email) AS email, max(contact_language) AS language, max(may_order) AS may_order
    FROM row JOIN customer USING (number)
    WHERE contact IS NOT NULL GROUP BY customer.id, contact""",
    """CREATE TABLE new_contact AS SELECT * FROM wanted_contact AS wanted
    WHERE NOT EXISTS (SELECT 1 FROM known_contact AS known
        WHERE known.customer_id = wanted.customer_id AND known.name = wanted.name)""",
    """CREATE TABLE changed_contact AS
    SELECT known.id, known.customer_id, wanted.phone, wanted.email, wanted.language, wanted.may_order
    FROM wanted_contact AS wanted JOIN known_contact AS known USING (customer_id, name)
    WHERE (wanted.phone IS NOT NULL AND wanted.phone IS NOT known.phone)
        OR (wanted.email IS NOT NULL AND wanted.email IS NOT known.email)
        OR (wanted.language IS NOT NULL AND wanted.language IS NOT known.language)
        OR (wanted.may_order IS NOT NULL AND wanted.may_order IS NOT known.may_order)""",
)
NEEDED = """
INSERT INTO mistake SELECT row, '{column}', 'is missing: customer ' || number || ' is new'
FROM new_customer WHERE {column} IS NULL AND NOT broken
"""
SPELLED = """
INSERT INTO mistake
SELECT row, '{column}', 'is stored as “' || known.name || '”; write it that way'
FROM row JOIN customer USING (number)
JOIN {table} AS known ON known.customer_id = customer.id AND casefold(known.name) = casefold({column})
WHERE {column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} AS same
    WHERE same.customer_id = customer.id AND same.name = {column})
"""
COVERS = """
SELECT location.id, 1 AS wished, max(plan), row.starts_on, max(row.ends_on), min(row), 0, customer.id
FROM row JOIN customer USING (number)
JOIN location ON location.customer_id = customer.id AND location.name = row.location
WHERE plan IS NOT NULL AND row.starts_on IS NOT NULL
GROUP BY location.id, row.starts_on
UNION ALL
SELECT location_id, 0, plan, starts_on, min(coalesce(ends_on, last), coalesce(last, ends_on)),
    id, shared, customer_id
FROM (
    SELECT *, date(lead(starts_on) OVER (
        PARTITION BY location_id, number ORDER BY version), '-1 day') AS last
    FROM known_contract
) WHERE last IS NULL OR last >= starts_on
ORDER BY 1, 2, 4
"""
"""What is wished and what is known of each location; a version counts until the next one begins."""
CONTRACT_TABLES = (
    """CREATE TABLE begun
    (location_id INTEGER, customer_id INTEGER, plan TEXT, starts_on TEXT, ends_on TEXT)""",
    "CREATE TABLE ended_contract (id INTEGER, customer_id INTEGER, ends_on TEXT)",
)
TAKEN = "CREATE TABLE taken (number TEXT)"
NEW_CONTRACTS = (
    "CREATE INDEX customer_id ON customer (id)",
    """CREATE TABLE counted AS
    SELECT customer.id AS customer_id, max(CAST(substr(taken.number, 11) AS INTEGER)) AS count
    FROM taken JOIN customer ON customer.number = substr(taken.number, 5, 5)
    WHERE length(taken.number) <= 16 GROUP BY customer.id""",
    "CREATE INDEX counted_customer ON counted (customer_id)",
    """CREATE TABLE new_contract AS
    SELECT CAST(row_number() OVER (
            ORDER BY customer_id, location_id, starts_on) + :contract AS INTEGER) AS id,
        customer_id, customer.number AS customer_number, location_id, plan, starts_on, ends_on,
        coalesce(counted.count, 0) + row_number() OVER (
            PARTITION BY customer_id ORDER BY location_id, starts_on) AS count
    FROM begun JOIN customer ON customer.id = customer_id LEFT JOIN counted USING (customer_id)""",
)
"""Numbered as `contract_number` does: `CLA-11001-1` and so on, after the highest that is taken."""
