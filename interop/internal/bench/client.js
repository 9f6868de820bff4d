// Measures repeated sign-ins of one user by a client in JavaScript. bench.js starts a process
// for each client.
//
//   node client.js NAME JOB    JOB is a Job of rounds/rounds.go in JSON

const [name, text] = process.argv.slice(2);
const job = JSON.parse(text);

const clients = {
  async 'amazon-cognito-identity-js'() {
    const { Browser } = await import('../../support/identity-js.js');
    const browser = new Browser(app);
    return async () => (await browser.user(job.username).password(job.password)).tokens;
  },

  async 'aws-amplify'() {
    const { use } = await import('../../support/amplify.js');
    const { signIn } = await import('aws-amplify/auth');
    const { cognitoUserPoolsTokenProvider } = await import('aws-amplify/auth/cognito');
    use(app);
    return async () => {
      const { isSignedIn } = await signIn({ username: job.username, password: job.password });
      await cognitoUserPoolsTokenProvider.authTokenStore.clearTokens(); // a second sign-in fails while a user is signed in
      return isSignedIn;
    };
  },

  async 'amazon-cognito-passwordless-auth'() {
    const { use, signIn } = await import('../../support/passwordless.js');
    use(app);
    const signInWith = async (tries) => {
      try {
        return (await signIn({ username: job.username, password: job.password })).accessToken;
      } catch (error) {
        if (tries === 1) throw error;
        return signInWith(tries - 1); // one sign-in in 512 fails: see the test of this client
      }
    };
    return () => signInWith(3);
  },

  async 'cognito-srp-helper'() {
    const { CognitoIdentityProviderClient, InitiateAuthCommand, RespondToAuthChallengeCommand } =
      await import('@aws-sdk/client-cognito-identity-provider');
    const { createSrpSession, signSrpSession, wrapAuthChallenge, wrapInitiateAuth } = await import('cognito-srp-helper');
    const api = new CognitoIdentityProviderClient({ region: 'eu-central-1', endpoint: job.endpoint });
    return async () => {
      const session = createSrpSession(job.username, job.password, job.userPoolId, false);
      const started = await api.send(new InitiateAuthCommand(wrapInitiateAuth(session, {
        ClientId: job.clientId, AuthFlow: 'USER_SRP_AUTH', AuthParameters: { USERNAME: job.username },
      })));
      const done = await api.send(new RespondToAuthChallengeCommand(wrapAuthChallenge(signSrpSession(session, started), {
        ClientId: job.clientId, ChallengeName: started.ChallengeName, Session: started.Session,
        ChallengeResponses: { USERNAME: job.username },
      })));
      return done.AuthenticationResult;
    };
  },
};

const app = { endpoint: job.endpoint, userPoolId: job.userPoolId, clientId: job.clientId };
const cpuTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const signIn = await clients[name]();
const startCPU = cpuTime();

async function signInOnce() {
  if (!await signIn()) throw new Error('no tokens');
}

await signInOnce();
const firstCPU = cpuTime() - startCPU;

const [cpu, wall] = [cpuTime(), performance.now()];
for (let i = 0; i < job.times; i++) await signInOnce();
console.log(JSON.stringify({
  startCPU, firstCPU, cpu: (cpuTime() - cpu) / job.times, wall: (performance.now() - wall) / job.times,
}));
process.exit(); // open connections and timers would keep the process running
