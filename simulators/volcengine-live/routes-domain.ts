import { type Params, pageOf, type Route, rfc3339 } from './fields.ts';
import type { LiveAccount } from './state.ts';

const maxPage = 1000;

export const domainRoutes: Readonly<Record<string, Route>> = {
  /** documented(https://www.volcengine.com/docs/6469/1126815) */
  ListDomainDetail(params, { account }) {
    const page = params.countIn('PageNum', maxPage);
    const size = params.countIn('PageSize', maxPage);
    const found = domainsOf(account).filter(
      (one) =>
        isListed(params, 'DomainNameList', one.Domain) &&
        isListed(params, 'DomainTypeList', one.Type) &&
        isListed(params, 'DomainRegionList', one.Region) &&
        isListed(params, 'DomainStatusList', one.Status) &&
        isListed(params, 'VhostList', one.Vhost),
    );
    return { DomainList: pageOf(found, page, size), Total: found.length };
  },
};

/** A list left out, or an empty one, takes all. */
function isListed(params: Params, list: string, value: string | number): boolean {
  const wanted = params.optionalList(list) ?? [];
  return wanted.length === 0 || wanted.includes(value);
}

const usable = { CnameCheck: 1, DomainCheck: 0, ICPCheck: 1, Status: 0 };

const domainsOf = ({ options, createdAt }: LiveAccount) =>
  (['push', 'pull-flv'] as const).map((type) => ({
    CNAME: `${type}.simulator.test`,
    CertDomain: '',
    ChainID: '',
    CreateTime: rfc3339(createdAt),
    Domain: type === 'push' ? options.pushDomain : options.pullDomain,
    ProjectName: 'default',
    PushDomain: type === 'push' ? '' : options.pushDomain,
    Region: 'cn',
    Tags: [],
    Type: type,
    Vhost: options.vhost,
    ...usable,
    ...options.domains,
  }));
