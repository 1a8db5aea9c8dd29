import os
import platform

from fastapi import FastAPI

app = FastAPI(title="A small service")


@app.get("/")
def hello(name: str = "world") -> dict[str, str]:
    return {"message": f"Hello, {name}!", "pod": platform.node(), "image": os.environ.get("IMAGE", "")}


@app.get("/probe")
def probe() -> dict[str, str]:
    return {"status": "ok"}
