using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Agora.Crash.Support;
using Agora.Crypto;
using Agora.Testing;
using Agora.Testing.Postgres;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>
/// Agents that pay each other for replies, on the real program, through kill -9: no request is said twice, what is paid was replied to, what was not replied to is given back, and nothing stays held.
/// So it is where one agent is asked, and where two offer a skill of which one does not always reply.
/// </summary>
public sealed class PaidMessageTests(ITestOutputHelper output)
{
    private const int Buyers = 4;
    private const int RunsOfEach = 12;
    private const int Kills = 3;
    private const int PriceCents = 5;
    private const string Provider = "agent:seller";
    private const string Skill = "double";

    /// <summary>What the design promises after faults stop.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    [Fact]
    public Task Kill_9_while_agents_are_paid_for_replies_pays_no_reply_twice_and_none_that_was_not_said_on_SQLite() => Prove([], "agent:seller", "seller");

    [LongFact]
    public Task Kill_9_in_the_midst_of_runs_of_a_skill_ends_each_once_and_pays_none_twice_and_none_that_was_not_done() => Prove([], $"skill:{Skill}", "seller-1", "seller-2");

    [LongPostgresFact]
    public Task Kill_9_while_agents_are_paid_for_replies_pays_no_reply_twice_and_none_that_was_not_said_on_PostgreSQL() => Prove(["--postgres", PostgresServer.Shared.CreateDatabase("paid")], "agent:seller", "seller");

