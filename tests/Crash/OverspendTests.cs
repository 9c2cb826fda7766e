using System.Text.Json;
using Agora.Crash.Support;
using Agora.Testing.Postgres;
using Xunit.Abstractions;

namespace Agora.Crash;

/// <summary>
/// A dollar is a dollar: many clients at once on all levels of a tree of sessions, paid for by sponsors and by wallets, with a
/// kill -9 in the middle. Whatever was lost on the way, no more than the cap is spent, nothing stays held, all of the cap can be
/// spent afterwards, and the books add up to nothing.
/// </summary>
public sealed class OverspendTests(ITestOutputHelper output)
{
    private const int CapCents = 100;
    private const int PriceCents = 5;
    private const int Clients = 200;
    private const int RequestsOfEach = 50;

    /// <summary>What the design promises after faults stop.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    private static readonly string[] Agents = ["agent-1", "agent-2", "agent-3"];

    [Fact]
    public async Task No_more_than_the_cap_is_spent_on_SQLite() => await Prove([]);

    [PostgresFact]
    public async Task No_more_than_the_cap_is_spent_on_PostgreSQL() => await Prove(["--postgres", PostgresServer.Shared.CreateDatabase("overspend")]);

    private async Task Prove(string[] store)
    {
        using var directory = new DataDirectory();
        await using var provider = await TextProvider.Start(mostDelayMs: 300);
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        await using var server = new RestartedServer(directory, address, provider.Allowed, store);
        await server.Start();
        var path = await OpenTree(api, provider);

        var told = await SpendThroughKill(api, server, path);

        await NothingIsHeld(api, path);
        var spent = await Spent(api, path);
        Assert.InRange(spent, told * PriceCents, CapCents);
        var more = await SpendTheRest(api, path);
        output.WriteLine($"{Clients} clients, {Clients * RequestsOfEach} requests: {told} runs acknowledged, {spent / PriceCents} paid, {more} more afterwards");
        await NothingIsHeld(api, path);
        Assert.Equal(CapCents, await Spent(api, path));
        Assert.Equal(CapCents / PriceCents, await Paid(api));
        await BooksAddUp(api);
        await server.Stop();
    }

    /// <summary>One session with the cap, one below it and one below that, all for the same user, whose task is done.</summary>
    private static async Task<IReadOnlyList<OpenSession>> OpenTree(ApiClient api, TextProvider provider)
    {
        await Market.Load(api, provider, PriceCents);
        foreach (var agent in Agents)
        {
            (await api.Admin(HttpMethod.Post, $"/admin/wallets/agent:{agent}/deposit", """{"amount_cents":100000}""", $"deposit-{agent}")).Expect(200);
        }

        var root = await Market.Open(api, "user-1", Agents[0], CapCents);
        var path = new List<OpenSession> { root };
        foreach (var agent in Agents[1..])
        {
            var child = (await api.Post("/agent/session/delegate", path[^1].Token, $$"""{"agent_id":"{{agent}}"}""")).Expect(201).Data;
            path.Add(new(child.GetProperty("session_id").GetString()!, root.UserId, child.GetProperty("token").GetString()!));
        }

        await Market.Complete(api, root);
        await Market.Runnable(api, root);
        return path;
    }

    /// <returns>Runs whose clients were told that they had succeeded.</returns>
    private static async Task<int> SpendThroughKill(ApiClient api, RestartedServer server, IReadOnlyList<OpenSession> path)
    {
        var (told, answered) = (0, 0);
        var unexpected = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => Client(client))));

        await enough.Task; // in the middle of the first runs, when holds are open everywhere
        await server.Kill();
        await server.Start();
        await clients;
        Assert.True(unexpected.IsEmpty, string.Join('\n', unexpected.Take(5)) + "\n" + server.Output);
        return told;

        async Task Client(int client)
        {
            for (var n = 0; n < RequestsOfEach; n++)
            {
                try
                {
                    var reply = await Run(api, path[client % path.Count], client % 2 == 0, $"{client}-{n}");
                    if (reply.Status == 200) Interlocked.Increment(ref told);
                    else if (reply.Status is not (403 or 503 or 504)) unexpected.Enqueue($"{reply.Status} {reply.Json}");
                    if (Interlocked.Increment(ref answered) == 5) enough.TrySetResult();
                }
                catch (HttpRequestException)
                {
                    // The server was killed: whether this run was decided, the books will say.
                }
            }
        }
    }

    /// <returns>Runs that succeeded, until all of the cap is spent.</returns>
    private static async Task<int> SpendTheRest(ApiClient api, IReadOnlyList<OpenSession> path)
    {
        for (var n = 0; ; n++)
        {
            var reply = await Run(api, path[n % path.Count], n % 2 == 0, $"rest-{n}");
            if (reply.Status == 403)
            {
                Assert.Equal("budget_exceeded", reply.Code);
                return n;
            }

            reply.Expect(200);
        }
    }

    private static Task<Received> Run(ApiClient api, OpenSession session, bool byWallet, string text) => api.Post(
        Market.RunRoute,
        session.Token,
        byWallet
            ? $$"""{"input":{"text":"{{text}}"},"pay_with":"wallet","max_price_cents":{{PriceCents}}}"""
            : $$"""{"input":{"text":"{{text}}"},"pay_with":"sponsor"}""");

    private static Task NothingIsHeld(ApiClient api, IReadOnlyList<OpenSession> path) => Market.Eventually(
        async () =>
        {
            var held = (await api.Admin(HttpMethod.Get, "/admin/campaigns/survey")).Expect(200).Data.GetProperty("escrow").GetProperty("held_cents").GetDecimal();
            foreach (var session in path)
            {
                held += (await Budget(api, session)).GetProperty("reserved_cents").GetDecimal();
            }

            foreach (var agent in Agents)
            {
                held += (await api.Admin(HttpMethod.Get, $"/admin/wallets/agent:{agent}")).Expect(200).Data.GetProperty("held_cents").GetDecimal();
            }

            return held;
        },
        held => held == 0,
        Bound);

    /// <summary>By the root, whose budget counts all that is spent below it.</summary>
    private static async Task<decimal> Spent(ApiClient api, IReadOnlyList<OpenSession> path) => (await Budget(api, path[0])).GetProperty("spent_cents").GetDecimal();

    private static async Task<JsonElement> Budget(ApiClient api, OpenSession session) =>
        (await api.Admin(HttpMethod.Get, $"/admin/sessions/{session.Id}")).Expect(200).Data.GetProperty("budget");

    private static async Task<int> Paid(ApiClient api) =>
        (await api.Admin(HttpMethod.Get, "/admin/payments?limit=100")).Expect(200).Data.GetProperty("payments").EnumerateArray()
            .Count(p => p.GetProperty("amount_cents").GetDecimal() == PriceCents);

    private static Task BooksAddUp(ApiClient api) => Market.Eventually(
        async () =>
        {
            var balance = (await api.Admin(HttpMethod.Get, "/admin/ledger/trial-balance")).Expect(200).Data;
            Assert.Equal(0, balance.GetProperty("sum_cents").GetDecimal());
            return balance.GetProperty("in_transit_cents").GetDecimal();
        },
        inTransit => inTransit == 0,
        Bound);
}
