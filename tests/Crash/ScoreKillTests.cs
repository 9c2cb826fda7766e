using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Agora.Crash.Support;
using Agora.ScriptedModels;
using Agora.Testing;
using Agora.Testing.Postgres;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>
/// Plays are helped along and scored while their server is killed again and again. Each hint and each score is asked for three times under one key, by two clients, until each has heard what became of it: all three hear the same. A key
/// whose call died under it is answered so, and the person asks under another. In the end each play has one score, each hint that was told stands there once, each call is one run with one bill, and no hold is left.
/// </summary>
public sealed class ScoreKillTests(ITestOutputHelper output)
{
    private static readonly int Plays = Length.Of(50, shorter: 10);
    private const int Sessions = 10;
    private const int MostHints = 3;
    private static readonly int Kills = Length.Of(3, shorter: 2);

    /// <summary>What is said of a key whose call died under it.</summary>
    private static readonly string[] Died = ["idempotency_conflict", "upstream_failed", "upstream_timeout"];

    private static readonly TimeSpan BegunWithin = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Plays_across_kills_are_each_scored_once_on_SQLite() => await Prove([]);

    [LongPostgresFact]
    public async Task Plays_across_kills_are_each_scored_once_on_PostgreSQL() => await Prove(["--postgres", PostgresServer.Shared.CreateDatabase("scores")]);

    private async Task Prove(string[] store)
    {
        await using var provider = await ScriptedProvider.Start(new Script { Choose = Says });
        using var directory = new DataDirectory();
        var address = ServerProcess.FreeAddress();
        using var one = new ApiClient(address, TimeSpan.FromSeconds(10));
        using var other = new ApiClient(address, TimeSpan.FromSeconds(10));
        var settings = new Dictionary<string, string> { ["AGORA_MODEL_PROVIDERS"] = $$"""[{"name":"scripted","wire":"openai","url":"{{provider.Url}}v1","keys":["{{Script.UsualKey}}"]}]""" };
        await using var server = new RestartedServer(directory, address, $"127.0.0.1:{provider.Url.Port.ToString(CultureInfo.InvariantCulture)}", store, new(settings));
        await server.Start();
        await Put(one);
        var sessions = new List<OpenSession>();
        for (var n = 0; n < Sessions; n++) sessions.Add(await Market.Open(one, $"user-{n}", $"agent-{n}"));
        var people = await Task.WhenAll(Enumerable.Range(0, Plays).Select(n => Person.Of(one, other, sessions[n % Sessions], new Random(n))));

        var ends = Task.WhenAll(people.Select(person => person.Practise()));
        for (var kills = 0; kills < Kills; kills++)
        {
            while (provider.Open == 0 && !ends.IsCompleted) await Task.Delay(10); // a call is under way, and dies
            await server.Kill();
            await server.Start();
        }

        await ends;
        foreach (var person in people) await person.IsRight();
        await provider.Idle();
        var counted = provider.Truths.Select(truth => (truth.Counts.Input + truth.Counts.Output) * 0.1m).ToHashSet();
        var runs = new List<(decimal Cents, bool IsEstimate)>();
        foreach (var session in sessions) runs.AddRange(await Paid(one, session));

        // Of a call that died nobody knows what it cost, nor whether it was sent: it is what was held. Of any other it is what its provider counted.
        Assert.All(runs.Where(static run => !run.IsEstimate), run => Assert.Contains(run.Cents, counted));
        Assert.InRange(provider.Served, runs.Count(static run => !run.IsEstimate), runs.Count);
        Assert.InRange(runs.Count, 3 * Plays, people.Sum(static person => person.Keys));
        Assert.True(runs.Exists(static run => run.IsEstimate), "No call died: that proves little.");
        await server.Stop();
        await ServerProcess.Verify(directory.Path, store);
        output.WriteLine($"{Plays} plays: {people.Sum(static person => person.Keys)} keys, each sent three times, {people.Sum(static person => person.Sent)} requests; {runs.Count} runs, {runs.Count(static run => run.IsEstimate)} of them estimates; {provider.Served} calls.");
    }

    private static ScriptedModels.Reply Says(Asked asked) => asked.Model switch
    {
        "judge" => new() { Json = """{"criteria":{"facts":{"score":3,"reason":"You named the test.","turns":[1]}}}""", Before = TimeSpan.FromMilliseconds(600 + (asked.Number % 5 * 300)) },
        "coach" => new() { Text = "Say since when.", Before = TimeSpan.FromMilliseconds(400 + (asked.Number % 3 * 200)) },
        _ => new() { Text = "So what does that mean for tomorrow?" },
    };

    private static async Task Put(ApiClient api)
    {
        foreach (var model in (string[])["partner", "coach", "judge"])
        {
            (await api.Admin(HttpMethod.Put, $"/admin/services/{model}", $$$"""
                {"name":"Model","description":"A model","category":"model","max_price_cents":100000,"endpoint":"model:scripted","provider":"house",
                 "model":{"name":"{{{model}}}","max_output_tokens":4096,"prices":[{"version":1,"from":"2020-01-01T00:00:00Z","rates":[{"input_cents":100000,"output_cents":100000}]}]}}
                """)).Expect(200);
        }

        (await api.Admin(HttpMethod.Put, "/admin/scenarios/late", $$$"""
            {"title":"A delay","language":"en","situation":"A test fails.","learner":{"role":"You found it."},"partner":{"name":"Ms Sato","persona":"Busy and fair."},"goals":["Say what is wrong."],
             "rubric":{"criteria":[{"id":"facts","title":"Facts first","description":"Says what happened.","weight":1,"levels":4}]},
             "hints":{"allowed":true,"most":{{{MostHints}}}},"ends":{"turns":5},"models":{"partner":"partner","coach":"coach","judge":"judge"}}
            """)).Expect(200);
    }

