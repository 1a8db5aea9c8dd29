import platform

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def root() -> dict[str, str]:
    return {"message": "Hello from FastAPI on Kubernetes", "pod": platform.node()}


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy"}