    private async Task Prove(string[] store, string endpoint, params string[] names)
    {
        using var directory = new DataDirectory();
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        await using var server = new RestartedServer(directory, address, "", store);
        await server.Start();
        (await api.Admin(HttpMethod.Put, "/admin/services/double", $$"""{"name":"Double","description":"Doubles a number","category":"math","price_cents":{{PriceCents}},"endpoint":"{{endpoint}}","provider":"{{Provider}}","timeout_ms":6000}""")).Expect(200);
        var sellers = new Dictionary<string, SellingAgent>();
        foreach (var name in names) sellers.Add(name, await SellerOf(api, name, repliesAlways: name != "seller-1"));
        var buyers = new List<OpenSession>();
        for (var n = 0; n < Buyers; n++) buyers.Add(await ToolMarket.Agent(api, $"buyer-{n}"));

        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var (done, failed) = (new ConcurrentDictionary<string, (int N, string By)>(), new ConcurrentBag<string>());
        var selling = Task.WhenAll(sellers.Values.Select(seller => seller.Sell(over.Token)));
        for (var round = 0; round < Kills; round++)
        {
            var (first, before) = (round * RunsOfEach, done.Count);
            var buying = buyers.Select((buyer, b) => Buy(api, buyer, $"{b}", first, done, failed, over.Token)).ToList();
            await Market.Eventually(() => Task.FromResult(done.Count), count => count >= before + (Buyers * RunsOfEach / 3), Bound);
            await server.Kill();
            await server.Start();
            await Task.WhenAll(buying);
        }

        // Every run has its end; what was paid is what was bought.
        await Market.Eventually(
            async () =>
            {
                var (left, held) = (0m, 0m);
                for (var n = 0; n < Buyers; n++)
                {
                    var (balance, ofIt) = await ToolMarket.Wallet(api, $"agent:buyer-{n}");
                    (left, held) = (left + balance, held + ofIt);
                }

                return (Spent: (Buyers * ToolMarket.DepositCents) - left, Held: held, Earned: (await ToolMarket.Wallet(api, Provider)).Balance);
            },
            money => money == (done.Count * PriceCents, 0, done.Count * PriceCents),
            Bound);
        await over.CancelAsync();
        await selling;

        Assert.Equal(Buyers * RunsOfEach * Kills, done.Count + failed.Count);
        Assert.All(done, run => Assert.Equal(run.Value.N, sellers[run.Value.By].Asked[run.Key]));
        Assert.All(sellers.Values, seller => Assert.Empty(seller.Twice));
        Assert.Equal(names.Length, done.Values.Select(run => run.By).Distinct().Count());
        output.WriteLine($"{done.Count} replies paid, {failed.Count} runs void, through {Kills} kills; {sellers.Values.Sum(seller => seller.Asked.Count)} requests were heard");
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

    private static async Task<SellingAgent> SellerOf(ApiClient api, string name, bool repliesAlways)
    {
        (await api.Admin(HttpMethod.Put, $"/admin/agents/{name}", "{}")).Expect(200);
        var key = (await api.Admin(HttpMethod.Post, $"/admin/agents/{name}/keys", "{}")).Expect(201).Data.GetProperty("key").GetString()!;
        (await api.Send(HttpMethod.Put, $"/agents/{name}", key, $$"""{"card":"{{Card(name)}}","rotations":[]}""")).Expect(200);
        (await api.Post($"/agents/{name}/heartbeat", key, """{"lease_seconds":300}""")).Expect(200);
        return new(api, key, repliesAlways);
    }

    /// <summary>It says of itself that it doubles numbers.</summary>
    private static string Card(string name)
    {
        var key = new Ed25519PrivateKey(Encoding.UTF8.GetBytes(name.PadRight(32, '.')));
        var x = Base64Url.EncodeToString(key.PublicKey.Span);
        var card = $$"""{"agent_id":"{{name}}","version":1,"name":"{{name}}","description":"Doubles numbers","skills":[{"id":"{{Skill}}","name":"Doubling","description":"Any number","tags":[]}],"endpoints":[],"signing_key":{"kty":"OKP","crv":"Ed25519","x":"{{x}}"},"encryption_key":{"kty":"OKP","crv":"X25519","x":"{{x}}","kid":"1"},"created_at":"2026-11-22T00:00:00Z"}""";
        return Jws.Sign("agora-card", Encoding.UTF8.GetBytes(card), key);
    }

    /// <summary>One run after the other, each under a key that is sent until it has an outcome.</summary>
    private static async Task Buy(ApiClient api, OpenSession buyer, string name, int first, ConcurrentDictionary<string, (int N, string By)> done, ConcurrentBag<string> failed, CancellationToken cancel)
    {
        for (var n = first; n < first + RunsOfEach; n++)
        {
            var body = $$$"""{"input":{"n":{{{n}}}},"max_price_cents":{{{PriceCents}}}}""";
            var reply = await Insist(() => api.Post("/agent/services/double/run", buyer.Token, body, $"run-{name}-{n}"), cancel);
            if (reply.Status == 200)
            {
                Assert.Equal(2 * n, reply.Data.GetProperty("output").GetProperty("n").GetInt32());
                Assert.True(done.TryAdd(reply.Data.GetProperty("run_id").GetString()!, (n, reply.Data.TryGetProperty("served_by", out var by) ? by.GetString()! : "seller")));
            }
            else
            {
                Assert.True(reply.Status is 502 or 503 or 504, $"{reply}");
                failed.Add(reply.Code);
            }
        }
    }

    /// <summary>The same again until it has an outcome.</summary>
    private static async Task<Received> Insist(Func<Task<Received>> send, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                var answered = await send();
                if (answered is { Status: not 503 and not 429 and not 202 and not 409 } or { Status: 503, Replayed: true }) return answered; // nobody was there to be asked: so it ended
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                cancel.ThrowIfCancellationRequested(); // nobody answers: it is killed, or starts
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancel);
        }
    }

    /// <summary>Doubles numbers, for whoever asks.</summary>
    /// <param name="repliesAlways">Else not to each fourth request.</param>
    private sealed class SellingAgent(ApiClient api, string key, bool repliesAlways)
    {
        /// <summary>What it was asked, by the run.</summary>
        public ConcurrentDictionary<string, int> Asked { get; } = new();

        public ConcurrentBag<string> Twice { get; } = [];

        public async Task Sell(CancellationToken cancel)
        {
            try
            {
                for (var after = ""; !cancel.IsCancellationRequested;)
                {
                    var page = (await Insist(() => api.Get($"/agent/inbox?wait_seconds=5{after}", key), cancel)).Expect(200).Data;
                    after = $"&after={page.GetProperty("next_cursor").GetString()}";
                    await Task.WhenAll(page.GetProperty("entries").EnumerateArray().Where(entry => entry.GetProperty("kind").GetString() == "message").Select(request => Reply(request, cancel)));
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
        }

        private async Task Reply(JsonElement request, CancellationToken cancel)
        {
            var (run, n) = (request.GetProperty("message_id").GetString()!, request.GetProperty("content").GetProperty("input").GetProperty("n").GetInt32());
            if (!Asked.TryAdd(run, n))
            {
                Twice.Add(run);
            }

            if (!repliesAlways && n % 4 == 0) return;

            var body = $$$"""{"message_id":"{{{Guid.CreateVersion7()}}}","reply_to":"{{{run}}}","content":{"n":{{{2 * n}}}}}""";
            (await Insist(() => api.Post($"/conversations/{request.GetProperty("conversation_id").GetString()}/messages", key, body), cancel)).Expect(201);
        }
    }
}