    /// <summary>What a session's calls came to, when nothing of them is held any more.</summary>
    private static async Task<List<(decimal Cents, bool IsEstimate)>> Paid(ApiClient api, OpenSession session)
    {
        var budget = await Market.Eventually(async () => (await api.Get("/agent/flow/status", session.Token)).Expect(200).Data.GetProperty("budget"), static budget => budget.GetProperty("reserved_cents").GetDecimal() == 0, Hang.Timeout);
        var runs = new List<(decimal Cents, bool IsEstimate)>();
        foreach (var run in (await api.Get("/agent/runs?limit=100", session.Token)).Expect(200).Data.GetProperty("runs").EnumerateArray().Where(static run => run.GetProperty("amount_cents").GetDecimal() > 0))
        {
            var data = (await api.Get($"/agent/runs/{run.GetProperty("run_id").GetString()}", session.Token)).Expect(200).Data;
            runs.Add((run.GetProperty("amount_cents").GetDecimal(), data.GetProperty("model").GetProperty("is_estimate").GetBoolean()));
        }

        Assert.Equal(runs.Sum(static run => run.Cents), budget.GetProperty("spent_cents").GetDecimal());
        return runs;
    }

    /// <summary>Somebody with a play of its own, in which something was said.</summary>
    private sealed class Person
    {
        private readonly ApiClient _one, _other;
        private readonly OpenSession _session;
        private readonly Random _random;
        private readonly string _path;
        private readonly ConcurrentDictionary<string, string> _told = new();
        private string? _score;
        private int _sent;

        private Person(ApiClient one, ApiClient other, OpenSession session, Random random, string path) => (_one, _other, _session, _random, _path) = (one, other, session, random, path);

        /// <summary>That were used, each for one request.</summary>
        public int Keys { get; private set; } = 1;

        public int Sent => _sent;

        public static async Task<Person> Of(ApiClient one, ApiClient other, OpenSession session, Random random)
        {
            var begun = await Market.Eventually(() => one.Post("/api/v2/scenario/plays", session.Token, """{"scenario_id":"late"}"""), static reply => reply.Status == 201, Hang.Timeout);
            var id = begun.Data.GetProperty("play_id").GetString();
            (await one.Post("/api/v2/chat", session.Token, $$"""{"chat_id":"{{id}}","text":"It fails."}""")).Expect(200);
            return new(one, other, session, random, $"/api/v2/scenario/plays/{id}");
        }

        public async Task Practise()
        {
            await Task.Delay(_random.Next((int)BegunWithin.TotalMilliseconds));
            for (var hints = 0; hints < 2 && await Thrice("hint") is { } hint; hints++)
            {
                Assert.True(hint.Status == 200 || hints > 0, $"{hint}");
                if (hint.Status == 200)
                {
                    Assert.True(_told.TryAdd(hint.Data.GetProperty("hint_id").GetString()!, hint.Data.GetRawText()), "Two keys had one hint.");
                }
            }

            _score = ScoreOf((await Thrice("score")).Expect(200).Data);
        }

        public async Task IsRight()
        {
            var play = (await _one.Get(_path, _session.Token)).Expect(200).Data;
            Assert.Equal(("scored", _score), (play.GetProperty("state").GetString(), ScoreOf(play)));
            Assert.InRange(play.GetProperty("judged").GetArrayLength(), 1, Keys);
            var hints = play.GetProperty("hints").EnumerateArray().Select(static hint => (Id: hint.GetProperty("hint_id").GetString()!, Text: hint.GetRawText())).ToList();
            Assert.True(hints.Count <= MostHints && hints.DistinctBy(static hint => hint.Id).Count() == hints.Count, play.GetRawText());
            Assert.All(_told, told => Assert.Contains((told.Key, told.Value), hints));

            // It has one score, under whichever key it is asked for, and that pays nobody.
            Assert.Equal(_score, ScoreOf((await _one.Post($"{_path}/score", _session.Token, "{}", $"{Guid.NewGuid()}")).Expect(200).Data));
        }

        /// <summary>Under one key after the other, until the call of one did not die under it.</summary>
        private async Task<Received> Thrice(string what)
        {
            for (var tries = 0; ; tries++)
            {
                Keys++;
                var key = Guid.NewGuid().ToString();
                var answers = await Task.WhenAll(Insist(_one, what, key), Insist(_one, what, key), Insist(_other, what, key));
                Assert.True(answers.Select(Heard).Distinct().Count() == 1, string.Join("\n", answers.Select(static answer => $"{answer}")));
                if (answers[0].Status == 200 || !Died.Contains(answers[0].Code)) return answers[0];

                Assert.True(tries < Kills + 1, $"{answers[0]}");
            }
        }

        private static string Heard(Received answer) => answer.Status != 200 ? answer.Code : answer.Data.TryGetProperty("hint_id", out _) ? answer.Data.GetRawText() : ScoreOf(answer.Data);

        private static string ScoreOf(JsonElement play) => play.GetProperty("score").GetRawText();

        private async Task<Received> Insist(ApiClient client, string what, string key)
        {
            await Task.Delay(_random.Next(300));
            return await Market.Heard(
                () =>
                {
                    Interlocked.Increment(ref _sent);
                    return client.Post($"{_path}/{what}", _session.Token, "{}", key);
                },
                static reply => reply.Status != 503 && !(reply.Status == 409 && reply.Code == "idempotency_in_flight"),
                TimeSpan.FromMilliseconds(400));
        }
    }
}
