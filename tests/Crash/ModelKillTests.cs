using System.Globalization;
using Agora.Crash.Support;
using Agora.ScriptedModels;
using Agora.Testing;
using Agora.Testing.Postgres;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>
/// Two hundred replies (60 in <c>./test</c>) are streamed when their server is killed, each at a place of its own. A client that reconnects with the number of its last event reads the same text from there; every call has cost what its provider counted, or what was
/// held for it; and no hold is left.
/// </summary>
public sealed class ModelKillTests(ITestOutputHelper output)
{
    private static readonly int Streams = Length.Of(200, shorter: 60);
    private const int Sessions = 10;
    private const int OutputTokens = ReplyDoor.OutputTokens;

    /// <summary>One token of input or of output is this much: what was posted says how many tokens were.</summary>
    private const long RateMicros = 1_000;

    [LongFact]
    public async Task Streams_that_are_killed_are_read_on_from_their_place_and_cost_what_they_cost_on_SQLite() => await Prove(ReplyDoor.Responses, []);

    [Fact]
    public async Task Chats_that_are_killed_are_read_on_from_their_place_and_cost_what_they_cost_on_SQLite() => await Prove(ReplyDoor.Chats, []);

    [LongPostgresFact]
    public async Task Streams_that_are_killed_are_read_on_from_their_place_and_cost_what_they_cost_on_PostgreSQL() => await Prove(ReplyDoor.Responses, ["--postgres", PostgresServer.Shared.CreateDatabase("models")]);

    [LongPostgresFact]
    public async Task Chats_that_are_killed_are_read_on_from_their_place_and_cost_what_they_cost_on_PostgreSQL() => await Prove(ReplyDoor.Chats, ["--postgres", PostgresServer.Shared.CreateDatabase("chats")]);

    private async Task Prove(ReplyDoor door, string[] store)
    {
        await using var provider = await ScriptedProvider.Start(new Script
        {
            Reply = ScriptedModels.Reply.OfTokens(OutputTokens, seed: 1),
            Delivery = new() { ChunkCharacters = 7, Pause = TimeSpan.FromMilliseconds(25), Pieces = new Pieces(Seed: 7) },
        });
        using var directory = new DataDirectory();
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        var settings = new Dictionary<string, string>
        {
            ["AGORA_MODEL_PROVIDERS"] = $$"""[{"name":"scripted","wire":"openai","url":"{{provider.Url}}v1","keys":["{{Script.UsualKey}}"]}]""",
        };
        await using var server = new RestartedServer(directory, address, $"127.0.0.1:{provider.Url.Port.ToString(CultureInfo.InvariantCulture)}", store, new(settings));
        await server.Start();
        await Put(api);
        var sessions = await Open(api);

        var cut = new CancellationTokenSource();
        var reading = Enumerable.Range(0, Streams).Select(n => Read(door, address, sessions[n % Sessions], n, cut.Token)).ToList();
        await Market.Eventually(() => Task.FromResult(reading.Count(stream => stream.Result.Frames.Count > 2)), begun => begun == Streams, TimeSpan.FromSeconds(60));
        await server.Kill();
        await cut.CancelAsync();
        var seen = reading.Select(stream => stream.Result).ToList();
        await Task.WhenAll(reading.Select(stream => stream.Task));
        await server.Start();

        var wholes = await Task.WhenAll(seen.Select((stream, n) => On(door, address, sessions[n % Sessions], stream, n)));
        for (var n = 0; n < Streams; n++)
        {
            Assert.Equal(seen[n].Frames, wholes[n].Take(seen[n].Frames.Count));
            Assert.Contains(wholes[n][^1].Split('\n')[0], door.Ends);
        }

        var runs = await Market.Eventually(() => Runs(api, sessions), all => all.TrueForAll(run => run.State is "succeeded" or "failed"), TimeSpan.FromSeconds(120));
        foreach (var session in sessions)
        {
            var budget = (await api.Get("/agent/flow/status", session.Token)).Expect(200).Data.GetProperty("budget");
            Assert.Equal(0, budget.GetProperty("reserved_cents").GetDecimal());
            Assert.Equal(runs.Where(run => run.Session == session.Id).Sum(run => run.Cents), budget.GetProperty("spent_cents").GetDecimal());
        }

        // Of a call that was cut off nobody knows what it cost: it is what was held. Of one that was whole it is what its provider counted.
        await provider.Idle();
        var (whole, held) = (wholes.Count(frames => door.IsWhole(frames)), runs.Select(run => run.Cents).Distinct().Max());
        Assert.Equal((Streams, whole), (runs.Count, runs.Count(run => run.State == "succeeded")));
        Assert.Equal(Streams - whole, runs.Count(run => run.Cents == held));
        var counted = provider.Truths.Where(truth => truth.IsComplete).Select(truth => (truth.Counts.Input + truth.Counts.Output) * RateMicros / 10_000m).ToHashSet();
        Assert.All(runs.Where(run => run.Cents != held), run => Assert.Contains(run.Cents, counted));
        Assert.Equal(Streams, provider.Served);
        await server.Stop();
        await ServerProcess.Verify(directory.Path, store);
        output.WriteLine($"{Streams} streams: {whole} were whole, {Streams - whole} were cut off; {seen.Sum(stream => stream.Frames.Count)} events were seen before, {wholes.Sum(frames => frames.Count)} are there.");
    }

