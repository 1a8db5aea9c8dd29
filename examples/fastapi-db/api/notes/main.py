import os

import pymysql
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from .database import connection

app = FastAPI(title="Notes")


class Note(BaseModel):
    text: str = Field(min_length=1, max_length=1000)


@app.get("/")
def greeting() -> dict[str, str]:
    return {"message": os.environ["GREETING"]}


@app.get("/notes")
def list_notes() -> list[str]:
    with connection() as db, db.cursor() as cursor:
        cursor.execute("SELECT text FROM notes ORDER BY id")
        return [text for (text,) in cursor.fetchall()]


@app.post("/notes", status_code=201)
def add_note(note: Note) -> Note:
    with connection() as db, db.cursor() as cursor:
        cursor.execute("INSERT INTO notes (text) VALUES (%s)", (note.text,))
    return note


@app.get("/probe")
def probe() -> dict[str, str]:
    try:
        with connection():
            return {"status": "ok"}
    except pymysql.MySQLError as error:
        raise HTTPException(status_code=503, detail=f"the database does not answer yet: {error}") from error
