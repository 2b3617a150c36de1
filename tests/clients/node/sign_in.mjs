// People sign in to the gateway at an identity provider that others wrote (npm's oidc-provider), and
// programs call models with its tokens. Says where it listens, reads where the gateway does, and then
// walks like a browser: cookies, redirects, forms.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';

const SECRET = 'a-secret-of-the-provider/with+signs';
const API = 'https://gateway.example/api';
const GROUPS = { ada: ['platform-admins'], bob: ['ml', 'other'], eve: ['other'] };

const key = (kid, type, options, alg) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }),
  kid, alg, use: 'sig',
});

let made;
const whenMade = new Promise((resolve) => { made = resolve; });
const server = createServer(async (request, response) => (await whenMade)(request, response));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
console.log(`listening ${issuer}`);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { url: gateway, key: masterKey } = JSON.parse((await lines.next()).value);

const provider = new Provider(issuer, {
  jwks: { keys: [
    key('rsa', 'rsa', { modulusLength: 2048 }, 'RS256'),
    key('curve', 'ec', { namedCurve: 'P-256' }, 'ES256'),
  ] },
  clients: [
    {
      client_id: 'headgate', client_secret: SECRET,
      redirect_uris: [`${gateway}/ui/sign-in/acme/callback`],
      post_logout_redirect_uris: [`${gateway}/ui/sign-in`],
      grant_types: ['authorization_code'], response_types: ['code'],
    },
    {
      client_id: 'program', client_secret: SECRET, redirect_uris: [],
      grant_types: ['client_credentials'], response_types: [],
    },
  ],
  scopes: ['openid', 'email', 'profile', 'groups', 'models'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id, email: `${id}@example.com`, email_verified: id !== 'eve', name: id, groups: GROUPS[id] ?? [],
    }),
  }),
  extraTokenClaims: () => ({ team: 'research', who: { id: 'robot' } }),
  features: {
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      getResourceServerInfo: () => ({
        scope: 'models', audience: API, accessTokenTTL: 300, accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  cookies: { keys: ['of the tests'] },
});
made(provider.callback());

// What a browser keeps, by host.
class Browser {
  #jars = new Map();

  async ask(url, options = {}) {
    const { host } = new URL(url);
    const jar = this.#jars.get(host) ?? new Map();
    this.#jars.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...options, redirect: 'manual', headers: { ...options.headers, cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [pair, ...attributes] = set.split(';');
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      const over = attributes.some((one) => /max-age=0$|expires=thu, 01 jan 1970/i.test(one.trim()));
      if (over || value === '') jar.delete(name); else jar.set(name, value);
    }
    return response;
  }

  // Follows redirects, and fills the provider's own forms, until a page of the gateway comes.
  async walk(start, login) {
    let [url, options] = [start, {}];
    const seen = [];
    for (let step = 0; step < 20; step += 1) {
      const response = await this.ask(url, options);
      seen.push(`${response.status} ${url.split('?')[0]}`);
      const location = response.headers.get('location');
      if (location) {
        [url, options] = [new URL(location, url).href, {}];
        continue;
      }
      const text = await response.text();
      if (url.startsWith(gateway)) return { status: response.status, url, text, seen };
      const form = text.match(/<form[^>]*action="([^"]+)"[^>]*method="post"/);
      const prompt = text.match(/name="prompt" value="([^"]+)"/);
      if (!form || !prompt) throw new Error(`no form at ${url}: ${response.status} ${text.slice(0, 400)}`);
      const body = new URLSearchParams({ prompt: prompt[1], login, password: 'any' });
      [url, options] = [new URL(form[1], url).href, { method: 'POST', body }];
    }
    throw new Error(`it never ended: ${seen.join(', ')}`);
  }

  async session() {
    const response = await this.ask(`${gateway}/api/v1/sessions/current`);
    return { status: response.status, body: await response.json() };
  }
}

