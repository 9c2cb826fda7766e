using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Agora.Samples.Facilitator;
using Agora.Testing.Payments;
using Agora.X402;

namespace Agora.Crash.Support;

/// <summary>One thing that is done with money, under a key of its own, and what whoever did it was told.</summary>
/// <param name="Send">The same each time, to the byte.</param>
/// <param name="Token">Of the session that it is done in; empty: an operator does it.</param>
internal sealed record Deed(string Kind, string Key, Func<Task<Received>> Send, string Token = "")
{
    public Received? Acknowledged { get; set; }
}

/// <summary>
/// Every way in which money moves, over HTTP, by clients that note each acknowledgement: runs that a sponsor pays, runs out of a wallet and refunds of them, transfers, rewards, runs paid by x402.
/// Each deed has a key, and is sent again under it until its end is known: so what is acknowledged is what has been done, to the cent.
/// </summary>
internal sealed class MoneyMarket(ApiClient api, TextProvider provider, FacilitatorApp facilitator) : IDisposable
{
    public const string Runs = "runs", WalletRuns = "wallet runs", Refunds = "refunds", Transfers = "transfers", Rewards = "rewards", X402 = "x402";

    /// <summary>How many kinds there are.</summary>
    public const int Kinds = 6;

    private const int DepositCents = 100_000_000;
    private const int RefundCents = 10;
    private const int RewardCents = 3;
    private const int Sessions = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Patience = Hang.Timeout;
    private readonly ConcurrentQueue<Deed> _acknowledged = new();
    private readonly ConcurrentQueue<string> _unexpected = new();
    private readonly ConcurrentDictionary<string, int> _numbers = new();
    private readonly List<TestPayer> _payers = [];
    private readonly List<OpenSession> _sponsored = [];
    private readonly CancellationTokenSource _over = new();
    private readonly List<Task> _clients = [];
    private volatile TaskCompletionSource _up = Down();
    private OpenSession _buyer = null!, _payer = null!, _x402 = null!;

    public IReadOnlyCollection<Deed> Acknowledged => _acknowledged;

    /// <summary>Replies that nobody should ever get; empty when all is well.</summary>
    public IReadOnlyCollection<string> Unexpected => _unexpected;

    /// <summary>What the server is started with.</summary>
    public static IReadOnlyDictionary<string, string> Settings(FacilitatorApp facilitator) => new Dictionary<string, string>
    {
        ["AGORA_X402_FACILITATOR"] = facilitator.Address.ToString(), ["AGORA_X402_PAY_TO"] = PaymentTerms.Play.PayTo, ["AGORA_X402_NETWORK"] = PaymentTerms.Play.Network,
    };

    public async Task Load()
    {
        await Market.Load(api, provider);
        const string Bounty = """
            {"sponsor":"Acme","task":{"name":"Bounty","type":"survey","description":"One question","schema":{"type":"object","required":["rating"]},"data_types":["preferences"],"consents":["data_sharing"]},
             "services":[],"reward_cents":3,"payout_delay_seconds":0}
            """;
        (await api.Admin(HttpMethod.Put, "/admin/campaigns/bounty", Bounty)).Expect(200);
        (await api.Admin(HttpMethod.Post, "/admin/campaigns/bounty/fund", $$"""{"amount_cents":{{DepositCents}}}""", "fund-bounty")).Expect(200);
        foreach (var wallet in new[] { "agent:buyer", "agent:payer", "agent:payee", "text-provider" })
        {
            (await api.Admin(HttpMethod.Post, $"/admin/wallets/{wallet}/deposit", $$"""{"amount_cents":{{DepositCents}}}""", $"deposit-{wallet}")).Expect(200);
        }

        _sponsored.AddRange(await Market.Open(api, 2, Sessions / 2));
        (_buyer, _payer, _x402) = (await Market.Open(api, "user-buyer", "buyer"), await Market.Open(api, "user-payer", "payer"), await Market.Open(api, "user-x402", "presenter"));
        await Market.Eventually(() => api.Get("/agent/tasks/bounty", _buyer.Token), task => task.Status == 200, Patience);
    }

