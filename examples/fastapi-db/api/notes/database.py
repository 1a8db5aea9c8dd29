import os
from collections.abc import Iterator
from contextlib import contextmanager

import pymysql


@contextmanager
def connection() -> Iterator[pymysql.Connection]:
    opened = pymysql.connect(
        host=os.environ["DATABASE_HOST"],
        user=os.environ["DATABASE_USER"],
        password=os.environ["DATABASE_PASSWORD"],
        database=os.environ["DATABASE_NAME"],
        connect_timeout=2,
        autocommit=True,
    )
    try:
        with opened.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS notes (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(1000) NOT NULL)"
            )
        yield opened
    finally:
        opened.close()
