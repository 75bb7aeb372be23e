// A person with Mattermost's own client: asks the bot over REST, and hears its answers over the web socket.
// Arguments: the server's address, the person's token, the ids of a channel and of the bot. Prints JSON.
const {Client4, WebSocketClient} = require('@mattermost/client');
globalThis.WebSocket = require('ws');

const [address, token, channel, bot] = process.argv.slice(2);
const events = [];
const waiting = [];
console.log = () => undefined; // the client's own remarks

function heard(isIt) {
    return new Promise((resolve, reject) => {
        const found = events.find(isIt);
        if (found) {
            resolve(found);
            return;
        }
        const timer = setTimeout(() => reject(new Error('nothing heard in 20 s')), 20000);
        waiting.push((event) => {
            if (isIt(event)) {
                clearTimeout(timer);
                resolve(event);
            }
        });
    });
}

const postOf = (event) => JSON.parse(event.data.post);
const answerTo = (root) => heard((event) => event.event === 'posted' && event.data.post && postOf(event).user_id === bot && postOf(event).root_id === root);

async function refusal(attempt) {
    try {
        await attempt();
    } catch (error) {
        return {status_code: error.status_code, server_error_id: error.server_error_id, message: error.message};
    }
    return null;
}

async function main() {
    const client = new Client4();
    client.setUrl(address);
    client.setToken(token);
    const socket = new WebSocketClient();
    let missed = 0;
    socket.addMissedMessageListener(() => { missed += 1; });
    socket.addMessageListener((event) => {
        events.push(event);
        waiting.forEach((each) => each(event));
    });
    const greeted = heard((event) => event.event === 'hello');
    socket.initialize(`${address.replace('http', 'ws')}/api/v4/websocket`, token);
    await greeted;
    const pong = await new Promise((resolve) => socket.ping(resolve));

    const me = await client.getMe();
    const named = await client.getChannelByNameAndTeamName('diracx', 'releases');
    const post = await client.createPost({channel_id: channel, message: '@release-bot how many v7r0 patches in 2020?', user_id: me.id, create_at: 0});
    const answer = postOf(await answerTo(post.id));
    await client.doPostAction(answer.id, 'ask0');
    const second = postOf(await heard((event) => event.event === 'posted' && postOf(event).root_id === post.id && postOf(event).id !== answer.id));
    const direct = await client.createDirectChannel([me.id, bot]);
    const whisper = await client.createPost({channel_id: direct.id, message: 'latest v7r1', user_id: me.id, create_at: 0});
    const reply = postOf(await heard((event) => event.event === 'posted' && postOf(event).channel_id === direct.id && postOf(event).user_id === bot));
    const list = await client.getPosts(channel, 0, 60);
    const since = await client.getPostsSince(channel, post.create_at - 1);
    const before = await client.getPostsBefore(channel, second.id, 0, 60);
    await client.deletePost(whisper.id);
    const refusals = {
        long: await refusal(() => client.createPost({channel_id: channel, message: 'x'.repeat(16384), user_id: me.id, create_at: 0})),
        nowhere: await refusal(() => client.getChannelByNameAndTeamName('diracx', 'nowhere')),
        deleted: await refusal(() => client.getPost(whisper.id)),
    };
    socket.close();
    const numbers = events.map((event) => event.seq);
    const told = {me, named, post, answer, second, direct, reply, list, since, before, refusals, pong, events, numbers, missed};
    process.stdout.write(JSON.stringify(told), () => process.exit(0));
}

main().catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
});