    /// <summary>Clients begin, and go on until <see cref="Finish"/>.</summary>
    public void Begin()
    {
        for (var i = 0; i < Sessions; i++)
        {
            var session = _sponsored[i];
            _clients.Add(Client(() => Post(Runs, Market.RunRoute, session, Market.Input)));
        }

        for (var i = 0; i < 3; i++)
        {
            _clients.Add(Client(() => Post(Transfers, "/agent/wallet/transfer", _payer, n => $$"""{"to":"agent:payee","amount_cents":1,"memo":"{{n}}"}""")));
            _clients.Add(Client(() => Post(WalletRuns, Market.RunRoute, _buyer, n => $$$"""{"input":{"text":"{{{n}}}"},"pay_with":"wallet","max_price_cents":{{{Market.PriceCents}}}}"""), Refund));
            _clients.Add(Client(Reward));
            var payer = new TestPayer();
            _payers.Add(payer);
            _clients.Add(Client(() => Paid(payer)));
        }
    }

    /// <summary>Clients wait instead of knocking at a port that nobody listens on.</summary>
    public void ServerDown() => _up = Down();

    public void ServerUp() => _up.TrySetResult();

    /// <summary>No client begins anything more, and each has the end of what it began.</summary>
    public async Task Finish()
    {
        await _over.CancelAsync();
        await Task.WhenAll(_clients).WaitAsync(Hang.Timeout);
    }

    /// <summary>What is held, and what is on its way: nothing, some time after the last fault.</summary>
    public async Task<decimal> Held()
    {
        var held = (await Admin("/admin/ledger/trial-balance")).GetProperty("in_transit_cents").GetDecimal();
        foreach (var campaign in new[] { "survey", "bounty" }) held += (await Admin($"/admin/campaigns/{campaign}")).GetProperty("escrow").GetProperty("held_cents").GetDecimal();
        foreach (var wallet in new[] { "agent:buyer", "agent:payer", "text-provider" }) held += (await Admin($"/admin/wallets/{wallet}")).GetProperty("held_cents").GetDecimal();
        foreach (var session in _sponsored.Concat([_buyer, _payer, _x402])) held += (await Admin($"/admin/sessions/{session.Id}")).GetProperty("budget").GetProperty("reserved_cents").GetDecimal();
        return held;
    }

    /// <summary>Of each account, what it has more than the acknowledgements say: nothing lost is nothing below zero, nothing twice is nothing above.</summary>
    public async Task<IReadOnlyList<(string Kind, decimal More)>> Differences()
    {
        var (runs, wallet, refunds, transfers, rewards, x402) = (Count(Runs), Count(WalletRuns), Count(Refunds), Count(Transfers), Count(Rewards), Count(X402));
        return
        [
            ("sum of all funds", (await Admin("/admin/ledger/trial-balance")).GetProperty("sum_cents").GetDecimal()),
            (Runs, (await Admin("/admin/campaigns/survey")).GetProperty("escrow").GetProperty("spent_cents").GetDecimal() - (runs * Market.PriceCents)),
            (WalletRuns, DepositCents - (await Balance("agent:buyer")) - (wallet * Market.PriceCents) + (refunds * RefundCents)),
            (Transfers, DepositCents - (await Balance("agent:payer")) - transfers),
            ("transfers that came", await Balance("agent:payee") - DepositCents - transfers),
            (Rewards, await Balance("agent:worker") - (rewards * RewardCents)),
            (X402, facilitator.Transfers - x402),
            ("what services earned", await Balance("text-provider") - DepositCents - ((runs + wallet + x402) * Market.PriceCents) + (refunds * RefundCents)),
        ];
    }

    /// <summary>Sent again under its key: what it was told the first time, and that it was told before. What was not decided for now (503) is asked once more, as every client does; what stays so is lost.</summary>
    public static async Task<string?> Again(Deed deed)
    {
        var began = Stopwatch.GetTimestamp();
        var again = await deed.Send();
        while (again.Status == 503 && Stopwatch.GetElapsedTime(began) < Patience)
        {
            await Task.Delay(Pause);
            again = await deed.Send();
        }

        return again.Status != deed.Acknowledged!.Status ? $"lost: {deed.Kind} {deed.Key}: {again}"
            : Told(again) != Told(deed.Acknowledged) ? $"changed: {deed.Kind} {deed.Key}: {again} after {deed.Acknowledged}"
            : !again.Replayed ? $"twice: {deed.Kind} {deed.Key}: {again}" : null;
    }

    public void Dispose()
    {
        _over.Dispose();
        foreach (var payer in _payers) payer.Dispose();
    }

