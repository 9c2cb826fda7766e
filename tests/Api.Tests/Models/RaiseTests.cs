using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Journal.Memory;
using Agora.Models;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Models;

/// <summary>A session whose budget has no room, and whose grant has its user asked: a call waits for the answer, a run until it comes.</summary>
public sealed class RaiseTests
{
    private const long Read = InputBound.Whole + InputBound.EachItem + 14 + 4;
    private const string Run = "/agent/services/summary/run";

    private static readonly string Body = ModelDoorClient.Body("chat", "some", maxTokens: 100);

    private static string Cents(long micros) => ModelWorld.Cents(micros);

    private static long Bound(long output) => ModelWorld.Bound(Read, output, "compatible");

    [Fact]
    public async Task A_call_waits_for_its_user_and_is_made_when_the_budget_was_raised_by_what_was_missing()
    {
        await using var world = await ModelWorld.Start();
        var session = await Open(world, Bound(10));

        var asking = world.Door.Ask(session, "chat", Body);
        var waits = await Waits(world);
        Assert.Equal((Cents(Bound(100)), true, "some", (0L, 0L), 0), (
            waits.GetProperty("max_amount_cents").GetRawText(), waits.GetProperty("beyond_budget").GetBoolean(), waits.GetProperty("service_id").GetString(), await world.Budget(session), world.Upstream.Requests));
        await Decide(world, waits, "approve");
        var told = (await asking).Expect(200);

        Assert.Equal((Bound(100), 100), (told.HeldMicros, told.MaxOutputTokens));
        Assert.NotEqual(waits.GetProperty("run_id").GetString(), told.Run.ToString("D"));
        Assert.Equal((ModelWorld.Cost((await world.Truth("some")).Counts), 0), await world.Budget(session));
        Assert.Equal(Cents(Bound(100)), Limit(await world.Api.Client.Get("/agent/flow/status", session.Token)));
    }

    [Fact]
    public async Task Without_an_answer_it_is_refused_legibly_and_whoever_asks_afterwards_has_room()
    {
        await using var world = await ModelWorld.Start();
        var session = await Open(world, Bound(10));

        var first = (await world.Door.Ask(session, "chat", Body, key: "k1", wait: 0)).Refused(402, "budget_exceeded").Error;
        var other = (await world.Door.Ask(session, "messages", ModelDoorClient.Body("messages", "some", maxTokens: 90), wait: 0)).Refused(402, "budget_exceeded").Error;

        var waits = await Waits(world); // one, whichever calls ask
        Assert.Equal(("approval", "pending", waits.GetProperty("run_id").GetString()), (first.GetProperty("limit").GetString(), first.GetProperty("approval").GetString(), first.GetProperty("run_id").GetString()));
        Assert.Equal(first.GetProperty("run_id").GetString(), other.GetProperty("run_id").GetString());
        Assert.Equal(0, world.Upstream.Requests);
        await Decide(world, waits, "approve");
        var told = (await world.Door.Ask(session, "chat", Body, key: "k1")).Expect(200);
        Assert.NotEqual(waits.GetProperty("run_id").GetString(), told.Run.ToString("D"));
        (await world.Door.Ask(session, "chat", Body, key: "k1")).Refused(409, "idempotency_conflict");
        Assert.Equal(1, world.Upstream.Requests);
    }

