import { decodeIdBlock } from '../../engine/asp/snp/idBlock';
import { ID_BLOCK_CHECKS, type IdBlockInput, verifyIdBlock } from '../../engine/asp/snp/verifyIdBlock';
import { toHex } from '../../engine/core/bytes';
import type { IdBlockView } from '../protocol';
import { finalDigest } from './film';
import { understand } from './settings';
import type { Standing } from './view';

/** What the firmware would test, in its order, up to the first that refuses. */
function rungs(input: IdBlockInput, refusing: string | null) {
  const last = ID_BLOCK_CHECKS.findIndex(({ id }) => id === refusing);
  const tested = last < 0 ? ID_BLOCK_CHECKS : ID_BLOCK_CHECKS.slice(0, last + 1);
  const asked = tested.filter(({ says }) => input.authKeyEnabled || !says.includes('AUTH_KEY_EN:'));
  return asked.map(({ id, says, status, source }) => ({
    title: `Refused if: ${says.replace(/^ID_BLOCK_EN(?: and AUTH_KEY_EN)?: /, '')}`,
    passed: id !== refusing,
    detail: status,
    rule: { id, says, source, standing: 'published' as const },
  }));
}

/** The ID block beside the launch, as SNP_LAUNCH_FINISH would judge it; null without one. */
export function idBlockView({ files, settings, film }: Standing): IdBlockView | null {
  const [block, auth] = [files['id-block']?.bytes, files['id-auth']?.bytes];
  if (!block) return null;
  const { launchDigest, familyId, imageId, version, guestSvn, policy } = decodeIdBlock(block);
  const fields = [
    { name: 'LD', value: toHex(launchDigest) },
    { name: 'FAMILY_ID', value: toHex(familyId) },
    { name: 'IMAGE_ID', value: toHex(imageId) },
    { name: 'VERSION', value: String(version) },
    { name: 'GUEST_SVN', value: String(guestSvn) },
    { name: 'POLICY', value: `0x${policy.toString(16)}` },
  ];
  const meant = understand(settings);
  if (!auth || !film || !meant.ok) return { fields, verdict: null };
  const input: IdBlockInput = {
    block,
    auth,
    authKeyEnabled: settings.authorKey,
    launchDigest: finalDigest(film.shot),
    policy: meant.value.policy,
  };
  const { status, check, identity } = verifyIdBlock(input);
  const key = (digest: Uint8Array | null | undefined) => (digest ? toHex(digest) : null);
  return {
    fields,
    verdict: {
      status,
      checks: rungs(input, check?.id ?? null),
      idKeyDigest: key(identity?.idKeyDigest),
      authorKeyDigest: key(identity?.authorKeyDigest),
    },
  };
}
