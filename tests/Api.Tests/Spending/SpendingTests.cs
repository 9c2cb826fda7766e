using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Spending;

/// <summary>What a session's tree was spent on: to the micro-unit what its budgets say, whatever it was spent on, and after something was given back.</summary>
public sealed class SpendingTests
{
    [Fact]
    public async Task Models_services_transfers_and_a_delegated_session_add_up_to_what_each_budget_says_also_after_a_refund()
    {
        await using var world = await ModelWorld.Start(new() { Reply = new() { Text = Words.Of(90), CacheRead = 300 } });
        var (root, child, payments) = await Spend(world);

        var tree = await Eventually(world, root.Id);

        Assert.Equal([(0, root.Id), (1, child.Id)], Nodes(tree).Select(node => (node.GetProperty("depth").GetInt32(), Text(node, "session_id"))));
        var (top, below) = (Nodes(tree)[0], Nodes(tree)[1]);
        await world.Upstream.Idle();
        var cost = world.Upstream.Truths.Select(truth => ModelWorld.Cost(truth.Counts)).Distinct().Single();
        Assert.Equal((2, cost * 2, 600), Model(top.GetProperty("own"), "house"));
        Assert.Equal((1, cost, 300), Model(below.GetProperty("own"), "house"));
        Assert.Equal((3, cost * 3, 900), Model(tree.GetProperty("whole"), "house"));
        Assert.Equal((1, 25 * ModelWorld.Cent, 0), Service(top.GetProperty("own")));
        Assert.Equal((1, 25 * ModelWorld.Cent, 0), Service(below.GetProperty("own")));
        Assert.Equal((1, 70_123), (top.GetProperty("own").GetProperty("transfers").GetProperty("count").GetInt32(), Cents(top.GetProperty("own").GetProperty("transfers"), "amount_cents")));
        Assert.Equal((cost * 3) + (50 * ModelWorld.Cent) + 70_123, Cents(top.GetProperty("subtree"), "spent_cents"));
        Assert.Equal(2, top.GetProperty("subtree").GetProperty("sessions").GetInt32());
        await SaysAsTheBudgets(world, tree);

        foreach (var payment in payments)
        {
            (await world.Api.Client.Admin(HttpMethod.Post, $"/admin/payments/{payment}/refund", """{"amount_cents":10.0007,"reason":"Half of it"}""", ("Idempotency-Key", $"back-{payment}"))).Expect(200);
        }

        tree = await Eventually(world, root.Id);
        Assert.Equal((1, 25 * ModelWorld.Cent, 100_007), Service(Nodes(tree)[0].GetProperty("own")));
        Assert.Equal((1, 25 * ModelWorld.Cent, 100_007), Service(Nodes(tree)[1].GetProperty("own")));
        Assert.Equal((cost * 3) + (50 * ModelWorld.Cent) + 70_123 - 200_014, Cents(Nodes(tree)[0].GetProperty("subtree"), "spent_cents"));
        await SaysAsTheBudgets(world, tree);
        Assert.Equal(child.Id, Text(Assert.Single(Nodes(await Read(world, child.Id))), "session_id"));
    }

    [Fact]
    public async Task What_a_call_holds_stands_under_its_model_until_it_is_over()
    {
        var until = new TaskCompletionSource();
        await using var world = await ModelWorld.Start(new() { Reply = new() { Text = Words.Of(50), Delivery = new() { Until = until.Task } } });
        await world.PutModel("slow", "openai");
        var session = await world.Open();
        using (var streamed = await world.Door.Begin(session, "chat", ModelDoorClient.Body("chat", "slow", stream: true)))
        {
            Assert.True(streamed.IsSuccessStatusCode);
            var held = ModelWorld.Micros(streamed.Headers.GetValues("Agora-Held-Cents").Single());
            var tree = await Read(world, session.Id);
            var model = Assert.Single(Nodes(tree)[0].GetProperty("own").GetProperty("models").EnumerateArray());
            Assert.Equal(("slow", 0, held), (Text(model, "service_id"), model.GetProperty("calls").GetInt32(), Cents(model, "held_cents")));
            Assert.Equal(held, Cents(Nodes(tree)[0].GetProperty("subtree"), "held_cents"));
            Assert.Equal(held, Cents(tree.GetProperty("whole"), "held_cents"));
            until.SetResult();
            await streamed.Content.ReadAsStringAsync();
        }

        var after = await Eventually(world, session.Id);
        Assert.Equal(1, Assert.Single(Nodes(after)[0].GetProperty("own").GetProperty("models").EnumerateArray()).GetProperty("calls").GetInt32());
        await SaysAsTheBudgets(world, after);
    }

