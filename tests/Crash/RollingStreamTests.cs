using System.Globalization;
using Agora.Crash.Support;
using Agora.ScriptedModels;
using Agora.Testing;
using Agora.Testing.Postgres;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>
/// Replies are streamed while their server is ended in order and started anew, again and again, as on an upgrade. What is under way is finished by the process that ends; whoever had left goes on at the next, from its last event; who comes
/// while none is there comes again under its key. All that arrives is the stream as it was never cut, each reply is whole, and each is called and paid once, as its provider counts it.
/// </summary>
public sealed class RollingStreamTests(ITestOutputHelper output)
{
    private const int Sessions = 10;
    private const long RateMicros = 1_000;

    /// <summary>From the beginning of one stream to that of the next: so that all are at places of their own when the server ends.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(120);

    [Fact]
    public async Task Thirty_chats_across_restarts_arrive_as_if_they_were_never_cut_on_SQLite() => await Prove(ReplyDoor.Chats, 30, restarts: 2, []);

    [LongFact]
    public async Task Two_hundred_chats_across_restarts_arrive_as_if_they_were_never_cut_on_SQLite() => await Prove(ReplyDoor.Chats, 200, restarts: 5, []);

    [LongFact]
    public async Task Two_hundred_responses_across_restarts_arrive_as_if_they_were_never_cut_on_SQLite() => await Prove(ReplyDoor.Responses, 200, restarts: 5, []);

    [LongPostgresFact]
    public async Task Two_hundred_chats_across_restarts_arrive_as_if_they_were_never_cut_on_PostgreSQL() => await Prove(ReplyDoor.Chats, 200, restarts: 5, ["--postgres", PostgresServer.Shared.CreateDatabase("rolling")]);

    private async Task Prove(ReplyDoor door, int streams, int restarts, string[] store)
    {
        var reply = ScriptedModels.Reply.OfTokens(ReplyDoor.OutputTokens, seed: 1);
        await using var provider = await ScriptedProvider.Start(new Script { Reply = reply, Delivery = new() { ChunkCharacters = 7, Pause = TimeSpan.FromMilliseconds(50), Pieces = new Pieces(Seed: 7) } });
        using var directory = new DataDirectory();
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        var settings = new Dictionary<string, string> { ["AGORA_MODEL_PROVIDERS"] = $$"""[{"name":"scripted","wire":"openai","url":"{{provider.Url}}v1","keys":["{{Script.UsualKey}}"]}]""" };
        await using var server = new RestartedServer(directory, address, $"127.0.0.1:{provider.Url.Port.ToString(CultureInfo.InvariantCulture)}", store, new(settings));
        await server.Start();
        await Put(api);
        var sessions = new List<OpenSession>();
        for (var n = 0; n < Sessions; n++) sessions.Add(await Market.Open(api, $"user-{n}", $"agent-{n}"));

        var clients = Enumerable.Range(0, streams).Select(n => new Client(door, address, sessions[n % Sessions], n)).ToList();
        var (random, reading, cut) = (new Random(1), new List<Task>(), 0);
        foreach (var group in clients.Chunk(streams / restarts))
        {
            reading.AddRange(group.Select(static (client, n) => client.Read(Apart * n)));
            await Market.Eventually(() => Task.FromResult(clients.Count(static client => client.IsUnderWay)), static under => under > 5, TimeSpan.FromSeconds(60));
            await Task.Delay(random.Next(1_500));
            cut += clients.Count(static client => client.IsUnderWay);
            await server.Stop();
            await server.Start();
        }

        await Task.WhenAll(reading);
        foreach (var client in clients)
        {
            Assert.True(door.IsWhole(client.Frames), client.Frames[^1]);
            Assert.Equal(reply.Text, ReplyDoor.TextOf(client.Frames));
            Assert.Equal(await client.Again(), client.Frames);
        }

        await provider.Idle();
        Assert.Equal(streams, provider.Served);
        var counted = provider.Truths.Select(static truth => (truth.Counts.Input + truth.Counts.Output) * RateMicros / 10_000m).ToHashSet();
        foreach (var session in sessions)
        {
            var runs = (await api.Get("/agent/runs?limit=100", session.Token)).Expect(200).Data.GetProperty("runs").EnumerateArray().Select(static run => run.GetProperty("amount_cents").GetDecimal()).ToList();
            var budget = (await api.Get("/agent/flow/status", session.Token)).Expect(200).Data.GetProperty("budget");
            Assert.Equal(streams / Sessions, runs.Count);
            Assert.All(runs, cents => Assert.Contains(cents, counted));
            Assert.Equal((runs.Sum(), 0), (budget.GetProperty("spent_cents").GetDecimal(), budget.GetProperty("reserved_cents").GetDecimal()));
        }

        await server.Stop();
        await ServerProcess.Verify(directory.Path, store);
        output.WriteLine($"{streams} streams, {restarts} restarts, at which {cut} were under way; {clients.Sum(static client => client.Came)} times somebody came, {clients.Count(static client => client.Came > 1)} clients more than once; {clients.Sum(static client => client.Frames.Count)} events.");
    }

    private static async Task Put(ApiClient api) => (await api.Admin(HttpMethod.Put, "/admin/services/m", $$$"""
        {"name":"Model","description":"A model","category":"model","max_price_cents":100000,"endpoint":"model:scripted","provider":"house",
         "model":{"name":"scripted-small","max_output_tokens":4096,"prices":[{"version":1,"from":"2020-01-01T00:00:00Z","rates":[{"input_cents":{{{RateMicros * 1_000_000 / 10_000}}},"output_cents":{{{RateMicros * 1_000_000 / 10_000}}}}]}]}}
        """)).Expect(200);

    /// <summary>Somebody who asks for one reply, leaves in the middle of it now and then, and comes back with its last event until it has all.</summary>
    private sealed class Client(ReplyDoor door, Uri address, OpenSession session, int number)
    {
        private readonly SeenEvents _seen = new();
        private readonly Random _random = new(number);

        public List<string> Frames => _seen.Frames;

        /// <summary>Something of its reply was seen, and not all.</summary>
        public bool IsUnderWay => Frames is { Count: > 0 } frames && !door.IsOver(frames);

        /// <summary>How often it was answered.</summary>
        public int Came { get; private set; }

        public async Task Read(TimeSpan later)
        {
            await Task.Delay(later);
            using var cut = new CancellationTokenSource(TimeSpan.FromSeconds(240));
            for (var frames = Frames; !door.IsOver(frames); frames = Frames)
            {
                Assert.False(cut.IsCancellationRequested, $"Stream {number} never ended: {frames.LastOrDefault()}");
                var most = _random.Next(2) == 0 ? int.MaxValue : _random.Next(3, 40);
                var status = await _seen.Read(address, session, frames.Count == 0 ? door.Asked(number) : door.After(frames), cut.Token, most);
                Assert.True(status is null or 200 or 503, $"Stream {number} is answered {status}.");
                Came += status == 200 ? 1 : 0;
                await Task.Delay(_random.Next(status == 200 ? 1_500 : 300));
            }
        }

        /// <summary>All of it at once.</summary>
        public async Task<List<string>> Again()
        {
            var again = new SeenEvents();
            Assert.Equal(200, await again.Read(address, session, door.Whole(Frames, number), CancellationToken.None));
            return again.Frames;
        }
    }
}