    private static TaskCompletionSource Down() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What names the deed; a budget moves on.</summary>
    private static string Told(Received reply) => string.Join(' ', new[] { "run_id", "transfer_id", "completion_id", "payment", "refund" }.Select(name => reply.Data.TryGetProperty(name, out var value) ? value.GetRawText() : ""));

    private int Count(string kind) => _acknowledged.Count(deed => deed.Kind == kind);

    private async Task<JsonElement> Admin(string path) => (await api.Admin(HttpMethod.Get, path)).Expect(200).Data;

    /// <summary>Of one to which nothing has happened yet: 0.</summary>
    private async Task<decimal> Balance(string wallet) =>
        await api.Admin(HttpMethod.Get, $"/admin/wallets/{wallet}") is { Status: not 404 } found ? found.Expect(200).Data.GetProperty("balance_cents").GetDecimal() : 0;

    private string Next(string kind) => $"{kind.Replace(' ', '-')}-{Market.Of(_numbers.AddOrUpdate(kind, 1, (_, n) => n + 1))}";

    private Task<Deed> Post(string kind, string route, OpenSession session, Func<string, string> body)
    {
        var key = Next(kind);
        var json = body(key);
        return Task.FromResult(new Deed(kind, key, () => api.Post(route, session.Token, json, key), session.Token));
    }

    private Deed Refund(Deed run)
    {
        var (key, payment) = (Next(Refunds), run.Acknowledged!.Data.GetProperty("payment").GetProperty("payment_id").GetString());
        return new(Refunds, key, () => api.Admin(HttpMethod.Post, $"/admin/payments/{payment}/refund", $$"""{"amount_cents":{{RefundCents}},"reason":"unusable"}""", key));
    }

    private async Task<Deed> Reward()
    {
        var key = Next(Rewards);
        var session = await Market.Open(api, $"user-{key}", "worker");
        return new(Rewards, key, () => api.Post("/agent/tasks/bounty/complete", session.Token, """{"output":{"rating":5},"consents":[{"type":"data_sharing","granted":true}]}""", key));
    }

    private Task<Deed> Paid(TestPayer payer)
    {
        var key = Next(X402);
        var json = $$$"""{"input":{"text":"{{{key}}}"},"pay_with":"x402","max_price_cents":{{{Market.PriceCents}}}}""";
        var header = TestPayer.Header(payer.Pay(PaymentTerms.Play.For(Market.PriceCents * 10_000L)!, DateTimeOffset.UtcNow, nonce: _numbers[X402]));
        return Task.FromResult(new Deed(X402, key, () => api.Send(HttpMethod.Post, Market.RunRoute, _x402.Token, json, key, ("PAYMENT-SIGNATURE", header))));
    }

    private Task Client(Func<Task<Deed>> begin, Func<Deed, Deed>? then = null) => Task.Run(async () =>
    {
        while (!_over.IsCancellationRequested)
        {
            if (await Begun(begin) is { } deed && await Ended(deed) && then is not null)
            {
                await Ended(then(deed));
            }
        }
    });

    /// <returns>Null: the server went before there was anything under a key.</returns>
    private async Task<Deed?> Begun(Func<Task<Deed>> begin)
    {
        await _up.Task;
        try
        {
            return await begin();
        }
        catch (Exception e) when (e is HttpRequestException or Xunit.Sdk.TrueException)
        {
            await Task.Delay(Pause);
            return null;
        }
    }

    /// <returns>Whether it was acknowledged; what was void costs nothing, which the sums will show.</returns>
    private async Task<bool> Ended(Deed deed)
    {
        for (var wasLost = false; ; wasLost = true)
        {
            await _up.Task;
            try
            {
                var reply = await deed.Send();
                switch (reply.Status)
                {
                    case 200 or 201 when !reply.Data.TryGetProperty("state", out var state) || state.GetString() is "succeeded" or "posted":
                        deed.Acknowledged = reply;
                        _acknowledged.Enqueue(deed);
                        return true;
                    case 202 or 503:
                    case 409 when reply.Code == "idempotency_in_flight":
                        break;
                    case 504 when wasLost:
                        return false; // the restart had voided it, and says so to whoever repeats it
                    default:
                        _unexpected.Enqueue($"{deed.Kind} {deed.Key}: {reply}");
                        return false;
                }
            }
            catch (HttpRequestException)
            {
                // Nobody knows; the key asks again.
            }

            await Task.Delay(Pause);
        }
    }
}
