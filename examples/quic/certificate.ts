/** A key and a certificate that names `localhost`, made by openssl(1). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function makeCertificate(): { readonly certificate: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sock-quic-'));
  try {
    const [config, key, certificate] = ['config', 'key.pem', 'certificate.pem'].map((name) => {
      return join(folder, name);
    }) as [string, string, string];
    // The usual configuration makes a certificate of an authority, which rustls does not take of a server.
    writeFileSync(config, '[req]\ndistinguished_name = name\n[name]\n');
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const files = ['-config', config, '-keyout', key, '-out', certificate];
    const args = ['req', '-x509', '-days', '1', ...kind, ...names, ...files];
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
