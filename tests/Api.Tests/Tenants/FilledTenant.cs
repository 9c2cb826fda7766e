using System.Globalization;
using System.Text;
using System.Text.Json;
using Agora.Api.Scenarios;
using Agora.Api.Tests.Peers;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;
using Agora.Core.Users;
using Agora.Core.Watches;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Tenants;

/// <summary>Something of everything that a tenant can have. <see cref="Marker"/> stands in all of it that is text, and in no id that a request names.</summary>
internal sealed class FilledTenant
{
    public const string Marker = "FIRSTS";

    private readonly Client _client;
    private readonly Dictionary<string, string> _ids = [];

    private FilledTenant(Client client) => _client = client;

    /// <summary>By what a path calls them.</summary>
    public IReadOnlyDictionary<string, string> Ids => _ids;

    public string Token { get; private set; } = "";

    /// <summary>That waits for approval.</summary>
    public string WaitingRun { get; private set; } = "";

    public string Link { get; private set; } = "";

    /// <summary>Those that were drawn: nobody else can have them.</summary>
    public IEnumerable<string> DrawnIds => [_ids["session_id"], _ids["run_id"], _ids["payment_id"], _ids["completion_id"], _ids["consent_id"], _ids["key_id"], _ids["event_id"], _ids["conversation_id"], _ids["chat_id"], _ids["memory_id"], _ids["watch_id"], _ids["play_id"], WaitingRun];

    public static async Task<FilledTenant> Of(RunningApi api)
    {
        api.Service.Answers = PlayedService.Says($$"""{"summary":"{{Marker}}"}""");
        var filled = new FilledTenant(api.Client);
        await filled.Put();
        await filled.Act();
        await filled.Talk();
        await filled.Chat(api);
        await filled.Watch(api);
        await filled.Play(api);
        await filled.Wait();
        return filled;
    }

