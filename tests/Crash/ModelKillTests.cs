using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agora.Crash.Support;
using Agora.ScriptedModels;
using Agora.Testing.Postgres;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>
/// Two hundred replies are streamed when their server is killed, each at a place of its own. Whoever comes back with the number of its last event reads the same text from there; every call has cost what its provider counted, or what was
/// held for it; and no hold is left.
/// </summary>
public sealed class ModelKillTests(ITestOutputHelper output)
{
    private const int Streams = 200;
    private const int Sessions = 10;
    private const int OutputTokens = 160;

    /// <summary>One token of input or of output is this much: what was posted says how many tokens were.</summary>
    private const long RateMicros = 1_000;

    [Fact]
    public async Task Streams_that_are_killed_are_read_on_from_their_place_and_cost_what_they_cost_on_SQLite() => await Prove(Door.Responses, []);

    [Fact]
    public async Task Chats_that_are_killed_are_read_on_from_their_place_and_cost_what_they_cost_on_SQLite() => await Prove(Door.Chats, []);

    [LongPostgresFact]
    public async Task Streams_that_are_killed_are_read_on_from_their_place_and_cost_what_they_cost_on_PostgreSQL() => await Prove(Door.Responses, ["--postgres", PostgresServer.Shared.CreateDatabase("models")]);

    [LongPostgresFact]
    public async Task Chats_that_are_killed_are_read_on_from_their_place_and_cost_what_they_cost_on_PostgreSQL() => await Prove(Door.Chats, ["--postgres", PostgresServer.Shared.CreateDatabase("chats")]);

    private async Task Prove(Door door, string[] store)
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

        var runs = await Market.Eventually(() => Runs(api, sessions), all => all.TrueForAll(run => run.State == "succeeded"), TimeSpan.FromSeconds(120));
        foreach (var session in sessions)
        {
            var budget = (await api.Get("/agent/flow/status", session.Token)).Expect(200).Data.GetProperty("budget");
            Assert.Equal(0, budget.GetProperty("reserved_cents").GetDecimal());
            Assert.Equal(runs.Where(run => run.Session == session.Id).Sum(run => run.Cents), budget.GetProperty("spent_cents").GetDecimal());
        }

        // Of a call that was cut off nobody knows what it cost: it is what was held. Of one that was whole it is what its provider counted.
        await provider.Idle();
        var (whole, held) = (wholes.Count(frames => frames[^1].StartsWith(door.Ends[0], StringComparison.Ordinal)), runs.Select(run => run.Cents).Distinct().Max());
        Assert.Equal(Streams, runs.Count);
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

    private static (Task Task, Seen Result) Read(Door door, Uri address, OpenSession session, int number, CancellationToken cut)
    {
        var seen = new Seen();
        return (Later(), seen);

        async Task Later()
        {
            await Task.Delay(number * 20, CancellationToken.None); // one after the other, so that each is killed at a place of its own
            await Frames(address, session, new(HttpMethod.Post, door.Path) { Content = door.Body(number), Headers = { { "Idempotency-Key", $"key-{number}" } } }, seen, cut);
        }
    }

    /// <summary>The whole stream, of which the first part is not asked for again: what was seen and what follows.</summary>
    private static async Task<List<string>> On(Door door, Uri address, OpenSession session, Seen before, int number)
    {
        var (after, again) = (new Seen(), new Seen());
        await Frames(address, session, door.After(before.Frames), after, CancellationToken.None);
        await Frames(address, session, door.Whole(before.Frames, number), again, CancellationToken.None);
        Assert.Equal(again.Frames, before.Frames.Concat(after.Frames));
        return again.Frames;
    }

    private static async Task Frames(Uri address, OpenSession session, HttpRequestMessage asked, Seen seen, CancellationToken cut)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(180) };
        using var request = asked;
        request.Headers.Accept.Add(new("text/event-stream"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.Token);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cut);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cut));
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}");
            var frame = new StringBuilder();
            while (await reader.ReadLineAsync(cut) is { } line)
            {
                if (line.Length > 0)
                {
                    frame.Append(frame.Length == 0 ? "" : "\n").Append(line);
                    continue;
                }

                if (frame[0] != ':') // that the connection lives
                {
                    seen.Add(frame.ToString());
                }

                frame.Clear();
            }
        }
        catch (Exception e) when (cut.CanBeCanceled && e is IOException or HttpRequestException or OperationCanceledException)
        {
            // Its server was killed under it: what was seen is kept.
        }
    }

    /// <summary>How a reply is asked for, and read again.</summary>
    /// <param name="Ends">What a stream ends with: the first, where it is whole.</param>
    /// <param name="After">What follows what was seen.</param>
    /// <param name="Whole">All of it: in a chat, what was asked is asked again under its key.</param>
    private sealed record Door(string Path, string[] Ends, Func<int, HttpContent> Body, Func<IReadOnlyList<string>, HttpRequestMessage> After, Func<IReadOnlyList<string>, int, HttpRequestMessage> Whole)
    {
        public static Door Responses { get; } = new(
            "/openai/v1/responses", ["event: response.completed", "event: response.failed", "event: response.incomplete"],
            static number => Json($$"""{"model":"m","input":"Tell me about the number {{number:D3}}","max_output_tokens":{{OutputTokens * 2}},"stream":true,"background":true}"""),
            static seen => new(HttpMethod.Get, $"/openai/v1/responses/{ResponseOf(seen)}?stream=true&starting_after={seen.Count - 1}"),
            static (seen, _) => new(HttpMethod.Get, $"/openai/v1/responses/{ResponseOf(seen)}?stream=true"));

        public static Door Chats { get; } = new(
            "/api/v2/chat", ["event: whole", "event: failed"], Said,
            static seen => new(HttpMethod.Get, $"/api/v2/chat/{Data(seen[0]).GetProperty("chat_id").GetString()}/turns/1") { Headers = { { "Last-Event-ID", seen[^1].Split("\nid: ")[1].Split('\n')[0] } } },
            static (_, number) => new(HttpMethod.Post, "/api/v2/chat") { Content = Said(number), Headers = { { "Idempotency-Key", $"key-{number}" } } });

        private static StringContent Said(int number) => Json($$"""{"model":"m","text":"Tell me about the number {{number:D3}}","max_output_tokens":{{OutputTokens * 2}}}""");

        private static string ResponseOf(IReadOnlyList<string> seen) => Data(seen[0]).GetProperty("response").GetProperty("id").GetString()!;

        private static JsonElement Data(string frame) => JsonDocument.Parse(frame.Split("data: ")[1]).RootElement;

        private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
    }

    /// <summary>Events that a client saw whole.</summary>
    private sealed class Seen
    {
        private readonly Lock _writing = new();
        private readonly List<string> _frames = [];

        public List<string> Frames
        {
            get
            {
                lock (_writing) return [.. _frames];
            }
        }

        public void Add(string frame)
        {
            lock (_writing) _frames.Add(frame);
        }
    }
}
