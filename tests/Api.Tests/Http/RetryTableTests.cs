using Agora.Api.Tests.Conversations;
using Agora.Api.Tests.Peers;
using Agora.Api.Tests.Support;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Web;

namespace Agora.Api.Tests.Http;

/// <summary>The table of errors says how each code is tried again: each is provoked once, and says so too.</summary>
public sealed class RetryTableTests
{
    private const string Run = "/agent/services/summary/run";
    private const string Task = "/agent/tasks/survey/complete";
    private const string Grant = """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100},"max_live_sessions":1000THRESHOLD}""";
    private static readonly (string, string) Key = ("Idempotency-Key", "k1");

    [Fact]
    public async Task Every_code_says_the_retry_that_its_page_says()
    {
        var said = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var refused in Provoked())
        {
            Assert.True(said.TryAdd(refused.Code, refused.Error.GetProperty("retry").GetString()!), refused.Code);
            Assert.Equal(refused.Header("Retry-After"), refused.Error.GetProperty("retry_after_seconds").GetRawText() is var seconds && seconds == "null" ? null : seconds);
        }

        // What is refused for what it says is told by the door to models alone, in its makers' shapes.
        Assert.Equal(ErrorPages.All.Where(static page => page.Code != Codes.ContentRefused).ToDictionary(page => page.Code, page => page.Text.Split("retry `")[1].Split('`')[0]), said.ToDictionary());
    }

    [Fact]
    public async Task After_a_defect_the_same_key_finds_out_and_does_nothing_twice()
    {
        FailingEntities? entities = null;
        await using var api = await RunningApi.Start(edge: inner => entities = new(inner));
        var token = await api.Client.OpenReady();
        entities!.Fails = true;
        Assert.Equal("same_key", Retry((await api.Client.Post(Run, token, Support.Catalogue.Input, Key)).Refused(500, "internal")));

        entities.Fails = false;
        Assert.Equal("true", (await api.Client.Post(Run, token, Support.Catalogue.Input, Key)).Expect(200).Header("Idempotent-Replayed"));
        Assert.Equal(1, (await api.Client.Get("/agent/runs", token)).Expect(200).Data.GetProperty("total_count").GetInt32());
    }

    [Fact]
    public async Task A_campaign_that_is_short_of_a_reward_is_funded_and_the_same_key_passes()
    {
        await using var api = await RunningApi.Start();
        var token = await Unfunded(api);
        Assert.Equal("same_key", Retry((await api.Client.Post(Task, token, Support.Catalogue.Completion, Key)).Refused(409, "rewards_exhausted")));

        (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/survey/fund", """{"amount_cents":10}""", Key)).Expect(200);
        (await api.Client.Post(Task, token, Support.Catalogue.Completion, Key)).Expect(201);
    }

    private static async IAsyncEnumerable<Support.Received> Provoked()
    {
        await using (var api = await RunningApi.Start())
        {
            await foreach (var refused in OfRequests(api)) yield return refused;
        }

        await using (var api = await RunningApi.Start())
        {
            await foreach (var refused in OfLimits(api)) yield return refused;
        }

        await using (var talk = await Talk.Among("a", "b"))
        {
            await foreach (var refused in OfConversations(talk)) yield return refused;
        }

        await using (var api = await RunningApi.Start(duplicateWindowSeconds: 0))
        {
            await foreach (var refused in OfRuns(api)) yield return refused;
        }

        await using (var api = await RunningApi.Start(ratePerMinute: 1))
        {
            var token = await api.Client.OpenSession();
            await api.Client.Get("/agent/flow/status", token);
            yield return await api.Client.Get("/agent/flow/status", token);
        }

        FailingEntities? entities = null;
        await using (var api = await RunningApi.Start(edge: inner => entities = new(inner)))
        {
            var token = await api.Client.OpenReady();
            entities!.Fails = true;
            yield return await api.Client.Post(Run, token, Support.Catalogue.Input, Key);
        }

        await using (var api = await RunningApi.Start())
        {
            yield return await api.Client.Post(Task, await Unfunded(api), Support.Catalogue.Completion);
        }
    }

    private static async IAsyncEnumerable<Support.Received> OfConversations(Talk talk)
    {
        var id = (await talk.Post("a", "/conversations", """{"participants":["b"]}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!;
        await talk.Say("a", id, "hello");
        yield return await talk.Post("a", $"/conversations/{id}/messages", """{"content":"again"}""");
        (await talk.Post("a", $"/conversations/{id}/close")).Expect(200);
        yield return await talk.Post("a", $"/conversations/{id}/messages", """{"content":"again"}""");
    }

    private static async IAsyncEnumerable<Support.Received> OfRequests(RunningApi api)
    {
        var client = api.Client;
        var token = await api.Client.OpenReady();
        yield return await client.Get("/agent/services");
        yield return await client.Send(HttpMethod.Get, "/agents", null, null, ("Signature", "sig=:AA==:"));
        yield return await client.Send(HttpMethod.Put, "/admin/agents/agent-1", RunningApi.KeyOf(Role.Viewer), "{}");
        yield return await client.Admin(HttpMethod.Get, "/test/clock");
        var before = (await client.Post("/agent/auth", RunningApi.TestPlatformKey, """{"agent_id":"a","user_id":"u","scopes":{"budget_limit_cents":1}}""")).Expect(201).Data.GetProperty("token").GetString();
        (await client.Send(HttpMethod.Post, "/test/reset", RunningApi.TestAdminKey, """{"confirm":"default"}""")).Expect(200);
        yield return await client.Get("/agent/flow/status", before);
        yield return await client.Post(Run, token, "{");
        yield return await client.Post(Run, token, "{}");
        yield return await client.Post(Run, token, $"\"{new string('x', Limits.BodyBytes)}\"");
        using var form = new HttpRequestMessage(HttpMethod.Post, Run) { Content = new StringContent("a=b") };
        yield return await client.Send(form, token);
        yield return await client.Get("/agent/nothing", token);
        yield return await client.Send(HttpMethod.Delete, "/agent/services", token);
        yield return await client.Send(HttpMethod.Get, "/agent/services", token, null, ("Accept", "image/png"));
        yield return await client.Admin(HttpMethod.Patch, "/admin/services/summary", "{}", ("If-Match", "\"old\""));
        (await client.Send(HttpMethod.Put, "/agents/agent-1", RunningApi.PlatformKey, AgentKey.Put(new AgentKey(1).Card()))).Expect(200);
        yield return await client.Send(HttpMethod.Put, "/agents/agent-1", RunningApi.PlatformKey, AgentKey.Put(new AgentKey(2).Card()));
        yield return await client.Post(Task, token, Support.Catalogue.Completion);
        yield return await client.Post("/agent/tasks/survey/claim", await client.OpenSession(user: "user-2"), null);
        (await client.Post(Run, token, Support.Catalogue.Input, Key)).Expect(200);
        yield return await client.Post(Run, token, """{"input":{"text":"Another text."}}""", Key);
        yield return await DoneTwice(api);
    }

    /// <summary>A run that is a duplicate passes with a key (RetryTests); what is given back already does not.</summary>
    private static async Task<Support.Received> DoneTwice(RunningApi api)
    {
        var payment = (await api.Client.Admin(HttpMethod.Get, "/admin/payments")).Expect(200).Data.GetProperty("payments")[0].GetProperty("payment_id").GetString();
        await api.Client.Deposit("text-provider");
        (await api.Client.Admin(HttpMethod.Post, $"/admin/payments/{payment}/refund", """{"reason":"r"}""", ("Idempotency-Key", "r1"))).Expect(200);
        return await api.Client.Admin(HttpMethod.Post, $"/admin/payments/{payment}/refund", """{"reason":"r"}""", ("Idempotency-Key", "r2"));
    }

    private static async IAsyncEnumerable<Support.Received> OfLimits(RunningApi api)
    {
        var client = api.Client;
        await client.Load();
        yield return await client.Post(Run, await client.OpenSession(), Support.Catalogue.Input);
        var narrow = await client.OpenSession(user: "user-2", scopes: "[]");
        yield return await client.Post(Run, narrow, Support.Catalogue.Input);
        var small = await client.OpenSession(user: "user-3", budgetCents: "10");
        await client.Complete(small);
        yield return await client.Post(Run, small, Support.Catalogue.Input);
        yield return await client.Post("/agent/session/delegate", small, """{"agent_id":"agent-2","scopes":{"budget_limit_cents":11}}""");
        (await client.Send(HttpMethod.Delete, "/agent/session", narrow)).Expect(200);
        yield return await client.Get("/agent/flow/status", narrow);
        (await client.Admin(HttpMethod.Post, "/admin/users/user-3/pause", """{"reason":"A look."}""")).Expect(200);
        yield return await client.Post(Run, small, Support.Catalogue.Input);
        (await client.Admin(HttpMethod.Put, "/admin/users/user-4", "{}")).Expect(200);
        (await client.Admin(HttpMethod.Put, "/admin/users/user-4/grants/agent-1", Grant.Replace("THRESHOLD", "", StringComparison.Ordinal))).Expect(200);
        var over = await client.OpenSession(user: "user-4");
        (await client.Admin(HttpMethod.Put, "/admin/users/user-4/grants/agent-1", Grant.Replace("THRESHOLD", ",\"expires_at\":\"2020-01-01T00:00:00Z\"", StringComparison.Ordinal))).Expect(200);
        yield return await client.Get("/agent/flow/status", over);
    }

    private static async IAsyncEnumerable<Support.Received> OfRuns(RunningApi api)
    {
        var client = api.Client;
        var token = await api.Client.OpenReady();
        foreach (var code in new[] { Codes.UpstreamFailed, Codes.UpstreamTimeout })
        {
            api.Service.Answers = PlayedService.Fails(code);
            yield return await client.Post(Run, token, Support.Catalogue.Input);
        }

        var (called, outcome) = (new TaskCompletionSource(), new TaskCompletionSource<StepOutcome>());
        api.Service.Answers = _ =>
        {
            called.TrySetResult();
            return outcome.Task;
        };
        var first = client.Post(Run, token, Support.Catalogue.Input, Key);
        await called.Task;
        yield return await client.Post(Run, token, Support.Catalogue.Input, Key);
        outcome.SetResult(new ServiceOutcome.Output("{}"u8.ToArray(), 1));
        var run = (await first).Expect(200).Data.GetProperty("run_id").GetString();
        yield return await client.Post($"/agent/runs/{run}/cancel", token, null);

        (await client.Admin(HttpMethod.Put, "/admin/users/user-2", "{}")).Expect(200);
        (await client.Admin(HttpMethod.Put, "/admin/users/user-2/grants/agent-1", Grant.Replace("THRESHOLD", ",\"require_approval_above_cents\":10", StringComparison.Ordinal))).Expect(200);
        var asking = await client.OpenSession(user: "user-2");
        await client.Complete(asking);
        var waiting = (await client.Post(Run, asking, Support.Catalogue.Input, Key)).Expect(202).Data.GetProperty("run_id").GetString();
        (await client.Post($"/agent/runs/{waiting}/cancel", asking, null)).Expect(200);
        yield return await client.Post(Run, asking, Support.Catalogue.Input, Key);
        var denied = (await client.Post(Run, asking, Support.Catalogue.Input, ("Idempotency-Key", "k2"))).Expect(202).Data.GetProperty("run_id").GetString();
        (await client.Admin(HttpMethod.Post, $"/admin/approvals/{denied}", """{"decision":"deny"}""")).Expect(200);
        yield return await client.Admin(HttpMethod.Post, $"/admin/approvals/{denied}", """{"decision":"approve"}""");
        yield return await Away();
    }

    /// <summary>The store, or whoever decides, does not answer.</summary>
    private static async Task<Support.Received> Away()
    {
        FailingEntities? entities = null;
        await using var api = await RunningApi.Start(edge: inner => entities = new(inner));
        var token = await api.Client.OpenReady();
        entities!.Out = true;
        return await api.Client.Post(Run, token, Support.Catalogue.Input, Key);
    }

    private static async Task<string> Unfunded(RunningApi api)
    {
        await api.Client.Load(fundCents: "1");
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Support.Catalogue.Campaign.Replace("\"runs_per_completion\":2", "\"runs_per_completion\":2,\"reward_cents\":5", StringComparison.Ordinal))).Expect(200);
        return await api.Client.OpenSession();
    }

    private static string Retry(Support.Received refused) => refused.Error.GetProperty("retry").GetString()!;
}
