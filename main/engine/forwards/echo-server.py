# What the pods of the forwards' tests run: 8000 gives back every byte, 8001 says who answers, 8002 answers late,
# 8003 never ends, 8004 never reads, 8005 is a WebSocket that gives back every message.
import asyncio, base64, hashlib, os


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def who(reader, writer):
    writer.write(os.environ["HOSTNAME"].encode())
    await writer.drain()
    writer.close()


async def late(reader, writer):
    line = await reader.readline()
    await asyncio.sleep(3)
    writer.write(b"late-" + line + bytes(3_000_000))
    await writer.drain()
    writer.close()


async def endless(reader, writer):
    while True:
        writer.write(bytes(65536))
        await writer.drain()


async def deaf(reader, writer):
    reader._transport.pause_reading()
    await asyncio.sleep(600)


async def web_socket(reader, writer):
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    key = next(line.split(": ")[1] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key"))
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept
        + b"\r\n\r\n"
    )
    while True:
        first, second = await reader.readexactly(2)
        size = second & 127
        if size >= 126:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8))
        mask = await reader.readexactly(4)
        body = bytes(b ^ mask[i % 4] for i, b in enumerate(await reader.readexactly(size)))
        width = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2) if size < 65536 else b"\x7f" + size.to_bytes(8)
        writer.write(bytes([first]) + width + body)
        await writer.drain()
        if first & 15 == 8:
            writer.close()
            return


async def main():
    for port, serve in [(8000, echo), (8002, late), (8003, endless), (8004, deaf), (8005, web_socket), (8001, who)]:
        await asyncio.start_server(serve, "0.0.0.0", port, backlog=512)
    await asyncio.Event().wait()


asyncio.run(main())
