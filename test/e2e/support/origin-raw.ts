import { createServer, type Server, type Socket } from "node:net";
import type { OriginEvent } from "./origin.ts";

type Report = (event: OriginEvent) => void;
type Released = (path: string) => Promise<void>;

const OK = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n";

/** Ends with its answer, and says so: nobody may send another request there. */
const LAST = "connection: close\r\n";

/** Answers that no sound server gives, by path; written byte for byte. */
export function rawOrigin(report: Report, released: Released): Server {
  const answers: Readonly<Record<string, (socket: Socket, path: string) => void | Promise<void>>> = {
    "/reset-before-headers": (socket) => void socket.resetAndDestroy(),
    "/close-before-headers": (socket) => void socket.end(),
    "/close-in-headers": (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-ty"),
    "/reset-after-headers": async (socket, path) => {
      socket.write(`${OK}content-length: 1000\r\n\r\n`);
      await released(path);
      socket.resetAndDestroy();
    },
    "/cut-length": async (socket, path) => {
      socket.write(`${OK}content-length: 1000\r\n\r\n0123456789`);
      await released(path);
      socket.end();
    },
    "/cut-chunked": async (socket, path) => {
      socket.write(`${OK}transfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n`);
      await released(path);
      socket.end();
    },
    "/reset-body": async (socket, path) => {
      socket.write(`${OK}transfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n`);
      await released(path);
      socket.resetAndDestroy();
    },
    "/length-too-short": (socket) => void socket.write(`${OK}content-length: 5\r\n\r\n0123456789`),
    "/trailing-bytes": (socket) =>
      void socket.end(`${OK}${LAST}content-length: 5\r\n\r\n01234HTTP/1.1 200 OK\r\nx: smuggled\r\n\r\n`),
    "/byte-by-byte": (socket) => byteByByte(socket, `${OK}${LAST}content-length: 10\r\n\r\n0123456789`),
    "/huge-headers": (socket) =>
      void socket.end(`${OK}x-huge: ${"h".repeat(512 * 1024)}\r\ncontent-length: 0\r\n\r\n`),
    "/many-headers": (socket) =>
      void socket.end(`${OK}${"x-many: value\r\n".repeat(50_000)}content-length: 0\r\n\r\n`),
    "/continue-first": (socket) =>
      void socket.end(`HTTP/1.1 100 Continue\r\n\r\n${OK}${LAST}content-length: 5\r\n\r\nfinal`),
    "/hints-first": (socket) =>
      void socket.end(
        `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}${LAST}content-length: 5\r\n\r\nfinal`,
      ),
    "/no-http": (socket) => void socket.end("220 mail.example ESMTP\r\nHELO there\r\n\r\n"),
    "/binary": (socket) => void socket.end(Buffer.from([0x16, 3, 1, 0, 2, 0, 0xff, 0, 13, 10, 13, 10])),
    "/odd-status": (socket) =>
      void socket.end("HTTP/1.1 999 Odd\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"),
    "/switches": (socket) => void socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"),
    "/no-status": (socket) => void socket.end("HTTP/1.1 abc Odd\r\ncontent-length: 0\r\n\r\n"),
    "/two-lengths": (socket) =>
      void socket.end(`${OK}content-length: 5\r\ncontent-length: 10\r\n\r\n0123456789`),
    "/stall": () => undefined,
    "/stall-in-headers": (socket) => void socket.write("HTTP/1.1 200 OK\r\nx-half: "),
    "/loop": (socket) =>
      void socket.end(
        "HTTP/1.1 302 Found\r\nlocation: /loop\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
      ),
  };
  let next = 0;
  return createServer((socket) => {
    const id = ++next;
    let head = "";
    let path = "";
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (path !== "") report({ what: "closed", id, path, finished: false });
    });
    socket.on("data", (chunk) => {
      if (path !== "") return;
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const [method = "", target = ""] = head.slice(0, head.indexOf("\r\n")).split(" ");
      path = target;
      report({ what: "request", id, method, path, headers: head.slice(0, end).split("\r\n") });
      const answer = answers[path];
      if (!answer) socket.destroy();
      else void answer(socket, path);
    });
  });
}

async function byteByByte(socket: Socket, text: string): Promise<void> {
  socket.setNoDelay(true);
  for (const byte of text) {
    if (socket.destroyed) return;
    socket.write(byte);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  socket.end();
}
