import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { missing, programs } from "../../../../test/support/requirements.js";
import { freePort } from "./redis-server.js";

/** Whether a cluster can be begun here: its programs are there, and this process is root's. */
export function hasSlurm(): boolean {
  if (process.getuid?.() !== 0) return missing("Slurm", "its daemons have to be begun by root") !== undefined;
  return programs("Slurm", ["slurmctld", "slurmd", "sbatch", "munged"], "slurm-wlm munge") !== undefined;
}

/** A Slurm of one node, a test's own: its controller, its daemon, and the service by which they trust each other. */
export class SlurmCluster implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "slurm-"));

  /** Starts one and has Slurm's commands of this process speak to it. */
  static async start(): Promise<SlurmCluster> {
    const cluster = new SlurmCluster();
    await cluster.#begin();
    return cluster;
  }

  async #begin(): Promise<void> {
    const at = (name: string) => join(this.folder, name);
    for (const name of ["state", "spool", "munge"]) mkdirSync(at(name), { mode: 0o755 });
    writeFileSync(at("munge/key"), randomBytes(128), { mode: 0o400 });
    const munge = ["socket", "key-file", "pid-file", "seed-file", "log-file"].map((flag) => {
      const name = flag === "key-file" ? "key" : flag;
      return `--${flag}=${at(`munge/${name}`)}`;
    });
    run("munged", ["--force", ...munge]);
    const lines = [
      "ClusterName=test",
      `SlurmctldHost=${hostname()}(127.0.0.1)`,
      ...["SlurmUser=root", "SlurmdUser=root"],
      ...["AuthType=auth/munge", `AuthInfo=socket=${at("munge/socket")}`],
      ...[`StateSaveLocation=${at("state")}`, `SlurmdSpoolDir=${at("spool")}`],
      ...[`SlurmctldPidFile=${at("controller.pid")}`, `SlurmdPidFile=${at("node.pid")}`],
      ...[`SlurmctldLogFile=${at("controller.log")}`, `SlurmdLogFile=${at("node.log")}`],
      ...[`SlurmctldPort=${await freePort()}`, `SlurmdPort=${await freePort()}`],
      // Without control groups, which a container may not have.
      ...["ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "SwitchType=switch/none"],
      ...["MpiDefault=none", "ReturnToService=2", "KillWait=2", "MinJobAge=300"],
      ...["SchedulerType=sched/backfill", "SchedulerParameters=sched_interval=1,bf_interval=1"],
      ...["SelectType=select/cons_tres", "SelectTypeParameters=CR_Core"],
      ...["JobAcctGatherType=jobacct_gather/none", "AccountingStorageType=accounting_storage/none"],
      `NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`,
      "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
    ];
    writeFileSync(at("slurm.conf"), `${lines.join("\n")}\n`);
    process.env["SLURM_CONF"] = at("slurm.conf");
    run("slurmctld", []);
    run("slurmd", []);
    for (let tries = 0; tries < 150; tries++) {
      if (/idle/.test(spawnSync("sinfo", ["-h", "-o", "%T"], { encoding: "utf8" }).stdout)) return;
      await sleep(200);
    }
    throw new Error(`Slurm does not come up:\n${readFileSync(at("controller.log"), "utf8")}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    spawnSync("scancel", ["--user=root"]);
    for (const name of ["controller.pid", "node.pid", "munge/pid-file"]) {
      try {
        process.kill(Number(readFileSync(join(this.folder, name), "utf8")), "SIGTERM");
      } catch {
        // It is over.
      }
    }
    delete process.env["SLURM_CONF"];
    await sleep(200);
  }
}

function run(program: string, args: readonly string[]): void {
  const path = `${process.env["PATH"]}:/usr/sbin`;
  const { status, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    env: { ...process.env, PATH: path },
  });
  if (status !== 0) throw new Error(`${program}: exit code ${status}\n${stderr}`);
}
