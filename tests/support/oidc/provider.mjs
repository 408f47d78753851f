// An OpenID Connect provider with three accounts: node provider.mjs '{"port": …, "client": {…}, "in_id_token": false}'.
import Provider from "oidc-provider";

const { port, client, in_id_token: inIdToken } = JSON.parse(process.argv[2]);
const accounts = {
  wang: { name: "王敏", xn_posts: ["police-beicheng.desk-1", "water-company.desk-1"] },
  li: { name: "李强", xn_posts: "beicheng-centre.desk-2" },
  guest: { name: "访客" },
};

const provider = new Provider(`http://localhost:${port}`, {
  clients: [client],
  claims: { openid: ["sub"], profile: ["name", "xn_posts"] },
  conformIdTokenClaims: !inIdToken,
  cookies: { keys: ["of the tests"] },
  pkce: { required: () => true },
  findAccount: (_, id) => accounts[id] && { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) },
  // Nobody is asked whether the app may know the name: it belongs to the same organisation.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid profile");
    await grant.save();
    return grant;
  },
});
provider.listen(port, "localhost");