    private async Task Put()
    {
        await Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("Summarizer", Marker, StringComparison.Ordinal).Replace("\"minLength\":1", $"\"minLength\":1,\"title\":\"{Marker}\"", StringComparison.Ordinal));
        var campaign = Support.Catalogue.Campaign.Replace("Acme", Marker, StringComparison.Ordinal).Replace("Three questions", Marker, StringComparison.Ordinal).Replace("\"minimum\":1", $"\"minimum\":1,\"title\":\"{Marker}\"", StringComparison.Ordinal);
        await Admin(HttpMethod.Put, "/admin/campaigns/survey", campaign.Replace("\"runs_per_completion\":2", "\"runs_per_completion\":2,\"reward_cents\":5,\"payout_delay_seconds\":3600", StringComparison.Ordinal));
        await Admin(HttpMethod.Post, "/admin/campaigns/survey/fund", """{"amount_cents":1000}""");
        await Admin(HttpMethod.Put, "/admin/users/user-1", $$$"""{"attributes":{"city":["{{{Marker}}}"]}}""");
        await Admin(HttpMethod.Put, "/admin/agents/agent-1", $$"""{"owner":"{{Marker}}"}""");
        await Admin(HttpMethod.Put, "/agents/agent-1", AgentKey.Put(AgentKey.OfExamples.Card(version: 5, name: Marker)), RunningApi.PlatformKey);
        _ids["key_id"] = Text(await Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", "{}"), "key_id");
        await Admin(HttpMethod.Put, "/admin/webhooks/books", $$"""{"url":"https://books.example/agora","description":"{{Marker}}"}""");
        await Admin(HttpMethod.Post, "/admin/webhooks/books/secrets", "{}");
        await Admin(HttpMethod.Put, "/admin/upstreams/calc", $$"""{"urls":["https://calc.example/mcp"],"category":"math","price_cents":1,"provider":"calc-provider","description":"{{Marker}}"}""");
        _ids["event_id"] = Text(await Admin(HttpMethod.Post, "/admin/webhooks/books/test", "{}"), "event_id");
        await Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", $$"""{"amount_cents":100,"memo":"{{Marker}}"}""");
        await Admin(HttpMethod.Post, "/admin/wallets/text-provider/deposit", """{"amount_cents":100}""");
    }

    private async Task Act()
    {
        Token = await _client.OpenSession(peers: """["agent-2"]""");
        var done = (await _client.Post("/agent/tasks/survey/complete", Token, Support.Catalogue.Completion.Replace("It works", Marker, StringComparison.Ordinal))).Expect(201).Data;
        var run = (await _client.Post("/agent/services/summary/run", Token, Support.Catalogue.Input)).Expect(200).Data;
        (_ids["completion_id"], _ids["consent_id"]) = (Text(done, "completion_id"), Text(done.GetProperty("consents")[0], "consent_id"));
        (_ids["run_id"], _ids["payment_id"]) = (Text(run, "run_id"), Text(run.GetProperty("payment"), "payment_id"));
        _ids["memory_id"] = Text((await _client.Post("/api/v2/memories", Token, $$"""{"text":"{{Marker}}","pinned":true}""")).Expect(201).Data.GetProperty("memory"), "memory_id");
        (await _client.Send(HttpMethod.Put, "/api/v2/preferences", Token, $$"""{"about":"{{Marker}}"}""")).Expect(200);
        await Admin(HttpMethod.Post, $"/admin/payments/{_ids["payment_id"]}/refund", $$"""{"amount_cents":5,"reason":"{{Marker}}"}""");
        (await _client.Post("/agent/session/delegate", Token, """{"agent_id":"agent-2"}""")).Expect(201);
        var little = Text((await _client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-3","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":1}}""")).Expect(201).Data, "token");
        Assert.Contains("budget_exceeded", (await _client.Post("/agent/services/summary/run", little, Support.Catalogue.Input)).Json.ToString(), StringComparison.Ordinal);
        _ids["refusal_id"] = Text((await Admin(HttpMethod.Get, "/admin/refusals?limit=1", null)).GetProperty("refusals")[0], "refusal_id");
        await Admin(HttpMethod.Put, "/admin/people/ann", """{"role":"viewer"}""");
        _ids["person_id"] = "ann";
        (_ids["kind"], _ids["entity_id"], _ids["sequence"]) = ("user", "user-1", "1");
        _ids["session_id"] = Text((await _client.Get("/agent/flow/status", Token)).Expect(200).Data.GetProperty("session"), "session_id");
        (_ids["user_id"], _ids["agent_id"], _ids["service_id"], _ids["campaign_id"], _ids["wallet_id"], _ids["webhook_id"], _ids["upstream_id"]) = ("user-1", "agent-1", "summary", "survey", "agent:agent-1", "books", "calc");
    }

    private async Task Talk()
    {
        var opened = (await _client.Post("/conversations", Token, $$"""{"participants":["agent-2"],"topic":"{{Marker}}"}""")).Expect(201).Data;
        (_ids["conversation_id"], _ids["number"]) = (Text(opened, "conversation_id"), "2");
        (await _client.Post($"/conversations/{_ids["conversation_id"]}/messages", Token, $$"""{"content":"{{Marker}}"}""")).Expect(201);
        (await _client.Send(HttpMethod.Put, "/agent/webhook", Token, $$"""{"url":"https://agent.example/{{Marker}}"}""")).Expect(200);
        _ids["report_id"] = Text((await _client.Post("/agent/reports", Token, """{"agent_id":"agent-2","reason":"spam"}""")).Expect(201).Data, "report_id");
    }

    /// <summary>No provider of models is there: what is said in a chat is put where it stands.</summary>
    private async Task Chat(RunningApi api)
    {
        var id = Guid.CreateVersion7();
        var said = new ChatCommand.Ask("agent-1", _ids["session_id"], id, "model", 0, null, Personal.Of(new ChatWords(Marker)), new(Guid.Parse(_ids["run_id"]), "model", null, 0));
        Assert.Null((await api.Services.GetRequiredService<IEntities>().In(Tenant.Default).Chat(OwnedIds.Of(id, "user-1")).Send(said, new(Guid.CreateVersion7()))).Rejection);
        (_ids["chat_id"], _ids["turn"]) = (id.ToString("D"), "1");
        _ids["hash"] = Text((await _client.Post("/api/v2/chat/attachments", Token, $$"""{"media_type":"text/plain","data":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(Marker))}}"}""")).Expect(201).Data, "hash");
    }

    /// <summary>It is a person's turn, so nobody drives it.</summary>
    private async Task Watch(RunningApi api)
    {
        var (id, brief) = (Guid.CreateVersion7(), new WatchBrief(Marker, [new(Marker, Marker), new(Marker, Marker)]));
        var begun = new WatchCommand.Begin("agent-1", _ids["session_id"], new([new(null, 0), new("model", 10_000)], 10), Personal.Of(brief));
        Assert.Null((await api.Services.GetRequiredService<IEntities>().In(Tenant.Default).Watch(OwnedIds.Of(id, "user-1")).Send(begun, new(Guid.CreateVersion7()))).Rejection);
        _ids["watch_id"] = id.ToString("D");
    }

    /// <summary>It is played and scored where it stands.</summary>
    private async Task Play(RunningApi api)
    {
        await Admin(HttpMethod.Put, "/admin/scenarios/scene", ScenarioData.Body.Replace("A delay, told in time", Marker, StringComparison.Ordinal).Replace("Facts first", Marker, StringComparison.Ordinal));
        var played = new ScenarioDefinition(Marker, "en", Marker, Marker, new(Marker, Marker), [Marker], [new("facts", Marker, Marker, 1, 4)], new(true, 3), new(8), new("model"));
        var (id, entity) = (Guid.CreateVersion7(), api.Services.GetRequiredService<IEntities>().In(Tenant.Default));
        foreach (var command in (ChatCommand[])[new ChatCommand.BeginPlay("agent-1", new("scene", 1, 8, 3), Personal.Of(played)), new ChatCommand.Score("agent-1", id, [new("facts", 3, 4, 1)], Personal.Of<IReadOnlyList<CriterionReason>>([new("facts", Marker, [1])]))])
        {
            Assert.Null((await entity.Chat(OwnedIds.Of(id, "user-1")).Send(command, new(Guid.CreateVersion7()))).Rejection);
        }

        (_ids["play_id"], _ids["scenario_id"], _ids["version"]) = (id.ToString("D"), "scene", "1");
    }

    private async Task Wait()
    {
        await Admin(HttpMethod.Put, "/admin/users/user-2", """{"attributes":{}}""");
        await Admin(
            HttpMethod.Put,
            "/admin/users/user-2/grants/agent-1",
            """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100},"require_approval_above_cents":10}""");
        var token = Text((await _client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-1","user_id":"user-2"}""")).Expect(201).Data, "token");
        await _client.Complete(token);
        WaitingRun = Text((await _client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Expect(202).Data, "run_id");
        await Admin(
            HttpMethod.Put,
            "/admin/users/user-1/grants/agent-1",
            $$$"""{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["{{{Marker}}}"],"allowed_peers":["{{{Marker}}}","agent-2"],"budget_limit_cents":100},"total_limit_cents":100000}""");
        await Admin(HttpMethod.Patch, "/admin/users/user-1", """{"daily_cap_cents":100000}""");
        var until = DateTimeOffset.UtcNow.AddDays(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        await Admin(HttpMethod.Put, "/admin/users/user-1/raise", $$"""{"daily_cap_cents":200000,"until":"{{until}}","reason":"{{Marker}}"}""");
        await Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1/raise", $$"""{"total_limit_cents":200000,"until":"{{until}}","reason":"{{Marker}}"}""");
        Link = Text((await Admin(HttpMethod.Get, "/admin/approvals", null)).GetProperty("approvals")[0], "link");
    }

    private async Task<JsonElement> Admin(HttpMethod method, string path, string? json, string key = RunningApi.AdminKey)
    {
        var reply = await _client.Send(method, path, key, json, ("Idempotency-Key", $"{method} {path}".Replace(' ', '-')));
        Assert.True(reply.Status is 200 or 201, $"{method} {path}: {reply.Json}");
        return reply.Data;
    }

    private static string Text(JsonElement data, string name) => data.GetProperty(name).GetString()!;
}
