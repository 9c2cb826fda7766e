using System.Collections.Concurrent;
using System.Text.Json;

namespace Agora.Crash.Support;

/// <summary>
/// A cap is a cap: many clients at once on all levels of a tree of sessions, at all processes there are, paid for by sponsors and by
/// wallets, with a kill -9 in the middle. Whatever was lost on the way, no more than the cap is spent, nothing stays held, all of the cap
/// can be spent afterwards, and the books add up to nothing.
/// </summary>
/// <param name="apis">Every process of one deployment; the first stays alive.</param>
/// <param name="interrupt">Kills a process and starts it again.</param>
internal sealed class Overspend(IReadOnlyList<ApiClient> apis, string user, int priceCents, Func<Task> interrupt)
{
    private const int Runs = 20;
    private const int Clients = 200;
    private const int RequestsOfEach = 50;

    /// <summary>What the design promises after faults stop.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    private readonly string[] _agents = [$"{user}-1", $"{user}-2", $"{user}-3"];
    private readonly ApiClient _api = apis[0];
    private IReadOnlyList<OpenSession> _path = [];

    private int CapCents => Runs * priceCents;

    /// <returns>What happened, for whoever reads the proof.</returns>
    public async Task<string> Prove()
    {
        await OpenTree();
        var (told, lost) = await SpendThroughKill();
        await NothingIsHeld();
        var spent = await Spent();
        Assert.InRange(spent, told * priceCents, CapCents);
        var more = await SpendTheRest();
        await NothingIsHeld();
        Assert.Equal(CapCents, await Spent());
        Assert.Equal(Runs, await Paid());
        await BooksAddUp();
        return $"{Clients} clients, {Clients * RequestsOfEach} requests, {lost} without a reply: {told} runs acknowledged, {spent / priceCents} paid, {more} more until the cap was spent";
    }

    /// <summary>One session with the cap, one below it and one below that, all for the same user, whose task is done.</summary>
    private async Task OpenTree()
    {
        (await _api.Admin(HttpMethod.Post, $"/admin/wallets/agent:{_agents[0]}/deposit", """{"amount_cents":100000}""", $"deposit-{user}")).Expect(200);
        var root = await Market.Open(_api, user, _agents[0], CapCents);
        var path = new List<OpenSession> { root };
        foreach (var agent in _agents[1..])
        {
            var child = (await _api.Post("/agent/session/delegate", path[^1].Token, $$"""{"agent_id":"{{agent}}"}""")).Expect(201).Data;
            path.Add(new(child.GetProperty("session_id").GetString()!, user, child.GetProperty("token").GetString()!));
        }

        await Market.Complete(_api, root);
        await Market.Runnable(_api, root);
        _path = path;
    }

    /// <returns>Runs whose clients were told that they had succeeded, and requests that had no reply.</returns>
    private async Task<(int Told, int Lost)> SpendThroughKill()
    {
        var (told, lost, answered) = (0, 0, 0);
        var unexpected = new ConcurrentQueue<string>();
        var (enough, over) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => Client(client))));

        await enough.Task; // in the middle of the first runs, when holds are open everywhere
        await interrupt();
        over.SetResult();
        await clients;
        Assert.True(unexpected.IsEmpty, string.Join('\n', unexpected.Take(5)));
        return (told, lost);

        async Task Client(int client)
        {
            for (var n = 0; n < RequestsOfEach; n++)
            {
                try
                {
                    var reply = await Run(apis[(client + n) % apis.Count], _path[client % _path.Count], client % 2 == 0, $"{client}-{n}");
                    if (reply.Status == 200)
                    {
                        Interlocked.Increment(ref told);
                    }
                    else if (reply.Status is not (202 or 403 or 503 or 504)) unexpected.Enqueue($"{reply.Status} {reply.Json}");
                    if (Interlocked.Increment(ref answered) == 5)
                    {
                        enough.TrySetResult();
                    }
                }
                catch (HttpRequestException)
                {
                    Interlocked.Increment(ref lost); // The process was killed: whether this run was decided, the books will say.
                    await over.Task;
                }
            }
        }
    }

    /// <returns>Runs that succeeded, until all of the cap is spent.</returns>
    private async Task<int> SpendTheRest()
    {
        for (var n = 0; ; n++)
        {
            var reply = await Run(_api, _path[n % _path.Count], n % 2 == 0, $"rest-{n}");
            if (reply.Status == 403)
            {
                Assert.Equal("budget_exceeded", reply.Code);
                return n;
            }

            reply.Expect(200);
        }
    }

    private Task<Received> Run(ApiClient api, OpenSession session, bool byWallet, string text) => api.Post(
        Market.RunRoute,
        session.Token,
        byWallet
            ? $$"""{"input":{"text":"{{text}}"},"pay_with":"wallet","max_price_cents":{{priceCents}}}"""
            : $$"""{"input":{"text":"{{text}}"},"pay_with":"sponsor"}""");

    private Task NothingIsHeld() => Market.Eventually(
        async () =>
        {
            var held = (await _api.Admin(HttpMethod.Get, "/admin/campaigns/survey")).Expect(200).Data.GetProperty("escrow").GetProperty("held_cents").GetDecimal()
                + (await _api.Admin(HttpMethod.Get, $"/admin/wallets/agent:{_agents[0]}")).Expect(200).Data.GetProperty("held_cents").GetDecimal();
            foreach (var session in _path)
            {
                held += (await Budget(session)).GetProperty("reserved_cents").GetDecimal();
            }

            return held;
        },
        held => held == 0,
        Bound);

    /// <summary>By the root, whose budget counts all that is spent below it.</summary>
    private async Task<decimal> Spent() => (await Budget(_path[0])).GetProperty("spent_cents").GetDecimal();

    private async Task<JsonElement> Budget(OpenSession session) =>
        (await _api.Admin(HttpMethod.Get, $"/admin/sessions/{session.Id}")).Expect(200).Data.GetProperty("budget");

    /// <summary>Runs of the whole tree that have succeeded, as each session lists them among all that were refused.</summary>
    private async Task<int> Paid()
    {
        var paid = 0;
        foreach (var session in _path)
        {
            for (var (offset, total) = (0, 1); offset < total; offset += 100)
            {
                var page = (await _api.Get($"/agent/runs?offset={Market.Of(offset)}&limit=100", session.Token)).Expect(200).Data;
                total = page.GetProperty("total_count").GetInt32();
                paid += page.GetProperty("runs").EnumerateArray().Count(r => r.GetProperty("state").GetString() == "succeeded");
            }
        }

        return paid;
    }

    private Task BooksAddUp() => Market.Eventually(
        async () =>
        {
            var balance = (await _api.Admin(HttpMethod.Get, "/admin/ledger/trial-balance")).Expect(200).Data;
            Assert.Equal(0, balance.GetProperty("sum_cents").GetDecimal());
            return balance.GetProperty("in_transit_cents").GetDecimal();
        },
        inTransit => inTransit == 0,
        Bound);
}
