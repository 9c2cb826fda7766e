using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Lists;

/// <summary>Refused runs, as they come about: each limit that refuses is named, with what was asked of it.</summary>
public sealed class RefusalTests
{
    private const string Run = "/agent/services/summary/run";

    [Fact]
    public async Task Each_refused_run_says_by_which_limit_and_whose_and_what_ran_or_was_wrong_is_not_there()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        await api.Client.Load(fundCents: "30");
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":40}""")).Expect(200);
        var (poor, rich) = (await api.Client.OpenSession(budgetCents: "24"), await api.Client.OpenSession());
        await api.Client.Complete(rich);
        (await api.Client.Post(Run, poor, Support.Catalogue.Input)).Refused(403, "budget_exceeded");
        (await api.Client.Post(Run, rich, Support.Catalogue.Input)).Expect(200);
        (await api.Client.Post(Run, rich, Support.Catalogue.Input)).Refused(403, "budget_exceeded"); // Of the day 15 are left.
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        (await api.Client.Post(Run, rich, Support.Catalogue.Input)).Refused(402, "payment_required"); // Of the campaign's money 5 are left.
        (await api.Client.Post(Run, rich, """{"input":{"text":1}}""")).Refused(422, "validation_failed");
        (await api.Client.Get("/agent/services/none", rich)).Refused(404, "not_found");

        var refusals = await Refusals(api, "");

        Assert.Equal(
            [("payment_required", "escrow", "campaign", "survey", "25", "null"), ("budget_exceeded", "daily_cap", "user", "user-1", "25", "15"), ("budget_exceeded", "session", "session", Text(refusals[2], "session_id"), "25", "24")],
            refusals.Select(one => (Text(one, "code"), Text(one, "limit"), Text(one.GetProperty("node"), "kind"), Text(one.GetProperty("node"), "id"), one.GetProperty("asked_cents").GetRawText(), one.GetProperty("free_cents").GetRawText())));
        Assert.Equal(["survey", null, null], refusals.Select(one => one.GetProperty("campaign_id").GetString()));
        Assert.Null(refusals[2].GetProperty("run_id").GetString());
        var run = (await api.Client.Admin(HttpMethod.Get, $"/admin/runs/{Text(refusals[1], "run_id")}")).Expect(200).Data;
        Assert.Equal("failed", Text(run.GetProperty("run"), "state"));
        var ofRun = Assert.Single((await api.Client.Admin(HttpMethod.Get, Text(run.GetProperty("links"), "refusals"))).Expect(200).Data.GetProperty("refusals").EnumerateArray());
        Assert.Equal((Text(refusals[1], "refusal_id"), "daily_cap"), (Text(ofRun, "refusal_id"), Text(ofRun, "limit")));
        Assert.Empty(await Refusals(api, "?run_id=0198c0de-0000-7000-8000-000000000000"));
        Assert.Empty(await Refusals(api, $"?run_id={Text(refusals[1], "run_id")}&session_id=other"));
        Assert.Equal(Text(refusals[2], "refusal_id"), Text((await api.Client.Admin(HttpMethod.Get, $"/admin/audit?session_id={Text(refusals[2], "session_id")}&response_status=403")).Expect(200).Data.GetProperty("entries")[0], "id"));
        Assert.Single(await Refusals(api, "?campaign_id=survey"));
        Assert.Empty((await api.Client.Get("/admin/refusals", RunningApi.SecondAdminKey)).Expect(200).Data.GetProperty("refusals").EnumerateArray());
        Assert.Equal(4, (await api.Client.Text("/admin/refusals", RunningApi.AdminKey, "text/csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_transfer_that_is_refused_is_a_refusal_without_a_service()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"agent:agent-2","amount_cents":7}""", ("Idempotency-Key", "t"))).Refused(403, "scope_violation");

        var refusal = Assert.Single(await Refusals(api, "?code=scope_violation"));

        Assert.Equal((JsonValueKind.Null, "agent:agent-2", "7", "transfer", JsonValueKind.Null), (refusal.GetProperty("service_id").ValueKind, Text(refusal, "provider"), refusal.GetProperty("asked_cents").GetRawText(), Text(refusal, "operation"), refusal.GetProperty("limit").ValueKind));
    }

    private static async Task<IReadOnlyList<JsonElement>> Refusals(RunningApi api, string query) =>
        [.. (await api.Client.Admin(HttpMethod.Get, $"/admin/refusals{query}")).Expect(200).Data.GetProperty("refusals").EnumerateArray()];

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;
}
