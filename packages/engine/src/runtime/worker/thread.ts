import type { Transferable as NodeTransferable, Worker as NodeWorker } from "node:worker_threads";
import { isNode } from "../environment.js";
import { RuntimeError } from "../errors.js";

/** What the thread answers. Buffers that it was lent come back, whatever happened. */
export interface Reply {
  readonly kind: "done" | "failed";
  /** What went wrong, when it failed. */
  readonly message?: string;
  readonly feeds?: ArrayBuffer;
  readonly results?: readonly ArrayBuffer[];
}

/** A thread that hosts a session. It does not keep the process alive, but while it is being asked. */
export interface Thread {
  /**
   * Asks the thread something; one question at a time.
   *
   * @throws {RuntimeError} when the thread has died.
   */
  ask(request: object, transfer?: readonly ArrayBuffer[]): Promise<Reply>;
  /** Has the thread release its session, and ends it. */
  stop(): Promise<void>;
}

/** What differs between the threads of Node and of browsers. */
interface Port {
  post(request: object, transfer: readonly ArrayBuffer[]): void;
  /** Whether the thread keeps the process alive. */
  hold(hold: boolean): void;
  end(): Promise<unknown>;
}

interface Listener {
  reply(reply: Reply): void;
  died(cause: unknown): void;
}

/** Starts a thread that waits for a session to host. */
export function startThread(): Thread {
  let waiting: { resolve(reply: Reply): void; reject(error: RuntimeError): void } | undefined;
  let death: RuntimeError | undefined;
  const port = (isNode() ? startNodeThread : startWebThread)({
    reply(reply) {
      waiting?.resolve(reply);
    },
    died(cause) {
      death = new RuntimeError(
        { where: "run", expected: "the session's thread to be alive", got: "its end" },
        { cause },
      );
      waiting?.reject(death);
    },
  });
  const ask = async (request: object, transfer: readonly ArrayBuffer[] = []) => {
    if (death) throw death;
    port.hold(true);
    try {
      return await new Promise<Reply>((resolve, reject) => {
        waiting = { resolve, reject };
        port.post(request, transfer);
      });
    } finally {
      waiting = undefined;
      port.hold(false);
    }
  };
  return {
    ask,
    async stop() {
      if (!death) await ask({ kind: "dispose" });
      await port.end();
    },
  };
}

function startNodeThread(listener: Listener): Port {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const file = new URL("./session-worker.js", import.meta.url);
  // Without the flags of this thread: a TypeScript loader, say, would be started for nothing.
  const worker: NodeWorker = new Worker(file, { name: "lrfind session", execArgv: [] });
  worker.unref();
  worker.on("message", listener.reply);
  worker.on("error", listener.died);
  worker.on("exit", (code) => listener.died(`exit code ${code}`));
  return {
    post: (request, transfer) => worker.postMessage(request, transfer as NodeTransferable[]),
    hold: (hold) => (hold ? worker.ref() : worker.unref()),
    end: () => worker.terminate(),
  };
}

function startWebThread(listener: Listener): Port {
  // In this form bundlers find the file.
  const worker = new Worker(new URL("./session-worker.js", import.meta.url), { type: "module" });
  worker.onmessage = (event: MessageEvent<Reply>) => listener.reply(event.data);
  worker.onerror = (event) => listener.died(event.message);
  return {
    post: (request, transfer) => worker.postMessage(request, [...transfer]),
    hold: () => {},
    end: async () => worker.terminate(),
  };
}
