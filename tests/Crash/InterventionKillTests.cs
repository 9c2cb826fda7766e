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
/// People step into dialogues of models while their server is killed again and again. Every intervention is sent three times by two clients, until each has heard what became of it: all three hear the same, and it is done once or not at all;
/// what models said meanwhile is paid once a turn, within each side's budget, and no hold is left.
/// </summary>
public sealed class InterventionKillTests(ITestOutputHelper output)
{
    private const int Dialogues = 10;
    private const int ThinksMs = 800;

    /// <summary>Between two kills, however slow the machine is: a server that is killed before it has answered proves nothing.</summary>
    private const int HeardBetweenKills = 3;

    private static readonly TimeSpan KilledWithin = TimeSpan.FromMilliseconds(1_500);

    [Fact]
    public async Task Sixty_interventions_across_kills_are_each_done_once_on_SQLite() => await Prove(6, []);

    [LongFact]
    public async Task A_thousand_interventions_across_kills_are_each_done_once_on_SQLite() => await Prove(100, []);

    [LongPostgresFact]
    public async Task A_thousand_interventions_across_kills_are_each_done_once_on_PostgreSQL() => await Prove(100, ["--postgres", PostgresServer.Shared.CreateDatabase("interventions")]);

    private async Task Prove(int each, string[] store)
    {
        await using var provider = await ScriptedProvider.Start(new Script { Reply = ScriptedModels.Reply.OfTokens(12, seed: 3), Delivery = new() { ChunkCharacters = 8, Pause = TimeSpan.FromMilliseconds(20) } });
        using var directory = new DataDirectory();
        var address = ServerProcess.FreeAddress();
        using var one = new ApiClient(address, TimeSpan.FromSeconds(10));
        using var other = new ApiClient(address, TimeSpan.FromSeconds(10));
        var settings = new Dictionary<string, string> { ["AGORA_MODEL_PROVIDERS"] = $$"""[{"name":"scripted","wire":"openai","url":"{{provider.Url}}v1","keys":["{{Script.UsualKey}}"]}]""" };
        await using var server = new RestartedServer(directory, address, $"127.0.0.1:{provider.Url.Port.ToString(CultureInfo.InvariantCulture)}", store, new(settings));
        await server.Start();
        await Put(one);
        var people = new List<Person>();
        for (var n = 0; n < Dialogues; n++) people.Add(await Person.Of(one, other, await Market.Open(one, $"user-{n}", $"agent-{n}"), new Random(n)));

        using var over = new CancellationTokenSource();
        var killing = KillAgainAndAgain(server, () => people.Sum(static person => person.Done + person.Refused), over.Token);
        var steps = Task.WhenAll(people.Select(person => person.StepIn(each)));
        try
        {
            await await Task.WhenAny(steps, killing); // a server that does not start again is the fault to show
        }
        finally
        {
            await over.CancelAsync();
        }

        var kills = await killing;
        Assert.True(kills > 1, $"{kills} kills prove little.");

        foreach (var person in people) await person.IsRight();
        foreach (var person in people) await person.Stop();
        foreach (var person in people) await person.IsPaid();
        await server.Stop();
        await ServerProcess.Verify(directory.Path, store);
        output.WriteLine($"{people.Sum(person => person.Done)} interventions were done, and {people.Sum(person => person.Refused)} refused, of which each was sent three times; {people.Sum(person => person.Sent)} requests, {kills} kills.");
    }

    private static async Task<int> KillAgainAndAgain(RestartedServer server, Func<int> heard, CancellationToken over)
    {
        var random = new Random(1);
        for (var kills = 0; ; kills++)
        {
            try
            {
                for (var before = heard(); heard() < before + HeardBetweenKills;) await Task.Delay(10, over);
                await Task.Delay(random.Next((int)KilledWithin.TotalMilliseconds), over);
            }
            catch (OperationCanceledException)
            {
                return kills;
            }

            await server.Kill();
            await server.Start();
        }
    }

    private static async Task Put(ApiClient api) => (await api.Admin(HttpMethod.Put, "/admin/services/m", """
        {"name":"Model","description":"A model","category":"model","max_price_cents":100000,"endpoint":"model:scripted","provider":"house",
         "model":{"name":"scripted-small","max_output_tokens":64,"prices":[{"version":1,"from":"2020-01-01T00:00:00Z","rates":[{"input_cents":1000,"output_cents":1000}]}]}}
        """)).Expect(200);

    /// <summary>Somebody with a dialogue of its own.</summary>
    private sealed class Person
    {
        private readonly ApiClient _one, _other;
        private readonly OpenSession _session;
        private readonly Random _random;
        private readonly string _path;
        private readonly ConcurrentBag<string> _said = [];
        private int _sent;

        private Person(ApiClient one, ApiClient other, OpenSession session, Random random, string path) => (_one, _other, _session, _random, _path) = (one, other, session, random, path);

