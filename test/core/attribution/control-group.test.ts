import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readControlGroup } from '../../../core/attribution/index.ts';

const id = '3f1c'.repeat(16);
const other = 'a90e'.repeat(16);
const short = '3f1c3f1c3f1c';
const pod = 'pod7b1c2d3e_0000_4444_8888_123456789abc';
const user = '/user.slice/user-1000.slice/user@1000.service';

/** Paths as /proc/PID/cgroup shows them on real systems, and `kind id` or `engine id` of what they stand for. */
const paths: readonly (readonly [string, string, string])[] = [
  ['Docker with systemd', `/system.slice/docker-${id}.scope`, `docker ${short}`],
  ['Docker with a program of its own init', `/system.slice/docker-${id}.scope/init.scope`, `docker ${short}`],
  ['Docker with cgroupfs', `/docker/${id}`, `docker ${short}`],
  ['Docker without root', `${user}/user.slice/docker-${id}.scope`, `docker ${short}`],
  ['Docker in Docker, seen from the host', `/docker/${other}/docker/${id}`, 'docker a90ea90ea90e'],
  ['a build of BuildKit', '/docker/buildkit/k3j9x0a8m2v5p7q1r4t6w8y0z', 'docker k3j9x0a8m2v5'],
  ['the Docker service itself', '/system.slice/docker.service', 'unit docker.service'],
  ['Podman as root', `/machine.slice/libpod-${id}.scope/container`, `podman ${short}`],
  ['Podman without root', `${user}/user.slice/libpod-${id}.scope/container`, `podman ${short}`],
  ['Podman with cgroupfs', `/libpod_parent/libpod-${id}`, `podman ${short}`],
  ['Podman in a unit (quadlet)', `/system.slice/web.service/libpod-payload-${id}`, `podman ${short}`],
  ['Podman in a pod', `/machine.slice/machine-libpod_pod_${other}.slice/libpod-${id}.scope`, `podman ${short}`],
  ["Podman's monitor", `/machine.slice/libpod-conmon-${id}.scope`, 'none'],
  ['Kubernetes, containerd, systemd', `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-${pod}.slice/cri-containerd-${id}.scope`, `kubernetes ${short}`],
  ['Kubernetes, CRI-O, systemd', `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-${pod}.slice/crio-${id}.scope/container`, `kubernetes ${short}`],
  ['Kubernetes, Docker, systemd', `/kubepods.slice/kubepods-${pod}.slice/docker-${id}.scope`, `kubernetes ${short}`],
  ['Kubernetes, cgroupfs', `/kubepods/burstable/pod7b1c2d3e-0000-4444-8888-123456789abc/${id}`, `kubernetes ${short}`],
  ['Kubernetes, guaranteed, cgroupfs', `/kubepods/pod7b1c2d3e-0000-4444-8888-123456789abc/${id}`, `kubernetes ${short}`],
  ['k3s below its own unit', `/system.slice/k3s.service/kubepods-burstable-${pod}.slice:cri-containerd:${id}`, `kubernetes ${short}`],
  ['kind: a pod in a node that is a container', `/system.slice/docker-${other}.scope/kubelet.slice/kubelet-kubepods.slice/cri-containerd-${id}.scope`, 'docker a90ea90ea90e'],
  ['kind with cgroupfs', `/docker/${other}/kubelet/kubepods/besteffort/${pod}/${id}`, 'docker a90ea90ea90e'],
  ["CRI-O's monitor", `/system.slice/crio-conmon-${id}.scope`, 'none'],
  ['the kubelet itself', '/system.slice/kubelet.service', 'unit kubelet.service'],
  ['nerdctl', `/system.slice/nerdctl-${id}.scope`, `containerd ${short}`],
  ['containerd with cgroupfs', `/default/${id}`, `containerd ${short}`],
  ['Amazon ECS', `/ecs/shop/0123456789abcdef0123456789abcdef/${id}`, `ecs ${short}`],
  ['LXC', '/lxc.payload.web/system.slice/nginx.service', 'lxc web'],
  ['LXC, older', '/lxc/web/init.scope', 'lxc web'],
  ['LXC 4.0', '/lxc.payload/web', 'lxc web'],
  ["LXC's monitor", '/lxc.monitor.web', 'none'],
  ['a container of Proxmox', '/lxc/101/ns/init.scope', 'lxc 101'],
  ['libvirt-lxc', '/machine.slice/machine-lxc\\x2d812\\x2dweb.scope', 'lxc web'],
  ['systemd-nspawn', '/machine.slice/machine-web\\x2d1.scope/payload', 'nspawn web-1'],
  ['systemd-nspawn as a unit', '/machine.slice/systemd-nspawn@web.service/payload', 'nspawn web'],
  ['libvirt', '/machine.slice/machine-qemu\\x2d3\\x2dwin11.scope/libvirt/emulator', 'machine win11'],
  ['libvirt with a dash in the name', '/machine.slice/machine-qemu\\x2d12\\x2ddb\\x2dtest.scope', 'machine db-test'],
  ['libvirt without systemd', '/machine/qemu-3-win11.libvirt-qemu/vcpu0', 'machine win11'],
  ['a guest of Proxmox', '/qemu.slice/100.scope', 'machine 100'],
  ['Flatpak', `${user}/app.slice/app-flatpak-org.mozilla.firefox-4711.scope`, 'flatpak org.mozilla.firefox'],
  ['Flatpak, older', `${user}/flatpak-org.gnome.Maps-4711.scope`, 'flatpak org.gnome.Maps'],
  ['Flatpak with a dash in its name', `${user}/app.slice/app-flatpak-com.github.x-y.Z-4711.scope`, 'flatpak com.github.x-y.Z'],
  ['Snap, an app', `${user}/app.slice/snap.spotify.spotify-0a1b2c3d-1111-2222-3333-444455556666.scope`, 'snap spotify'],
  ['Snap, a service', '/system.slice/snap.nextcloud.apache.service', 'snap nextcloud'],
  ['the store of snaps itself', '/system.slice/snapd.service', 'unit snapd.service'],
  ['a system unit', '/system.slice/nginx.service', 'unit nginx.service'],
  ['an instance of a unit', '/system.slice/system-openvpn.slice/openvpn@office.service', 'unit openvpn@office.service'],
  ['an escaped unit', '/system.slice/my\\x2dbackup.service', 'unit my-backup.service'],
  ["a user's unit", `${user}/app.slice/syncthing.service`, 'unit syncthing.service'],
  ['an app of a desktop', `${user}/app.slice/app-gnome-firefox-4711.scope`, 'none'],
  ["a user's session manager", `${user}/init.scope`, 'none'],
  ['a login session', '/user.slice/user-1000.slice/session-2.scope', 'none'],
  ['the root', '/', 'none'],
  ['nothing', '', 'none'],
];

describe('what the path of a control group tells', () => {
  for (const [what, path, expected] of paths) {
    it(`${what}: ${expected}`, () => {
      const group = readControlGroup(path);
      const told = [group.kind === 'container' ? group.engine : group.kind, ...('id' in group ? [group.id] : [])];
      assert.equal(told.join(' '), expected);
    });
  }

  it('never throws, whatever a path is made of', () => {
    const pieces = fc.constantFrom('/', 'docker', 'kubepods', 'machine-', '.scope', '\\x2d', id, 'lxc.payload.', 'qemu-', ':', '-', '.service', 'ecs', '\u{10ffff}');
    fc.assert(fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 40 }), (parts) => void readControlGroup(parts.join(''))));
  });
});
