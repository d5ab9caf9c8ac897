/** The code that connects a notebook of the user's own to a cluster, which it makes if there is none. */
export const OWN_NOTEBOOK = [
  'import af_lab',
  '',
  'cluster = af_lab.cluster(workers=2)',
  'client = cluster.get_client()'
].join('\n');