const admin = async (method, path, body) => {
  const response = await fetch(`${gateway}${path}`, {
    method, body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${masterKey}`, 'content-type': 'application/json' },
  });
  return { status: response.status, body: await response.json().catch(() => null) };
};
const check = (is, what, ...more) => {
  if (!is) { console.error('failed:', what, ...more); process.exit(1); }
  console.log(`ok ${what}`);
};

const page = await (await fetch(`${gateway}/ui/sign-in`)).text();
check(page.includes('Continue with Acme'), 'the page offers the provider');

const ada = new Browser();
const arrived = await ada.walk(`${gateway}/ui/sign-in/acme?next=/ui/people`, 'ada');
check(arrived.status === 200 && arrived.url === `${gateway}/ui/people`, 'a person signs in and sees the page they wanted', arrived);
const me = await ada.session();
check(me.status === 200, 'there is a session', me);
const people = await admin('GET', '/api/v1/users');
const found = people.body.items.find((one) => one.email === 'ada@example.com');
check(found?.platform_role === 'platform_admin', 'a group made them an administrator', people.body);

// Signed out here, she is still signed in there, until she signs out there too.
const left = await ada.ask(`${gateway}/ui/sign-out`, {
  method: 'POST', body: new URLSearchParams({ csrf: arrived.text.match(/name="csrf" value="([^"]+)"/)[1] }),
  headers: { 'sec-fetch-site': 'same-origin' },
});
const after = await ada.ask(new URL(left.headers.get('location'), gateway).href);
const offer = (await after.text()).match(/href="([^"]*\/ui\/sign-out\/acme)"/);
check(left.status === 303 && offer, 'who signs out is offered to sign out at the provider too', left.status, left.headers.get('location'));
const there = (await ada.ask(new URL(offer[1], gateway).href)).headers.get('location');
const question = await (await ada.ask(there)).text();
const ended = await ada.ask(question.match(/action="([^"]+)"/)[1], {
  method: 'POST', body: new URLSearchParams({ xsrf: question.match(/name="xsrf" value="([^"]+)"/)[1], logout: 'yes' }),
});
check(ended.headers.get('location')?.startsWith(`${gateway}/ui/sign-in`), 'the provider leads back', there, ended.status, ended.headers.get('location'));
const begun = (await ada.ask(`${gateway}/ui/sign-in/acme`)).headers.get('location');
const asks = (await ada.ask(begun)).headers.get('location');
check(asks.includes('/interaction/'), 'and asks who it is at the next sign-in', asks);

const bob = new Browser();
await bob.walk(`${gateway}/ui/sign-in/acme`, 'bob');
const members = await admin('GET', '/api/v1/organizations/default/members');
const bobs = (await admin('GET', '/api/v1/users')).body.items.find((one) => one.email === 'bob@example.com');
const membership = members.body.items.find((one) => one.user_id === bobs.id);
check(membership?.role === 'member', 'a group made somebody a member', members.body);
GROUPS.bob = ['organizers'];
await new Browser().walk(`${gateway}/ui/sign-in/acme`, 'bob');
const later = (await admin('GET', '/api/v1/organizations/default/members')).body.items.find((one) => one.user_id === bobs.id);
check(later?.role === 'organization_admin', 'another group, another role', later);
GROUPS.bob = [];
const without = await new Browser().walk(`${gateway}/ui/sign-in/acme`, 'bob');
const none = (await admin('GET', '/api/v1/organizations/default/members')).body.items.find((one) => one.user_id === bobs.id);
check(!none, 'without the group the role is gone', none, without.status);

const eve = await new Browser().walk(`${gateway}/ui/sign-in/acme`, 'eve');
check(eve.status === 403 && eve.text.includes('sign_in_email_unverified'), 'an address that is not confirmed opens nothing', eve);

// A code that somebody else brought back first.
const twice = new Browser();
const gone = await twice.ask(`${gateway}/ui/sign-in/acme/callback?code=stolen&state=0000`);
check(gone.status === 400, 'an answer out of nowhere is refused', gone.status);

const token = async () => {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`program:${encodeURIComponent(SECRET)}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'models', resource: API }),
  });
  const body = await response.json();
  if (!body.access_token) throw new Error(JSON.stringify(body));
  return body.access_token;
};
const ask = async (bearer) => {
  const response = await fetch(`${gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] }),
  });
  return { status: response.status, body: await response.json() };
};
const mine = await token();
check(mine.split('.').length === 3, 'the provider gives signed tokens');
const early = await ask(mine);
check(early.status === 403 && early.body.error.code === 'token_not_permitted', 'a team that is not known is refused', early);
const team = await admin('POST', '/team/new', { team_id: 'research', max_budget: 100 });
check(team.status === 200, 'the team is made', team);
const answered = await ask(mine);
check(answered.status === 200, 'a program calls a model with its token', answered);
check((await ask(`${mine.slice(0, -6)}AAAAAA`)).status === 401, 'a changed token is refused');
const blocked = await admin('POST', '/team/block', { team_id: 'research' });
check(blocked.status === 200, 'the team is blocked', blocked);
const refused = await ask(mine);
check(refused.status === 401 && refused.body.error.code === 'blocked_key', 'its programs are refused at once', refused);
process.exit(0);
