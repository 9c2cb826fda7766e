using System.Globalization;
using System.Text.Json;
using Agora.Crash.Support;
using Agora.Testing;
using Agora.Testing.Postgres;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>
/// What agents say, on the real program, through kill -9 again and again: what was acknowledged arrives, in order, and no reader that goes on behind its cursor is told anything twice.
/// <para>AGORA_CRASH_MESSAGE_ROUNDS (4; 2 in <c>./test</c>) kills of the program, or of its database, each in the midst of what is said and read.</para>
/// </summary>
public sealed class MessageTests(ITestOutputHelper output)
{
    private const int Pairs = 6;
    private const int MessagesOfEach = 60;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(10);
    private static readonly int Rounds = Environment.GetEnvironmentVariable("AGORA_CRASH_MESSAGE_ROUNDS") is { Length: > 0 } rounds ? int.Parse(rounds, CultureInfo.InvariantCulture) : Length.Of(4, shorter: 2);

    [Fact]
    public Task Kill_9_in_the_midst_of_messages_loses_and_repeats_none_and_keeps_their_order_on_SQLite() => Prove([]);

    [LongPostgresFact]
    public Task Kill_9_in_the_midst_of_messages_loses_and_repeats_none_and_keeps_their_order_on_PostgreSQL() => Prove(["--postgres", PostgresServer.Shared.CreateDatabase("messages")]);

    [LongPostgresFact]
    public async Task A_database_that_dies_in_the_midst_of_messages_and_comes_back_loses_and_repeats_none()
    {
        using var database = PostgresServer.Start();
        await Prove(["--postgres", database.CreateDatabase("messages")], () =>
        {
            database.Kill();
            database.Resume();
        });
    }

    /// <param name="databaseDies">And comes back. Null: the program is killed instead.</param>
    private async Task Prove(string[] store, Action? databaseDies = null)
    {
        using var directory = new DataDirectory();
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        await using var server = new RestartedServer(directory, address, "", store);
        await server.Start();
        var pairs = new List<Pair>();
        for (var n = 0; n < Pairs; n++) pairs.Add(await Pair.Open(api, n));

        using var over = new CancellationTokenSource(Bound);
        for (var round = 0; round < Rounds; round++)
        {
            var (from, upTo) = (round * MessagesOfEach, (round + 1) * MessagesOfEach);
            var talking = pairs.Select(pair => Task.WhenAll(pair.Say(from, upTo, over.Token), pair.Read(upTo, over.Token))).ToList();
            await Task.WhenAny(pairs.Select(pair => pair.Heard(from + (MessagesOfEach / 3), over.Token)));
            if (databaseDies is null)
            {
                await server.Kill();
                await server.Start();
            }
            else
            {
                databaseDies();
            }

            await Task.WhenAll(talking);
        }

        foreach (var pair in pairs)
        {
            Assert.Equal(Enumerable.Range(0, Rounds * MessagesOfEach), pair.Told); // all, in order, each once
            Assert.Equal(pair.Numbers, pair.Numbers.Order().Distinct());
            await pair.ReadsTheSameAnew(over.Token);
        }

        output.WriteLine($"{pairs.Sum(pair => pair.Told.Count)} messages through {Rounds} kills; {pairs.Sum(pair => pair.Repeats)} were sent again, {pairs.Sum(pair => pair.Replays)} of them had been said");
        await server.Stop();
        if (store.Length == 0)
        {
            await ServerProcess.Verify(directory.Path);
        }
        else
        {
            await ServerProcess.Check(directory.Path, store);
        }
    }

    /// <summary>An agent that speaks, one message after the other, and one that hears.</summary>
    private sealed class Pair(ApiClient api, string speaker, string hearer, string conversation)
    {
        private string _after = "";

        /// <summary>In the order in which they came.</summary>
        public List<int> Told { get; } = [];

        /// <summary>That the messages were acknowledged with.</summary>
        public List<long> Numbers { get; } = [];

        public int Repeats { get; private set; }

        public int Replays { get; private set; }

        public static async Task<Pair> Open(ApiClient api, int n)
        {
            var keys = new List<string>();
            foreach (var agent in new[] { $"speaker-{n}", $"hearer-{n}" })
            {
                (await api.Admin(HttpMethod.Put, $"/admin/agents/{agent}", "{}")).Expect(200);
                keys.Add((await api.Admin(HttpMethod.Post, $"/admin/agents/{agent}/keys", "{}")).Expect(201).Data.GetProperty("key").GetString()!);
            }

            var id = (await api.Post("/conversations", keys[0], $$"""{"participants":["hearer-{{n}}"]}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!;
            (await api.Post($"/conversations/{id}/join", keys[1], "{}")).Expect(200);
            return new(api, keys[0], keys[1], id);
        }

        public async Task Say(int from, int upTo, CancellationToken cancel)
        {
            for (var n = from; n < upTo; n++)
            {
                var body = $$$"""{"message_id":"{{{(n % 2 == 0 ? Guid.CreateVersion7() : Guid.NewGuid())}}}","content":{{{n}}}}""";
                var said = await Insist(() => api.Post($"/conversations/{conversation}/messages", speaker, body), cancel);
                Numbers.Add(said.Expect(201).Data.GetProperty("number").GetInt64());
                Replays += said.Replayed ? 1 : 0;
            }
        }

        public async Task Read(int upTo, CancellationToken cancel)
        {
            while (Told.Count < upTo)
            {
                var page = (await Insist(() => api.Get($"/agent/inbox?wait_seconds=5&limit=7{_after}", hearer), cancel)).Expect(200).Data;
                _after = $"&after={page.GetProperty("next_cursor").GetString()}";
                lock (Told) Told.AddRange(Messages(page).Select(entry => entry.GetProperty("content").GetInt32()));
                if (Messages(page).LastOrDefault() is { ValueKind: JsonValueKind.Object } last)
                {
                    (await Insist(() => api.Post($"/conversations/{conversation}/acknowledge", hearer, $$$"""{"number":{{{last.GetProperty("number")}}}}"""), cancel)).Expect(200);
                }
            }
        }

        public async Task Heard(int count, CancellationToken cancel)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            while (await timer.WaitForNextTickAsync(cancel))
            {
                lock (Told)
                {
                    if (Told.Count >= count) return;
                }
            }
        }

        public async Task ReadsTheSameAnew(CancellationToken cancel)
        {
            var before = Told.ToList();
            Told.Clear();
            _after = "";
            await Read(before.Count, cancel);
            Assert.Equal(before, Told);
        }

        private static IEnumerable<JsonElement> Messages(JsonElement page) => page.GetProperty("entries").EnumerateArray().Where(entry => entry.GetProperty("kind").GetString() == "message");

        /// <summary>The same again until it is answered.</summary>
        private async Task<Received> Insist(Func<Task<Received>> send, CancellationToken cancel)
        {
            while (true)
            {
                try
                {
                    if (await send() is { Status: not 503 and not 429 } answered) return answered;
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    // Whether it was taken, is not known: the same again.
                }

                Repeats++;
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancel);
            }
        }
    }
}