    /// <summary>The question is another call's, so its own key is still its own.</summary>
    [Fact]
    public async Task A_key_that_waited_for_anothers_question_is_paid_once()
    {
        await using var world = await ModelWorld.Start();
        var session = await Open(world, Bound(10));
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "some", maxTokens: 1_000), wait: 0)).Refused(402, "budget_exceeded");
        var waits = await Waits(world);

        var asking = world.Door.Ask(session, "chat", Body, key: "k1");
        await Decide(world, waits, "approve");
        (await asking).Expect(200);

        (await world.Door.Ask(session, "chat", Body, key: "k1")).Refused(409, "idempotency_conflict");
        Assert.Equal(1, world.Upstream.Requests);
    }

    [Fact]
    public async Task Those_that_wait_for_their_user_are_few_and_leave_all_others_their_places()
    {
        await using var world = await ModelWorld.Start();
        var session = await Open(world, Bound(10));
        await world.PutModel("large", "compatible", maxPriceCents: "10000");
        var large = ModelDoorClient.Body("chat", "some", new string('a', 3 << 20), maxTokens: 100);

        var waiting = Enumerable.Range(0, 4).Select(_ => world.Door.Ask(session, "chat", large, wait: 100)).ToList();
        var first = await Task.WhenAny(waiting).WaitAsync(Hang.Timeout);

        Assert.Equal("pending", (await first).Refused(402, "budget_exceeded").Error.GetProperty("approval").GetString());
        (await world.Door.Ask(await world.Open(user: "other"), "chat", ModelDoorClient.Body("chat", "large", new string('a', 1 << 20), maxTokens: 16))).Expect(200);
        for (var since = DateTime.UtcNow; waiting.Count(one => !one.IsCompleted) > 1; await Task.Delay(20))
        {
            Assert.True(DateTime.UtcNow - since < TimeSpan.FromSeconds(60), "More waited than have places.");
        }

        await Decide(world, await Waits(world), "deny");
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task Denied_it_is_refused_by_the_budget_and_nobody_is_asked_again()
    {
        await using var world = await ModelWorld.Start();
        var session = await Open(world, Bound(10));

        var asking = world.Door.Ask(session, "chat", Body);
        await Decide(world, await Waits(world), "deny");

        var denied = (await asking).Refused(402, "budget_exceeded").Error;
        Assert.Equal(("session", "denied"), (denied.GetProperty("limit").GetString(), denied.GetProperty("approval").GetString()));
        Assert.Contains("said no", denied.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("session", (await world.Door.Ask(session, "chat", Body)).Refused(402, "budget_exceeded").Error.GetProperty("limit").GetString());
        Assert.Empty(await Pending(world));
        Assert.Equal(((0L, 0L), 0), (await world.Budget(session), world.Upstream.Requests));
    }

    [Fact]
    public async Task Where_an_answer_fits_into_what_is_left_nobody_is_asked()
    {
        await using var world = await ModelWorld.Start();
        var session = await Open(world, Bound(70));

        var told = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "some", maxTokens: null))).Expect(200);

        Assert.Equal(70, told.MaxOutputTokens);
        Assert.Empty(await Pending(world));
    }

    [Fact]
    public async Task The_users_own_caps_stand_whatever_is_raised_below_them()
    {
        await using var world = await ModelWorld.Start();
        var session = await Open(world, Bound(10), total: Bound(12));

        var asking = world.Door.Ask(session, "chat", Body);
        await Decide(world, await Waits(world), "approve");

        Assert.Equal("grant_total", (await asking).Refused(402, "budget_exceeded").Error.GetProperty("limit").GetString());
        Assert.Equal(0, world.Upstream.Requests);
    }

    [Fact]
    public async Task A_services_run_waits_holding_nothing_and_goes_on_by_itself()
    {
        await using var world = await ModelWorld.Start();
        var session = await Open(world, 10 * ModelWorld.Cent);
        await world.Api.Client.Load();
        await world.Api.Client.Complete(session.Token);

        var run = (await world.Api.Client.Post(Run, session.Token, Support.Catalogue.Input, ("Idempotency-Key", "k1"))).Expect(202).Data.GetProperty("run_id").GetString();
        var waits = await Waits(world);
        Assert.Equal((run, (0L, 0L)), (waits.GetProperty("run_id").GetString(), await world.Budget(session)));
        using (var http = new HttpClient { BaseAddress = world.Api.Client.Address })
        {
            Assert.Contains("it is raised by what is missing", await http.GetStringAsync(new Uri(waits.GetProperty("link").GetString()!, UriKind.Relative)), StringComparison.Ordinal);
        }

        await Decide(world, waits, "approve");

        (await world.Api.Client.Post(Run, session.Token, Support.Catalogue.Input, ("Idempotency-Key", "k1"))).Expect(200);
        Assert.Equal((25 * ModelWorld.Cent, 0), await world.Budget(session));
        Assert.Equal("25", Limit(await world.Api.Client.Get("/agent/flow/status", session.Token)));
    }

    /// <summary>Nothing else is done under it, and nobody is told that it was.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_waits_has_its_key_also_after_a_restart(bool restarted)
    {
        var store = new MemoryJournal(TimeProvider.System);
        JsonElement waits;
        string token;
        await using (var before = await ModelWorld.Start(store: store))
        {
            var session = await Open(before, 10 * ModelWorld.Cent);
            token = session.Token;
            await before.Api.Client.Load();
            await before.Api.Client.Complete(token);
            (await before.Api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k1"))).Expect(202);
            waits = await Waits(before);
            if (!restarted)
            {
                await Conflicts(before);
            }
        }

        await using var world = await ModelWorld.Start(store: store);
        await Conflicts(world);
        await Decide(world, waits, "approve");
        (await world.Api.Client.Post(Run, token, Support.Catalogue.Input, ("Idempotency-Key", "k1"))).Expect(200);
        await Conflicts(world);

        async Task Conflicts(ModelWorld at)
        {
            foreach (var (route, body) in new[] { (Run, """{"input":{"text":"Another text."}}"""), (Run, Support.Catalogue.Input.Replace("{\"input\"", "{\"max_price_cents\":25,\"input\"", StringComparison.Ordinal)), ("/agent/wallet/transfer", """{"to":"agent:agent-2","amount_cents":1,"memo":"x"}""") })
            {
                (await at.Api.Client.Post(route, token, body, ("Idempotency-Key", "k1"))).Refused(409, "idempotency_conflict");
            }
        }
    }

    [Fact]
    public async Task A_call_that_waits_has_its_key()
    {
        await using var world = await ModelWorld.Start();
        var session = await Open(world, Bound(10));
        (await world.Door.Ask(session, "chat", Body, key: "k1", wait: 0)).Refused(402, "budget_exceeded");
        var waits = await Waits(world);

        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "some", maxTokens: 99), key: "k1", wait: 0)).Refused(409, "idempotency_conflict");
        await Decide(world, waits, "approve");
        (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "some", maxTokens: 99), key: "k1", wait: 0)).Refused(409, "idempotency_conflict");
        (await world.Door.Ask(session, "chat", Body, key: "k1")).Expect(200);
        Assert.Equal(1, world.Upstream.Requests);
    }

    [Fact]
    public async Task Who_has_waited_for_its_user_waits_for_what_others_hold_too()
    {
        await using var world = await ModelWorld.Start(new() { Choose = _ => new Reply { Before = TimeSpan.FromMilliseconds(500) } });
        var session = await Open(world, Bound(10));

        var asking = Enumerable.Range(0, 3).Select(_ => world.Door.Ask(session, "chat", Body)).ToList();
        await Task.Delay(Limits.RoomWait + TimeSpan.FromMilliseconds(500)); // what it may wait for others is its own, whatever the user takes
        await Decide(world, await Waits(world), "approve");

        Assert.InRange((await Task.WhenAll(asking)).Count(told => told.Status == 200), 2, 3);
    }

    [Fact]
    public async Task A_session_may_ask_for_less_than_its_grant_and_not_for_more()
    {
        await using var world = await ModelWorld.Start();
        await Open(world, Bound(10));
        const string Asked = """{"agent_id":"agent-1","user_id":"user-1","scopes":{"ask_when_spent":FLAG}}""";

        var opened = (await world.Api.Client.Post("/agent/auth", RunningApi.PlatformKey, Asked.Replace("FLAG", "false", StringComparison.Ordinal))).Expect(201).Data;
        Assert.False(opened.GetProperty("scopes").GetProperty("ask_when_spent").GetBoolean());
        (await world.Door.Ask(new(opened.GetProperty("token").GetString()!, opened.GetProperty("session_id").GetString()!), "chat", ModelDoorClient.Body("chat", "some", maxTokens: 4_000))).Refused(402, "budget_exceeded");
        Assert.Empty(await Pending(world));

        await Grant(world, Bound(10), asks: false);
        (await world.Api.Client.Post("/agent/auth", RunningApi.PlatformKey, Asked.Replace("FLAG", "true", StringComparison.Ordinal))).Refused(403, "grant_exceeded");
    }

    private static async Task<ModelSession> Open(ModelWorld world, long budget, long? total = null)
    {
        await world.PutModel("some", "compatible");
        (await world.Api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        await Grant(world, budget, asks: true, total);
        return await world.Open(Cents(budget), user: "user-1");
    }

    private static async Task Grant(ModelWorld world, long budget, bool asks, long? total = null) => (await world.Api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", $$"""
        {"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":{{Cents(budget)}},"ask_when_spent":{{(asks ? "true" : "false")}}}
         {{(total is { } most ? $",\"total_limit_cents\":{Cents(most)}" : "")}}}
        """)).Expect(200);

    private static async Task<JsonElement> Waits(ModelWorld world)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Hang.Timeout);
        for (var pending = await Pending(world); ; pending = await Pending(world))
        {
            if (pending.Count > 0) return Assert.Single(pending);
            await timer.WaitForNextTickAsync(late.Token);
        }
    }

    private static async Task<IReadOnlyList<JsonElement>> Pending(ModelWorld world) =>
        [.. (await world.Api.Client.Admin(HttpMethod.Get, "/admin/approvals?user_id=user-1")).Expect(200).Data.GetProperty("approvals").EnumerateArray()];

    private static async Task Decide(ModelWorld world, JsonElement waits, string decision) =>
        (await world.Api.Client.Admin(HttpMethod.Post, $"/admin/approvals/{waits.GetProperty("run_id").GetString()}", $$"""{"decision":"{{decision}}"}""")).Expect(200);

    private static string Limit(Received status) => status.Expect(200).Data.GetProperty("budget").GetProperty("limit_cents").GetRawText();
}
