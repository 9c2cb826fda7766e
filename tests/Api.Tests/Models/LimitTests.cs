using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Models;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>Every limit above binds a model's call as it binds a service's run, and both share one budget; where the model charges, its call is paid as a run is.</summary>
public sealed class LimitTests
{
    private const long Read = InputBound.Whole + InputBound.EachItem + 14 + 4;
    private const string Scopes = """{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}""";

    private static long Bound(long output) => ModelWorld.Bound(Read, output, "compatible");

    private static string Cents(long micros) => ModelWorld.Cents(micros);

    [Theory]
    [InlineData("daily_cap")]
    [InlineData("category_daily_cap")]
    [InlineData("service_daily_cap")]
    [InlineData("grant_total")]
    [InlineData("session")]
    [InlineData("call")]
    public async Task The_limit_that_has_no_room_is_named_with_the_most_that_passes_and_that_passes(string limit)
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("some", "compatible", maxPriceCents: limit == "call" ? Cents(Bound(10)) : "10000");
        var session = await Limited(world, limit, Bound(10));

        var error = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "some", maxTokens: 100))).Refused(402, "budget_exceeded").Error;

        Assert.Equal((limit, Cents(Bound(100)), Cents(Bound(10)), 10), (
            error.GetProperty("limit").GetString(), error.GetProperty("asked_cents").GetRawText(), error.GetProperty("free_cents").GetRawText(), error.GetProperty("max_tokens_that_pass").GetInt32()));
        Assert.Equal(0, world.Upstream.Requests);
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "some", maxTokens: 10))).Expect(200);
    }

    [Theory]
    [InlineData("daily_cap")]
    [InlineData("category_daily_cap")]
    [InlineData("service_daily_cap")]
    [InlineData("grant_total")]
    [InlineData("session")]
    [InlineData("call")]
    public async Task A_request_that_names_no_most_is_cut_to_what_the_limit_has_free(string limit)
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("some", "compatible", maxPriceCents: limit == "call" ? Cents(Bound(70)) : "10000");
        var session = await Limited(world, limit, Bound(70));

        var told = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "some", maxTokens: null))).Expect(200);

        Assert.Equal((70, Bound(70), 1), (told.MaxOutputTokens, told.HeldMicros, world.Upstream.Requests));
        Assert.Equal((ModelWorld.Cost((await world.Truth("some")).Counts), 0), await world.Budget(session));
    }

    [Fact]
    public async Task The_session_above_refuses_what_its_own_budget_does_not_hold_and_is_posted_what_its_child_spent()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("some", "compatible");
        var root = await world.Open(Cents(2 * Bound(100)));
        var child = await Delegated(world, root, "agent-2", Cents(2 * Bound(100)));

        (await world.Door.Ask(child, "messages", ModelDoorClient.Body("messages", "some", maxTokens: 150))).Expect(200);
        await world.SpentInTheEnd(root);
        var cost = ModelWorld.Cost((await world.Truth("some")).Counts);
        Assert.Equal(((cost, 0), (cost, 0)), (await world.Budget(child), await world.Budget(root)));

        // What the root holds for itself is not free to its child.
        var rest = (2 * Bound(100)) - cost;
        var sibling = await Delegated(world, root, "agent-3", Cents(2 * Bound(100)));
        var dear = ModelWorld.Prices with { RequestMicros = rest + 100 - (Bound(16) - ModelWorld.Prices.RequestMicros) };
        await world.PutModel("dear", "compatible", dear);
        var error = (await world.Door.Ask(sibling, "messages", ModelDoorClient.Body("messages", "dear", maxTokens: 16))).Refused(402, "budget_exceeded").Error;
        var most = dear.OutputTokensFor(rest, Read, null, writesCache: true);
        Assert.Equal(("session", Cents(rest), most), (error.GetProperty("limit").GetString(), error.GetProperty("free_cents").GetRawText(), error.GetProperty("max_tokens_that_pass").GetInt64()));
        Assert.Equal((0, 0), await world.Budget(sibling));
        (await world.Door.Ask(sibling, "messages", ModelDoorClient.Body("messages", "dear", maxTokens: (int)most))).Expect(200);
    }

    [Fact]
    public async Task Where_the_grant_wants_approval_for_so_much_the_call_is_refused_and_one_for_less_is_made()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("some", "compatible");
        (await world.Api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        (await world.Api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", $$"""{"scopes":{{Scopes}},"require_approval_above_cents":{{Cents(Bound(100))}}}""")).Expect(200);
        var session = await world.Open("100", user: "user-1");

        var error = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "some", maxTokens: 101))).Refused(402, "budget_exceeded").Error;

        Assert.Equal(("approval", 0, (0L, 0L)), (error.GetProperty("limit").GetString(), world.Upstream.Requests, await world.Budget(session)));
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "some", maxTokens: 100))).Expect(200);
    }

    [Fact]
    public async Task A_services_run_and_a_models_call_share_the_one_budget()
    {
        var (gate, reached) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var world = await ModelWorld.Start(new()
        {
            Choose = _ =>
            {
                reached.TrySetResult();
                return new Reply { Until = gate.Task };
            },
        });
        await world.PutModel("some", "google");
        await world.Api.Client.Load();
        var session = await world.Open(Cents((25 * ModelWorld.Cent) + Bound(100) - 1));
        await world.Api.Client.Complete(session.Token);

        var calling = world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "some", maxTokens: 100));
        await reached.Task;
        (await world.Api.Client.Post("/agent/services/summary/run", session.Token, Support.Catalogue.Input)).Refused(403, "budget_exceeded");
        gate.SetResult();
        var called = (await calling).Expect(200);
        (await world.Api.Client.Post("/agent/services/summary/run", session.Token, Support.Catalogue.Input)).Expect(200);

        var cost = ModelWorld.Cost((await world.Truth("some")).Counts);
        Assert.True(called.HeldMicros == Bound(100) && cost < Bound(100));
        Assert.Equal((cost + (25 * ModelWorld.Cent), 0), await world.Budget(session));
        var then = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "some", maxTokens: 100))).Expect(200);
        Assert.True(then.HeldMicros < Bound(100), "More was held than the run had left.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_a_model_charges_the_agents_wallet_pays_its_providers_exactly_what_was_counted(bool stream)
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("paid", "anthropic", charges: true);
        await world.Api.Client.Deposit("agent:agent-1");
        var session = await world.Open();

        var told = (await world.Door.Ask(session, "messages", ModelDoorClient.Body("messages", "paid", stream: stream))).Expect(200);

        var cost = ModelWorld.Cost((await world.Truth("paid")).Counts);
        Assert.Equal((cost, 0), await world.Budget(session));
        var payment = (await world.Concluded(session, told.Run)).Payment!;
        Assert.Equal(("wallet", cost, 0L), (payment.Source, payment.AmountMicros, payment.FeeMicros));
        await Eventually(async () => await Wallet(world, "agent:agent-1") == (100 * ModelWorld.Cent) - cost && await Wallet(world, "maker") == cost);
    }

    [Fact]
    public async Task Where_a_model_charges_a_wallet_with_too_little_is_told_payment_required_and_nothing_is_sent()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("paid", "anthropic", ModelWorld.Prices with { RequestMicros = 2_000_000 }, charges: true);
        await world.Api.Client.Deposit("agent:agent-1");
        var session = await world.Open();

        (await world.Door.Ask(session, "messages", ModelDoorClient.Body("messages", "paid"))).Refused(402, "payment_required");

        Assert.Equal((0, (0L, 0L)), (world.Upstream.Requests, await world.Budget(session)));
    }

    [Fact]
    public async Task Where_a_model_does_not_charge_no_wallet_pays()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("free", "anthropic");
        await world.Api.Client.Deposit("agent:agent-1");
        var session = await world.Open();

        var told = (await world.Door.Ask(session, "messages", ModelDoorClient.Body("messages", "free"))).Expect(200);

        Assert.Equal("operator", (await world.Concluded(session, told.Run)).Payment!.Source);
        Assert.Equal(100 * ModelWorld.Cent, await Wallet(world, "agent:agent-1"));
    }

    /// <summary>A session of which this limit, and no other, has so much free.</summary>
    private static async Task<ModelSession> Limited(ModelWorld world, string limit, long free)
    {
        var client = world.Api.Client;
        var cap = Cents(free);
        var user = limit switch
        {
            "daily_cap" => $$"""{"daily_cap_cents":{{cap}}}""",
            "category_daily_cap" => """{"per_category":{"model":{"daily_cap_cents":CAP}}}""".Replace("CAP", cap, StringComparison.Ordinal),
            "service_daily_cap" => """{"per_service":{"some":{"daily_cap_cents":CAP}}}""".Replace("CAP", cap, StringComparison.Ordinal),
            _ => "{}",
        };
        (await client.Admin(HttpMethod.Put, "/admin/users/user-1", user)).Expect(200);
        if (limit == "grant_total")
        {
            (await client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", $$"""{"scopes":{{Scopes}},"total_limit_cents":{{cap}},"max_live_sessions":1}""")).Expect(200);
        }

        return await world.Open(limit == "session" ? cap : "100", user: "user-1");
    }

    private static async Task<ModelSession> Delegated(ModelWorld world, ModelSession parent, string agent, string budgetCents)
    {
        var opened = (await world.Api.Client.Post("/agent/session/delegate", parent.Token, $$$"""{"agent_id":"{{{agent}}}","scopes":{"budget_limit_cents":{{{budgetCents}}}}}""")).Expect(201).Data;
        return new(opened.GetProperty("token").GetString()!, opened.GetProperty("session_id").GetString()!);
    }

    private static async Task<long> Wallet(ModelWorld world, string wallet) =>
        await world.Api.Client.Admin(HttpMethod.Get, $"/admin/wallets/{wallet}") is { Status: 200 } found ? ModelWorld.Micros(found.Data.GetProperty("balance_cents")) : 0;

    private static async Task Eventually(Func<Task<bool>> holds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var late = new CancellationTokenSource(Hang.Timeout);
        while (!await holds()) await timer.WaitForNextTickAsync(late.Token);
    }
}