    private static async Task Put(ApiClient api) => (await api.Admin(HttpMethod.Put, "/admin/services/m", $$$"""
        {"name":"Model","description":"A model","category":"model","max_price_cents":100000,"endpoint":"model:scripted","provider":"house",
         "model":{"name":"scripted-small","max_output_tokens":4096,"prices":[{"version":1,"from":"2020-01-01T00:00:00Z","rates":[{"input_cents":{{{RateMicros * 1_000_000 / 10_000}}},"output_cents":{{{RateMicros * 1_000_000 / 10_000}}}}]}]}}
        """)).Expect(200);

    private static async Task<List<OpenSession>> Open(ApiClient api)
    {
        var sessions = new List<OpenSession>();
        for (var i = 0; i < Sessions; i++)
        {
            sessions.Add(await Market.Open(api, $"user-{i}", $"agent-{i}"));
        }

        return sessions;
    }

    private static async Task<List<(string Session, string State, decimal Cents)>> Runs(ApiClient api, IReadOnlyList<OpenSession> sessions)
    {
        var all = new List<(string, string, decimal)>();
        foreach (var session in sessions)
        {
            var data = (await api.Get("/agent/runs?limit=100", session.Token)).Expect(200).Data;
            all.AddRange(data.GetProperty("runs").EnumerateArray().Select(run => (session.Id, run.GetProperty("state").GetString()!, run.GetProperty("amount_cents").GetDecimal())));
        }

        return all;
    }

    private static (Task Task, SeenEvents Result) Read(ReplyDoor door, Uri address, OpenSession session, int number, CancellationToken cut)
    {
        var seen = new SeenEvents();
        return (Later(), seen);

        async Task Later()
        {
            await Task.Delay(number * 20, CancellationToken.None); // one after the other, so that each is killed at a place of its own
            await seen.Read(address, session, door.Asked(number), cut);
        }
    }

    /// <summary>The whole stream, of which the first part is not asked for again: what was seen and what follows.</summary>
    private static async Task<List<string>> On(ReplyDoor door, Uri address, OpenSession session, SeenEvents before, int number)
    {
        var (after, again) = (new SeenEvents(), new SeenEvents());
        Assert.Equal(200, await after.Read(address, session, door.After(before.Frames), CancellationToken.None));
        Assert.Equal(200, await again.Read(address, session, door.Whole(before.Frames, number), CancellationToken.None));
        Assert.Equal(again.Frames, before.Frames.Concat(after.Frames));
        return again.Frames;
    }
}