        public int Done { get; private set; }

        public int Refused { get; private set; }

        public int Sent => _sent;

        public static async Task<Person> Of(ApiClient one, ApiClient other, OpenSession session, Random random)
        {
            const string Plan = """{"topic":"Tea or coffee?","seats":[{"name":"Ann","model":"m","budget_cents":100000},{"name":"Bob","model":"m","budget_cents":100000}],"turns":500,"pace_seconds":1}""";
            var begun = await Market.Eventually(() => one.Post("/api/v2/watch", session.Token, Plan), static reply => reply.Status == 201, Hang.Timeout);
            return new(one, other, session, random, $"/api/v2/watch/{begun.Data.GetProperty("watch_id").GetString()}");
        }

        public async Task StepIn(int times)
        {
            while (Done < times)
            {
                await Task.Delay(_random.Next(ThinksMs));
                var (key, body, text) = Next(await Look());
                var answers = await Task.WhenAll(Insist(_one, key, body), Insist(_one, key, body), Insist(_other, key, body));
                Assert.True(answers.Select(static answer => answer.Status).Distinct().Count() == 1, string.Join("\n", answers.Select(static answer => $"{answer}")));
                if (answers[0].Status != 200)
                {
                    Assert.Equal("precondition_failed", answers[0].Code);
                    Refused++;
                    continue;
                }

                Assert.Single(answers.Select(static answer => answer.Data.GetRawText()).Distinct());
                Assert.Equal(++Done, answers[0].Data.GetProperty("number").GetInt32());
                if (text is not null)
                {
                    _said.Add(text);
                }
            }
        }

        public async Task IsRight()
        {
            var data = await Look();
            Assert.Equal(Done, data.GetProperty("seen").GetProperty("interventions").GetInt32());
            var told = await Turns(data);
            Assert.All(_said, text => Assert.Equal(1, told.Count(turn => turn.GetProperty("text").GetString() == text)));
            Assert.Equal(_said.Count, told.Count(static turn => turn.GetProperty("run_id").ValueKind == JsonValueKind.Null));
        }

        public async Task Stop()
        {
            (await Insist(_one, Guid.NewGuid().ToString(), """{"kind":"stop"}""")).Expect(200);
            await Market.Eventually(Look, static data => data.GetProperty("state").GetString() == "ended", Hang.Timeout);
        }

        /// <summary>What the dialogue says it cost is what the session has paid, and nothing is held.</summary>
        public async Task IsPaid()
        {
            var data = await Look();
            var seats = data.GetProperty("plan").GetProperty("seats").EnumerateArray().ToList();
            Assert.All(seats, static seat => Assert.True(seat.GetProperty("spent_cents").GetDecimal() <= seat.GetProperty("budget_cents").GetDecimal()));
            var budget = await Market.Eventually(async () => (await _one.Get("/agent/flow/status", _session.Token)).Expect(200).Data.GetProperty("budget"), static budget => budget.GetProperty("reserved_cents").GetDecimal() == 0, Hang.Timeout);
            Assert.Equal(seats.Sum(static seat => seat.GetProperty("spent_cents").GetDecimal()), budget.GetProperty("spent_cents").GetDecimal());
            Assert.Equal((await Turns(data)).Sum(static turn => turn.GetProperty("cost_cents").GetDecimal()), budget.GetProperty("spent_cents").GetDecimal());
        }

        private (string Key, string Body, string? Text) Next(JsonElement data)
        {
            var (key, seen, isPaused) = (Guid.NewGuid().ToString(), data.GetProperty("seen").GetRawText(), data.GetProperty("pause").ValueKind != JsonValueKind.Null);
            return _random.Next(3) > 0 ? (key, $$"""{"kind":"say","text":"{{key}}","seen":{{seen}}}""", key)
                : (key, $$"""{"kind":"{{(isPaused ? "resume" : "pause")}}","seen":{{seen}}}""", null);
        }

        private async Task<List<JsonElement>> Turns(JsonElement data)
        {
            var turns = new List<JsonElement>();
            while (turns.Count < data.GetProperty("total_count").GetInt32())
            {
                turns.AddRange((await Look($"?offset={turns.Count}&limit=100")).GetProperty("turns").EnumerateArray());
            }

            return turns;
        }

        private Task<JsonElement> Look() => Look("?limit=1");

        private async Task<JsonElement> Look(string query) => (await Heard(() => _one.Get(_path + query, _session.Token))).Expect(200).Data;

        private Task<Received> Insist(ApiClient client, string key, string body) => Heard(() => client.Post($"{_path}/interventions", _session.Token, body, key));

        private Task<Received> Heard(Func<Task<Received>> send) => Market.Heard(
            () =>
            {
                Interlocked.Increment(ref _sent);
                return send();
            },
            static reply => reply.Status is not (503 or 409),
            TimeSpan.FromMilliseconds(100));
    }
}