    [Fact]
    public async Task More_sessions_than_are_shown_are_in_the_sums_of_the_budget_and_said()
    {
        await using var world = await ModelWorld.Start();
        await world.Api.Client.Load();
        await world.Api.Client.PutAgents("agent-1");
        (await world.Api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":200}""", ("Idempotency-Key", "once"))).Expect(200);
        var root = await world.Open();
        var leaves = new List<ModelSession>();
        for (var children = 0; leaves.Count < Limits.SpendingNodes; children++)
        {
            var child = await Delegated(world, root, $"child-{children}");
            for (var n = 0; n < 30 && leaves.Count < Limits.SpendingNodes; n++) leaves.Add(await Delegated(world, child, $"leaf-{n}"));
        }

        foreach (var leaf in (ModelSession[])[leaves[0], leaves[^1], .. leaves.Skip(60).Take(3)]) await Run(world, leaf, leaf.Id);

        var tree = await Eventually(world, root.Id, settled: top => Cents(top.GetProperty("budget"), "spent_cents") == 125 * ModelWorld.Cent);
        Assert.True(tree.GetProperty("has_more").GetBoolean());
        Assert.Equal(Limits.SpendingNodes, Nodes(tree).Count);
        Assert.All(Nodes(tree).Take(1), top => Assert.Equal(Cents(top.GetProperty("budget"), "spent_cents"), Cents(top.GetProperty("subtree"), "spent_cents") + Cents(top, "beyond_cents")));
        Assert.Equal(4, Nodes(tree).Count(node => node.GetProperty("depth").GetInt32() == 1)); // those further up are all there
    }

    [Fact]
    public async Task A_session_that_nobody_opened_is_not_found()
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Get, "/admin/sessions/nobodys/spending")).Refused(404, Codes.NotFound);
    }

    /// <summary>Two calls of a model, a service, a transfer, and below them a session that calls and runs the same.</summary>
    private static async Task<(ModelSession Root, ModelSession Child, IReadOnlyList<string> Payments)> Spend(ModelWorld world)
    {
        var client = world.Api.Client;
        await world.PutModel("house", "openai");
        await client.Load();
        await client.PutAgents("agent-1", "agent-2");
        foreach (var wallet in (string[])["agent:agent-1", "text-provider"]) await client.Deposit(wallet);
        var opened = (await client.Post("/agent/auth", RunningApi.PlatformKey, """
            {"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"budget_limit_cents":1000}}
            """)).Expect(201).Data;
        var root = new ModelSession(Text(opened, "token"), Text(opened, "session_id"));
        var child = await Delegated(world, root, "agent-2");
        foreach (var session in (ModelSession[])[root, root, child])
        {
            (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "house", Words.Of(1_000)))).Expect(200);
        }

        IReadOnlyList<string> payments = [await Run(world, root, "one"), await Run(world, child, "two")];
        (await client.Post("/agent/wallet/transfer", root.Token, """{"to":"agent:agent-2","amount_cents":7.0123}""", ("Idempotency-Key", "sent-1"))).Expect(200);
        return (root, child, payments);
    }

    private static async Task<string> Run(ModelWorld world, ModelSession session, string text) =>
        Text((await world.Api.Client.Post("/agent/services/summary/run", session.Token, $$$"""{"input":{"text":"{{{text}}}"},"pay_with":"wallet","max_price_cents":25}""")).Expect(200).Data.GetProperty("payment"), "payment_id");

    private static async Task<ModelSession> Delegated(ModelWorld world, ModelSession session, string agent)
    {
        var opened = (await world.Api.Client.Post("/agent/session/delegate", session.Token, $$"""{"agent_id":"{{agent}}"}""")).Expect(201).Data;
        return new(Text(opened, "token"), Text(opened, "session_id"));
    }

    /// <summary>When the ends of runs below have come up, which takes a moment.</summary>
    private static async Task<JsonElement> Eventually(ModelWorld world, string session, Func<JsonElement, bool>? settled = null)
    {
        settled ??= static node => Cents(node, "beyond_cents") == 0 && Cents(node.GetProperty("subtree"), "held_cents") == 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Hang.Timeout);
        for (var tree = await Read(world, session); ; tree = await Read(world, session))
        {
            if (settled(Nodes(tree)[0])) return tree;
            await timer.WaitForNextTickAsync(late.Token);
        }
    }

    /// <summary>Each node's own parts are its own sum, its subtree's are its subtree's, and that is what its session says that it has spent.</summary>
    private static async Task SaysAsTheBudgets(ModelWorld world, JsonElement tree)
    {
        Assert.False(tree.GetProperty("has_more").GetBoolean());
        foreach (var node in Nodes(tree))
        {
            var (own, subtree) = (node.GetProperty("own"), node.GetProperty("subtree"));
            var lines = own.GetProperty("models").EnumerateArray().Concat(own.GetProperty("services").EnumerateArray()).Sum(line => Cents(line, "cost_cents") - Cents(line, "refunded_cents"));
            Assert.Equal(Cents(own, "spent_cents"), lines + Cents(own.GetProperty("transfers"), "amount_cents") - Cents(own.GetProperty("transfers"), "refunded_cents"));
            Assert.Equal(Cents(subtree, "spent_cents"), Cents(subtree, "models_cents") + Cents(subtree, "services_cents") + Cents(subtree, "transfers_cents"));
            var below = Nodes(tree).Where(other => Text(other, "session_id").EndsWith(Text(node, "session_id"), StringComparison.Ordinal)).Sum(other => Cents(other.GetProperty("own"), "spent_cents"));
            Assert.Equal(below, Cents(subtree, "spent_cents"));
            var said = (await world.Api.Client.Admin(HttpMethod.Get, $"/admin/sessions/{Text(node, "session_id")}")).Expect(200).Data.GetProperty("budget");
            Assert.Equal(said.GetRawText(), node.GetProperty("budget").GetRawText());
            Assert.Equal(Cents(said, "spent_cents"), Cents(subtree, "spent_cents"));
        }

        Assert.Equal(Cents(Nodes(tree)[0].GetProperty("subtree"), "spent_cents"), Cents(tree.GetProperty("whole"), "spent_cents"));
    }

    private static async Task<JsonElement> Read(ModelWorld world, string session) => (await world.Api.Client.Admin(HttpMethod.Get, $"/admin/sessions/{session}/spending")).Expect(200).Data;

    private static IReadOnlyList<JsonElement> Nodes(JsonElement tree) => [.. tree.GetProperty("nodes").EnumerateArray()];

    private static (int Calls, long Micros, long CacheRead) Model(JsonElement spent, string id)
    {
        var line = Assert.Single(spent.GetProperty("models").EnumerateArray(), line => Text(line, "service_id") == id);
        return (line.GetProperty("calls").GetInt32(), Cents(line, "cost_cents"), line.GetProperty("cache_read_tokens").GetInt64());
    }

    private static (int Runs, long Micros, long Refunded) Service(JsonElement spent)
    {
        var line = Assert.Single(spent.GetProperty("services").EnumerateArray());
        return (line.GetProperty("runs").GetInt32(), Cents(line, "cost_cents"), Cents(line, "refunded_cents"));
    }

    private static long Cents(JsonElement of, string member) => ModelWorld.Micros(of.GetProperty(member));

    private static string Text(JsonElement of, string member) => of.GetProperty(member).GetString()!;
}
