import type { ContainerStatus } from '../kube-types.ts';
import { exitText } from '../pod-view.ts';
import { at, entries, items, record, text } from './json.ts';
import type { ContainerDetail } from './types.ts';

type JsonRecord = Readonly<Record<string, unknown>>;

const PROBES = [
  ['startupProbe', 'Startup'],
  ['readinessProbe', 'Readiness'],
  ['livenessProbe', 'Liveness'],
] as const;

/** A container of a pod or of a template in parts. */
export function containerDetail(
  spec: JsonRecord,
  init: boolean,
  statuses: readonly JsonRecord[],
): ContainerDetail {
  const status = statuses.find(({ name }) => name === spec.name) as ContainerStatus | undefined;
  const previous = status?.lastState?.terminated;
  const requests = record(at(spec, 'resources', 'requests'));
  const limits = record(at(spec, 'resources', 'limits'));
  return {
    name: text(spec.name),
    init,
    image: text(spec.image),
    command: [...items(spec.command), ...items(spec.args)].map(text),
    ports: items(spec.ports)
      .map(record)
      .map(({ name, containerPort, protocol }) =>
        [text(name), text(containerPort), protocol === 'TCP' ? '' : text(protocol)]
          .filter(word => word !== '')
          .join(' '),
      ),
    resources: [...new Set([...Object.keys(requests), ...Object.keys(limits)])].map(name => ({
      name,
      request: text(requests[name]) || null,
      limit: text(limits[name]) || null,
    })),
    probes: PROBES.flatMap(([key, name]) =>
      spec[key] === undefined ? [] : [{ name, text: probeText(record(spec[key])) }],
    ),
    mounts: items(spec.volumeMounts)
      .map(record)
      .map(({ mountPath, name, subPath, readOnly }) => ({
        path: text(mountPath),
        from: text(subPath) === '' ? text(name) : `${text(name)}/${text(subPath)}`,
        readOnly: readOnly === true,
      })),
    environment: [
      ...items(spec.env).map(one => text(record(one).name)),
      ...items(spec.envFrom).map(one => {
        const [kind = '', from] = entries(one).find(([key]) => key !== 'prefix') ?? [];
        return `all of ${kind.replace(/Ref$/, '')} ${text(record(from).name)}`;
      }),
    ],
    previous:
      previous === undefined
        ? null
        : `${exitText(previous)}${previous.finishedAt === undefined ? '' : ` at ${previous.finishedAt}`}`,
  };
}

function probeText(probe: JsonRecord): string {
  const http = record(probe.httpGet);
  const what =
    probe.httpGet !== undefined
      ? `GET ${text(http.path) || '/'} on ${text(http.port)}`
      : probe.tcpSocket !== undefined
        ? `TCP ${text(at(probe, 'tcpSocket', 'port'))}`
        : probe.grpc !== undefined
          ? `gRPC ${text(at(probe, 'grpc', 'port'))}`
          : items(at(probe, 'exec', 'command'))
              .map(text)
              .join(' ');
  const every = text(probe.periodSeconds) || '10';
  const most = text(probe.failureThreshold) || '3';
  const delay = text(probe.initialDelaySeconds);
  return `${what}, every ${every} s${delay === '' || delay === '0' ? '' : ` after ${delay} s`}, at most ${most} failures`;
}
